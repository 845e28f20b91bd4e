"""The sdist of CherryPy and what its tests import, fetched once into the cache and checked against their hashes."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from filelock import FileLock

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CACHE = ROOT / ".cache" / "upstream"
GUEST = ROOT / "harness" / "guest"
REQUIREMENTS = HERE / "requirements.txt"
SDIST = "cherrypy-18.10.0"
SHA256 = "6c70e78ee11300e8b21c0767c542ae6b102a49cac5cfd4e3e313d7bb907c5891"


class FetchError(Exception):
    """Something could not be fetched, or is not what it was."""


def pip(*words: str) -> None:
    """Run pip; raises FetchError with its last lines."""
    done = subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", *words],
                          capture_output=True, text=True, timeout=600, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise FetchError(f"pip {' '.join(words)}:\n" + "\n".join((done.stdout + done.stderr).splitlines()[-8:]))


def fetch(cache: Path = CACHE) -> tuple[Path, Path]:
    """Return (sdist, folder of what the tests import); raises FetchError. Several may ask at the same time."""
    cache.mkdir(parents=True, exist_ok=True)
    sdist = cache / f"{SDIST}.tar.gz"
    libraries = cache / f"libraries-{hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]}"
    with FileLock(cache / "lock"), tempfile.TemporaryDirectory(dir=cache) as folder:
        if not sdist.exists():
            # pip asks an sdist for its metadata, and that builds it: a few seconds, once.
            pip("download", "--quiet", "--no-deps", "--no-binary", "cherrypy", "--dest", folder, SDIST.replace("-", "=="))
            os.replace(Path(folder, sdist.name), sdist)
        if not libraries.exists():
            made = Path(folder, "libraries")
            pip("install", "--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes", "--target", str(made),
                "--requirement", str(REQUIREMENTS))
            os.replace(made, libraries)
    found = hashlib.sha256(sdist.read_bytes()).hexdigest()
    if found != SHA256:
        raise FetchError(f"{sdist} has the SHA-256 {found}, and must have {SHA256}: it is not the CherryPy that was read")
    return sdist, libraries


def assemble(sdist: Path, folder: Path) -> Path:
    """Make a package ``cherrypy`` of the shim and the tests of the sdist; return the folder that it is in."""
    shutil.copytree(HERE / "shim", folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    wanted = (f"{SDIST}/cherrypy/test/", f"{SDIST}/cherrypy/favicon.ico")
    with tarfile.open(sdist) as archive:
        for member in archive:
            if member.isfile() and member.name.startswith(wanted):
                member.name = member.name.removeprefix(f"{SDIST}/")
                archive.extract(member, folder, filter="data")
    return folder

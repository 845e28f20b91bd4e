"""Build a target's environment: run the installer's commands in order, and record the result."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from packaging.utils import canonicalize_name

from ..model.values import Interpreter, Json
from .editions import sources
from .installer import INSTALL_SECONDS, InstallError, run, uv
from .subject import Subject

INSTALLER = ("pip", "setuptools", "wheel")  # what virtualenv adds to a Python 2.7
#: sysconfig has known where packages go since 2.7; inside a 2.7 virtualenv it returns that environment's path.
_SITE = "import sysconfig; print(sysconfig.get_path('purelib'))"


def python_of(folder: Path) -> Path:
    """The Python in a target's folder."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def build(folder: Path, subject: Subject, interpreter: Interpreter, wanted: list[str]) -> Json:
    """Create the environment and install the packages; return the contents of ready.json. Raises InstallError."""
    python = python_of(folder)
    old = interpreter.version.startswith("2.")
    if old:
        run(
            "environment",
            [
                sys.executable,
                "-m",
                "virtualenv",
                "--quiet",
                "--no-periodic-update",
                "--no-vcs-ignore",
                "-p",
                interpreter.path,
                str(folder),
            ],
        )
    else:
        run("environment", [*uv(), "venv", "--quiet", "--no-project", "--no-config", "-p", interpreter.path, str(folder)])
    if subject.checkout is not None:  # built in a copy: builds write into the sources, and pick up leftovers there
        wanted = [str(_copy(subject.checkout, folder / "source")) if item == str(subject.checkout) else item for item in wanted]
    if subject.before and old:
        raise InstallError("install", "failed", "error: pip on Python 2.7 does not support dates; pin what is too new")
    if wanted and old:
        run(
            "install",
            [
                str(python),
                "-s",
                "-E",
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--no-warn-script-location",
                *subject.pip,
                *wanted,
            ],
        )
    elif wanted:
        day = ["--exclude-newer", subject.before] if subject.before else []
        run(
            "install",
            [
                *uv(),
                "pip",
                "install",
                "--quiet",
                "--no-config",
                "--no-progress",
                "-p",
                str(python),
                *day,
                *subject.pip,
                *wanted,
            ],
        )
    shutil.rmtree(folder / "source", ignore_errors=True)
    site = Path(run("question", [str(python), "-s", "-E", "-c", _SITE]).strip())
    for package in subject.guest:
        shutil.copytree(package, site / package.name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    # A launch that has to compile first takes 200 ms longer. An old Python prints an error for a file in the
    # environment that it cannot parse, which is no reason to stop.
    subprocess.run(
        [str(python), "-s", "-E", "-m", "compileall", "-q", str(site)],
        capture_output=True,
        check=False,
        timeout=INSTALL_SECONDS,
        stdin=subprocess.DEVNULL,
    )
    for package in subject.guest:
        run("compile", [str(python), "-s", "-E", "-m", "compileall", "-q", "-f", str(site / package.name)])
    resolved = _resolved(python, old)
    version = _version(python, subject, resolved)
    coverage = next((line.partition("==")[2] for line in resolved if line.startswith("coverage==")), "")
    # Relative to the folder: the cache may be moved or reached by another path, and coverage finds nothing at a stale path.
    below = os.path.relpath(os.path.realpath(site), os.path.realpath(folder))
    return {"site": below, "resolved": resolved, "version": version.strip(), "coverage": coverage}


def _copy(checkout: Path, copy: Path) -> Path:
    """Copy a checkout's sources and its .git: the version may be derived from its tags."""
    for file in sources(checkout):
        (copy / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(checkout / file, copy / file)
    git = checkout / ".git"
    if git.is_dir():
        shutil.copytree(git, copy / ".git", symlinks=True)
    elif git.is_file():  # in a worktree, a file that names the repository
        shutil.copy2(git, copy / ".git")
    return copy


def _version(python: Path, subject: Subject, resolved: list[str]) -> str:
    """The subject's version: from an installed distribution, or from "module.attribute"; "" where it names neither.

    A distribution's version is read from its metadata. Importing the server would be less reliable: many that cannot be
    imported have a version, and CherryPy 5.6 to 18.9 calls itself "unknown" without pkg_resources.
    """
    if not subject.version:
        return ""
    installed = {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in resolved)}
    if (found := installed.get(canonicalize_name(subject.version))) is not None:
        return found
    module, _, attribute = subject.version.rpartition(".")
    if module and subject.version.replace(".", "").isidentifier():
        return run("version", [str(python), "-s", "-E", "-c", f"import {module}; print({module}.{attribute})"])
    raise InstallError(
        "version",
        "is unknown",
        f"subjects/{subject.name}/subject.toml has version = "
        f"{subject.version!r}, but only these were installed: {', '.join(resolved) or 'nothing'}",
    )


def _resolved(python: Path, old: bool) -> list[str]:
    """The installed packages as ["name==version", …]; from "list", since "freeze" has no version for a checkout."""
    command = [str(python), "-s", "-E", "-m", "pip", "--disable-pip-version-check"] if old else [*uv(), "pip"]
    where = [] if old else ["--no-config", "-p", str(python)]
    lines = run("list", [*command, "list", "--format=freeze", *where]).splitlines()
    return sorted(line.strip() for line in lines if "==" in line and not (old and line.partition("==")[0] in INSTALLER))

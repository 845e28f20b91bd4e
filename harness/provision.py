"""Interpreter and subject to a target: an environment that is ready to launch, or why there is none.

There is none where the interpreter is not here (missing), where the subject is not made for it (unsupported: its description
or its own metadata say so), and where it did not install (broken).

uv makes environments for 3.6 and newer; it cannot target 2.7, where
virtualenv below 20.22 does it, and that environment's own pip 20.3.4.
Environments are kept, under a hash of everything that went into them.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from filelock import FileLock
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from . import fingerprint, installer, lock
from .atomic import write_json
from .editions import sources
from .installer import INSTALL_SECONDS, InstallError, run, uv
from .model import Interpreter, Json, Target
from .subject import Subject
from .subjects import GUEST, load

TAIL_LINES = 12
INSTALLER = ("pip", "setuptools", "wheel")  # what virtualenv puts beside a Python 2.7
RECIPE = 4  # counts up when environments are made in another way

#: sysconfig knows where packages go since 2.7; inside a virtualenv of 2.7 it answers with that environment.
_SITE = "import sysconfig; print(sysconfig.get_path('purelib'))"


def provision(
    pairs: list[tuple[Subject, str, Interpreter | None, str]], cache: Path, upgrade: bool = False,
    progress: Callable[[Target], None] = lambda target: None,
) -> list[Target]:
    """Make all targets, several at a time; one that fails has its status and reason, and stops no other.

    A pair is (subject, interpreter id, interpreter or None, reason where None).
    """
    locked = lock.read()

    def one(pair: tuple[Subject, str, Interpreter | None, str]) -> Target:
        subject, interpreter_id, interpreter, reason = pair
        bare = Target(id=f"{subject.column}@{interpreter_id}", subject=subject.name, source=subject.source,
                      interpreter_id=interpreter_id, interpreter=interpreter, reason=reason, oracle=subject.oracle)
        entry = locked.get(subject.name, {})
        locks = not upgrade and not subject.edition and entry.get("requirements") == requirements(subject)
        pins = entry.get(interpreter_id) if locks else None
        if interpreter is not None and not supports(subject, interpreter):
            bare = replace(bare, status="unsupported", reason=f"{subject.name} is for Python {subject.python}")
        target = bare if bare.reason or interpreter is None else _made(bare, subject, interpreter, cache, pins)
        progress(target)
        return target

    with ThreadPoolExecutor(max_workers=4) as pool:
        targets = list(pool.map(one, pairs))
    if upgrade:
        lock.write(locked, [t for t in targets if t.column == t.subject],
                   {subject.name: requirements(subject) for subject, *_ in pairs if not subject.edition})
    return targets


def supports(subject: Subject, interpreter: Interpreter) -> bool:
    """Whether an interpreter is in the range that the subject's description gives."""
    return SpecifierSet(subject.python).contains(Version(interpreter.version).base_version, prereleases=True)


def requirements(subject: Subject) -> list[str]:
    """What a target of a subject needs installed, before it is resolved."""
    return sorted([*subject.requirements, *(["coverage"] if subject.coverage else [])])


def guest_hash(subject: Subject) -> str:
    """A hash of the guest sources that a target gets."""
    digest = hashlib.sha256()
    for package in subject.guest:
        for file in sorted((GUEST / package).rglob("*.py")):
            digest.update(file.relative_to(GUEST).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _made(bare: Target, subject: Subject, interpreter: Interpreter, cache: Path, pins: list[str] | None) -> Target:
    """The target, or why there is none: whatever goes wrong with one is said in its cells, and ends no run."""
    try:
        return _make(bare, subject, interpreter, cache, pins)
    except (OSError, subprocess.SubprocessError) as error:  # a disk that is full, sources that cannot be read
        what = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else str(error)
        return replace(bare, status="broken", reason=f"did not install on Python {interpreter.id}: {what}")
    except Exception as error:  # a fault of ours is one of this target's cells, and not of the others'
        return replace(bare, status="error", detail=traceback.format_exc(),
                       reason=f"the harness broke when it made {bare.id}: {type(error).__name__}: {error}")


def _make(bare: Target, subject: Subject, interpreter: Interpreter, cache: Path, pins: list[str] | None) -> Target:
    wanted = requirements(subject) if pins is None else pins
    made_of = [RECIPE, interpreter.path, interpreter.version, sorted(wanted), subject.pip, guest_hash(subject),
               subject.content, *([subject.before] if subject.before else [])]
    key = hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:20]
    folder = cache / "targets" / f"{subject.column}-{interpreter.id}-{key}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    marker = folder / "ready.json"
    with FileLock(str(folder) + ".lock"):
        made = _record(marker)
        cached = bool(made)
        if not made:
            if folder.exists():
                shutil.rmtree(folder)  # half made by a run that was cut off
            try:
                made = _build(folder, subject, interpreter, wanted)
                write_json(marker, made)
            except InstallError as error:
                return _failed(bare, subject, interpreter, error)
        os.utime(folder)
    return replace(bare, python=str(_python_of(folder)), site=str(folder / made["site"]), subject_version=made["version"],
                   coverage=made["coverage"], cached=cached, code=fingerprint.target(subject, made["resolved"]))


def _record(marker: Path) -> Json:
    """What was written down of a target when it was made; {} where there is none, or it is damaged: it is made again."""
    with contextlib.suppress(FileNotFoundError, ValueError):
        found = json.loads(marker.read_text("utf-8"))
        if isinstance(found, dict) and {"site", "resolved", "version", "coverage"} <= found.keys() and (
                marker.parent / found["site"]).is_dir() and not Path(found["site"]).is_absolute():
            return found
    return {}


def _failed(bare: Target, subject: Subject, interpreter: Interpreter, error: InstallError) -> Target:
    """What a target is that could not be made: not for this Python where the project's metadata say so, else broken."""
    said = installer.sentence(error.output)
    lines = [line for line in error.output.splitlines() if line.strip()]
    bare = replace(bare, detail="\n".join(lines[-TAIL_LINES:]))
    if subject.requirements and error.what == "install":
        project, is_release = _project(subject)
        excluded = installer.excludes_this_python(error.output, project) or (
            is_release and installer.is_not_offered(error.output, project) and installer.is_for_newer(subject.requirements[0]))
        if excluded:
            wanted = subject.requirements[0] if is_release else f"{project} ({subject.source})"
            return replace(bare, status="unsupported", reason=f"{wanted} is not made for Python {interpreter.id}: {said}")
    return replace(bare, status="broken", reason=f"did not install on Python {interpreter.id}: {error}: {said}")


def _project(subject: Subject) -> tuple[str, bool]:
    """The project that a subject is made of, and whether the index has it: what a path leads to has the name of the release."""
    try:
        return Requirement(subject.requirements[0]).name, True
    except InvalidRequirement:
        return Requirement(load(subject.name).requirements[0]).name, False


def _python_of(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _build(folder: Path, subject: Subject, interpreter: Interpreter, wanted: list[str]) -> Json:
    python = _python_of(folder)
    old = interpreter.version.startswith("2.")
    if old:
        run("environment", [sys.executable, "-m", "virtualenv", "--quiet", "--no-periodic-update", "--no-vcs-ignore",
                             "-p", interpreter.path, str(folder)])
    else:
        run("environment", [*uv(), "venv", "--quiet", "--no-project", "--no-config", "-p", interpreter.path, str(folder)])
    if subject.checkout is not None:  # built in a copy: a build writes beside the sources, and takes up what it finds there
        wanted = [str(_copy(subject.checkout, folder / "source")) if item == str(subject.checkout) else item for item in wanted]
    if subject.before and old:
        raise InstallError("install", "failed", "error: the pip of Python 2.7 knows no dates; pin what is too new")
    if wanted and old:
        run("install", [str(python), "-s", "-E", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                         "--no-warn-script-location", *subject.pip, *wanted])
    elif wanted:
        day = ["--exclude-newer", subject.before] if subject.before else []
        run("install", [*uv(), "pip", "install", "--quiet", "--no-config", "--no-progress", "-p", str(python),
                         *day, *subject.pip, *wanted])
    shutil.rmtree(folder / "source", ignore_errors=True)
    site = Path(run("question", [str(python), "-s", "-E", "-c", _SITE]).strip())
    for package in subject.guest:
        shutil.copytree(GUEST / package, site / package, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    # A launch that has to compile first pays 200 ms; an old Python compiles an environment file that it cannot
    # parse to an error line, which is no reason to stop.
    subprocess.run([str(python), "-s", "-E", "-m", "compileall", "-q", str(site)], capture_output=True, check=False,
                   timeout=INSTALL_SECONDS, stdin=subprocess.DEVNULL)
    for package in subject.guest:
        run("compile", [str(python), "-s", "-E", "-m", "compileall", "-q", "-f", str(site / package)])
    resolved = _resolved(python, old)
    version = _version(python, subject, resolved)
    coverage = next((line.partition("==")[2] for line in resolved if line.startswith("coverage==")), "")
    # Below the folder: the cache may be moved, or be reached by another path, and coverage finds nothing in one that is gone.
    below = os.path.relpath(os.path.realpath(site), os.path.realpath(folder))
    return {"site": below, "resolved": resolved, "version": version.strip(), "coverage": coverage}


def _copy(checkout: Path, copy: Path) -> Path:
    """Copy a checkout's sources, and its .git: a version may be made from its tags."""
    for file in sources(checkout):
        (copy / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(checkout / file, copy / file)
    git = checkout / ".git"
    if git.is_dir():
        shutil.copytree(git, copy / ".git", symlinks=True)
    elif git.is_file():  # a worktree's, which names its repository
        shutil.copy2(git, copy / ".git")
    return copy


def _version(python: Path, subject: Subject, resolved: list[str]) -> str:
    """The subject's version: of a bundled package's "module.attribute", or of an installed distribution; "" for neither.

    A distribution's is in its metadata. To import a server for its version would tell less: many that cannot be imported have
    a version, and CherryPy 5.6 to 18.9 calls itself "unknown" without pkg_resources.
    """
    module, _, attribute = subject.version.rpartition(".")
    if module in subject.guest:
        return run("version", [str(python), "-s", "-E", "-c", f"import {module}; print({module}.{attribute})"])
    if not subject.version:
        return ""
    installed = {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in resolved)}
    if canonicalize_name(subject.version) not in installed:
        raise InstallError("version", "is not known", f"subjects/{subject.name}/subject.toml says version = "
                           f"{subject.version!r}, and installed were only: {', '.join(resolved) or 'nothing'}")
    return installed[canonicalize_name(subject.version)]


def _resolved(python: Path, old: bool) -> list[str]:
    """What is installed, as ["name==version", …]; "list" and not "freeze", which gives no version for a checkout."""
    command = [str(python), "-s", "-E", "-m", "pip", "--disable-pip-version-check"] if old else [*uv(), "pip"]
    where = [] if old else ["--no-config", "-p", str(python)]
    lines = run("list", [*command, "list", "--format=freeze", *where]).splitlines()
    return sorted(line.strip() for line in lines if "==" in line and not (old and line.partition("==")[0] in INSTALLER))



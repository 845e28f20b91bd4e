"""Interpreter and subject to a target: an environment that is ready to launch, or the reason why there is none.

uv makes environments for 3.6 and newer; it cannot target 2.7, where
virtualenv below 20.22 does it, and that environment's own pip 20.3.4.
Environments are kept, under a hash of everything that went into them.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from filelock import FileLock
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from .atomic import write_json, write_text
from .editions import sources
from .model import Interpreter, Target
from .subjects import FOLDER, GUEST, Subject

INSTALL_SECONDS = 300.0
TAIL_LINES = 12
INSTALLER = ("pip", "setuptools", "wheel")  # what virtualenv puts beside a Python 2.7
RECIPE = 3  # counts up when environments are made in another way

#: sysconfig knows where packages go since 2.7; inside a virtualenv of 2.7 it answers with that environment.
_SITE = "import sysconfig; print(sysconfig.get_path('purelib'))"

LOCK = FOLDER / "lock.toml"


class InstallError(Exception):
    """A command of the installer failed; holds its output."""

    def __init__(self, what: str, output: str) -> None:
        super().__init__(what)
        self.output = output


def provision(
    pairs: list[tuple[Subject, str, Interpreter | None, str]], cache: Path, upgrade: bool = False,
    progress: Callable[[Target], None] = lambda target: None,
) -> list[Target]:
    """Make all targets, several at a time; one that fails is missing with its reason and stops no other.

    A pair is (subject, interpreter id, interpreter or None, reason where None).
    """
    locked = read_lock()

    def one(pair: tuple[Subject, str, Interpreter | None, str]) -> Target:
        subject, interpreter_id, interpreter, reason = pair
        bare = Target(id=f"{subject.column}@{interpreter_id}", subject=subject.name, source=subject.source,
                      interpreter_id=interpreter_id, interpreter=interpreter, reason=reason, oracle=subject.oracle)
        entry = locked.get(subject.name, {})
        locks = not upgrade and not subject.edition and entry.get("requirements") == requirements(subject)
        pins = entry.get(interpreter_id) if locks else None
        if interpreter is not None and not supports(subject, interpreter):
            bare = replace(bare, reason=f"{subject.name} is for Python {subject.python}", interpreter=interpreter)
        target = bare if bare.reason or interpreter is None else _make(bare, subject, interpreter, cache, pins)
        progress(target)
        return target

    with ThreadPoolExecutor(max_workers=4) as pool:
        targets = list(pool.map(one, pairs))
    if upgrade:
        write_lock(locked, [t for t in targets if t.column == t.subject],
                   {subject.name: requirements(subject) for subject, *_ in pairs if not subject.edition})
    return targets


def supports(subject: Subject, interpreter: Interpreter) -> bool:
    """Whether an interpreter is in the range that the subject's description gives."""
    return SpecifierSet(subject.python).contains(Version(interpreter.version).base_version, prereleases=True)


def requirements(subject: Subject) -> list[str]:
    """What a target of a subject needs installed, before it is resolved."""
    return sorted([*subject.requirements, *(["coverage"] if subject.coverage else [])])


def read_lock() -> dict[str, dict[str, list[str]]]:
    """The locked versions: subject -> interpreter id -> ["coverage==7.17.3", …], and what they were resolved from."""
    return tomllib.loads(LOCK.read_text("utf-8")) if LOCK.exists() else {}


def write_lock(locked: dict[str, dict[str, list[str]]], targets: list[Target], wanted: dict[str, list[str]]) -> None:
    """Record what each target resolved to; targets that are absent here keep their lines while the requirements do."""
    for name, needed in wanted.items():
        if locked.get(name, {}).get("requirements") != needed:
            locked[name] = {"requirements": needed}
    for target in targets:
        if target.ready:
            marker = json.loads((Path(target.python).parents[1] / "ready.json").read_text("utf-8"))
            locked.setdefault(target.subject, {})[target.interpreter_id] = marker["resolved"]
    lines = ["# Resolved versions per subject and Python; `nox -s matrix -- --upgrade` resolves anew."]
    for subject in sorted(locked):
        lines += ["", f"[{json.dumps(subject)}]"]
        lines += [f"{json.dumps(key)} = {json.dumps(value)}" for key, value in sorted(locked[subject].items())]
    write_text(LOCK, "\n".join(lines) + "\n")


def guest_hash(subject: Subject) -> str:
    """A hash of the guest sources that a target gets."""
    digest = hashlib.sha256()
    for package in subject.guest:
        for file in sorted((GUEST / package).rglob("*.py")):
            digest.update(file.relative_to(GUEST).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _make(bare: Target, subject: Subject, interpreter: Interpreter, cache: Path, pins: list[str] | None) -> Target:
    wanted = requirements(subject) if pins is None else pins
    made_of = [RECIPE, interpreter.path, interpreter.version, sorted(wanted), subject.pip, guest_hash(subject),
               subject.content, *([subject.before] if subject.before else [])]
    key = hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:20]
    folder = cache / "targets" / f"{subject.column}-{interpreter.id}-{key}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    marker = folder / "ready.json"
    with FileLock(str(folder) + ".lock"):
        cached = marker.exists()
        if not cached:
            if folder.exists():
                shutil.rmtree(folder)  # half made by a run that was cut off
            try:
                write_json(marker, _build(folder, subject, interpreter, wanted))
            except InstallError as error:
                lines = [line for line in error.output.splitlines() if line.strip()]
                first = next((line for line in lines if "error" in line.lower()), lines[0] if lines else "no output")
                return replace(bare, reason=f"{error}: {first.strip()}", detail="\n".join(lines[-TAIL_LINES:]))
        os.utime(folder)
        made = json.loads(marker.read_text("utf-8"))
    return replace(bare, python=str(_python_of(folder)), site=made["site"], subject_version=made["version"],
                   coverage=made["coverage"], cached=cached)


def _python_of(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _build(folder: Path, subject: Subject, interpreter: Interpreter, wanted: list[str]) -> dict[str, object]:
    python = _python_of(folder)
    old = interpreter.version.startswith("2.")
    if old:
        _run("environment", [sys.executable, "-m", "virtualenv", "--quiet", "--no-periodic-update", "--no-vcs-ignore",
                             "-p", interpreter.path, str(folder)])
    else:
        _run("environment", [*uv(), "venv", "--quiet", "--no-project", "--no-config", "-p", interpreter.path, str(folder)])
    if subject.checkout is not None:  # built in a copy: a build writes beside the sources, and takes up what it finds there
        wanted = [str(_copy(subject.checkout, folder / "source")) if item == str(subject.checkout) else item for item in wanted]
    if subject.before and old:
        raise InstallError("install failed", "error: the pip of Python 2.7 knows no dates; pin what is too new")
    if wanted and old:
        _run("install", [str(python), "-s", "-E", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                         "--no-warn-script-location", *subject.pip, *wanted])
    elif wanted:
        day = ["--exclude-newer", subject.before] if subject.before else []
        _run("install", [*uv(), "pip", "install", "--quiet", "--no-config", "--no-progress", "-p", str(python),
                         *day, *subject.pip, *wanted])
    shutil.rmtree(folder / "source", ignore_errors=True)
    site = Path(_run("question", [str(python), "-s", "-E", "-c", _SITE]).strip())
    for package in subject.guest:
        shutil.copytree(GUEST / package, site / package, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    # A launch that has to compile first pays 200 ms; an old Python compiles an environment file that it cannot
    # parse to an error line, which is no reason to stop.
    subprocess.run([str(python), "-s", "-E", "-m", "compileall", "-q", str(site)], capture_output=True, check=False,
                   timeout=INSTALL_SECONDS, stdin=subprocess.DEVNULL)
    for package in subject.guest:
        _run("compile", [str(python), "-s", "-E", "-m", "compileall", "-q", "-f", str(site / package)])
    resolved = _resolved(python, old)
    version = _version(python, subject, resolved)
    coverage = next((line.partition("==")[2] for line in resolved if line.startswith("coverage==")), "")
    return {"site": str(site), "resolved": resolved, "version": version.strip(), "coverage": coverage}


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
    """The subject's version: of "module.attribute", or of an installed distribution; "" for the standard library's own.

    A module that says what is no version ("unknown", where it cannot ask) is asked again as a distribution.
    """
    installed = dict(line.lower().split("==", 1) for line in resolved)
    module, _, attribute = subject.version.rpartition(".")
    if not module:
        return installed.get(subject.version.lower(), "")
    said = _run("version", [str(python), "-s", "-E", "-c", f"import {module}; print({module}.{attribute})"]).strip()
    own = re.match(r"[\w.-]+", subject.requirements[0]) if subject.requirements else None
    return installed.get(own[0].lower(), said) if own and not _is_version(said) else said


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _resolved(python: Path, old: bool) -> list[str]:
    """What is installed, as ["name==version", …]; "list" and not "freeze", which gives no version for a checkout."""
    command = [str(python), "-s", "-E", "-m", "pip", "--disable-pip-version-check"] if old else [*uv(), "pip"]
    where = [] if old else ["--no-config", "-p", str(python)]
    lines = _run("list", [*command, "list", "--format=freeze", *where]).splitlines()
    return sorted(line.strip() for line in lines if "==" in line and not (old and line.partition("==")[0] in INSTALLER))


def uv() -> list[str]:
    """The command of the uv that is among the driver's own dependencies."""
    return [sys.executable, "-m", "uv"]


def download(interpreter_id: str, folder: Path) -> str:
    """Let uv fetch an interpreter into a folder; return "" or why that failed."""
    command = [*uv(), "python", "install", "--no-config", "--no-bin", "--install-dir", str(folder), interpreter_id]
    try:
        _run("download", command)
    except InstallError as error:
        lines = [line.strip() for line in error.output.splitlines() if line.strip()]
        return f"uv cannot fetch {interpreter_id}: {' '.join(lines[:3]) or 'it printed nothing'}"
    return ""


def _run(what: str, command: list[str]) -> str:
    """Run one command of the installer; raises InstallError with its output."""
    confusing = ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE", "PIP_CONSTRAINT")
    environment = {name: value for name, value in os.environ.items() if name not in confusing}
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment,
                              stdin=subprocess.DEVNULL, timeout=INSTALL_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        output = (error.stdout or b"").decode("utf-8", "replace")
        raise InstallError(f"{what} took more than {INSTALL_SECONDS:g} s", output) from error
    except OSError as error:
        raise InstallError(f"{what} could not be started", str(error)) from error
    output = done.stdout.decode("utf-8", "replace")
    if done.returncode:
        raise InstallError(f"{what} failed", output)
    return output

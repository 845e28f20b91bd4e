"""Turn an interpreter and a subject into a target: an environment that is ready to launch, or the reason why not.

It is not ready if the interpreter is not installed (missing), if the subject does not support it (unsupported: according
to its description or its own metadata), or if the subject could not be installed (broken).

uv creates environments for 3.6 and newer. It cannot target 2.7; virtualenv below 20.22 and its pip 20.3.4 are used there.
Environments are cached under a hash of everything that went into them.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from filelock import FileLock
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from ..machine.atomic_files import write_json
from ..model.values import Interpreter, Json, Target
from . import fingerprints, installer, lock_file
from .build_environment import build, python_of
from .installer import InstallError
from .subject import Subject

TAIL_LINES = 12
RECIPE = 4  # increase it when environments are built differently


def provision(
    pairs: list[tuple[Subject, str, Interpreter | None, str]],
    cache: Path,
    upgrade: bool = False,
    progress: Callable[[Target], None] = lambda target: None,
) -> list[Target]:
    """Build all targets, several at a time; one that fails has its status and reason, and does not stop the others.

    A pair is (subject, interpreter id, interpreter or None, reason if None).
    """
    homes = {subject.folder.parent for subject, *_ in pairs}
    locked = {home: lock_file.read(home) for home in homes}

    def one(pair: tuple[Subject, str, Interpreter | None, str]) -> Target:
        subject, interpreter_id, interpreter, reason = pair
        bare = Target(
            id=f"{subject.column}@{interpreter_id}",
            subject=subject.name,
            source=subject.source,
            interpreter_id=interpreter_id,
            interpreter=interpreter,
            reason=reason,
            oracle=subject.oracle,
        )
        entry = locked[subject.folder.parent].get(subject.name, {})
        locks = (
            not upgrade and not subject.edition and not subject.checkout and entry.get("requirements") == requirements(subject)
        )
        pins = entry.get(interpreter_id) if locks else None
        if interpreter is not None and not supports(subject, interpreter):
            bare = replace(bare, status="unsupported", reason=f"{subject.name} requires Python {subject.python}")
        target = bare if bare.reason or interpreter is None else _made(bare, subject, interpreter, cache, pins)
        progress(target)
        return target

    with ThreadPoolExecutor(max_workers=4) as pool:
        targets = list(pool.map(one, pairs))
    if upgrade:
        for home in homes:
            lockable = {s.name: s for s, *_ in pairs if s.folder.parent == home and not s.edition and not s.checkout}
            made = [target for target in targets if target.column in lockable]
            lock_file.write(home, locked[home], made, {name: requirements(subject) for name, subject in lockable.items()})
    return targets


def supports(subject: Subject, interpreter: Interpreter) -> bool:
    """Whether an interpreter is in the range given by the subject's description."""
    return SpecifierSet(subject.python).contains(Version(interpreter.version).base_version, prereleases=True)


def requirements(subject: Subject) -> list[str]:
    """The unresolved requirements of a subject's targets."""
    return sorted([*subject.requirements, *(["coverage"] if subject.coverage else [])])


def guest_hash(subject: Subject) -> str:
    """A hash of the guest sources installed in a target."""
    digest = hashlib.sha256()
    for package in subject.guest:
        for file in sorted(package.rglob("*.py")):
            digest.update(file.relative_to(package.parent).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _made(bare: Target, subject: Subject, interpreter: Interpreter, cache: Path, pins: list[str] | None) -> Target:
    """The target, or why it is not ready: an error is reported in its cells, and does not end the run."""
    try:
        return _make(bare, subject, interpreter, cache, pins)
    except (OSError, subprocess.SubprocessError) as error:  # a full disk, unreadable sources
        what = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else str(error)
        return replace(bare, status="broken", reason=f"could not be installed on Python {interpreter.id}: {what}")
    except Exception as error:  # an error of the harness affects this target's cells, not the others'
        return replace(
            bare,
            status="error",
            detail=traceback.format_exc(),
            reason=f"the harness failed to build {bare.id}: {type(error).__name__}: {error}",
        )


def _make(bare: Target, subject: Subject, interpreter: Interpreter, cache: Path, pins: list[str] | None) -> Target:
    wanted = requirements(subject) if pins is None else pins
    made_of = [
        RECIPE,
        interpreter.path,
        interpreter.version,
        sorted(wanted),
        subject.pip,
        guest_hash(subject),
        subject.content,
        *([subject.before] if subject.before else []),
    ]
    key = hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:20]
    folder = cache / "targets" / f"{subject.column}-{interpreter.id}-{key}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    marker = folder / "ready.json"
    with FileLock(str(folder) + ".lock"):
        made = _record(marker)
        cached = bool(made)
        if not made:
            if folder.exists():
                shutil.rmtree(folder)  # left incomplete by an interrupted run
            try:
                made = build(folder, subject, interpreter, wanted)
                write_json(marker, made)
            except InstallError as error:
                return _failed(bare, subject, interpreter, error)
        os.utime(folder)
    return replace(
        bare,
        python=str(python_of(folder)),
        site=str(folder / made["site"]),
        subject_version=made["version"],
        coverage=made["coverage"],
        cached=cached,
        code=fingerprints.target(subject, made["resolved"]),
    )


def _record(marker: Path) -> Json:
    """The record of a target, written when it was built; {} if it is missing or damaged, so that it is built again."""
    with contextlib.suppress(FileNotFoundError, ValueError):
        found = json.loads(marker.read_text("utf-8"))
        if (
            isinstance(found, dict)
            and {"site", "resolved", "version", "coverage"} <= found.keys()
            and (marker.parent / found["site"]).is_dir()
            and not Path(found["site"]).is_absolute()
        ):
            return found
    return {}


def _failed(bare: Target, subject: Subject, interpreter: Interpreter, error: InstallError) -> Target:
    """The target after a failure: unsupported if the project's metadata exclude this Python, else broken."""
    said = installer.sentence(error.output)
    lines = [line for line in error.output.splitlines() if line.strip()]
    bare = replace(bare, detail="\n".join(lines[-TAIL_LINES:]))
    if subject.requirements and error.what == "install":
        project, is_release = _project(subject)
        excluded = installer.excludes_this_python(error.output, project) or (
            is_release and installer.is_not_offered(error.output, project) and installer.is_for_newer(subject.requirements[0])
        )
        if excluded:
            wanted = subject.requirements[0] if is_release else f"{project} ({subject.source})"
            return replace(bare, status="unsupported", reason=f"{wanted} does not support Python {interpreter.id}: {said}")
    return replace(bare, status="broken", reason=f"could not be installed on Python {interpreter.id}: {error}: {said}")


def _project(subject: Subject) -> tuple[str, bool]:
    """The project that a subject installs, and whether it comes from the index; a path installs the subject's own project."""
    try:
        return Requirement(subject.requirements[0]).name, True
    except InvalidRequirement:
        return subject.project, False

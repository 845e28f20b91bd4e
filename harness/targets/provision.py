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
RECIPE = 4  # counts up when environments are made in another way


def provision(
    pairs: list[tuple[Subject, str, Interpreter | None, str]],
    cache: Path,
    upgrade: bool = False,
    progress: Callable[[Target], None] = lambda target: None,
) -> list[Target]:
    """Make all targets, several at a time; one that fails has its status and reason, and stops no other.

    A pair is (subject, interpreter id, interpreter or None, reason where None).
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
            bare = replace(bare, status="unsupported", reason=f"{subject.name} is for Python {subject.python}")
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
    """Whether an interpreter is in the range that the subject's description gives."""
    return SpecifierSet(subject.python).contains(Version(interpreter.version).base_version, prereleases=True)


def requirements(subject: Subject) -> list[str]:
    """What a target of a subject needs installed, before it is resolved."""
    return sorted([*subject.requirements, *(["coverage"] if subject.coverage else [])])


def guest_hash(subject: Subject) -> str:
    """A hash of the guest sources that a target gets."""
    digest = hashlib.sha256()
    for package in subject.guest:
        for file in sorted(package.rglob("*.py")):
            digest.update(file.relative_to(package.parent).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _made(bare: Target, subject: Subject, interpreter: Interpreter, cache: Path, pins: list[str] | None) -> Target:
    """The target, or why there is none: whatever goes wrong with one is said in its cells, and ends no run."""
    try:
        return _make(bare, subject, interpreter, cache, pins)
    except (OSError, subprocess.SubprocessError) as error:  # a disk that is full, sources that cannot be read
        what = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else str(error)
        return replace(bare, status="broken", reason=f"did not install on Python {interpreter.id}: {what}")
    except Exception as error:  # a fault of ours is one of this target's cells, and not of the others'
        return replace(
            bare,
            status="error",
            detail=traceback.format_exc(),
            reason=f"the harness broke when it made {bare.id}: {type(error).__name__}: {error}",
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
                shutil.rmtree(folder)  # half made by a run that was cut off
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
    """What was written down of a target when it was made; {} where there is none, or it is damaged: it is made again."""
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
    """What a target is that could not be made: not for this Python where the project's metadata say so, else broken."""
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
            return replace(bare, status="unsupported", reason=f"{wanted} is not made for Python {interpreter.id}: {said}")
    return replace(bare, status="broken", reason=f"did not install on Python {interpreter.id}: {error}: {said}")


def _project(subject: Subject) -> tuple[str, bool]:
    """The project that a subject is made of, and whether the index has it: what a path leads to has the name of the release."""
    try:
        return Requirement(subject.requirements[0]).name, True
    except InvalidRequirement:
        return subject.project, False

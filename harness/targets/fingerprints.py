"""What a cell is made of, as hashes: of two runs with the same ones, a cell that says another word is flaky.

A target's is of everything that runs in its process, the driver's of everything that drives and judges it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from .subject import Subject

HARNESS = Path(__file__).resolve().parents[1]
NO_PART_OF_CELLS = frozenset({"guest", "ports", "report", "reproducer"})
DIGITS = 16


def driver() -> str:
    """A hash of the driver's own sources, without those that only show what cells said."""
    files = (file for file in HARNESS.rglob("*.py") if not _of_others(file.relative_to(HARNESS).parts))
    return _digest(files, "")


def _of_others(parts: tuple[str, ...]) -> bool:
    return parts[0] in NO_PART_OF_CELLS or (parts[0] == "subjects" and len(parts) > 2)


def target(subject: Subject, resolved: list[str]) -> str:
    """A hash of what a target is: what is installed in it (["name==version", …]), its description, and what it is given to run.

    All scripts and applications belong to it: subjects use each other's.
    """
    packages = [file for package in subject.guest for file in (HARNESS / "guest" / package).rglob("*.py")]
    scripts = [*(HARNESS / "guest" / "apps").rglob("*.py"), *(HARNESS / "subjects").glob("*/*.py")]
    description = HARNESS / "subjects" / subject.name / "subject.toml"
    return _digest([*packages, *scripts, description], "\n".join([*sorted(resolved), subject.content]))


def _digest(files: Iterable[Path], more: str) -> str:
    digest = hashlib.sha256(more.encode())
    for file in sorted(set(files)):
        digest.update(b"\0" + file.relative_to(HARNESS).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:DIGITS]

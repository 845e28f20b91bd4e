"""Hashes of all code that a cell uses: if they are equal in two runs but its outcome differs, the cell is flaky.

The target's hash covers everything that runs in its process, the driver's everything that drives and judges it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from ..machine.places import PACKAGE
from .subject import Subject

NO_PART_OF_CELLS = frozenset({"guest", "ports", "report", "reproducer", "subjects", "scenarios"})
DIGITS = 16


def driver() -> str:
    """A hash of the driver's own sources, without those that only present results."""
    files = (file for file in PACKAGE.rglob("*.py") if file.relative_to(PACKAGE).parts[0] not in NO_PART_OF_CELLS)
    return _digest(((file.relative_to(PACKAGE).as_posix(), file) for file in files), "")


def target(subject: Subject, resolved: list[str]) -> str:
    """A hash of a target: its installed packages (["name==version", …]), its description, and the code it runs.

    It covers all scripts and applications, since subjects share them.
    """
    home = subject.folder.parent
    named = {
        f"guest/{file.relative_to(package.parent).as_posix()}": file
        for package in subject.guest
        for file in package.rglob("*.py")
    }
    named |= {f"apps/{file.name}": file for folder in subject.app_folders for file in sorted(folder.rglob("*.py"))}
    named |= {f"subjects/{file.relative_to(home).as_posix()}": file for file in home.glob("*/*.py")}
    description = subject.folder / "subject.toml"
    if description.is_file():
        named["subject.toml"] = description
    return _digest(named.items(), "\n".join([*sorted(resolved), subject.content]))


def _digest(files: Iterable[tuple[str, Path]], more: str) -> str:
    digest = hashlib.sha256(more.encode())
    for name, file in sorted(files):
        digest.update(b"\0" + name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:DIGITS]

"""The process images of a measured launch, what became of the data of each, and whether a data file can be read.

An image is what one exec made of a process. harness/guest/measured.py makes a folder for each, with its marks and data.
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from ..model.values import Coverage

BESIDE = ("-journal", "-wal", "-shm")  # what SQLite may leave beside a database that was being written

#: What was lost: the state that follows from it, and a sentence.
Loss = tuple[Coverage, str]


@dataclass(frozen=True, slots=True)
class Image:
    """One image: its number in its launch, its process, the marks that it left, and its own data files."""

    number: int
    pid: int
    saved: bool
    replaced: bool
    files: tuple[Path, ...]


def data_files(folder: Path) -> list[Path]:
    """All coverage data anywhere below a folder, those of forked children and of older harnesses too."""
    return sorted(file for file in folder.rglob("data.*") if not file.name.endswith(BESIDE))


def unreadable(file: Path) -> str:
    """Why a data file cannot be read; "" where it can. Nothing is written: coverage would turn an empty file into data."""
    try:
        with contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as base:
            found = str(base.execute("PRAGMA quick_check(1)").fetchone()[0])
            base.execute("SELECT version FROM coverage_schema").fetchone()
    except sqlite3.Error as error:
        return str(error)
    return "" if found == "ok" else found


def images(folder: Path) -> list[Image]:
    """The images of a launch, in the order in which they began."""
    found = []
    for path in sorted(folder.glob("image-*"), key=lambda path: int(path.name.partition("-")[2])):
        marks = (path / "marks").read_text("utf-8").splitlines() if (path / "marks").exists() else []
        pid = int(marks[0].partition(" ")[2] or 0) if marks else 0
        since = marks[len(marks) - marks[::-1].index("stayed") :] if "stayed" in marks else marks
        found.append(
            Image(
                int(path.name.partition("-")[2]),
                pid,
                "saved" in since,
                since[-1:] == ["exec"],
                tuple(file for file in data_files(path) if _is_of(file, pid)),
            )
        )
    return found


def _is_of(file: Path, pid: int) -> bool:
    """Whether a process wrote a data file: it is named HOST.PID.RANDOM, by newer releases HOST.pidPID.XRANDOMx.HHASHh."""
    return re.search(rf"\.(pid)?{pid}\.\w+(\.H\w+)?$", file.name) is not None


def losses(found: list[Image], server: int, exit_code: int | None) -> list[Loss]:
    """What the images of a launch lost, in their order; nothing where each one's data are there.

    ``server`` is the process that was launched, and ``exit_code`` its own, negative where a signal ended it.
    """
    killed = exit_code is None or exit_code < 0
    if not found:
        return [
            ("lost", "a signal ended it before measurement began")
            if killed
            else ("broken", f"it exited before measurement began, with {exit_code}")
        ]
    lost: list[Loss] = []
    for place, image in enumerate(found):
        name = f"image {image.number} of {len(found)}"
        follows = any(_is_same(image.pid, later.pid) for later in found[place + 1 :])
        by_itself = image.pid == server and not killed and not follows and not image.replaced
        state: Coverage = "broken" if by_itself else "lost"
        damage = [f"{file.name} ({why})" for file in image.files if (why := unreadable(file))]
        if image.saved and image.files and not damage:
            if image.replaced and not follows:
                lost.append(("lost", f"what replaced {name} was not measured"))
        elif image.saved:
            lost.append((state, f"the data of {name} cannot be read: {', '.join(damage) or 'the file is gone'}"))
        elif image.replaced or follows:
            lost.append((state, f"{name} was replaced by exec before its data were saved"))
        elif by_itself:
            lost.append((state, f"{name} exited by itself and saved no data"))
        elif image.pid == server:
            lost.append((state, f"a signal ended {name} before its data were saved"))
        else:
            lost.append((state, f"{name}, a process of its own, ended before its data were saved"))
    return lost


def _is_same(pid: int, later: int) -> bool:
    """Whether a later image is what an exec made of the process; on Windows an exec is a new process."""
    return pid == later or os.name == "nt"

"""The process images of a measured launch, what became of their data, and whether a data file is readable.

Each exec of a process starts a new image. harness/guest/measured.py creates a folder for each, with its marks and data.
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from ..model.values import Coverage

BESIDE = ("-journal", "-wal", "-shm")  # what SQLite may leave next to a database that was being written

#: What was lost: the resulting state, and a sentence.
Loss = tuple[Coverage, str]


@dataclass(frozen=True, slots=True)
class Image:
    """One image: its number in the launch, its process, the marks it left, and its own data files."""

    number: int
    pid: int
    saved: bool
    replaced: bool
    files: tuple[Path, ...]


def data_files(folder: Path) -> list[Path]:
    """All coverage data below a folder, including those of forked children and older harnesses."""
    return sorted(file for file in folder.rglob("data.*") if not file.name.endswith(BESIDE))


def unreadable(file: Path) -> str:
    """Why a data file is unreadable, or "". Nothing is written: coverage would turn an empty file into data."""
    try:
        with contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as base:
            found = str(base.execute("PRAGMA quick_check(1)").fetchone()[0])
            base.execute("SELECT version FROM coverage_schema").fetchone()
    except sqlite3.Error as error:
        return str(error)
    return "" if found == "ok" else found


def images(folder: Path) -> list[Image]:
    """The images of a launch, in the order in which they started."""
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
    """What the images of a launch lost, in order; empty if all data are present.

    ``server`` is the launched process, and ``exit_code`` its own, negative if a signal ended it.
    """
    killed = exit_code is None or exit_code < 0
    if not found:
        return [
            ("lost", "a signal ended it before measurement began")
            if killed
            else ("broken", f"it exited with {exit_code} before measurement began")
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
                lost.append(("lost", f"the image that replaced {name} was not measured"))
        elif image.saved:
            lost.append((state, f"the data of {name} cannot be read: {', '.join(damage) or 'the file is gone'}"))
        elif image.replaced or follows:
            lost.append((state, f"{name} was replaced by exec before its data were saved"))
        elif by_itself:
            lost.append((state, f"{name} exited on its own without saving data"))
        elif image.pid == server:
            lost.append((state, f"a signal ended {name} before its data were saved"))
        else:
            lost.append((state, f"{name}, a separate process, ended before its data were saved"))
    return lost


def _is_same(pid: int, later: int) -> bool:
    """Whether a later image replaced this one through exec; on Windows, exec starts a new process."""
    return pid == later or os.name == "nt"

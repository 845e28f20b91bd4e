"""A server's log file: its size, its text, and its size limit. Standard library only."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import BinaryIO

from ..language.text_matching import MAX_KEPT, kept

MOST_LOGGED = 64 * 1024 * 1024  # bytes of a log; a server that writes more will not stop


def log_size(log: Path) -> int:
    """The size of a log; 0 if the server has removed it."""
    try:
        return log.stat().st_size
    except FileNotFoundError:
        return 0


def open_log(log: Path) -> BinaryIO | None:
    """Open a log for reading; None if the server has removed it.

    It may do so at any moment: to ask first whether the log exists, and then to open it, would be a race.
    """
    try:
        return log.open("rb")
    except FileNotFoundError:
        return None


def read_log(log: Path, start: int = 0) -> str:
    """Decode a log from an offset; anything beyond MAX_KEPT is cut and marked. "" if the server has removed it."""
    file = open_log(log)
    if file is None:
        return ""
    with file:
        file.seek(start)
        return kept(file.read(MAX_KEPT + 1), "utf-8")


def limit_log(pid: int) -> None:
    """Limit files written by a process, and by those it starts, to MOST_LOGGED bytes; Linux only."""
    with contextlib.suppress(ImportError, AttributeError, OSError):  # other systems; a process that has already ended
        import resource  # not on Windows

        _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (MOST_LOGGED, most))

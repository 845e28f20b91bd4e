"""A server's log file: its size, and its size limit. Standard library only."""

from __future__ import annotations

import contextlib
from pathlib import Path

MOST_LOGGED = 64 * 1024 * 1024  # bytes of a log; a server that writes more will not stop


def log_size(log: Path) -> int:
    """The size of a log; 0 if the server has removed it."""
    return log.stat().st_size if log.exists() else 0


def limit_log(pid: int) -> None:
    """Limit files written by a process, and by those it starts, to MOST_LOGGED bytes; Linux only."""
    with contextlib.suppress(ImportError, AttributeError, OSError):  # other systems; a process that has already ended
        import resource  # not on Windows

        _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (MOST_LOGGED, most))

"""The file that a server logs to: how long it is, and how long it may become. Of the standard library alone."""

from __future__ import annotations

import contextlib
from pathlib import Path

MOST_LOGGED = 64 * 1024 * 1024  # bytes of a log; a server that writes more writes without end


def log_size(log: Path) -> int:
    """How long a log is; 0 where the server has removed it."""
    return log.stat().st_size if log.exists() else 0


def limit_log(pid: int) -> None:
    """Let no file that a process writes, or one that it starts, grow beyond MOST_LOGGED; on Linux, where that can be told."""
    with contextlib.suppress(ImportError, AttributeError, OSError):  # other systems; a process that has ended already
        import resource  # not on Windows

        _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (MOST_LOGGED, most))

"""Limits of a process that has just begun. Standard library only."""

from __future__ import annotations

import contextlib
import sys


def limit_descriptors(pid: int, most: int) -> bool:
    """Limit the descriptors of a process, and of those that it starts; False where the system cannot (only Linux can).

    The limit is set from outside, a moment after the start: an interpreter takes longer than that to open anything that stays
    open. The hard limit falls, too, or a server could raise it again.
    """
    if sys.platform != "linux":
        return False
    import resource

    with contextlib.suppress(ProcessLookupError):  # it has already ended
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (most, most))
    return True

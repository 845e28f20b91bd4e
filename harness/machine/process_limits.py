"""What a process is given, or denied, at its start: few descriptors, the place of the first process. Standard library only."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from typing import Any

from .first_process import as_first_process


class Impossible(Exception):
    """This system cannot start a process in that way."""


def started(args: dict[str, Any], launch: Callable[[], Any]) -> Any:
    """The server that ``launch`` starts, as the arguments of a step say; it has a ``popen``. Raises Impossible."""
    if not args.get("first_process"):
        server = launch()
    else:
        try:
            server = as_first_process(launch)
        except OSError as error:
            raise Impossible(f"no process can be the first of a namespace here: {error.strerror}") from error
    if "descriptors" in args and not limit_descriptors(server.popen.pid, args["descriptors"]):
        raise Impossible("this system cannot limit the descriptors of a process")
    return server


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

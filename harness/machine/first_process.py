"""Start a process as the first of a pid namespace, as a container does: Linux, and only as root. Standard library only.

The kernel gives such a process no default actions: a signal for which it has no handler does nothing (pid_namespaces(7)).
unshare(2) changes only where the children of the calling thread begin, so a thread of its own starts the process, and ends.
"""

from __future__ import annotations

import ctypes
import functools
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

CLONE_NEWPID = 0x20000000  # linux/sched.h


def as_first_process(start: Callable[[], Any]) -> Any:
    """What ``start`` returns; the process that it starts is pid 1 of a new namespace. Raises OSError where that cannot be."""
    found: list[Any] = []
    failed: list[BaseException] = []

    def begin() -> None:
        try:
            if sys.platform != "linux":
                raise OSError(0, "only Linux has pid namespaces")
            if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWPID):
                number = ctypes.get_errno()
                raise OSError(number, f"unshare(CLONE_NEWPID): {os.strerror(number)}")
            found.append(start())
        except BaseException as problem:  # raised by the caller
            failed.append(problem)

    thread = threading.Thread(target=begin)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return found[0]


@functools.cache
def no_first_process() -> str:
    """Why no process can be the first of a namespace on this machine; "" if one can."""
    try:
        as_first_process(lambda: None)
    except OSError as error:
        return f"no process can be the first of a pid namespace here: {error.strerror}"
    return ""

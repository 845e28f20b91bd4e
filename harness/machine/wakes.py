"""Wake-ups from the kernel, so that a wait need not ask all the time: a process has ended, a log has grown. Linux only.

An end comes through a pidfd (pidfd_open(2)), which is readable from the end of the process on, also before its exit is
read; growth through inotify(7). Nothing is kept open for a server: both are armed for the time of one wait.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import select
import time
from collections.abc import Callable, Iterator
from pathlib import Path

IN_MODIFY = 2  # sys/inotify.h
SHORTEST_SECONDS = 0.005  # between two wakes by a log: a server that writes line by line would keep the driver busy

Pause = Callable[[float], object]  # waits for at most so many seconds


@contextlib.contextmanager
def waking(pid: int, log: Path | None = None) -> Iterator[Pause | None]:
    """Yield a pause that is over as soon as a process ends or a log grows; None if that cannot be noticed here.

    Ask what is waited for after this and not only before it: what happens from here on ends the pause, however early.
    A log that the server removes or replaces grows unnoticed, so a wait must ask at times in any case (``Deadline.wait``).
    """
    with contextlib.ExitStack() as armed:
        yield _arm(armed, pid, log)


def _arm(armed: contextlib.ExitStack, pid: int, log: Path | None) -> Pause | None:
    try:
        ends = os.pidfd_open(pid)
        armed.callback(os.close, ends)
        grows = None if log is None else _watch(armed, log)
    except (OSError, AttributeError):  # it is gone; the log is; another system; an older kernel; forbidden; none left
        return None
    end, either = select.poll(), select.poll()
    end.register(ends, select.POLLIN)
    either.register(ends, select.POLLIN)
    if grows is not None:
        either.register(grows, select.POLLIN)
    last = 0.0

    def pause(seconds: float) -> None:
        nonlocal last
        until = time.monotonic() + seconds
        if all(number == ends for number, _ in either.poll(seconds * 1000)) or grows is None:
            return
        most = min(until, last + SHORTEST_SECONDS) - time.monotonic()
        if most > 0:
            end.poll(most * 1000)
        _drain(grows)
        last = time.monotonic()

    return pause


def _watch(armed: contextlib.ExitStack, log: Path) -> int:
    inotify = _instance(os.getpid())
    watch = _checked(_libc().inotify_add_watch(inotify, os.fsencode(log), IN_MODIFY))
    armed.callback(_libc().inotify_rm_watch, inotify, watch)
    _drain(inotify)  # what earlier watches left
    return inotify


@functools.cache
def _instance(pid: int) -> int:
    """This process's inotify descriptor, kept because it takes the kernel 20 ms to close one; a fork makes its own."""
    return _checked(_libc().inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def _drain(inotify: int) -> None:
    """Forget what has been reported: the next question sees all of it."""
    with contextlib.suppress(BlockingIOError):
        while os.read(inotify, 65536):
            continue

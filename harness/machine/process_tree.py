"""The descendants of a process, from the kernel's own lists of children (proc(5), /proc/PID/task/TID/children).

psutil reads the parent of every process of the machine to find one's children. The kernel keeps a list for each thread,
because a child belongs to the thread that forked it.
"""

from __future__ import annotations

import contextlib
import functools
import os

import psutil

ROUNDS = 5  # of a walk during which something ended; a server that ends a thread in each of them is taken as last seen
ENDED = b"ZXx"  # states: a zombie, and dead


@functools.cache
def lists_children() -> bool:
    """Whether this kernel has such lists: Linux 3.5 and newer, if built with CONFIG_PROC_CHILDREN."""
    return os.path.exists("/proc/thread-self/children")  # noqa: PTH110 (as fast as the rest of this module)


def child_pids(pid: int) -> list[int]:
    """The direct children of a process, zombies included."""
    if not lists_children():
        return [child.pid for child in _children_by_psutil(pid, False)]
    return _children(pid, set())


def descendant_pids(pid: int) -> list[int]:
    """All live descendants of a process; zombies do not count.

    The children of a process that ends come to another one, whose list may have been read by then. So if the walk met a
    process or a thread that had ended, it is repeated, until all of these had ended before it began.
    """
    if not lists_children():
        return [child.pid for child in _children_by_psutil(pid, True) if not _is_zombie(child)]
    alive, ended = _walk(pid)
    for _ in range(ROUNDS):
        before = ended
        if not ended:
            break
        alive, ended = _walk(pid)
        if ended <= before:
            break
    return alive


def _walk(root: int) -> tuple[list[int], set[str]]:
    """The live descendants at this moment; and what had ended: processes by their pid, threads by both numbers."""
    alive: list[int] = []
    ended: set[str] = set()
    known, todo = {root}, [root]
    for pid in todo:  # it grows meanwhile
        for child in _children(pid, ended):
            if child in known:
                continue
            known.add(child)
            todo.append(child)  # also a zombie: if only its first thread has ended, the others may have children
            if _state(child) in ENDED:
                ended.add(str(child))
            else:
                alive.append(child)
    return alive, ended


def _children(pid: int, ended: set[str]) -> list[int]:
    """The direct children of a process; what could not be read because it has ended is added to ``ended``."""
    found: list[int] = []
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
    except OSError:
        ended.add(str(pid))
        return found
    for task in tasks:
        try:
            found += map(int, _read(f"/proc/{pid}/task/{task}/children").split())
        except OSError:
            ended.add(f"{pid}/{task}")
    return sorted(found)


def _state(pid: int) -> bytes:
    """The letter of a process's state, after its name, which may contain anything; that of the dead if it is gone."""
    try:
        return _read(f"/proc/{pid}/stat").rpartition(b") ")[2][:1]
    except OSError:
        return b"X"


def _read(path: str) -> bytes:
    """A file of /proc; its list of children comes in pages."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return b"".join(iter(lambda: os.read(file, 65536), b""))
    finally:
        os.close(file)


def _children_by_psutil(pid: int, recursive: bool) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=recursive)
    except psutil.NoSuchProcess:
        return []


def _is_zombie(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.status() == psutil.STATUS_ZOMBIE
    return True

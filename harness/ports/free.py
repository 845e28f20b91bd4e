"""Free a port by ending its holders: which must not be ended, and how the others are."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

import psutil

from ..machine.deadlines import Deadline
from .channels import HolderProcess

TERM_SECONDS = 10.0
KILL_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of one holder: "SIGTERM" or "SIGKILL" ended it, it "had already ended", or is "still running"."""

    pid: int
    how: str
    seconds: float


def refusal(holder: HolderProcess) -> str:
    """Why we must not end a process; "" if we may."""
    if holder.pid in (0, 1):
        return f"pid {holder.pid} is the system's own process"
    if holder.pid == os.getpid():
        return f"pid {holder.pid} is this very command"
    if holder.pid in {process.pid for process in psutil.Process().parents()}:
        return f"pid {holder.pid} is an ancestor of this command: your shell, or what started it"
    mine = psutil.Process().username()
    if holder.user != mine:
        return f"pid {holder.pid} belongs to {holder.user or 'an unknown user'}, and you are {mine}"
    return ""


def in_order(holders: Iterable[HolderProcess]) -> list[HolderProcess]:
    """Parents before their children: a living master would replace a worker that is ended."""
    rest = {holder.pid: holder for holder in holders}
    ordered: list[HolderProcess] = []
    while rest:
        heads = [pid for pid, holder in rest.items() if holder.parent not in rest] or list(rest)
        ordered.extend(rest.pop(pid) for pid in heads)
    return ordered


def end(holder: HolderProcess, term_seconds: float = TERM_SECONDS) -> Ended:
    """SIGTERM, then SIGKILL if it did not end in time; a pid that now belongs to another process is left alone."""
    deadline = Deadline(term_seconds)
    try:
        process = psutil.Process(holder.pid)
        if process.create_time() != holder.created:
            return Ended(holder.pid, "had already ended", 0.0)
        process.terminate()
        if deadline.wait(lambda: _over(process), 0.05):
            return Ended(holder.pid, "SIGTERM", round(term_seconds - deadline.left, 2))
        process.kill()
        killed = Deadline(KILL_SECONDS)
        how = "SIGKILL" if killed.wait(lambda: _over(process), 0.05) else "still running"
        return Ended(holder.pid, how, round(term_seconds + KILL_SECONDS - killed.left, 2))
    except psutil.NoSuchProcess:
        return Ended(holder.pid, "had already ended", round(term_seconds - deadline.left, 2))


def _over(process: psutil.Process) -> bool:
    """Whether it has ended; a zombie holds no descriptor."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True

"""Whether a server has come to rest: it waits for the next client, and does nothing else."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from threading import Thread

import psutil

from ..machine import server_process
from ..machine.deadlines import Deadline
from ..machine.server_log import log_size
from ..machine.server_process import ServerProcess

IDLE_SECONDS = 0.3  # many ticks of the kernel's CPU clock, 10 ms each
RUNNABLE = ("R", "D")  # proc(5), stat: running or waiting for a processor; waiting for a disk


def comes_to_rest(server: ServerProcess, deadline: Deadline, askers: Sequence[Thread] = ()) -> bool:
    """Wait until a server and its workers have done nothing for a moment; whether they did before the deadline.

    Nothing is: no processor time used, no line logged, and no thread that would run if the machine had a processor for it. The
    same goes for the threads that ask it in the background: on a busy machine some may not have come to send their requests,
    and a server that only waits for those has not received all that it was to receive.
    """
    done, since = (server_process.cpu_seconds(server.pid), log_size(server.log)), deadline.left

    def settled() -> bool:
        nonlocal done, since
        now = (server_process.cpu_seconds(server.pid), log_size(server.log))
        if now != done or at_work(server.pid) or would_run(askers):
            done, since = now, deadline.left
        return since - deadline.left >= IDLE_SECONDS

    return deadline.wait(settled, 0.05)  # nothing reports that a process has done nothing


def at_work(pid: int) -> bool:
    """Whether a thread of a process or of its descendants runs, or waits for a processor or a disk, at this moment.

    On a busy machine a process that never rests may get no processor for a while: it is not idle for that. Only Linux tells.
    """
    with contextlib.suppress(psutil.NoSuchProcess):
        for member in [psutil.Process(pid), *server_process.descendants(pid)]:
            for task in Path(f"/proc/{member.pid}/task").glob("*/stat"):
                if _runs(task):
                    return True
    return False


def would_run(threads: Sequence[Thread]) -> bool:
    """Whether one of our own threads runs, or waits for a processor or a disk, at this moment. Only Linux tells."""
    return any(_runs(Path(f"/proc/self/task/{thread.native_id}/stat")) for thread in threads)


def _runs(task: Path) -> bool:
    with contextlib.suppress(OSError):  # it has just ended
        return task.read_text("ascii", "replace").rpartition(")")[2].split()[0] in RUNNABLE
    return False

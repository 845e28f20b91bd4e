"""Whether a server has come to rest: it waits for the next client, and does nothing else."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from threading import Thread

import psutil

from ..machine import server_process
from ..machine.at_work import at_work, would_run
from ..machine.deadlines import Deadline
from ..machine.server_log import log_size
from ..machine.server_process import ServerProcess

IDLE_SECONDS = 0.3  # many ticks of the kernel's CPU clock, 10 ms each


def comes_to_rest(server: ServerProcess, deadline: Deadline, askers: Sequence[Thread] = ()) -> bool:
    """Wait until a server and its workers have done nothing for a moment; whether they did before the deadline.

    Nothing is: no processor time used, no line logged, and no thread that would run if the machine had a processor for it. The
    same goes for ``askers``, the threads that ask it in the background: on a busy machine some may not have sent their requests
    yet, and a server that waits for those is not at rest.
    """
    done, since = (server_process.cpu_seconds(server.pid), log_size(server.log)), deadline.left

    def settled() -> bool:
        nonlocal done, since
        now = (server_process.cpu_seconds(server.pid), log_size(server.log))
        if now != done or family_at_work(server.pid) or would_run(askers):
            done, since = now, deadline.left
        return since - deadline.left >= IDLE_SECONDS

    return deadline.wait(settled, 0.05)  # nothing reports that a process has done nothing


def family_at_work(pid: int) -> bool:
    """Whether a process or one of its descendants is at work at this moment.

    On a busy machine a process that never rests may get no processor for a while: it is not idle for that.
    """
    with contextlib.suppress(psutil.NoSuchProcess):
        return any(at_work(member.pid) for member in [psutil.Process(pid), *server_process.descendants(pid)])
    return False

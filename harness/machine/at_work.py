"""Whether threads run, or would run if the machine had a processor for them. Only Linux tells; standard library only."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path
from threading import Thread

RUNNABLE = ("R", "D")  # proc(5), stat: running or waiting for a processor; waiting for a disk


def at_work(pid: int) -> bool:
    """Whether a thread of a process runs, or waits for a processor or a disk, at this moment."""
    return any(map(_runs, Path(f"/proc/{pid}/task").glob("*/stat")))


def would_run(threads: Iterable[Thread]) -> bool:
    """The same for some threads of this process."""
    return any(_runs(Path(f"/proc/self/task/{thread.native_id}/stat")) for thread in threads)


def _runs(task: Path) -> bool:
    with contextlib.suppress(OSError):  # it has just ended
        return task.read_text("ascii", "replace").rpartition(")")[2].split()[0] in RUNNABLE
    return False

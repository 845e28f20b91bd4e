"""The ledger of a cell: its servers' resources, sampled on the cell's clock during the steps.

One thread takes samples and uses at most its share of a core: the more expensive a sample is, the fewer are taken. The
socket table is by far the most expensive (the kernel walks all of its buckets), so it is read less often than the rest; an
entry without ``states`` was taken without it.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from pathlib import Path

import psutil

from ..machine import server_process, socket_table
from ..machine.server_process import ServerProcess
from ..model.values import Json
from .running_cell import CellRun

CORE_SHARE = 0.04  # of one core, for all workers of a run together (measured: see tests/bench_ledger.py)
CELLS_AT_ONCE = 4 * (os.cpu_count() or 1)  # about as many as keep the processors busy
SOCKETS_PART = 0.7  # part of the share for the socket table
SHORTEST_SECONDS = 0.05
MOST_ENTRIES = 2000
MOST_READ = 8 * 1024 * 1024  # bytes of a log in one sample


class Ledger:
    """Samples a cell from ``start`` to ``stop``; ``entries`` are those in which something had changed."""

    def __init__(self, cell: CellRun, workers: int | None = None) -> None:
        self.cell = cell
        self.entries: list[Json] = []
        self.taken = 0
        self.cpu_seconds = 0.0
        self._share = CORE_SHARE / (workers or CELLS_AT_ONCE)
        self._sockets_due = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ledger", daemon=True)
        self._last: Json = {}
        self._lines: dict[str, tuple[int, int]] = {}

    def start(self) -> None:
        """Start sampling."""
        self._thread.start()

    def stop(self) -> tuple[Json, ...]:
        """Take the last sample; return all entries."""
        self._over.set()
        self._thread.join(5.0)
        return tuple(self.entries)

    def _run(self) -> None:
        pause = 0.0
        while not self._over.wait(pause) and len(self.entries) < MOST_ENTRIES:
            pause = self._sample()
        self._sockets_due = 0.0
        self._sample()

    def _sample(self) -> float:
        """Take one sample; return how long to wait before the next, to stay within the share."""
        before = time.thread_time()
        entry = self._counts()
        cheap = time.thread_time() - before
        if entry["at"] >= self._sockets_due and self.cell.servers:  # before there is a server, no socket is of interest
            entry["states"] = socket_table.states(self.cell.host, range(self.cell.base_port, self.cell.base_port + 9))
            dear = time.thread_time() - before - cheap
            self._sockets_due = entry["at"] + dear / (self._share * SOCKETS_PART)
        if any(self._last.get(key) != value for key, value in entry.items() if key != "at"):
            self.entries.append(entry)
            self._last.update(entry)
        self.taken += 1
        self.cpu_seconds += time.thread_time() - before
        return max(SHORTEST_SECONDS, cheap / (self._share * (1 - SOCKETS_PART)))

    def _counts(self) -> Json:
        servers = list(self.cell.servers.values())  # the driver's thread may start one meanwhile
        alive = [server.pid for server in servers if server.popen.returncode is None]
        return {
            "at": round(self.cell.clock(), 3),
            "lines": {server.name: self._count_lines(server) for server in servers},
            **family_counts(alive),
        }

    def _count_lines(self, server: ServerProcess) -> int:
        """The number of complete lines in its log; only new data is read, up to the limit of one sample."""
        offset, lines = self._lines.get(server.name, (0, 0))
        with contextlib.suppress(OSError), server.log.open("rb") as log:
            log.seek(offset)
            new = log.read(MOST_READ)
            offset, lines = offset + len(new), lines + new.count(b"\n")
        self._lines[server.name] = (offset, lines)
        return lines


def family_counts(pids: list[int]) -> Json:
    """Descriptors, threads and children of processes and all their descendants; from /proc if available."""
    descriptors = threads = children = 0
    todo = list(pids)
    while todo:
        pid = todo.pop()
        try:
            descriptors += len(os.listdir(f"/proc/{pid}/fd"))
            tasks = os.listdir(f"/proc/{pid}/task")
            threads += len(tasks)
            for task in tasks:
                young = Path(f"/proc/{pid}/task/{task}/children").read_text("ascii").split()
                children += len(young)
                todo += [int(child) for child in young]
        except (OSError, ValueError):
            if not Path("/proc/self/task").is_dir():
                return _elsewhere(pids)
    return {"descriptors": descriptors, "threads": threads, "children": children}


def _elsewhere(pids: list[int]) -> Json:
    """The same through psutil, which is more expensive: macOS, Windows."""
    family = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    below = [child for pid in pids for child in server_process.descendants(pid)]
    found = {"descriptors": 0, "threads": 0, "children": len(below)}
    for member in [*family, *below]:
        with contextlib.suppress(psutil.Error):
            found["descriptors"] += server_process.open_descriptors(member)
            found["threads"] += member.num_threads()
    return found

"""How many cells run at once: as many as keep the processors busy, and no more.

Cells wait most of their time: for a server to start, for a deadline to pass. Those that wait overlap with those that
compute. Linux only; on other systems the number is fixed.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

SAMPLE_SECONDS = 0.25
IDLE = 0.08  # of all processors: above this, one more cell is started
CROWDED = 2.0  # processes that want to run, for each processor: above this, one less
CELL_BYTES = 160 << 20  # what a cell may need: a worker, a server or two, their clients
MOST_FOR_EACH_PROCESSOR = 10


@dataclass(frozen=True, slots=True)
class Load:
    """The processors' time so far, in ticks, and the processes that now want to run."""

    total: int
    idle: int
    wanting: int


def read_load(stat: Path = Path("/proc/stat")) -> Load | None:
    """The machine's load; None if the system does not tell (proc(5), /proc/stat)."""
    try:
        lines = stat.read_text("ascii").splitlines()
    except OSError:
        return None
    ticks = [int(word) for word in lines[0].split()[1:9]]
    wanting = next((int(line.split()[1]) for line in lines if line.startswith("procs_running")), 0)
    return Load(sum(ticks), ticks[3] + ticks[4], wanting)


def free_memory(info: Path = Path("/proc/meminfo")) -> int | None:
    """The bytes that new processes can have; None if the system does not tell."""
    try:
        found = [line.split() for line in info.read_text("ascii").splitlines() if line.startswith("MemAvailable:")]
    except OSError:
        return None
    return int(found[0][1]) * 1024 if found else None


class Concurrency:
    """The number of cells to run at once: ``limit``; with ``fixed``, always that many."""

    def __init__(self, fixed: int = 0, processors: int | None = None) -> None:
        self.processors = processors or os.cpu_count() or 1
        self.fixed = fixed
        memory = free_memory()
        self.least = 2 * self.processors
        most = MOST_FOR_EACH_PROCESSOR * self.processors
        self.most = max(self.least, min(most, memory // CELL_BYTES)) if memory is not None else most
        self.limit = fixed or self.least
        self._before = read_load()

    def sample(self, now: Load | None) -> None:
        """Take a sample of the load, and adapt the limit to what happened since the one before."""
        before, self._before = self._before, now
        if self.fixed or now is None or before is None or now.total == before.total:
            return
        idle = (now.idle - before.idle) / (now.total - before.total)
        if idle > IDLE:
            self.limit = min(self.most, self.limit + max(1, round(idle * self.processors)))
        elif now.wanting > CROWDED * self.processors + 1:  # ourselves
            self.limit = max(self.least, self.limit - 1)

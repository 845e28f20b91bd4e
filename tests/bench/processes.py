"""The processor time of the driver, apart from that of the servers: from /proc, while a command runs.

A guest is a process that carries the run's marker in its environment, or whose Python is in the cache of targets. Every
other descendant of the command is the driver's. A process that ends between two looks loses what it used since the first of
them, which is less than INTERVAL; one that ends as the command itself does is still there to be looked at.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from pathlib import Path

INTERVAL = 0.05  # seconds between two looks; one takes about 0.5 ms
YOUNG = 1.0  # seconds in which a process may still become what it was forked for
MARKER = b"HARNESS_RUN="
TARGETS = b"/targets/"
TICKS = os.sysconf("SC_CLK_TCK")


def own_cpu(pid: int) -> float | None:
    """The processor seconds of a process without its children; None if it is gone. A zombie still has them."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / TICKS


def children(pid: int) -> list[int]:
    """The children of a process, of all its threads."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{thread}/children", "rb") as file:
                found += map(int, file.read().split())
    return found


def is_guest(pid: int) -> bool:
    """Whether a process is a server under test, or belongs to one."""
    with contextlib.suppress(OSError):
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            if TARGETS in file.read().partition(b"\0")[0]:
                return True
        with open(f"/proc/{pid}/environ", "rb") as file:
            return any(entry.startswith(MARKER) for entry in file.read().split(b"\0"))
    return False


def idle_seconds() -> float:
    """The seconds for which the machine's processors have been idle, added up."""
    with open("/proc/stat", "rb") as file:
        fields = file.readline().split()
    return (int(fields[4]) + int(fields[5])) / TICKS


class Lines:
    """The lines of results as they appear below a reports folder, each with the second at which it was seen."""

    def __init__(self, reports: Path | None) -> None:
        self.reports = reports
        self.found: list[dict[str, object]] = []
        self._read: dict[Path, int] = {}

    def look(self, at: float) -> None:
        """Read what is new."""
        for file in self.reports.glob("data/*/lines.*.jsonl") if self.reports else ():
            start = self._read.get(file, 0)
            if file.stat().st_size == start:
                continue
            with file.open("rb") as lines:
                lines.seek(start)
                data = lines.read()
            whole = data[: data.rfind(b"\n") + 1]
            self._read[file] = start + len(whole)
            for line in whole.splitlines():
                told = json.loads(line)
                outcomes = [(told.get(part) or {}).get("outcome", "") for part in ("behaviour", "cleanup")]
                self.found.append({"cell": told["cell"], "status": told["status"], "seconds": told.get("seconds", 0.0),
                                   "passed": outcomes == ["pass", "pass"], "seen": at})


class Watcher(threading.Thread):
    """Looks at the command's processes, its lines and the machine's idle time until it is told to stop."""

    def __init__(self, pid: int, lines: Lines, began: float) -> None:
        super().__init__(daemon=True)
        self.lines = lines
        self.began = began
        self.cpu: dict[int, float] = {}  # of each process of the driver, as last seen
        self.idle: list[tuple[float, float]] = []
        self._alive = {pid: began}
        self._guests: set[int] = set()
        self._root = pid
        self._over = threading.Event()

    def look(self) -> None:
        """Look once."""
        now = time.monotonic()
        self.idle.append((now - self.began, idle_seconds()))
        for pid, since in list(self._alive.items()):
            if pid != self._root and now - since < YOUNG and is_guest(pid):
                self._alive.pop(pid)
                self.cpu.pop(pid, None)
                self._guests.add(pid)
                continue
            used = own_cpu(pid)
            if used is None:
                self._alive.pop(pid)
                continue
            self.cpu[pid] = used
            there = children(pid)
            for child in there:
                if child not in self._alive and child not in self._guests:
                    if is_guest(child):
                        self._guests.add(child)
                    else:
                        self._alive[child] = now
        self.lines.look(now - self.began)

    def run(self) -> None:
        """Look until told to stop."""
        while not self._over.wait(INTERVAL):
            self.look()

    def stop(self) -> None:
        """Stop, and look a last time."""
        self._over.set()
        self.join()
        self.look()


def reported(file: Path) -> dict[int, float]:
    """What processes said of themselves as they ended, in the file that HARNESS_CPU_FILE names: lines of "pid seconds"."""
    if not file.exists():
        return {}
    return {int(pid): float(seconds) for pid, seconds in (line.split() for line in file.read_text("ascii").splitlines())}

"""The steps that measure: sample, growth, and sweep (a signal at many moments of a start)."""

from __future__ import annotations

import contextlib
import os
import statistics
import time
from itertools import combinations
from typing import Any

from ...machine.deadlines import Deadline
from ...machine.port_probes import bind_state
from .cell import Cell
from .look import descendants
from .server import Late, Server, Unable, send_signal
from .servers import in_log, until_ready

WARM_UP = 3  # samples that are not judged
GROWING = ("descriptors", "threads", "children", "sockets", "rss_kib")
TRANSITIONS = ("bus-starting", "serving", "bus-started")
BEYOND = 1.25  # times the time to ready: the last moment
LIVES_ON_SECONDS = 3.0


def sample(cell: Cell, step: dict[str, Any], args: dict[str, Any]) -> dict[str, Any]:
    """Count what a server has open now (Linux)."""
    server = cell.server(step["server"])
    if not server.running:
        raise Unable(f"server {step['server']!r} has already ended")
    family = [server.popen.pid, *descendants(server.popen.pid)]
    seen = {
        "descriptors": 0,
        "threads": 0,
        "children": len(family) - 1,
        "rss_kib": 0,
        "sockets": sum(row["port"] == cell.port(server.channel) and row["state"] != "TIME_WAIT" for row in cell.sockets()),
    }
    for pid in family:
        with contextlib.suppress(OSError):
            seen["descriptors"] += len(os.listdir(f"/proc/{pid}/fd"))
            seen["threads"] += len(os.listdir(f"/proc/{pid}/task"))
            with open(f"/proc/{pid}/statm", encoding="ascii") as file:
                seen["rss_kib"] += int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024
    cell.samples.setdefault(step.get("id", ""), []).append(seen)
    return {**seen, "pid": server.popen.pid}


def growth(cell: Cell, step: dict[str, Any], args: dict[str, Any]) -> dict[str, Any]:
    """The growth of each count per sample, after the warm-up: the lower of two estimates."""
    samples = cell.samples.get(args["of"], [])[WARM_UP:]
    if len(samples) < 6:
        raise Unable("too few samples were taken")
    found: dict[str, Any] = {}
    for name in GROWING:
        values, third = [taken[name] for taken in samples], max(1, len(samples) // 3)
        slopes = [(b - a) / (j - i) for (i, a), (j, b) in combinations(enumerate(values), 2)]  # Theil 1950, Sen 1968
        least = (min(values[-third:]) - min(values[:third])) / (len(values) - third)
        found[name] = round(min(statistics.median(slopes), least), 4)
    return found


def sweep(cell: Cell, step: dict[str, Any], args: dict[str, Any]) -> dict[str, Any]:
    """Send a signal at many moments of a start, each in its own launch."""
    server, began = cell.launch(step["server"], 1, cell.data["app"], {}), time.monotonic()
    if not until_ready(cell, server, Deadline(step["within"]))["ready"]:
        raise Unable("the undisturbed server did not start")
    whole = time.monotonic() - began
    if server.end(step["within"]):
        raise Late("the server ends on SIGTERM, undisturbed")
    moments = [("", whole * BEYOND * number / (args["points"] - 1)) for number in range(args["points"])]
    moments += [(name, 0.0) for name in TRANSITIONS if name in cell.recipe["patterns"]]
    points = [_one(cell, step, args["signal"], name, after) for name, after in moments]
    return {
        "late": sum(point["late"] for point in points),
        "lives_on": sum(point["lives_on"] for point in points),
        "held": sum(point["port"] == "held" for point in points),
        "points_tried": len(points),
        "points": points,
    }


def _one(cell: Cell, step: dict[str, Any], signal: str, transition: str, after: float) -> dict[str, Any]:
    began = time.monotonic()
    server: Server = cell.launch(step["server"], 1, cell.data["app"], {})
    if transition:
        pattern = cell.fill(f"@{transition}")
        if not Deadline(step["within"]).wait(lambda: in_log(pattern, server.text()) or not server.running, 0.002):
            raise Late(f"a log line {pattern}")
    else:
        Deadline(max(0.0, began + after - time.monotonic())).wait(lambda: not server.running, 0.002)
    if not server.running:
        raise Unable(f"the server had ended before the signal at {transition or after}")
    server.send(signal)
    ended = Deadline(LIVES_ON_SECONDS).wait(lambda: not server.running, 0.002)
    late = False if ended else server.end(step["within"])
    free = Deadline(3).wait(lambda: bind_state(*cell.at(1)) == "free", 0.02)
    for pid in cell.family():
        with contextlib.suppress(ProcessLookupError):
            send_signal(pid, "KILL")
    Deadline(3).wait(lambda: not cell.family(), 0.02)
    return {
        "at": transition or round(after, 3),
        "exit": server.popen.poll(),
        "lives_on": not ended,
        "late": late,
        "port": "free" if free else "held",
    }

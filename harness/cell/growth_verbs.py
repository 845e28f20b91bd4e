"""A server's resources at one moment, and their growth: the verbs sample and growth."""

from __future__ import annotations

import contextlib
import statistics
from itertools import combinations
from typing import cast

import psutil

from ..language.observations import Counts, Growth
from ..language.scenario import Step
from ..language.verbs import GROWING
from ..machine import server_process, socket_table
from ..machine.socket_table import Socket
from ..model.values import Json
from .running_cell import CellRun, Unable

WARM_UP = 3  # samples not judged: caches fill, thread pools grow, modules are imported late
LEAST = 6  # samples after the warm-up: fewer give no meaningful slope


def counts(pid: int, sockets: list[Socket]) -> Counts:
    """Count the resources of a process and its descendants; ``sockets`` are those of its channel.

    Sockets in TIME_WAIT belong to no process and are counted apart ("over"); the others are also counted by state.
    """
    family = []
    with contextlib.suppress(psutil.NoSuchProcess):
        family = [psutil.Process(pid), *server_process.descendants(pid)]
    found: Counts = {"descriptors": 0, "threads": 0, "children": max(0, len(family) - 1), "rss_kib": 0}
    for member in family:
        with contextlib.suppress(psutil.Error), member.oneshot():
            found["descriptors"] += server_process.open_descriptors(member)
            found["threads"] += member.num_threads()
            found["rss_kib"] += member.memory_info().rss // 1024
    states: dict[str, int] = {}
    for sock in sockets:
        states[sock.state] = states.get(sock.state, 0) + 1
    over = states.pop("TIME_WAIT", 0)
    return {**found, "sockets": sum(states.values()), "states": states, "over": over}


def sample(cell: CellRun, step: Step, args: Json) -> Counts:
    """Count a server's resources now."""
    server = cell.server(step.server)
    if not server.running:
        raise Unable(f"server {step.server!r} has already ended, with {server.exit}")
    port = cell.port(server.channel)
    here = [sock for sock in socket_table.table([cell.host], []) if sock.port == port]
    seen: Counts = {**counts(server.pid, here), "pid": server.pid}
    cell.samples.setdefault(step.id, []).append(seen)
    return seen


def growth(cell: CellRun, step: Step, args: Json) -> Growth:
    """How much each count grew from one sample to the next, after the warm-up."""
    samples = cell.samples.get(args["of"], [])
    if len(samples) < WARM_UP + LEAST:
        raise Unable(f"{len(samples)} samples {args['of']!r} were taken, but a slope needs at least {WARM_UP + LEAST}")
    series = {name: [cast(Json, taken)[name] for taken in samples] for name in GROWING}
    grown = {name: round(slope(values[WARM_UP:]), 4) for name, values in series.items()}
    return cast(Growth, {**grown, "samples": len(samples), "warm_up": WARM_UP, "series": series})


def slope(values: list[float]) -> float:
    """The growth from one value to the next: the smaller of two estimates, so that both must show it.

    The median of all pairwise slopes (Theil 1950, Sen 1968) is robust against a single outlier. The growth of the minimum
    from the first third to the last is robust against a sawtooth: descriptors left to the garbage collector rise until it
    runs. A leak at every third step is a third in both.
    """
    third = max(1, len(values) // 3)
    median = statistics.median((b - a) / (j - i) for (i, a), (j, b) in combinations(enumerate(values), 2))
    least = (min(values[-third:]) - min(values[:third])) / (len(values) - third)
    return min(median, least)

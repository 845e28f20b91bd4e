"""(a) A run against its lower bound, and where the rest of its time goes; (b) the driver's part of the processor time.

No run can be faster than its longest cell, nor than its processor time on all cores. Wall time is more: cores times wall is the
processor time, the time in which cores were idle, and what others used of them. The idle time is the machine's own figure,
told apart by the moments of the first and the last cell; on a machine that does other things, these show as ``others``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .measured_run import Measured
from .table import Figure, ratio


@dataclass(frozen=True, slots=True)
class Spent:
    """Where the wall time of a run went; each ``idle`` is in seconds of wall time (idle core seconds / cores)."""

    bound: float
    longest: float
    before: float
    cells: float
    after: float
    idle_before: float
    idle_cells: float
    idle_after: float
    others: float


def idle_at(series: Sequence[tuple[float, float]], moment: float) -> float:
    """The machine's idle seconds at a moment, between two of those at which they were read."""
    for (one, low), (two, high) in pairwise(series):
        if moment <= two:
            return low + (high - low) * min(1.0, max(0.0, (moment - one) / (two - one or 1.0)))
    return series[-1][1] if series else 0.0


def spent(run: Measured, cores: int) -> Spent:
    """Where a run's time went."""
    longest = max((line["seconds"] for line in run.lines), default=0.0)
    bound = max(run.cpu / cores, longest)
    begins = [max(0.0, line["seen"] - line["seconds"]) for line in run.lines]
    first = min(begins, default=run.wall)
    last = max((min(line["seen"], run.wall) for line in run.lines), default=run.wall)
    at = [idle_at(run.idle, moment) for moment in (0.0, first, last, run.wall)]
    idle = [max(0.0, two - one) / cores for one, two in pairwise(at)]
    return Spent(bound, longest, first, last - first, run.wall - last, *idle, run.wall - run.cpu / cores - sum(idle))


def figures(runs: Sequence[Measured], cores: int, key: str = "a", what: str = "") -> list[Figure]:
    """The figures of the rounds of one run."""
    parts = [spent(run, cores) for run in runs]
    walls = ("wall s", [run.wall for run in runs])

    def part(name: str, words: str) -> Figure:
        return ratio(f"{key}.{name.replace('_', '-')}", words, ("s", [getattr(one, name) for one in parts]), walls)

    return [
        ratio(key, f"wall time / its lower bound{what}", walls, ("bound s", [one.bound for one in parts]),
              longest_cell_s=[one.longest for one in parts], CPU_s=[run.cpu for run in runs],
              cells=[len(run.ran) for run in runs]),
        part("before", "before the first cell / wall"),
        part("cells", "from the first cell to the last / wall"),
        part("after", "after the last cell, the report / wall"),
        part("idle_before", "cores idle before the first cell / wall"),
        part("idle_cells", "cores idle while cells ran / wall"),
        part("idle_after", "cores idle after the last cell / wall"),
        part("others", "cores used by other programs / wall"),
    ]


def driver_figures(runs: Sequence[Measured], key: str = "b") -> list[Figure]:
    """The driver's processor time, beside the servers', and the check that none was missed."""
    cells = [max(1, len(run.ran)) for run in runs]
    checked = [run for run in runs if run.cgroup]
    return [
        ratio(key, "CPU time of the driver / of the servers, a cell",
              ("driver ms", [1000 * run.driver / count for run, count in zip(runs, cells, strict=True)]),
              ("servers ms", [1000 * run.guests / count for run, count in zip(runs, cells, strict=True)])),
        ratio(f"{key}.check", "CPU time as waited for / as the control group counts it",
              ("s", [run.cpu for run in checked]), ("s in the group", [run.cgroup or 0.0 for run in checked]),
              "" if checked else "no control group can be made here"),
    ]

"""(d) What a cell costs in a run of 100, 1,000 and 10,000 cells: synthetic scenarios on one server and one Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from . import scenario_folders
from .measured_run import Measured, measure_cells
from .table import Figure, ratio

SIZES = (100, 1000)
FULL = 10_000


def grow(
    work: Path, subject: str, python: str, sizes: Sequence[int], rounds: int, say: Callable[[str], None]
) -> list[Figure]:
    """The figures of each size, relative to the smallest; the sizes take turns."""
    folders = {size: scenario_folders.synthetic(size, work / f"of-{size}") for size in sorted(sizes)}
    chosen = scenario_folders.chosen([subject], [python])
    runs: dict[int, list[Measured]] = {size: [] for size in folders}
    for turn in range(rounds):
        for size, folder in folders.items():
            say(f"d: {size} cells, round {turn + 1} of {rounds} …")
            reports = work / "reports"
            runs[size].append(measure_cells(scenario_folders.command(folder, reports, *chosen), reports, size, allowed=(0,)))
    least = min(folders)
    found = []
    for size in folders:
        for key, what, value in (("", "wall time", lambda run: run.wall), (".cpu", "CPU time", lambda run: run.cpu),
                                 (".driver", "CPU time of the driver", lambda run: run.driver)):
            found.append(ratio(
                f"d.{size}{key}", f"{what} a cell of {size} / of {least}",
                ("ms", [1000 * value(run) / size for run in runs[size]]),
                (f"ms of {least}", [1000 * value(run) / least for run in runs[least]])))
    return found

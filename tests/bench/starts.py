"""(e) From the command to the first cell of a whole run, and to the result of one cell; directly, and through nox.

All is warm: environments are made and files compiled, by a run before that is not timed. The first cell is there when its line
is; the run is then interrupted. Times are relative to what cannot be avoided: the seconds of that cell itself.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from . import scenario_folders
from .measured_run import Measured, measure_cells
from .table import Figure, ratio

CELL = "dispatch.inherited"


def nox() -> list[str]:
    """The words that run nox; [] where there is none."""
    if importlib.util.find_spec("nox"):
        return [sys.executable, "-m", "nox"]
    found = shutil.which("nox")
    return [found] if found else []


def first_line(run: Measured) -> tuple[float, float]:
    """When the first line was there, and the seconds of its cell."""
    line = min(run.lines, key=lambda line: line["seen"])
    return line["seen"], max(line["seconds"], 0.001)


def starts(
    work: Path, subjects: Sequence[str], pythons: Sequence[str], rounds: int, say: Callable[[str], None]
) -> list[Figure]:
    """The figures, in turn."""
    reports = work / "reports"
    cell = ["--cell", f"{CELL}@{subjects[0]}@{pythons[0]}", "--reports", str(reports)]
    harness = [sys.executable, "-m", "harness", "matrix"]
    ways = {
        "first": [*harness, "--reports", str(reports), *scenario_folders.chosen(subjects, pythons)],
        "one": [*harness, *cell],
        **({"nox": [*nox(), "-s", "matrix", "--", *cell]} if nox() else {}),
    }
    runs: dict[str, list[Measured]] = {name: [] for name in ways}
    for turn in range(-1, rounds):
        say(f"e: round {turn + 1} of {rounds} …" if turn >= 0 else "e: warming up …")
        for name, command in ways.items():
            run = measure_cells(command, reports, interrupt=name == "first")
            if turn >= 0:
                runs[name].append(run)
    first = [first_line(run) for run in runs["first"]]
    found = [ratio("e.first", "command to the first cell of a whole run / that cell",
                   ("s", [seen for seen, _ in first]), ("s of the cell", [seconds for _, seconds in first]))]
    for name, words in (("one", "one cell"), ("nox", "one cell through nox")):
        if name not in runs:
            found.append(Figure("e.nox", "one cell through nox, from command to result", (), note="nox is not installed"))
            continue
        lines = [first_line(run) for run in runs[name]]
        found.append(ratio(
            f"e.{name}", f"{words}, from command to result / the cell itself", ("s", [run.wall for run in runs[name]]),
            ("s of the cell", [seconds for _, seconds in lines]), s_to_its_line=[seen for seen, _ in lines],
            CPU_s=[run.cpu for run in runs[name]]))
    return found

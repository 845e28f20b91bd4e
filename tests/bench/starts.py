"""(e) From the command to the first cell of a whole run, and to the result of one cell; directly, and through nox.

All is warm: environments are made and files compiled, by a run before that is not timed. The first cell is there when its line
is; the run is then interrupted. Times are relative to those of one plain pytest file that asks the same of the same server.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.language.files import load
from harness.run.run_folder import runs
from harness.targets.load_subjects import BUNDLED

from . import scenario_folders
from .measured_run import Measured, measure, measure_cells
from .plain_folder import write
from .plain_pytest import words
from .table import Figure, ratio

SCENARIO = "http.head"  # which every server has, and which a plain test can do


def nox() -> list[str]:
    """The words that run nox; [] where there is none."""
    if importlib.util.find_spec("nox"):
        return [sys.executable, "-m", "nox"]
    found = shutil.which("nox")
    return [found] if found else []


def first_line(run: Measured) -> float:
    """When the first line of a result was there."""
    return min(line["seen"] for line in run.lines)


def plain(reports: Path, folder: Path) -> Path:
    """The cell of the newest run as a plain test."""
    target = next(one for one in runs(reports)[-1].read_plan().targets if one.ready)
    (scenario,) = load(scenario_folders.tables()[SCENARIO][0], scenario_folders.SCENARIOS)
    return write(folder, [scenario], BUNDLED.load(target.subject), target).folder


def starts(
    work: Path, subjects: Sequence[str], pythons: Sequence[str], rounds: int, say: Callable[[str], None]
) -> list[Figure]:
    """The figures, in turn."""
    reports = work / "reports"
    cell = ["--cell", f"{SCENARIO}@{subjects[0]}@{pythons[0]}", "--reports", str(reports)]
    harness = [sys.executable, "-m", "harness", "matrix"]
    ways = {
        "first": [*harness, "--reports", str(reports), *scenario_folders.chosen(subjects, pythons)],
        "one": [*harness, *cell],
        **({"nox": [*nox(), "-s", "matrix", "--", *cell]} if nox() else {}),
    }
    done: dict[str, list[Measured]] = {name: [] for name in (*ways, "plain")}
    for turn in range(-1, rounds):
        say(f"e: round {turn + 1} of {rounds} …" if turn >= 0 else "e: warming up …")
        for name, command in ways.items():
            run = measure_cells(command, reports, interrupt=name == "first")
            done[name] += [run] if turn >= 0 else []
            if name == "one" and turn < 0:
                plain(reports, work / "plain")
        run = measure(words(work / "plain"), cwd=work / "plain", allowed=(0,))
        done["plain"] += [run] if turn >= 0 else []
    below = ("s plain", [run.wall for run in done["plain"]])
    found = [ratio("e.first", "command to first cell of a whole run / one plain pytest file",
                   ("s", [first_line(run) for run in done["first"]]), below)]
    for name, what in (("one", "one cell, command to result"), ("nox", "one cell through nox")):
        if name not in done:
            found.append(Figure("e.nox", what, (), note="nox is not installed"))
            continue
        found.append(ratio(
            f"e.{name}", f"{what} / one plain pytest file", ("s", [run.wall for run in done[name]]), below,
            s_to_its_line=[first_line(run) for run in done[name]], CPU_s=[run.cpu for run in done[name]]))
    return found

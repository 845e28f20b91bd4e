"""Combine the coverage data of a run's cells: per target, and of all targets together.

The cells' own files stay where they are; combining works on what they are
named, and writes into the run's ``coverage`` folder.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import coverage
from coverage.exceptions import CoverageException

from .atomic import write_text
from .model import CellResult, Json, Plan
from .store import Run
from .subject import Subject
from .subjects import GUEST

COMBINED = "combined"


@dataclass(frozen=True, slots=True)
class Measured:
    """Coverage of one target, or of all together; ``percent`` is None where there is no data."""

    name: str
    percent: float | None
    statements: int
    missing: int
    branches: int
    partial: int
    page: str
    states: dict[str, int]
    note: str = ""


def combine(run: Run, plan: Plan, results: dict[str, CellResult], subjects: dict[str, Subject]) -> list[Measured]:
    """Combine and write HTML; return a line for each measured target and one for all together."""
    measured = [target for target in plan.targets if target.ready and target.coverage]
    found, everything = [], []
    for target in measured:
        cells = [cell.id for cell in plan.cells if cell.target == target.id and cell.id in results]
        files = [file for cell in cells for file in sorted(run.cell_folder(cell).glob("coverage-*/data.*"))]
        everything += files
        states: dict[str, int] = {}
        for cell in cells:
            states[results[cell].coverage] = states.get(results[cell].coverage, 0) + 1
        packages = subjects[target.subject].coverage
        found.append(_measure(run, target.id, files, packages, states))
    packages = tuple(dict.fromkeys(p for t in measured for p in subjects[t.subject].coverage))
    if everything:
        total: dict[str, int] = {}
        for line in found:
            for state, count in line.states.items():
                total[state] = total.get(state, 0) + count
        found.append(_measure(run, COMBINED, everything, packages, total))
    return found


def _measure(run: Run, name: str, files: list[Path], packages: tuple[str, ...], states: dict[str, int]) -> Measured:
    if not files:
        return Measured(name, None, 0, 0, 0, 0, "", states, "no coverage data")
    folder = run.coverage_folder / name.replace("@", "-")
    # Targets have their own copies of the guest; [paths] maps them onto the sources in the repository.
    mapped = "".join(f"{package} =\n    {GUEST / package}\n    */site-packages/{package}\n" for package in packages)
    write_text(folder / "coveragerc", f"[run]\nbranch = True\n[paths]\n{mapped}[html]\nshow_contexts = True\n")
    measure = coverage.Coverage(data_file=str(folder / "data"), config_file=str(folder / "coveragerc"))
    try:
        measure.combine([str(file) for file in files], strict=True, keep=True)
        measure.save()
        percent = measure.html_report(directory=str(folder / "html"), title=f"Coverage: {name}")
        totals = _totals(measure, folder)
    except CoverageException as error:
        return Measured(name, None, 0, 0, 0, 0, "", states, f"could not be combined: {error}")
    return Measured(name, round(percent, 1), totals["num_statements"], totals["missing_lines"], totals["num_branches"],
                    totals["num_partial_branches"], (folder / "html" / "index.html").relative_to(run.folder).as_posix(), states)


def _totals(measure: coverage.Coverage, folder: Path) -> Json:
    measure.json_report(outfile=str(folder / "report.json"))
    totals: Json = json.loads((folder / "report.json").read_text("utf-8"))["totals"]
    return totals

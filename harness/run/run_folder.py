"""A run on disk: ``reports/data/<run>/``.

plan.json               what was to be done, written first
scenarios.json          the scenarios as they were
known.json              the failures that the adopter expected (known.toml), where there are any
recipes.json            how each target's server is launched, and the files that it needs: for reproducers
selected.json           in runs of older harnesses: the cells that were left after -k
lines.<worker>.jsonl    a line for each cell that has a result
cells/<cell>/           history.json, logs, coverage data
trials/<target>/        the first question to each target; refuses.json where it did not start
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..language.expected_failures import ExpectedFailure
from ..machine import atomic_files
from ..model.ids import CellId
from ..model.outcomes import BY_WORD
from ..model.refusal import Refusal
from ..model.stored_json import from_json, read_lines, to_json
from ..model.values import CellResult, History, Json, Plan
from .stored_files import BriefLine, load, named

REFUSES = "refuses.json"


class Run:
    """One run's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.unrecorded: dict[str, CellResult] = {}  # of cells whose line could not be written

    @property
    def coverage_folder(self) -> Path:
        """Where combined coverage data go."""
        return self.folder / "coverage"

    def cell_folder(self, cell: str) -> Path:
        """The folder of one cell; ids have letters, digits, dots, hyphens, _, + and @ only."""
        return self.folder / "cells" / cell

    @property
    def ran(self) -> bool:
        """Whether a cell ran in it."""
        for file in self.folder.glob("lines.*.jsonl"):
            with file.open("rb") as lines:
                if any(b'"status": "ran"' in line for line in lines):
                    return True
        return False

    def write_plan(self, plan: Plan) -> None:
        """Write the plan."""
        atomic_files.write_json(self.folder / "plan.json", to_json(plan), indent=1)

    def read_plan(self) -> Plan:
        """Read the plan; raises Refusal where there is none."""
        file = self.folder / "plan.json"
        with named(file):
            return from_json(Plan, load(file))

    def write_scenarios(self, scenarios: Any) -> None:
        """Keep the scenarios as they were, so that a report needs nothing but this folder."""
        atomic_files.write_json(self.folder / "scenarios.json", to_json(scenarios))

    def read_scenarios(self) -> list[Json]:
        """The scenarios of this run, as tables."""
        file = self.folder / "scenarios.json"
        with named(file):
            found: list[Json] = load(file)
            if not all(isinstance(scenario["id"], str) for scenario in found):
                raise TypeError("the id of a scenario is a text")
            return found

    def write_recipes(self, recipes: Json) -> None:
        """Keep how each target is launched."""
        atomic_files.write_json(self.folder / "recipes.json", recipes)

    def read_recipes(self) -> Json:
        """How each target is launched; without targets where an older harness made the run."""
        file = self.folder / "recipes.json"
        found: Json = load(file) if file.exists() else {"targets": {}, "files": {}}
        return found

    def write_expected(self, expected: tuple[ExpectedFailure, ...]) -> None:
        """Keep which failures the adopter expected."""
        if expected:
            atomic_files.write_json(self.folder / "known.json", to_json(expected))

    def read_expected(self) -> tuple[ExpectedFailure, ...]:
        """The failures that the adopter expected; none where there is no such file."""
        file = self.folder / "known.json"
        if not file.exists():
            return ()
        with named(file):
            return tuple(from_json(ExpectedFailure, entry) for entry in load(file))

    def selected(self) -> set[str] | None:
        """The cells that pytest collected; None where it did not come so far, and all that are planned were to run."""
        file = self.folder / "selected.json"
        if not file.exists():
            return None
        with named(file):
            return set(load(file))

    def write_history(self, history: History) -> None:
        """Record what a cell saw, before it is judged."""
        atomic_files.write_json(self.cell_folder(history.cell) / "history.json", to_json(history))

    def cells_with_history(self) -> set[str]:
        """The cells that have a folder: of the others read_history would find nothing."""
        folder = self.folder / "cells"
        return set(os.listdir(folder)) if folder.is_dir() else set()

    def read_history(self, cell: str) -> History | None:
        """A cell's history; None where it has none."""
        file = self.cell_folder(cell) / "history.json"
        if not file.exists():
            return None
        with named(file):
            return from_json(History, load(file))

    def write_result(self, result: CellResult, worker: str) -> None:
        """Append a cell's line."""
        atomic_files.append_line(self.folder / f"lines.{worker}.jsonl", to_json(replace(result, worker=worker)))

    def recall(self, scratch: Path) -> None:
        """Take up what workers could not write into this folder, and left in another: it is said, and not kept."""
        self.unrecorded = _results(scratch.glob("lines.*.jsonl"))

    def results(self, plan: Plan | None = None) -> dict[str, CellResult]:
        """The result of every planned cell, in the order of the plan; one without a line is ``not-run``.

        Cells that the user's selection left out are not there. A caller that has read the plan gives it.
        """
        plan = plan or self.read_plan()
        lines = self.unrecorded | _results(self.folder.glob("lines.*.jsonl"))
        collected = self.selected()
        selected = {cell.id for cell in plan.cells} if collected is None else collected
        refused = {path.parent.name: read_refusal(path) for path in self.folder.glob(f"trials/*/{REFUSES}")}
        narrowed = collected is not None and len(selected) < sum(cell.status == "planned" for cell in plan.cells)
        found: dict[str, CellResult] = {}
        for cell in plan.cells:
            if cell.status != "planned":
                if not narrowed or any(CellId(one).scenario == cell.scenario for one in selected):
                    found[cell.id] = CellResult(cell.id, cell.status, cell.reason)
                    if cell.status == "unsupported" and cell.target in refused:  # of what does not start, nothing is known
                        found[cell.id] = CellResult(cell.id, *refused[cell.target])
            elif cell.id in lines:
                found[cell.id] = lines[cell.id]
            elif cell.id in selected:
                found[cell.id] = CellResult(cell.id, "not-run", "the run was interrupted, or this cell's worker died")
        return found

    def brief(self) -> dict[str, tuple[str, float]]:
        """Word and seconds of each cell that has a line: what is asked of runs that are long over.

        No more of a line is read than that: a dozen of runs with 100,000 cells each are looked at for a report.
        """
        found: dict[str, tuple[str, float]] = {}
        for file in sorted(self.folder.glob("lines.*.jsonl")):
            with named(file):
                for line in read_lines(BriefLine, file.read_bytes().splitlines(), partly=True):
                    found[line.cell] = (line.word, line.seconds)
        return found

    def made_of(self) -> tuple[dict[str, str], dict[str, str]]:
        """What each scenario and each target was, as far as it is known: two runs with the same had the same code.

        Of a plan only what is asked for is read: a dozen of them with 100,000 cells each are looked at for a report.
        """
        file = self.folder / "plan.json"
        with named(file):
            plan = load(file)
            scenarios = dict(line.split(" ", 1) for line in plan["scenarios"])
            driver = plan["environment"].get("harness_code", "")
            made = {target["id"]: _made_of(target, driver) for target in plan["targets"]}
            return scenarios, {target: text for target, text in made.items() if text}


def _results(files: Iterable[Path]) -> dict[str, CellResult]:
    """The results of cells that files have a line of."""
    found: dict[str, CellResult] = {}
    for file in sorted(files):
        with named(file):
            for result in read_lines(CellResult, file.read_bytes().splitlines()):
                if result.word not in BY_WORD:
                    raise ValueError(f"{result.word!r} is no word that a cell can show")
                found[result.cell] = result
    return found


def _made_of(target: Json, driver: str) -> str:
    """All that decides what a target's cells say, but for the scenario; "" where it was not recorded."""
    interpreter = target.get("interpreter") or {}
    if not driver or not target.get("code"):
        return ""
    return " ".join(
        [
            driver,
            target["code"],
            target["subject_version"],
            target["source"],
            *(interpreter.get(name, "") for name in ("implementation", "version", "build")),
        ]
    )


def read_refusal(file: Path) -> tuple[str, str]:
    """The status of the cells of a target that does not start, and the reason."""
    found = load(file)
    return (found["status"], found["reason"]) if isinstance(found, dict) else ("broken", str(found))  # text: format 1 of old


def runs(reports: Path) -> list[Run]:
    """The runs that are kept, the newest last."""
    return [Run(path.parent) for path in sorted((reports / "data").glob("*/plan.json"))]


def newest(reports: Path) -> Run:
    """The newest run in which a cell ran: any other says nothing of any server. Raises Refusal where there is none."""
    for run in reversed(runs(reports)):
        if run.ran:
            return run
    raise Refusal(f"{reports / 'data'}: there is no run yet in which a cell ran; make one with: nox -s matrix")

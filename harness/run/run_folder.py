"""A run on disk: ``reports/data/<run>/``.

plan.json               the planned cells, written first
scenarios.json          the scenarios at that time
known.json              the failures that the adopter expected (known.toml), if any
recipes.json            how to launch each target's server, and the files it needs: for reproducers
selected.json           in runs of older harnesses: the cells selected with -k
lines.<worker>.jsonl    a line for each cell that has a result
cells/<cell>/           history.json, logs, coverage data
launches/<launch>/       the log and coverage data of a launch that several cells shared, and which cells these are
notes.<worker>.jsonl    why a shared launch could not be made, if any
stopped.txt             why planned cells did not run, if the driver ended the run
trials/<target>/        the trial start of each target; refuses.json if it did not start
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

STOPPED = "stopped.txt"
REFUSES = "refuses.json"


class Run:
    """One run's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.unrecorded: dict[str, CellResult] = {}  # results whose line could not be written

    @property
    def coverage_folder(self) -> Path:
        """The folder for combined coverage data."""
        return self.folder / "coverage"

    def cell_folder(self, cell: str) -> Path:
        """The folder of one cell; ids have letters, digits, dots, hyphens, _, + and @ only."""
        return self.folder / "cells" / cell

    def launch_folder(self, launch: str) -> Path:
        """The folder of a launch that several cells shared: its log and coverage data."""
        return self.folder / "launches" / launch

    def note(self, worker: str, text: str) -> None:
        """Keep a line about what happened to a worker, for whoever looks into the run's folder."""
        atomic_files.append_line(self.folder / f"notes.{worker}.jsonl", {"note": text})

    @property
    def ran(self) -> bool:
        """Whether any cell ran in this run."""
        for file in self.folder.glob("lines.*.jsonl"):
            with file.open("rb") as lines:
                if any(b'"status": "ran"' in line for line in lines):
                    return True
        return False

    def write_plan(self, plan: Plan) -> None:
        """Write the plan."""
        atomic_files.write_json(self.folder / "plan.json", to_json(plan), indent=1)

    def read_plan(self) -> Plan:
        """Read the plan; raises Refusal if there is none."""
        file = self.folder / "plan.json"
        with named(file):
            return from_json(Plan, load(file))

    def write_scenarios(self, scenarios: Any) -> None:
        """Store the scenarios, so that a report needs only this folder."""
        atomic_files.write_json(self.folder / "scenarios.json", to_json(scenarios))

    def read_scenarios(self) -> list[Json]:
        """The scenarios of this run, as tables."""
        file = self.folder / "scenarios.json"
        with named(file):
            found: list[Json] = load(file)
            if not all(isinstance(scenario["id"], str) for scenario in found):
                raise TypeError("the id of a scenario must be a string")
            return found

    def write_recipes(self, recipes: Json) -> None:
        """Store how each target is launched."""
        atomic_files.write_json(self.folder / "recipes.json", recipes)

    def read_recipes(self) -> Json:
        """How each target is launched; without targets if the run is from an older harness."""
        file = self.folder / "recipes.json"
        found: Json = load(file) if file.exists() else {"targets": {}, "files": {}}
        return found

    def write_expected(self, expected: tuple[ExpectedFailure, ...]) -> None:
        """Store which failures the adopter expected."""
        if expected:
            atomic_files.write_json(self.folder / "known.json", to_json(expected))

    def read_expected(self) -> tuple[ExpectedFailure, ...]:
        """The failures that the adopter expected; none without such a file."""
        file = self.folder / "known.json"
        if not file.exists():
            return ()
        with named(file):
            return tuple(from_json(ExpectedFailure, entry) for entry in load(file))

    def selected(self) -> set[str] | None:
        """The cells that pytest collected; None if it did not get that far, or if all planned cells were to run."""
        file = self.folder / "selected.json"
        if not file.exists():
            return None
        with named(file):
            return set(load(file))

    def write_history(self, history: History) -> None:
        """Record what a cell saw, before it is judged."""
        atomic_files.write_json(self.cell_folder(history.cell) / "history.json", to_json(history))

    def cells_with_history(self) -> set[str]:
        """The cells that have a folder; read_history finds nothing for the others."""
        folder = self.folder / "cells"
        return set(os.listdir(folder)) if folder.is_dir() else set()

    def read_history(self, cell: str) -> History | None:
        """A cell's history, or None."""
        file = self.cell_folder(cell) / "history.json"
        if not file.exists():
            return None
        with named(file):
            return from_json(History, load(file))

    def write_result(self, result: CellResult, worker: str) -> None:
        """Append a cell's line."""
        atomic_files.append_line(self.folder / f"lines.{worker}.jsonl", to_json(replace(result, worker=worker)))

    def recall(self, scratch: Path) -> None:
        """Collect results that workers could not write here and left in another folder: they are reported but not stored."""
        self.unrecorded = _results(scratch.glob("lines.*.jsonl"))

    def write_stopped(self, why: str) -> None:
        """Record why cells that were planned did not run."""
        atomic_files.write_text(self.folder / STOPPED, why)

    def results(self, plan: Plan | None = None) -> dict[str, CellResult]:
        """The result of every planned cell, in the order of the plan; one without a line is ``not-run``.

        Cells excluded by the user's selection are left out. A caller that has already read the plan can pass it.
        """
        plan = plan or self.read_plan()
        lines = self.unrecorded | _results(self.folder.glob("lines.*.jsonl"))
        collected = self.selected()
        selected = {cell.id for cell in plan.cells} if collected is None else collected
        refused = {path.parent.name: read_refusal(path) for path in self.folder.glob(f"trials/*/{REFUSES}")}
        narrowed = collected is not None and len(selected) < sum(cell.status == "planned" for cell in plan.cells)
        stopped = self.folder / STOPPED
        why_not = stopped.read_text("utf-8") if stopped.exists() else "the run was interrupted, or this cell's worker died"
        found: dict[str, CellResult] = {}
        for cell in plan.cells:
            if cell.status != "planned":
                if not narrowed or any(CellId(one).scenario == cell.scenario for one in selected):
                    found[cell.id] = CellResult(cell.id, cell.status, cell.reason)
                    if cell.status == "unsupported" and cell.target in refused:  # nothing is known if it does not start
                        found[cell.id] = CellResult(cell.id, *refused[cell.target])
            elif cell.id in lines:
                found[cell.id] = lines[cell.id]
            elif cell.id in selected:
                found[cell.id] = CellResult(cell.id, "not-run", why_not)
        return found

    def brief(self) -> dict[str, tuple[str, float]]:
        """The word and seconds of each cell that has a line: all that is needed from old runs.

        Only that part of a line is read: a report covers a dozen runs with 100,000 cells each.
        """
        found: dict[str, tuple[str, float]] = {}
        for file in sorted(self.folder.glob("lines.*.jsonl")):
            with named(file):
                for line in read_lines(BriefLine, file.read_bytes().splitlines(), partly=True):
                    found[line.cell] = (line.word, line.seconds)
        return found

    def made_of(self) -> tuple[dict[str, str], dict[str, str]]:
        """Fingerprints of each scenario and target, as far as known: if two runs agree in them, they had the same code.

        Only the needed part of a plan is read: a report covers a dozen runs with 100,000 cells each.
        """
        file = self.folder / "plan.json"
        with named(file):
            plan = load(file)
            scenarios = dict(line.split(" ", 1) for line in plan["scenarios"])
            driver = plan["environment"].get("harness_code", "")
            made = {target["id"]: _made_of(target, driver) for target in plan["targets"]}
            return scenarios, {target: text for target, text in made.items() if text}


def _results(files: Iterable[Path]) -> dict[str, CellResult]:
    """The results of the cells with a line in some files."""
    found: dict[str, CellResult] = {}
    for file in sorted(files):
        with named(file):
            for result in read_lines(CellResult, file.read_bytes().splitlines()):
                if result.word not in BY_WORD:
                    raise ValueError(f"{result.word!r} is not an outcome of a cell")
                found[result.cell] = result
    return found


def _made_of(target: Json, driver: str) -> str:
    """Everything except the scenario that decides the outcome of a target's cells; "" if it was not recorded."""
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
    """The stored runs, newest last."""
    return [Run(path.parent) for path in sorted((reports / "data").glob("*/plan.json"))]


def newest(reports: Path) -> Run:
    """The newest run in which a cell ran: others say nothing about servers. Raises Refusal if there is none."""
    for run in reversed(runs(reports)):
        if run.ran:
            return run
    raise Refusal(f"{reports / 'data'}: no run with any executed cell yet; make one with: server-matrix")

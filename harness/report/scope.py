"""What a run selected: a cell of an earlier run that is not in it was left out on purpose, or has vanished."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..model.ids import CellId
from ..model.values import Plan


def unasked(before: Plan, now: Plan, selected: set[str] | None) -> Callable[[str], bool]:
    """Return a function that says whether a cell, which only an earlier run has, was not selected this time.

    Options excuse only what they can have left out, and only if they changed: the same command that finds less than it
    did has lost something. ``selected`` are the cells of this run that pytest collected.
    """
    planned = {cell.id for cell in now.cells}
    columns, pythons = {target.column for target in now.targets}, {target.interpreter_id for target in now.targets}
    scenarios = {line.partition(" ")[0] for line in now.scenarios}
    cells_differ = _differs("cells", before, now) or bool(now.asked.get("quick"))
    other_subjects = _differs("subjects", before, now) or cells_differ
    other_pythons = _differs("pythons", before, now) or cells_differ
    other_words = _differs("keyword", before, now)
    deselected = selected is not None and any(cell.status == "planned" and cell.id not in selected for cell in now.cells)
    other_scenarios = _differs("scenarios", before, now) or (deselected and other_words)  # deselected: by an older harness

    def of(cell: str) -> bool:
        scenario, target = CellId(cell).scenario, CellId(cell).target
        column, python = target.column, target.interpreter
        if column not in columns and other_subjects:
            return True
        if python not in pythons and other_pythons:
            return True
        if cell in planned:  # left out by -k or a similar option
            return True
        if scenario not in scenarios:
            return other_scenarios
        return cells_differ or other_words or before.shard != now.shard

    return of


def _differs(option: str, before: Plan, now: Plan) -> bool:
    return bool(_asked(before, option) != _asked(now, option))


def _asked(plan: Plan, option: str) -> Any:
    """The value of an option; the whole command if the run's harness did not record options."""
    return plan.asked.get(option, list(plan.command))

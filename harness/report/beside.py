"""Two stored runs compared: what changed, and what cannot be compared."""

from __future__ import annotations

from dataclasses import dataclass

from ..model.values import CellResult
from ..run.run_folder import Run
from .compare import Transition, compare
from .scope import unasked


@dataclass(frozen=True, slots=True)
class Beside:
    """A comparison: ``before`` are the cells of the earlier run that are compared, ``unasked`` those that are not.

    Cells are not compared if this run did not select them, because of options that the earlier one was not given.
    """

    transitions: list[Transition]
    before: dict[str, CellResult]
    unasked: list[str]


def beside(baseline: Run, run: Run, results: dict[str, CellResult]) -> Beside:
    """Compare a run, which has these results, with an earlier one; raises Refusal if either cannot be read."""
    then, now = baseline.read_plan(), run.read_plan()
    earlier = baseline.results(then)
    left_out = unasked(then, now, run.selected())
    skipped = [cell for cell in earlier if cell not in results and left_out(cell)]
    before = {cell: result for cell, result in earlier.items() if cell in results or not left_out(cell)}
    return Beside(compare(before, results, _hashes(baseline), _hashes(run)), before, skipped)


def _hashes(run: Run) -> dict[str, str]:
    return {scenario["id"]: scenario["hash"] for scenario in run.read_scenarios()}

"""The exit code of a run (DESIGN.md, "Words")."""

from __future__ import annotations

from ..model.counting import counted
from ..model.outcomes import RED
from ..model.values import CellResult
from .guardian import LEFT_OVER

CRASHED = 98  # the driver's: it broke


def exit_code(results: dict[str, CellResult], driver_code: int, strict: bool, strict_should: bool) -> tuple[int, str]:
    """The exit code of a run, and the reason if it is not 0."""
    if driver_code == CRASHED:
        return 1, "the harness crashed"
    if driver_code == LEFT_OVER:
        return 1, "processes of the run were left behind, or the guardian was killed"
    red = [r for r in results.values() if is_red(r, strict_should)]
    if red:
        return 1, counted(len(red), "red cell")
    if not any(r.status == "ran" for r in results.values()):
        return 1, "no cell ran"
    if strict and any(r.status == "missing" for r in results.values()):
        return 1, "interpreters are missing, and --strict was given"
    return 0, ""


def is_red(result: CellResult, strict_should: bool = False) -> bool:
    """Whether a cell makes the run fail; a ``should`` that fails does so only with --strict-should, and a ``may`` never."""
    optional = result.grade in ("may", "record") or (result.grade == "should" and not strict_should)
    forgiven = optional and result.word in ("fail", "timeout")
    return result.word in RED and not forgiven

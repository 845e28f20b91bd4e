"""``--last-failed``: which cells were red in the newest run, and how that run was asked for."""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path

from ..model.ids import CellId
from ..model.outcomes import RED
from ..model.values import History
from ..run.exit_code import is_red
from ..run.prepare import subjects_of
from ..run.project import Project
from ..run.run_folder import Run, newest
from .project_options import project_of


def after_which(history: History | None) -> list[str]:
    """The cells that asked the same server before a cell that is red there, and green alone."""
    shared = history.shared if history else {}
    return list(shared["after"]) if shared.get("alone") and shared["alone"] not in RED else []


def red_cells(run: Run, strict_should: bool) -> list[str]:
    """The red cells of a run, and the cells after which alone one of them is red: without these it would be green."""
    found = []
    for cell, result in run.results().items():
        if is_red(result, strict_should):
            found += [*after_which(run.read_history(cell)), cell]
    return list(dict.fromkeys(found))


def as_last_time(given: argparse.Namespace, last: Run) -> Project:
    """The project with the folders that an earlier run was given on its command line, where this one was given none."""
    again, words = argparse.Namespace(**vars(given)), last.read_plan().command
    flags = ("no_bundled", "no_bundled_scenarios", "no_bundled_subjects")
    if not any(getattr(given, name) for name in ("scenarios", "subjects", *flags)):
        for option in ("scenarios", "subjects"):
            setattr(again, option, [Path(value) for word, value in pairwise(words) if word == f"--{option}"] or None)
        for flag in flags:
            setattr(again, flag, f"--{flag.replace('_', '-')}" in words)
    return project_of(again)


def subjects_again(given: argparse.Namespace, cells: tuple[str, ...]) -> tuple[str, ...]:
    """The subjects of some cells; those of an earlier run as that run was given them, checkouts and wheels too."""
    if not given.last_failed:
        return subjects_of(cells)
    columns = {CellId(cell).target.column for cell in cells}
    return newest(given.reports).read_plan().subjects or tuple(map(str, subjects_of(f"x@{c}@x" for c in sorted(columns))))

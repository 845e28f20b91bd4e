"""Servers, Pythons and counts as people say them."""

from __future__ import annotations

from collections.abc import Iterable

from ..model.values import Target


def pythons_in_words(some: list[str], all_of_them: list[str]) -> str:
    """ "3.6 to 3.9, 3.13": ranges of neighbours among the Pythons that the server has cells on."""
    chosen = [python for python in all_of_them if python in some]
    runs: list[list[str]] = []
    for python in chosen:
        if runs and all_of_them.index(runs[-1][-1]) + 1 == all_of_them.index(python):
            runs[-1].append(python)
        else:
            runs.append([python])
    return ", ".join(
        run[0] if len(run) == 1 else f"{run[0]}, {run[1]}" if len(run) == 2 else f"{run[0]} to {run[-1]}" for run in runs
    )


def pythons_of(targets: Iterable[Target]) -> dict[str, list[str]]:
    """The Pythons of each column that cells could run on, in order: ranges are of neighbours among these."""
    found: dict[str, list[str]] = {}
    for target in targets:
        its = found.setdefault(target.column, [])
        if target.ready:
            its.append(target.interpreter_id)
    return found


def counted(number: int, one: str, many: str) -> str:
    """ "1 cell", "2,000 cells"."""
    return f"{number:,} {one if number == 1 else many}"

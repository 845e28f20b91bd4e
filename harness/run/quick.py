"""The selection of --quick, for before a push: the cells that are likeliest to show what a change broke.

It has each scenario on the oldest and the newest Python of each server, and on the Pythons that differed in an earlier run.
Servers that differ need no rule of their own: each has its oldest and newest Python, and where two servers differ on another
Python only, one of them differs between its Pythons.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from ..model.counting import counted
from ..model.ids import CellId
from ..model.outcomes import BY_WORD, NOT_TRIED, WORDS
from ..model.values import Cell

RECENT = 3  # runs, of those in which a cell has a word: red in one of these, it comes first
NEVER_RAN = frozenset({*NOT_TRIED, "not-run"})  # words that say nothing about a server
#: Why a cell is left out.
SAME = "that never differed from other Pythons of their server"
NEAR = "that had the same outcome as a Python that is kept"
UNKNOWN = "between the oldest and the newest Python, of which no stored run has an outcome"
NEVER_CHANGED = (2, 0)  # the rank of a cell that had one word, or none

_PYTHON = re.compile(r"([a-z]*)(\d+)\.(\d+)([a-z]*)")
Row = list[str]  # the cells of a scenario on one server, oldest Python first


@dataclass(frozen=True, slots=True)
class Quick:
    """What --quick chose: the cells, likeliest to fail first, and how many it left out for each reason.

    Cells that are not planned cost nothing, so all of them are kept, at the end.
    """

    cells: tuple[Cell, ...]
    planned: int
    left_out: Mapping[str, int]
    likely: frozenset[str] = frozenset()  # those that were red lately, or have changed

    @property
    def sentence(self) -> str:
        """What was left out, for a report."""
        whole = sum(self.left_out.values())
        if not whole:
            return f"--quick left out none of {counted(self.planned, 'cell')}"
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in self.left_out.items())
        return f"--quick left out {whole:,} of {self.planned:,} cells: {reasons}"


def quick(cells: Sequence[Cell], past: Iterable[Mapping[str, str]]) -> Quick:
    """Choose among the cells of a plan; ``past`` has the words of each stored run by cell, newest run first."""
    planned = [cell for cell in cells if cell.status == "planned"]
    rows = _rows(planned)
    words: dict[str, list[str]] = {cell.id: [] for cell in planned}  # newest first
    differing: set[int] = set()
    kept = {cell for row in rows for cell in (row[0], _newest(row))}
    for run in past:
        for cell, seen in words.items():
            word = run.get(cell)
            if word is not None and word not in NEVER_RAN:
                seen.append(word)
        _keep_differing(rows, run, kept, differing)
    _keep_differing(rows, {cell: seen[0] for cell, seen in words.items() if seen}, kept, differing)
    chosen = [cell for cell in planned if cell.id in kept]
    chosen.sort(key=lambda cell: _rank(words[cell.id]))  # of equals, in the order of the plan
    reasons = Counter(
        NEAR if number in differing else SAME if words[cell] else UNKNOWN
        for number, row in enumerate(rows)
        for cell in row
        if cell not in kept
    )
    others = (cell for cell in cells if cell.status != "planned")
    likely = frozenset(cell.id for cell in chosen if _rank(words[cell.id]) < NEVER_CHANGED)
    left_out = {why: reasons[why] for why in (SAME, NEAR, UNKNOWN) if reasons[why]}
    return Quick((*chosen, *others), len(planned), left_out, likely)


def _rows(cells: Sequence[Cell]) -> list[Row]:
    """The cells of each scenario on each server, oldest Python first."""
    found: dict[tuple[str, str], Row] = {}
    for cell in cells:
        found.setdefault((cell.scenario, CellId(cell.id).target.column), []).append(cell.id)
    return [sorted(row, key=_age) for row in found.values()]


def _age(cell: str) -> tuple[tuple[int, int], str]:
    """The order of Pythons: by version; of one version, CPython's usual build first, whose name is the shortest."""
    name = CellId(cell).target.interpreter
    match = _PYTHON.match(name)
    version = (int(match[2]), int(match[3])) if match else (0, 0)
    return version, name


def _kind(cell: str) -> str:
    """Which Python it is besides its version: "" for CPython's usual build, else as in "pypy" and "t"."""
    match = _PYTHON.match(CellId(cell).target.interpreter)
    return match[1] + match[4] if match else ""


def _newest(row: Row) -> str:
    """The cell on the newest Python of a row; of one version, that on the usual build."""
    return next(cell for cell in row if _age(cell)[0] == _age(row[-1])[0])


def _keep_differing(rows: list[Row], run: Mapping[str, str], kept: set[str], differing: set[int]) -> None:
    """Keep the cells by which the Pythons of a server differ in a run, and note the rows that have any."""
    for number, row in enumerate(rows):
        told = [(cell, word) for cell in row if (word := run.get(cell)) is not None and word not in NEVER_RAN]
        if len({word for _, word in told}) > 1:
            differing.add(number)
            kept |= _representatives(told)


def _representatives(told: list[tuple[str, str]]) -> set[str]:
    """Of the cells of a row and their words: all with another than the most frequent word, and both sides of each change.

    Other kinds of Python have changes of their own: PyPy 3.11 does not stand between CPython 3.11 and 3.12.
    """
    counts = Counter(word for _, word in told)
    usual = max(counts, key=lambda word: (counts[word], WORDS.index(word)))  # of two, that which is less bad
    found = {cell for cell, word in told if word != usual}
    found.add(next(cell for cell, word in told if word == usual))
    for _, same in groupby(sorted(told, key=lambda one: _kind(one[0])), key=lambda one: _kind(one[0])):
        found.update(cell for one, other in pairwise(same) if one[1] != other[1] for cell in (one[0], other[0]))
    return found


def _rank(words: list[str]) -> tuple[int, int]:
    """How likely a cell is to fail, by its words from newest to oldest; the likeliest is the lowest."""
    red = next((place for place, word in enumerate(words[:RECENT]) if BY_WORD[word].red), None)
    if red is not None:
        return 0, red
    return (1, 0) if len(set(words)) > 1 else NEVER_CHANGED

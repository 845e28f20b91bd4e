"""How often a cell changed its word between runs of the same code."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from ..model.ids import CellId

#: Words of cells that did not run: these are skipped.
NEVER_RAN = frozenset({"not-run", "missing", "unsupported"})


@dataclass(frozen=True, slots=True)
class Told:
    """What a run recorded: word and seconds of each cell, and what identifies its scenarios and targets, by their ids.

    A scenario or target that did not record this is absent: it cannot be known to be the same.
    """

    run: str
    cells: dict[str, tuple[str, float]]
    scenarios: dict[str, str]
    targets: dict[str, str]


@dataclass(frozen=True, slots=True)
class Flake:
    """How often a cell changed its word, in how many comparisons; ``words`` are those compared, oldest first."""

    cell: str
    changes: int
    comparisons: int
    words: tuple[str, ...]


def flake(cell: str, runs: list[Told]) -> Flake:
    """Compare each run of a cell, oldest first, with the previous one of the same code.

    One report calls this for a hundred thousand cells.
    """
    scenario, target = CellId(cell).parts
    groups: dict[tuple[str, str], list[str]] = {}
    seen = []
    for run in runs:
        told, one, other = run.cells.get(cell), run.scenarios.get(scenario), run.targets.get(target)
        if told is not None and one is not None and other is not None and told[0] not in NEVER_RAN:
            group = groups.setdefault((one, other), [])
            group.append(told[0])
            seen.append((group, told[0]))
    comparisons = len(seen) - len(groups)
    changes = sum(a != b for group in groups.values() for a, b in pairwise(group)) if comparisons else 0
    return Flake(cell, changes, comparisons, tuple([word for group, word in seen if len(group) > 1]))


def flakes(runs: list[Told]) -> list[Flake]:
    """The cells that changed their word, worst first; only cells with several words are examined closely."""
    first: dict[str, str] = {}
    several: set[str] = set()
    for run in runs:
        for cell, told in run.cells.items():
            word = told[0]
            if word not in NEVER_RAN and first.setdefault(cell, word) != word:
                several.add(cell)
    found = [one for cell in several if (one := flake(cell, runs)).changes]
    return sorted(found, key=lambda one: (-one.changes / one.comparisons, -one.changes, one.cell))

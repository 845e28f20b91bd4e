"""How often a cell changed its word between runs in which nothing that it is made of did."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from ..model.ids import CellId

#: Words of cells that did not run: they say nothing, and are stepped over.
NEVER_RAN = frozenset({"not-run", "missing", "unsupported"})


@dataclass(frozen=True, slots=True)
class Told:
    """What a run told: word and seconds of each cell, and what its scenarios and targets were, by their ids.

    A scenario or target of which that is not known is not there: nobody can say then that it is the same.
    """

    run: str
    cells: dict[str, tuple[str, float]]
    scenarios: dict[str, str]
    targets: dict[str, str]


@dataclass(frozen=True, slots=True)
class Flake:
    """How often a cell changed its word, in how many comparisons; ``words`` are those that were compared, the oldest first."""

    cell: str
    changes: int
    comparisons: int
    words: tuple[str, ...]


def flake(cell: str, runs: list[Told]) -> Flake:
    """Compare each run of a cell, the oldest first, with the one before it that was made of the same.

    It is asked of a hundred thousand cells for one report.
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
    """The cells that changed their word, the worst first; looked at closer are those alone that said several."""
    first: dict[str, str] = {}
    several: set[str] = set()
    for run in runs:
        for cell, told in run.cells.items():
            word = told[0]
            if word not in NEVER_RAN and first.setdefault(cell, word) != word:
                several.add(cell)
    found = [one for cell in several if (one := flake(cell, runs)).changes]
    return sorted(found, key=lambda one: (-one.changes / one.comparisons, -one.changes, one.cell))

"""How often a cell changed its word between runs in which nothing that it is made of did."""

from __future__ import annotations

from dataclasses import dataclass

#: Words of cells that did not run: they say nothing, and are stepped over.
NEVER_RAN = ("not-run", "missing", "unsupported")


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
    """Compare each run of a cell, the oldest first, with the one before it that was made of the same."""
    scenario, _, target = cell.partition("@")
    seen: list[tuple[tuple[str, str], str]] = []
    last: dict[tuple[str, str], str] = {}
    changes = comparisons = 0
    for run in runs:
        word = run.cells[cell][0] if cell in run.cells else NEVER_RAN[0]
        if word in NEVER_RAN or scenario not in run.scenarios or target not in run.targets:
            continue
        made = (run.scenarios[scenario], run.targets[target])
        if made in last:
            comparisons += 1
            changes += last[made] != word
        last[made] = word
        seen.append((made, word))
    keys = [made for made, _ in seen]
    return Flake(cell, changes, comparisons, tuple(word for made, word in seen if keys.count(made) > 1))


def flakes(runs: list[Told]) -> list[Flake]:
    """The cells that changed their word, the worst first; looked at closer are those alone that said several."""
    first: dict[str, str] = {}
    several: set[str] = set()
    for run in runs:
        for cell, (word, _) in run.cells.items():
            if word not in NEVER_RAN and first.setdefault(cell, word) != word:
                several.add(cell)
    found = [one for cell in several if (one := flake(cell, runs)).changes]
    return sorted(found, key=lambda one: (-one.changes / one.comparisons, -one.changes, one.cell))

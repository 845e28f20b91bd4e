"""A cell over the runs that are kept: what it said, how long it took, and how often it changed while its code did not."""

from __future__ import annotations

from collections.abc import Iterable

from ..model.refusal import Refusal
from ..model.values import CellResult, Json
from ..run.run_folder import Run, runs
from .flakes import Flake, Told, flake, flakes

MOST = 12  # runs before this one


class Past:
    """A run, of which these are the results, and the older ones that lie beside it, the oldest first.

    ``unreadable`` are those of them that tell nothing, and why.
    """

    def __init__(self, run: Run, results: dict[str, CellResult]) -> None:
        self.unreadable: list[tuple[str, str]] = []
        older = [other for other in runs(run.folder.parents[1]) if other.folder.name < run.folder.name][-MOST:]
        self._older = [told for other in older if (told := self._told(other)) is not None]
        self._all = [*self._older, _told(run, {cell: (result.word, result.seconds) for cell, result in results.items()})]

    def _told(self, run: Run) -> Told | None:
        """What a run told; None where it is damaged, or another version of the harness wrote it: it is no past then."""
        try:
            return _told(run, run.brief())
        except Refusal as problem:
            self.unreadable.append((run.folder.name, str(problem)))
            return None

    @property
    def looked_at(self) -> int:
        """How many runs there are, this one among them."""
        return len(self._all)

    def of(self, cell: str) -> list[Json]:
        """What the older runs said of a cell."""
        return [
            {"run": told.run, "word": told.cells[cell][0], "seconds": told.cells[cell][1]}
            for told in self._older
            if cell in told.cells
        ]

    def flake(self, cell: str) -> Flake:
        """How often a cell changed its word, this run being the last."""
        return flake(cell, self._all)

    def tell(self, cell: str) -> Json:
        """What a cell's page has of its past; nothing where there is none."""
        told: Json = {"past": past} if (past := self.of(cell)) else {}
        found = self.flake(cell)
        return {**told, "flaky": [found.changes, found.comparisons]} if found.comparisons else told

    def flakes(self) -> list[Flake]:
        """All cells that changed their word, the worst first."""
        return flakes(self._all)

    def compared(self, cells: Iterable[str]) -> int:
        """How many of some cells ran at least twice with the same code."""
        return sum(self.flake(cell).comparisons > 0 for cell in cells)


def _told(run: Run, cells: dict[str, tuple[str, float]]) -> Told:
    scenarios, targets = run.made_of()
    return Told(run.folder.name, cells, scenarios, targets)

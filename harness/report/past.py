"""A cell over the stored runs: its word, how long it took, and how often it changed while its code did not."""

from __future__ import annotations

from collections.abc import Iterable

from ..model.refusal import Refusal
from ..model.values import CellResult, Json
from ..run.run_folder import Run, runs
from .flakes import Flake, Told, flake, flakes

MOST = 12  # runs before this one


class Past:
    """A run, which has these results, and the older ones next to it, oldest first.

    ``unreadable`` are the runs that cannot be read, and why.
    """

    def __init__(self, run: Run, results: dict[str, CellResult]) -> None:
        self.unreadable: list[tuple[str, str]] = []
        older = [other for other in runs(run.folder.parents[1]) if other.folder.name < run.folder.name][-MOST:]
        self._older = [told for other in older if (told := self._told(other)) is not None]
        self._all = [*self._older, _told(run, {cell: (result.word, result.seconds) for cell, result in results.items()})]

    def _told(self, run: Run) -> Told | None:
        """What a run recorded; None if it is damaged, or was written by another version of the harness."""
        try:
            return _told(run, run.brief())
        except Refusal as problem:
            self.unreadable.append((run.folder.name, str(problem)))
            return None

    @property
    def looked_at(self) -> int:
        """How many runs there are, including this one."""
        return len(self._all)

    def of(self, cell: str) -> list[Json]:
        """A cell's results in the older runs."""
        return [
            {"run": told.run, "word": told.cells[cell][0], "seconds": told.cells[cell][1]}
            for told in self._older
            if cell in told.cells
        ]

    def flake(self, cell: str) -> Flake:
        """How often a cell changed its word, up to and including this run."""
        return flake(cell, self._all)

    def tell(self, cell: str) -> Json:
        """A cell's past for its page; empty if it has none."""
        told: Json = {"past": past} if (past := self.of(cell)) else {}
        found = self.flake(cell)
        return {**told, "flaky": [found.changes, found.comparisons]} if found.comparisons else told

    def flakes(self) -> list[Flake]:
        """All cells that changed their word, worst first."""
        return flakes(self._all)

    def compared(self, cells: Iterable[str]) -> int:
        """How many of these cells ran at least twice with the same code."""
        return sum(self.flake(cell).comparisons > 0 for cell in cells)


def _told(run: Run, cells: dict[str, tuple[str, float]]) -> Told:
    scenarios, targets = run.made_of()
    return Told(run.folder.name, cells, scenarios, targets)

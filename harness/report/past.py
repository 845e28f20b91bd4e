"""A cell over the runs that are kept: what it said, and how long it took."""

from __future__ import annotations

from collections.abc import Callable

from ..model import Json
from ..store import Run, runs

MOST = 12  # runs before this one


def past(run: Run) -> Callable[[str], list[Json]]:
    """Return what tells a cell's past, the oldest first: of the runs that lie beside this one and are older."""
    older = [other for other in runs(run.folder.parents[1]) if other.folder.name < run.folder.name][-MOST:]
    brief = [(other.folder.name, other.brief()) for other in older]

    def of(cell: str) -> list[Json]:
        return [{"run": name, "word": cells[cell][0], "seconds": cells[cell][1]} for name, cells in brief if cell in cells]

    return of

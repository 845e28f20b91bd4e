"""A cell over the runs that are kept: what it said, and how long it took."""

from __future__ import annotations

from collections.abc import Callable

from ..model import Json, Refusal
from ..store import Run, runs

MOST = 12  # runs before this one


def _brief(run: Run) -> dict[str, tuple[str, float]] | None:
    """What a run said; None where another version of the harness wrote it so that it cannot be read: it is no past then."""
    try:
        return run.brief()
    except Refusal:
        return None


def past(run: Run) -> Callable[[str], list[Json]]:
    """Return what tells a cell's past, the oldest first: of the runs that lie beside this one and are older."""
    older = [other for other in runs(run.folder.parents[1]) if other.folder.name < run.folder.name][-MOST:]
    brief = [(other.folder.name, cells) for other in older if (cells := _brief(other)) is not None]

    def of(cell: str) -> list[Json]:
        return [{"run": name, "word": cells[cell][0], "seconds": cells[cell][1]} for name, cells in brief if cell in cells]

    return of

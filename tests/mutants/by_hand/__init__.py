"""Mutants by hand: faults that a maintainer could make, or that a stranger would put in to see whether anybody looks.

Each module of this folder has ROWS: (file below the package, old text, new text, what it breaks in words). The old text
stands in the file exactly once.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from typing import NamedTuple

from harness.model.refusal import Refusal

from ..generate import Mutant, module_name
from ..source import Edit, Source

SHOWN = 60


class Row(NamedTuple):
    """One fault; ``must`` are scenarios that have to notice it, where that is promised."""

    file: str
    old: str
    new: str
    breaks: str
    must: tuple[str, ...] = ()


def rows() -> list[Row]:
    """All faults of all modules of this folder."""
    names = sorted(found.name for found in pkgutil.iter_modules(__path__))
    return [Row(*row) for name in names for row in importlib.import_module(f"{__name__}.{name}").ROWS]


def mutants(sources: dict[str, Source], table: list[Row] | None = None) -> list[Mutant]:
    """The faults as mutants; raises Refusal with every row that a source is not as it expects."""
    found: dict[str, Mutant] = {}
    wrong = []
    for row in rows() if table is None else table:
        mutant, problem = _mutant(row, sources)
        if mutant is None or mutant.id in found:
            wrong.append(f"mutant {row.breaks!r}: {row.file} {problem or 'has two of this name'}")
        else:
            found[mutant.id] = mutant
    if wrong:
        raise Refusal("\n".join(wrong))
    return list(found.values())


def _mutant(row: Row, sources: dict[str, Source]) -> tuple[Mutant | None, str]:
    """A row as a mutant; or none, and why."""
    if row.file not in sources:
        return None, "is no module"
    count = sources[row.file].text.count(row.old)
    if count != 1:
        return None, f"has its old text {count} times"
    if row.old == row.new:
        return None, "is not changed"
    source = sources[row.file]
    start = source.text.index(row.old)
    before, after = _same(row.old, row.new)
    first, last = start + before, start + len(row.old) - after
    lines = tuple(range(source.line_of(first), source.line_of(max(first, last - 1)) + 1))
    slug = re.sub(r"[^a-z0-9]+", "-", row.breaks.lower()).strip("-")[:SHOWN]
    return Mutant(f"{module_name(row.file)}:by-hand:{slug}", module_name(row.file), row.file, lines[0], "by-hand",
                  Edit(start, start + len(row.old), row.new), row.old, lines, row.breaks, by_hand=True, must=row.must), ""


def _same(old: str, new: str) -> tuple[int, int]:
    """How many characters two texts share at their beginnings, and at their ends."""
    before = 0
    while before < min(len(old), len(new)) and old[before] == new[before]:
        before += 1
    after = 0
    while after < min(len(old), len(new)) - before and old[-1 - after] == new[-1 - after]:
        after += 1
    return before, after

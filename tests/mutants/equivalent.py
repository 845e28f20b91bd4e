"""Survivors that no scenario can notice, each with its reason: argued, and not passed over.

They count as survivors in the rates; the page shows the reason beside each. A row is found by what it changes, and not by
its line, which moves: the module, a part of the source line, the old text and the new one ("" stands for any), the reason,
and the Python that it is about ("": all).
"""

from __future__ import annotations

from typing import NamedTuple

from .generate import Mutant
from .source import Source


class Equivalent(NamedTuple):
    """One row of the table."""

    module: str
    line: str
    old: str
    new: str
    why: str
    python: str = ""

    def holds(self, mutant: Mutant, source: Source, python: str = "") -> bool:
        """Whether a mutant is this one."""
        first = source.lines[mutant.line - 1]
        return (self.module == mutant.module and self.line in first and self.old in ("", mutant.old)
                and self.new in ("", mutant.new) and self.python in ("", python or self.python))


EQUIVALENT: tuple[Equivalent, ...] = ()


def reason(mutant: Mutant, source: Source, python: str, table: tuple[Equivalent, ...] = EQUIVALENT) -> str:
    """Why a survivor cannot be told from the server; "" where nobody says."""
    return next((row.why for row in table if row.holds(mutant, source, python)), "")

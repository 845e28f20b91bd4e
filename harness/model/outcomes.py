"""The words of a cell: its outcomes and statuses, how bad each is, and which make a run red."""

from __future__ import annotations

import functools

#: How bad an outcome or status is; the worse of two verdicts is the cell's.
SEVERITY = ("pass", "known", "fixed", "timeout", "fail")
_RANK = {outcome: rank for rank, outcome in enumerate(SEVERITY)}

#: Words that make a run's exit code 1 (DESIGN.md, "Words").
RED = ("fail", "timeout", "fixed", "broken", "error", "not-run")

#: Every word a cell can show, worst first: the order of summaries and legends.
WORDS = ("fail", "timeout", "error", "broken", "not-run", "fixed", "known", "missing", "unsupported", "pass")


@functools.cache  # of few combinations, asked for many times
def word_of(status: str, behaviour: str | None, cleanup: str | None) -> str:
    """The word of a cell with these outcomes, whose worse one it is; without any, that of its status."""
    outcomes = [outcome for outcome in (behaviour, cleanup) if outcome is not None]
    return max(outcomes, key=_RANK.__getitem__) if status == "ran" else status

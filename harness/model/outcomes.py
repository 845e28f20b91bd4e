"""The words that a cell can show, in one table: what each means, how it looks, and whether it makes a run red.

Python and the report's JavaScript both take them from here. A cell that ran has outcomes, of which the worst is its word; any
other shows its status.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """One word. ``letter`` stands for it on the terminal, ``shape`` in the report.

    ``red``: it makes the exit code 1. ``quiet``: it is nothing to look at. ``severity`` orders the outcomes of cells that ran;
    None is a status without a verdict.
    """

    word: str
    letter: str
    shape: str
    meaning: str
    red: bool = False
    quiet: bool = False
    severity: int | None = None


#: Worst first: the order of summaries and legends.
OUTCOMES = (
    Outcome("fail", "F", "✗", "an expectation did not hold", red=True, severity=5),
    Outcome("timeout", "T", "◔", "a step passed its deadline", red=True, severity=4),
    Outcome("error", "E", "!", "the harness itself broke", red=True),
    Outcome(
        "broken",
        "B",
        "⚠",
        "the server did not install on a Python that it supports, or it was installed and does not start",
        red=True,
    ),
    Outcome("not-run", "N", "○", "planned, but never run", red=True),
    Outcome("fixed", "X", "★", "a known failure that no longer fails: remove its entry", red=True, severity=3),
    Outcome("known", "k", "≈", "failed exactly as its known failure says", severity=2),
    Outcome("recorded", "r", "◦", "what was observed is recorded, and not judged", quiet=True, severity=1),
    Outcome("missing", "m", "\u2013", "this machine has no such interpreter", quiet=True),
    Outcome(
        "unsupported",
        "u",
        "∅",
        "the server declares that it lacks what the scenario needs, or it is not made for this Python",
        quiet=True,
    ),
    Outcome("pass", ".", "✓", "every expectation held", quiet=True, severity=0),
)
BY_WORD = {outcome.word: outcome for outcome in OUTCOMES}

#: Every word, worst first.
WORDS = tuple(BY_WORD)
#: Words that make a run's exit code 1.
RED = tuple(outcome.word for outcome in OUTCOMES if outcome.red)
#: Words of cells that are nothing to look at.
QUIET = tuple(outcome.word for outcome in OUTCOMES if outcome.quiet)
#: Words of cells that are not tried, and are not red for it.
NOT_TRIED = tuple(outcome.word for outcome in OUTCOMES if outcome.quiet and outcome.severity is None)
#: The outcomes of a verdict, the best first: the worse of two verdicts is the cell's.
SEVERITY = tuple(
    outcome.word
    for outcome in sorted(OUTCOMES, key=lambda one: -1 if one.severity is None else one.severity)
    if outcome.severity is not None
)
_RANK = {word: rank for rank, word in enumerate(SEVERITY)}


@functools.cache  # of few combinations, asked for many times
def word_of(status: str, behaviour: str | None, cleanup: str | None) -> str:
    """The word of a cell with these outcomes, whose worse one it is; without any, that of its status."""
    outcomes = [outcome for outcome in (behaviour, cleanup) if outcome is not None]
    return max(outcomes, key=_RANK.__getitem__) if status == "ran" else status

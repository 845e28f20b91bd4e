"""A run compared with a baseline: only transitions are interesting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..model.ids import CellId
from ..model.outcomes import NOT_TRIED, RED
from ..model.values import CellResult
from ..run.exit_code import is_red

#: Kinds of transitions, the worst first. "lost": it had a verdict that was not red, and is not tried now. "no longer met": a
#: "should" or a "may" that fails now, which is not red. "now known": it fails as an entry says, which is neither new nor fixed.
KINDS = (
    "new failure",
    "lost",
    "no longer met",
    "expectation changed",
    "vanished",
    "changed",
    "now known",
    "fixed",
    "slower",
    "appeared",
)
#: Of a cell with such a word nobody knows how it does: nothing can become known, or be fixed, since then.
UNKNOWN = (*NOT_TRIED, "not-run")
SLOWER_TIMES = 2.0
SLOWER_SECONDS = 1.0  # a cell that takes milliseconds may take twice as many


@dataclass(frozen=True, slots=True)
class Transition:
    """One cell that changed; ``was`` or ``now`` is "" if the cell is not in that run."""

    cell: str
    kind: str
    was: str
    now: str
    reason: str = ""


def compare(
    before: dict[str, CellResult],
    after: dict[str, CellResult],
    hashes_before: dict[str, str],
    hashes_after: dict[str, str],
) -> list[Transition]:
    """Return what changed, by kind; ``hashes`` cover what each scenario does and expects, by its id.

    A cell whose scenario's hash differs is "expectation changed", and never "new failure"; whether it counts for an exit
    code is decided elsewhere (``regressions``).
    """
    found = []
    for cell in sorted({*before, *after}):
        kind = _kind(before.get(cell), after.get(cell), _changed(cell, hashes_before, hashes_after))
        if kind:
            was, now = before.get(cell), after.get(cell)
            found.append(Transition(cell, kind, was.word if was else "", now.word if now else "", _reason(kind, was, now)))
    return sorted(found, key=lambda transition: KINDS.index(transition.kind))


def _reason(kind: str, was: CellResult | None, now: CellResult | None) -> str:
    if kind == "slower" and was and now:
        return f"{was.seconds:.2f} s then, {now.seconds:.2f} s now"
    return now.reason if now else ""


def _changed(cell: str, before: dict[str, str], after: dict[str, str]) -> bool:
    scenario = CellId(cell).scenario
    return scenario in before and scenario in after and before[scenario] != after[scenario]


def regressions(
    transitions: list[Transition],
    before: dict[str, CellResult],
    after: dict[str, CellResult],
    red: Callable[[CellResult], bool],
) -> list[Transition]:
    """The transitions for the worse, whatever their kind; ``red`` says what makes a run fail.

    A cell has become red, or it had a verdict and is no longer tried, or it is gone.
    """
    found = []
    for transition in transitions:
        was, now = before.get(transition.cell), after.get(transition.cell)
        gone = now is None and was is not None and was.word not in NOT_TRIED
        worse = now is not None and red(now) and (was is None or not red(was))
        if transition.kind == "lost" or gone or worse:
            found.append(transition)
    return found


def _kind(was: CellResult | None, now: CellResult | None, expectation_changed: bool) -> str:
    if was is None:
        return "new failure" if now is not None and is_red(now) else "appeared"
    if now is None:
        return "vanished"
    if was.word == now.word:
        if now.word in RED and was.grade != now.grade:  # amber has become red, or red amber
            return "expectation changed"
        slow = was.status == now.status == "ran" and now.seconds > max(SLOWER_TIMES * was.seconds, was.seconds + SLOWER_SECONDS)
        return "slower" if slow else ""
    if now.word in NOT_TRIED:  # nothing is known about a cell that is not tried: it is not fixed
        return "lost" if was.status == "ran" and was.word not in RED else "changed"
    if expectation_changed:
        return "expectation changed"
    if now.word in RED:
        return "changed" if was.word in RED else "new failure" if is_red(now) else "no longer met"
    if was.word in UNKNOWN or now.word == "recorded":
        return "changed"
    return "now known" if now.word == "known" else "fixed" if was.word in RED else "changed"

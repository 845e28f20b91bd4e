"""A run on one screen: one line per target, and each finding once."""

from __future__ import annotations

from collections.abc import Sequence

from ..model.counting import counted
from ..model.outcomes import QUIET, WORDS
from ..model.printable import plain
from ..model.values import CellResult
from ..run.exit_code import is_red
from .phrases import pythons_in_words
from .terminal_table import table

SHOWN = 15  # findings that are shown
MAX_REASON = 200
FORGIVEN = ("fail", "timeout")  # words that are not red if only a "should" failed; those come last
NEVER_SHOWN = ("may", "record")  # what a source only allows is no finding


def summary(results: dict[str, CellResult], by_level: Sequence[tuple[str, ...]] = ()) -> str:
    """The counts of each target, and the findings, worst first; server output is made safe for a terminal.

    ``by_level`` is a table of checks, by server: its first row has the heads.
    """
    targets: dict[str, dict[str, int]] = {}
    for cell, result in results.items():
        counts = targets.setdefault(cell.partition("@")[2], {})
        counts[result.word] = counts.get(result.word, 0) + 1
    words = [word for word in reversed(WORDS) if any(word in counts for counts in targets.values())]
    total = {word: sum(counts.get(word, 0) for counts in targets.values()) for word in words}
    rows = [(target, *(str(counts.get(word) or "·") for word in words)) for target, counts in targets.items()]
    rows.append((f"all {counted(len(results), 'cell')}", *(str(total[word]) for word in words)))
    lines = ["", table(("", *words), rows, numbers=True)]
    if by_level:
        lines += ["", table(by_level[0], by_level[1:], numbers=True)]
    told = findings(results)
    for word, scenario, where, reason in told[:SHOWN]:
        lines.append(f"{word.upper():8} {scenario}@{where}\n         {one_line(reason, MAX_REASON)}")
    if len(told) > SHOWN:
        lines.append(f"… and {counted(len(told) - SHOWN, 'more finding')}: see the report")
    return "\n".join(lines)


def findings(results: dict[str, CellResult]) -> list[tuple[str, str, str, str]]:
    """Each finding once, worst first: (word, scenario, server with its Pythons, reason).

    What makes the run red comes first, then a "should" that failed, then what is known.

    Cells are one finding if the same scenario, on the same server, fails in the same steps and keys.
    """
    order: dict[str, list[str]] = {}
    groups: dict[tuple[object, ...], list[CellResult]] = {}
    for cell, result in results.items():
        _, subject, python = cell.split("@")
        pythons = order.setdefault(subject, [])
        if python not in pythons:
            pythons.append(python)
        if result.word not in QUIET and not (result.word in FORGIVEN and result.grade in NEVER_SHOWN):
            groups.setdefault(_key(result), []).append(result)
    found = []
    for cells in groups.values():
        scenario, subject, _ = cells[0].cell.split("@")
        where = f"{subject}@{pythons_in_words([one.cell.split('@')[2] for one in cells], order[subject])}"
        word = cells[0].word
        amber = word in FORGIVEN and not is_red(cells[0])
        told = (f"{word} ({cells[0].grade})" if amber else word, scenario, where, cells[0].reason)
        found.append((word == "known", amber, WORDS.index(word), told))
    return [finding[3] for finding in sorted(found, key=lambda finding: finding[:3])]


def _key(result: CellResult) -> tuple[object, ...]:
    scenario, subject, _ = result.cell.split("@")
    verdicts = [verdict for verdict in (result.behaviour, result.cleanup) if verdict is not None]
    failures = tuple(sorted({(failure.step, failure.key) for verdict in verdicts for failure in verdict.failures}))
    if not verdicts:  # a failed start or installation is one finding for the whole target, whatever was to run on it
        return (result.word, subject if result.word == "broken" else scenario, subject, result.reason)
    return (result.word, scenario, subject, failures)


def one_line(text: str, limit: int) -> str:
    """Server output in one line without terminal escapes, shortened if it is long."""
    line = " ".join(plain(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"

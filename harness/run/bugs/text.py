"""The replayed citations as a readable table: red there, green here, or why the citation should be removed."""

from __future__ import annotations

from collections.abc import Iterable

from ...model.printable import plain
from .record import Played
from .verdicts import UNPLAYED, VERDICTS, Side

MAX_REASON = 200
_HEAD = ("verdict", "report", "server", "Python", "with bug", "with fix")


def table(played: Iterable[Played]) -> str:
    """A line for each citation, the noteworthy ones first, with details below it."""
    ordered = sorted(played, key=lambda one: VERDICTS.index(one.verdict))
    rows = [_HEAD, *(_row(one) for one in ordered)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    shown = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines = [shown[0]]
    for one, line in zip(ordered, shown[1:], strict=True):
        said = one.reason or one.broken.reason
        lines += [line, f"    {one.scenario}: {_one_line(said)}"]
        if one.reason and one.broken.state == "red" and one.verdict != UNPLAYED:
            lines.append(f"    on {one.broken.release}: {_one_line(one.broken.reason)}")
    return "\n".join(lines)


def _row(one: Played) -> tuple[str, ...]:
    return (one.verdict, one.bug.report, one.bug.subject, one.python, _side(one.broken), _side(one.fixed))


def _side(side: Side | None) -> str:
    return f"{side.release} {side.word}" if side else "none"


def counts(played: Iterable[Played]) -> str:
    """How many of each verdict."""
    said = [one.verdict for one in played]
    found = [f"{said.count(verdict)} {verdict}" for verdict in reversed(VERDICTS) if verdict in said]
    return f"{len(said)} citation{'' if len(said) == 1 else 's'}: {', '.join(found) or 'none selected'}"


def _one_line(text: str) -> str:
    line = " ".join(plain(text).split())
    return line if len(line) <= MAX_REASON else line[: MAX_REASON - 1] + "…"

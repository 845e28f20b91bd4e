"""The second verdict: what a cell's servers left behind, how they ended, and what they logged or sent unexpectedly."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..language.dialect import Dialect
from ..language.filling import fill
from ..language.matching import finder, is_pattern
from ..machine.socket_table import HIDDEN
from ..model.values import Failure, History, Json
from .endings import wrong_ends
from .unasked import is_habit, wrong_bytes, wrong_logs, wrong_tracebacks


def judge_cleanup(history: History, dialect: Dialect) -> list[Failure]:
    """Return what is wrong at the end of a cell: one failure for each process, socket, port, end and traceback."""
    after, steps, known = history.cleanup, list(history.steps), dialect.habits
    seen = {observation.step: observation.seen for observation in history.observations}

    def finds(pattern: str) -> Callable[[str], bool]:
        filled = fill(pattern, history.values, dialect.patterns)
        return finder()(filled, False) if is_pattern(filled) else lambda line: False

    found = [
        *wrong_ends(after["ends"], after["stopped"], steps, seen, dialect.exits),
        *wrong_tracebacks(after["tracebacks"], steps, seen, finds, lambda one: is_habit(one, known, finder())),
        *wrong_logs(after["logs"]),
        *wrong_bytes(after["unasked"], steps),
    ]
    return [*(Failure(0, *failing) for failing in found), *_left(after)]


def _left(after: Json) -> Iterator[Failure]:
    if after.get("silent"):  # of a cell that only asks
        yield Failure(0, "answers", "the server answers after the cell", after["silent"])
    for process in after["processes"]:
        yield Failure(0, "processes", "no process is left", process)
    for sock in after["sockets"]:
        yield Failure(0, "sockets", "no socket is left", describe_socket(sock))
    for channel, state in after["bind"].items():
        if state == "held":
            hidden = "" if after["sockets"] else ", holder not visible"
            yield Failure(0, "bind", f"port {channel} can be bound again", f"held{hidden}")


def describe_socket(row: Json) -> str:
    """A socket that was left, by the name that machine/ENDINGS.md gives such a leak."""
    holders = row.get("holders", ())
    if row.get("state") == "LISTEN":
        name = "hidden holder" if not holders or HIDDEN in holders else "inherited listener"
    else:
        name = "abandoned connection" if holders else "unfinished close"
    return f"{name}: {row['local']} {row.get('state', '')} held by {', '.join(holders) or 'no process'}"

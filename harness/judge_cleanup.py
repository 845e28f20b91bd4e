"""The second verdict: what a cell's servers left, how each of them ended, and what they logged that no step asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .endings import TRACEBACK, is_habit, wrong_ends, wrong_tracebacks
from .filling import fill
from .matching import finder, is_pattern
from .model import Failure, History, Json


def judge_cleanup(
    history: History, patterns: dict[str, str], exits: dict[str, tuple[int, ...]], habits: Iterable[tuple[str, str]] = (),
) -> list[Failure]:
    """Return what is wrong with the end of a cell, each process, socket, port, end and traceback by itself."""
    after, steps, known = history.cleanup, list(history.steps), list(habits)
    seen = {observation.step: observation.seen for observation in history.observations}

    def fits(pattern: str) -> bool:
        filled = fill(pattern, history.values, patterns)
        return is_pattern(filled) and finder()(filled, False)(TRACEBACK)

    found = [*wrong_ends(after["ends"], after["stopped"], steps, seen, exits),
             *wrong_tracebacks(after["tracebacks"], steps, seen, fits, lambda one: is_habit(one, known, finder()))]
    return [*(Failure(0, *failing) for failing in found), *_left(after)]


def _left(after: Json) -> Iterator[Failure]:
    for process in after["processes"]:
        yield Failure(0, "processes", "no process is left", process)
    for sock in after["sockets"]:
        yield Failure(0, "sockets", "no socket is left", describe_socket(sock))
    for channel, state in after["bind"].items():
        if state == "held":
            hidden = "" if after["sockets"] else ", holder not visible"
            yield Failure(0, "bind", f"port {channel} can be bound again", f"held{hidden}")


def describe_socket(row: Json) -> str:
    """A line of the socket table in one line of text."""
    holders = ", ".join(row.get("holders", ())) or "nobody"
    return f"{row['local']} {row.get('state', '')} held by {holders}"

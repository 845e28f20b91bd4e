"""Whether what was seen is what was expected, and what is left at the end."""

from __future__ import annotations

import contextlib
import operator
import re
import signal
from collections.abc import Callable
from typing import Any

from ...language.json_matching import differences
from ...language.text_matching import Unmatchable, absent, document, headers, is_pattern, some_line, value
from ...machine.connecting import is_path
from ...machine.deadlines import Deadline
from ...machine.port_probes import answers, bind_state
from ...verdict.endings import EXITING, STARTED, STOP_SECONDS, let_end, says_that_it_ends, wrong_ends
from ...verdict.unasked import is_habit, wrong_bytes, wrong_logs, wrong_tracebacks
from .cell import Cell
from .look import command_of
from .server import Server, send_signal
from .servers import search

#: Expectations that are about another key of what was seen.
ABOUT = {"log_absent": "log", "notified_absent": "notified", "json": "body"}
COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "": 1.0}


def holds(cell: Cell, key: str, expected: Any, seen: dict[str, Any]) -> bool:
    """Whether one expectation of a step holds; one that cannot be decided does not."""
    observed = seen.get(ABOUT.get(key, key))
    if key == "exit":
        return _exit(cell, expected, observed)
    try:
        return judged(key, cell.fill(expected), observed)
    except Unmatchable:
        return False


def neither(cell: Cell, step: dict[str, Any], seen: dict[str, Any]) -> list[tuple[int, str, str]]:
    """A failure if none of a step's alternatives holds whole."""
    wanted = [{key: value for key, value in one.items() if key != "as"} for one in step.get("either", ())]
    if not wanted or any(all(holds(cell, key, value, seen) for key, value in one.items()) for one in wanted):
        return []
    keys = dict.fromkeys(key for one in wanted for key in one)
    return [(step["number"], "either", ", ".join(f"{key} {show(seen.get(ABOUT.get(key, key)))}" for key in keys))]


def show(value: Any) -> str:
    """A value as the run records it."""
    return value if isinstance(value, str) else "nothing" if value is None else str(value)


def judged(key: str, expected: Any, observed: Any) -> bool:
    """Whether what was observed is what was expected, with nothing filled in."""
    if key in ("log", "log_absent", "notified", "notified_absent"):
        return isinstance(observed, str) and (absent if key.endswith("absent") else some_line)(expected, observed, search)
    if key in ("body", "received", "content"):
        return document(expected, observed, search)
    if key == "headers":
        return headers(expected, observed, search)
    if key == "json":
        return not differences(expected, observed, search)
    if key in ("interim", "statuses"):
        return bool(expected == observed)
    if isinstance(expected, list):
        return isinstance(observed, list) and sorted(expected) == sorted(observed)
    if isinstance(expected, str):
        bound = re.fullmatch(r"(<=|>=|<|>)\s*(-?[\d.]+)(ms|s|m|)", expected)
        if bound and not isinstance(observed, str):
            return observed is not None and COMPARE[bound[1]](observed, float(bound[2]) * SECONDS[bound[3]])
        return value(expected, observed, search)
    return type(expected) is type(observed) and bool(expected == observed)


def _exit(cell: Cell, expected: Any, observed: Any) -> bool:
    if not isinstance(observed, int):
        return False
    if isinstance(expected, str) and expected.startswith("@"):
        return observed in cell.recipe["exits"][expected[1:]]
    if expected == "nonzero":
        return observed != 0
    return observed == (-signal.Signals[expected] if isinstance(expected, str) else expected)


def clean_up(cell: Cell) -> list[tuple[int, str, str]]:
    """End the cell as an operator would; return what an operator would complain about: (0, key, what was seen)."""
    wrong: list[tuple[int, str, str]] = []
    declared = {cell.values[name] for name in cell.data["leaves"] if name in cell.values}
    cell.close_clients()
    if cell.data["asks"] and len(cell.seen) == len(cell.data["steps"]) and cell.servers["main"].running:
        wrong += silence(cell)
    for holder in cell.holders.values():
        holder.close()
    for server in cell.servers.values():
        if server.running:
            let_end(
                server.popen.pid,
                lambda server=server: server.running,  # type: ignore[misc]
                server.signals,
                cell.recipe["exits"],
                _says_so(cell, server),
            )
    cell.look(cell.step)
    stopped = [
        {"server": name, "forced": server.end(STOP_SECONDS), "seconds": STOP_SECONDS}
        for name, server in cell.servers.items()
        if server.running
    ]
    cell.channels.close()
    cell.notifications.close()
    cell.look(0)

    def finds(pattern: str) -> Callable[[str], bool]:
        filled = cell.fill(pattern)
        return search(filled, False) if is_pattern(filled) else lambda line: False

    steps: Any = cell.data["steps"]
    failing = [
        *wrong_ends(cell.ends(), stopped, steps, cell.seen, cell.recipe["exits"]),
        *wrong_tracebacks(
            cell.tracebacks.found(), steps, cell.seen, finds, lambda one: is_habit(one, cell.recipe.get("habits", ()), search)
        ),
        *wrong_logs(cell.tracebacks.problems),
        *wrong_bytes(cell.unasked(), steps),
    ]
    wrong += [(0, key, observed) for key, _, observed in failing]
    Deadline(3).wait(lambda: all(str(pid) in declared for pid in cell.family()), 0.02)
    left = [pid for pid in cell.family() if str(pid) not in declared]
    if left:
        wrong.append((0, "processes", "; ".join(f"{pid} {command_of(pid)}" for pid in left)))
    rows: list[dict[str, Any]] = []

    def gone() -> bool:
        nonlocal rows
        rows = [row for row in cell.sockets() if row["state"] != "TIME_WAIT"]
        return not rows

    if not declared:
        Deadline(3).wait(gone, 0.02)
        if rows:
            wrong.append((0, "sockets", "; ".join(f"{row['local']} {row['state']} {row['holders']}" for row in rows)))
    end_all(cell)
    held = {cell.at(server.channel) for server in cell.servers.values()} or {(cell.host, cell.base)}
    held = {place for place in held if not is_path(place[0])}

    def free() -> bool:
        held.difference_update([place for place in held if bind_state(*place) == "free"])
        return not held

    Deadline(3).wait(free, 0.02)
    return wrong + [(0, "bind", f"port {port} is held") for _, port in sorted(held)]


def silence(cell: Cell) -> list[tuple[int, str, str]]:
    """A server that was only asked, and does not answer whoever asks next."""
    place = cell.at(cell.servers["main"].channel)
    answered = Deadline(5).wait(lambda: answers(*place, context=cell.context(), patience=0.5), 0.05)
    return [] if answered else [(0, "answers", "no answer to GET / within 5 s")]


def _says_so(cell: Cell, server: Server) -> bool:
    """Whether the log says that the server is about to end."""
    patterns = cell.recipe["patterns"]
    return (
        EXITING in patterns
        and STARTED in patterns
        and says_that_it_ends(server.text(), cell.fill(patterns[EXITING]), cell.fill(patterns[STARTED]), search)
    )


def end_all(cell: Cell) -> None:
    """SIGKILL whatever is left of the cell."""

    def none_left() -> bool:
        left = cell.family()
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                send_signal(pid, "KILL")
        return not left

    Deadline(5).wait(none_left, 0.05)

"""The second verdict: what a cell's servers left, how each of them ended, and what they logged that no step asked for."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

from .filling import fill
from .matching import finder, is_pattern
from .model import Failure, History, Json, Observation
from .scenario import Scenario, Step

TRACEBACK = "Traceback (most recent call last):"
#: Signals by which a process ends that went wrong itself.
CRASHES = {-int(getattr(signal, name)) for name in ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGTRAP", "SIGSYS")
           if hasattr(signal, name)}
#: Acts that a server may answer with log lines; what is logged until the next one belongs to it.
DISTURBING = ("start", "request", "raw", "signal", "touch", "stop", "kill", "hold", "disconnect", "sweep")

Exits = dict[str, tuple[int, ...]]


def judge_cleanup(scenario: Scenario, history: History, patterns: dict[str, str], exits: Exits) -> list[Failure]:
    """Return what is wrong with the end of a cell, each process, socket, port, end and traceback by itself."""
    after = history.cleanup
    return [*_ends(scenario, history, exits), *_tracebacks(scenario, history, patterns), *_left(after)]


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


def _ends(scenario: Scenario, history: History, exits: Exits) -> Iterator[Failure]:
    """Every end of every launch is judged: by a step that looked at it, or here."""
    stopped = {stop["server"]: stop for stop in history.cleanup["stopped"]}
    for stop in stopped.values():
        if stop["forced"]:
            yield Failure(0, "stop", f"server {stop['server']!r} ends on SIGTERM",
                          f"still running after {stop['seconds']:.1f} s; ended by SIGKILL")
    last = {end["server"]: end["launch"] for end in history.cleanup["ends"]}
    for end in history.cleanup["ends"]:
        stop = stopped.get(end["server"]) if last[end["server"]] == end["launch"] else None
        if stop is not None and stop["forced"]:
            continue
        problem = _end(end, stop is not None, scenario, history, exits)
        if problem is not None:
            yield problem


def _end(end: Json, at_the_end: bool, scenario: Scenario, history: History, exits: Exits) -> Failure | None:
    code, name = end["exit"], f"server {end['server']!r}"
    if at_the_end:
        return None if code in exits["stop"] else Failure(0, "exit", f"{name} ends with {list(exits['stop'])}", str(code))
    judged, recorded = _looked_at(end, scenario, history)
    if judged or (recorded and code not in CRASHES):
        return None
    may = _may_end_with(end["signals"], exits)
    if code in may and code not in CRASHES:
        return None
    when = f"after step {end['step']}" if end["step"] else "after the last step"
    if not end["signals"] or code in CRASHES:
        return Failure(0, "exit", f"{name} runs until it is stopped", f"it ended by itself {when}, with {_named(code)}")
    return Failure(0, "exit", f"{name} ends with {sorted(may)} on SIG{', SIG'.join(end['signals'])}", f"{_named(code)}, {when}")


def _named(code: int) -> str:
    """An exit code as a person knows it: the name of the signal that ended a process, where one did."""
    try:
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"
    except ValueError:
        return f"exit code {code}"


def _may_end_with(signals: list[str], exits: Exits) -> set[int]:
    """The exit codes with which a server may end that was sent these signals; none where it was sent none."""
    may: set[int] = set()
    for name in signals:
        if name == "KILL":
            may.add(-int(signal.SIGKILL))
        elif name == "INT":
            may |= {*exits.get("interrupt", exits["stop"]), -int(signal.SIGINT)}
        else:
            may |= {*exits["stop"], -int(getattr(signal, f"SIG{name}"))}
    return may


def _looked_at(end: Json, scenario: Scenario, history: History) -> tuple[bool, bool]:
    """Whether a step expected something of this very end, and whether one recorded it."""
    seen = {observation.step: observation for observation in history.observations}
    judged = recorded = False
    for step in _steps_of(end, scenario):
        observation = seen.get(step.number)
        if observation is None or step.server != end["server"]:
            continue
        if step.act == "sweep":
            recorded = True
        if observation.seen.get("exit") != end["exit"] or observation.seen.get("pid", end["pid"]) != end["pid"]:
            continue
        judged = judged or "exit" in step.expect or ("ready" in step.expect and end["exit"] not in CRASHES)
        recorded = recorded or "exit" in step.observe.values()
    return judged, recorded


def _steps_of(end: Json, scenario: Scenario) -> Iterator[Step]:
    """The steps that can have seen an end: from the one after which it was there."""
    return (step for step in scenario.steps if end["step"] and step.number >= end["step"])


def _tracebacks(scenario: Scenario, history: History, patterns: dict[str, str]) -> Iterator[Failure]:
    """A traceback in a log is a failure unless a step asked for it."""
    asked = _episodes_that_ask(scenario, history, patterns)
    found = [(one["server"], _episode(scenario, one["step"])) for one in history.cleanup["tracebacks"]]
    # A server may log after it has answered: the next step is under way by then. So an episode that is still owed the
    # traceback that it asked for lends its excuse to the one that follows.
    owed = {(name, _after(scenario, episode)) for name, episode in asked if (name, episode) not in found}
    for one, place in zip(history.cleanup["tracebacks"], found, strict=True):
        if place not in asked | owed:
            when = f"after step {one['step']}" if one["step"] else "at the end"
            yield Failure(0, "log", "no traceback that no step asks for",
                          f"{when}, line {one['line']} of the log of {one['server']!r}: {one['said'] or TRACEBACK}")


def _episodes_that_ask(scenario: Scenario, history: History, patterns: dict[str, str]) -> set[tuple[str, int]]:
    """The episodes in which a step expects a traceback, says that there may be one, or sees a start fail as it expects."""
    seen = {observation.step: observation for observation in history.observations}
    found = set()
    for step in scenario.steps:
        observation = seen.get(step.number)
        if observation is not None and (step.traceback or _fails_to_start(step, observation) or any(
                _is_traceback(pattern, history, patterns) for pattern in (step.expect.get("log"), step.args.get("log"),
                                                                          step.args.get("until")))):
            found.add((step.server, _episode(scenario, step.number)))
    return found


def _fails_to_start(step: Step, observation: Observation) -> bool:
    """A server that is expected not to start says why as it likes."""
    return step.expect.get("ready") is False and observation.seen.get("ready") is False


def _is_traceback(expected: Any, history: History, patterns: dict[str, str]) -> bool:
    """Whether a pattern, or one of several, is found in the first line of a traceback."""
    if isinstance(expected, list):
        return any(_is_traceback(item, history, patterns) for item in expected)
    if not isinstance(expected, str):
        return False
    pattern = fill(expected, history.values, patterns)
    return is_pattern(pattern) and finder()(pattern, False)(TRACEBACK)


def _after(scenario: Scenario, episode: int) -> int:
    """The episode that follows one; 0 is the cleanup."""
    return next((one.number for one in scenario.steps if one.number > episode and one.act in DISTURBING), 0)


def _episode(scenario: Scenario, step: int) -> int:
    """The last step at or before this one that disturbed a server; the cleanup is an episode of its own (0)."""
    return max((one.number for one in scenario.steps if one.number <= step and one.act in DISTURBING), default=0)

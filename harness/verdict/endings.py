"""How servers end: judged alike by the harness and the reproducer.

Standard library only. Steps are tables, as in a history; what a step saw is its observation's ``seen``.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ..language.text_matching import Find, lines_of
from ..machine.deadlines import Deadline

STOP_SECONDS = 15.0  # a server gets this long at the end of its cell; enginebus itself gives handlers 10 s
SETTLE_SECONDS = 0.3  # for work after the last answer: a crash must be seen before SIGTERM hides it
LONGER_SECONDS = 0.15  # the minimum for a server that SIGTERM ends at once, which would hide what was about to happen
ENDING = ("TERM", "INT", "QUIT")  # signals after which a server is shutting down
EXITING, STARTED = "bus-exiting", "bus-started"  # log patterns that show whether it is

#: Signals that end a process because of its own fault.
CRASHES = {
    -int(getattr(signal, name))
    for name in ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGTRAP", "SIGSYS")
    if hasattr(signal, name)
}

Table = dict[str, Any]
Steps = list[Table]
Seen = dict[int, Table]  # what each step saw, by its number
Failing = tuple[str, str, str]  # key, expected, observed


def wrong_ends(
    ends: Iterable[Table],
    stopped: Iterable[Table],
    steps: Steps,
    seen: Seen,
    exits: dict[str, Any],
) -> list[Failing]:
    """What is wrong with the ends of all launches: each is judged by a step that observed it, or here.

    ``ends`` have launch, server, pid, exit, the step after which it had ended (0: stopped at the end), and the signals sent
    to it; ``stopped`` are the servers that were stopped at the end.
    """
    all_of_them = list(ends)
    at_the_end = {stop["server"]: stop for stop in stopped}
    last = {end["server"]: end["launch"] for end in all_of_them}
    forced = [stop for stop in at_the_end.values() if stop["forced"]]
    found = [
        ("stop", f"server {stop['server']!r} ends on SIGTERM", f"still running after {stop['seconds']:.1f} s; sent SIGKILL")
        for stop in forced
    ]
    for end in all_of_them:
        stop = at_the_end.get(end["server"]) if last[end["server"]] == end["launch"] else None
        problem = None if stop is not None and stop["forced"] else _wrong_end(end, stop is not None, steps, seen, exits)
        found += [problem] if problem else []
    return found


def _wrong_end(end: Table, at_the_end: bool, steps: Steps, seen: Seen, exits: dict[str, Any]) -> Failing | None:
    code, name = end["exit"], f"server {end['server']!r}"
    if at_the_end:
        return None if code in exits["stop"] else ("exit", f"{name} ends with {list(exits['stop'])}", str(code))
    judged, recorded = _looked_at(end, steps, seen)
    if judged or (recorded and code not in CRASHES):
        return None
    may = _may_end_with(end["signals"], exits)
    if code in may and code not in CRASHES:
        return None
    when = f"after step {end['step']}" if end["step"] else "after the last step"
    if not end["signals"]:
        return "exit", f"{name} runs until it is stopped", f"it ended unexpectedly {when}, with {named(code)}"
    return "exit", f"{name} ends with {sorted(may)} on SIG{', SIG'.join(end['signals'])}", f"{named(code)}, {when}"


def named(code: int) -> str:
    """An exit code for a person: the name of the signal, if one ended the process."""
    try:
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"
    except ValueError:
        return f"signal {-code}"


def _may_end_with(signals: list[str], exits: dict[str, Any]) -> set[int]:
    """The allowed exit codes of a server that was sent these signals; none if it was sent none."""
    may: set[int] = set()
    for name in signals:
        if name == "KILL":
            may.add(-int(signal.SIGKILL))
        elif name == "INT":
            may |= {*exits.get("interrupt", exits["stop"]), -int(signal.SIGINT)}
        else:
            may |= {*exits["stop"], -int(getattr(signal, f"SIG{name}"))}
    return may


def _looked_at(end: Table, steps: Steps, seen: Seen) -> tuple[bool, bool]:
    """Whether a step expected this end, and whether one recorded it."""
    judged = recorded = False
    for step in steps:
        saw = seen.get(step["number"])
        if not end["step"] or step["number"] < end["step"] or saw is None or step["server"] != end["server"]:
            continue
        if step["act"] == "sweep":
            recorded = True
        if saw.get("exit") != end["exit"] or saw.get("pid", end["pid"]) != end["pid"]:
            continue
        judged = judged or "exit" in step["expect"] or ("ready" in step["expect"] and end["exit"] not in CRASHES)
        recorded = recorded or "exit" in step["observe"].values()
    return judged, recorded


def let_end(
    pid: int,
    running: Callable[[], bool],
    signals: list[str],
    exits: dict[str, Any],
    says_so: bool,
    pause: Callable[[float], object] | None = None,
) -> None:
    """Wait for a server that is shutting down, as signalled or logged (``says_so``); let any other become idle.

    A SIGTERM during interpreter shutdown finds the handlers gone and ends the process with -15, which would be our fault. And
    a server that is about to crash must not be stopped before it does. ``pause`` may end when the server does.
    """
    if set(signals) & set(ENDING) or says_so:
        Deadline(STOP_SECONDS).wait(lambda: not running(), pause=pause)
        return
    within = SETTLE_SECONDS
    if -int(signal.SIGTERM) in exits["stop"]:
        Deadline(LONGER_SECONDS).wait(lambda: not running(), pause=pause)
        within -= LONGER_SECONDS
    let_rest(pid, running, within)


def let_rest(pid: int, running: Callable[[], bool], within: float = SETTLE_SECONDS) -> None:
    """Wait briefly until a server is idle or has ended, so that a server that crashes is not counted as stopped by us."""
    rests = 0

    def settled() -> bool:
        nonlocal rests
        rests = rests + 1 if is_at_rest(pid) else 0
        return rests > 1 or not running()

    Deadline(within).wait(settled, 0.005)  # asked again and again: nothing reports that threads have gone to sleep


def is_at_rest(pid: int) -> bool:
    """Whether all threads of a process sleep; True without /proc."""
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/stat", "rb") as stat:
                if stat.read().rpartition(b")")[2].split()[0] not in (b"S", b"I", b"T"):
                    return False
    except OSError:
        return not Path("/proc/self/task").is_dir()
    return True


def says_that_it_ends(log: str, exiting: str, started: str, find: Find) -> bool:
    """Whether a log shows that a server is exiting and has not started again since (in place, by exec)."""
    exits, starts, ending = find(exiting, False), find(started, False), False
    for line in lines_of(log):
        ending = exits(line) or (ending and not starts(line))
    return ending

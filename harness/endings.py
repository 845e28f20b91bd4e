"""How servers end, and what they log that nobody asked for: one judgement for the harness and the reproducer.

Of the standard library alone. Steps are tables as a history has them; what a step saw is its observation's ``seen``.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from .deadlines import Deadline
from .texts import Find, lines_of

STOP_SECONDS = 15.0  # a server gets this long at the end of its cell; enginebus itself gives handlers 10 s
SETTLE_SECONDS = 0.3  # for what a server still does after its last answer: a crash is seen before SIGTERM hides it
LONGER_SECONDS = 0.15  # at least, for a server that SIGTERM ends at once: it hides whatever was about to happen
ENDING = ("TERM", "INT", "QUIT")  # signals after which a server is on its way out
EXITING, STARTED = "bus-exiting", "bus-started"  # patterns of a log that tells whether it is

TRACEBACK = "Traceback (most recent call last):"
_TRACEBACK = re.compile(rb"^.*\bTraceback \(most recent call last\):.*$", re.MULTILINE)
MOST_FOUND = 50  # tracebacks of one cell that are told apart; a server that logs more is red anyway
AHEAD = 64 * 1024  # bytes behind a traceback's first line in which its last one is looked for
MOST_SAID = 300

#: Signals by which a process ends that went wrong itself.
CRASHES = {-int(getattr(signal, name)) for name in ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGTRAP", "SIGSYS")
           if hasattr(signal, name)}
#: Acts that a server may answer with log lines; what is logged until the next one belongs to it.
BEGINS_AN_EPISODE = ("start", "request", "raw", "signal", "touch", "stop", "kill", "hold", "disconnect", "sweep")

Table = dict[str, Any]
Steps = list[Table]
Seen = dict[int, Table]  # what each step saw, by its number
Failing = tuple[str, str, str]  # key, expected, observed


class Tracebacks:
    """Looks for tracebacks in logs that grow."""

    def __init__(self) -> None:
        self._offsets: dict[Path, int] = {}
        self._places: list[tuple[int, str, Path, int]] = []

    def look(self, step: int, server: str, log: Path) -> None:
        """Look through what is new in a log; a line that is not whole yet is looked at the next time, or when ``step`` is 0."""
        offset = self._offsets.get(log, 0)
        with log.open("rb") as file:
            file.seek(offset)
            new = file.read()
        whole = len(new) if step == 0 else new.rfind(b"\n") + 1
        for match in _TRACEBACK.finditer(new, 0, whole):
            if len(self._places) < MOST_FOUND:
                self._places.append((step, server, log, offset + match.start()))
        self._offsets[log] = offset + whole

    def found(self) -> list[Table]:
        """Each traceback: after which step it was there, in whose log, at which line; the line before it, and its last one."""
        return [{"step": step, "server": server, **_told(log, place)} for step, server, log, place in self._places]


def _told(log: Path, place: int) -> Table:
    with log.open("rb") as file:
        line = file.read(place).count(b"\n") + 1
        text = file.read(AHEAD).decode("utf-8", "replace").splitlines()
        file.seek(max(0, place - AHEAD))
        before = file.read(min(place, AHEAD)).decode("utf-8", "replace").splitlines()[-1:]
    last = next((one for one in text[1:] if one.strip() and not one.startswith((" ", "\t"))), "")
    return {"line": line, "before": "".join(before)[-MOST_SAID:], "said": last[:MOST_SAID]}


def wrong_ends(
    ends: Iterable[Table], stopped: Iterable[Table], steps: Steps, seen: Seen, exits: dict[str, Any],
) -> list[Failing]:
    """What is wrong with the ends of all launches: each is judged by a step that looked at it, or here.

    ``ends`` have launch, server, pid, exit, the step after which it had ended (0: it was stopped at the end), and the signals
    that it was sent; ``stopped`` are the servers that were stopped at the end.
    """
    all_of_them = list(ends)
    at_the_end = {stop["server"]: stop for stop in stopped}
    last = {end["server"]: end["launch"] for end in all_of_them}
    forced = [stop for stop in at_the_end.values() if stop["forced"]]
    found = [("stop", f"server {stop['server']!r} ends on SIGTERM",
              f"still running after {stop['seconds']:.1f} s; ended by SIGKILL") for stop in forced]
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
    if not end["signals"] or code in CRASHES:
        return "exit", f"{name} runs until it is stopped", f"it ended by itself {when}, with {named(code)}"
    return "exit", f"{name} ends with {sorted(may)} on SIG{', SIG'.join(end['signals'])}", f"{named(code)}, {when}"


def named(code: int) -> str:
    """An exit code as a person knows it: the name of the signal that ended a process, where one did."""
    try:
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"
    except ValueError:
        return f"exit code {code}"


def _may_end_with(signals: list[str], exits: dict[str, Any]) -> set[int]:
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


def _looked_at(end: Table, steps: Steps, seen: Seen) -> tuple[bool, bool]:
    """Whether a step expected something of this very end, and whether one recorded it."""
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


def is_habit(traceback: Table, patterns: Iterable[tuple[str, str]], find: Find) -> bool:
    """Whether a pair of patterns is found in the line before a traceback ("": whatever that is) and in its last line."""
    return any((not before or find(before, False)(traceback["before"])) and find(said, False)(traceback["said"])
               for before, said in patterns)


def wrong_tracebacks(
    found: list[Table], steps: Steps, seen: Seen, fits: Callable[[str], bool], by_habit: Callable[[Table], bool],
) -> Iterator[Failing]:
    """Each traceback that no step asked for; ``fits`` says whether a pattern is found in a traceback's first line.

    ``by_habit`` says whether a traceback is one that the server is known to log whatever it is asked.

    A server may log after it has answered, when the next step is under way. So an episode that is still owed the traceback
    that it asked for lends its excuse to the one that follows.
    """
    asked = set(_asking(steps, seen, fits))
    places = [(one["server"], _episode(steps, one["step"])) for one in found]
    owed = {(server, _after(steps, episode)) for server, episode in asked if (server, episode) not in places}
    for one, place in zip(found, places, strict=True):
        if place not in asked | owed and not by_habit(one):
            when = f"after step {one['step']}" if one["step"] else "at the end"
            yield ("log", "no traceback that no step asks for",
                   f"{when}, line {one['line']} of the log of {one['server']!r}: {one['said'] or TRACEBACK}")


def _asking(steps: Steps, seen: Seen, fits: Callable[[str], bool]) -> Iterator[tuple[str, int]]:
    """The episodes in which a step expects a traceback, says that there may be one, or sees a start fail as it expects."""
    for step in steps:
        saw = seen.get(step["number"])
        if saw is None:
            continue
        wanted = [step["expect"].get("log"), step["args"].get("log"), step["args"].get("until")]
        fails_to_start = step["expect"].get("ready") is False and saw.get("ready") is False
        patterns = [one for item in wanted for one in (item if isinstance(item, list) else [item]) if isinstance(one, str)]
        if step.get("traceback") or fails_to_start or any(map(fits, patterns)):
            yield step["server"], _episode(steps, step["number"])


def _episode(steps: Steps, number: int) -> int:
    """The last step at or before this one that began an episode; what is stopped at the end is an episode of its own (0)."""
    return max((one["number"] for one in steps if one["number"] <= number and one["act"] in BEGINS_AN_EPISODE), default=0)


def _after(steps: Steps, episode: int) -> int:
    """The episode that follows one; 0 is the end."""
    return next((one["number"] for one in steps if one["number"] > episode and one["act"] in BEGINS_AN_EPISODE), 0)


def let_end(pid: int, running: Callable[[], bool], signals: list[str], exits: dict[str, Any], says_so: bool) -> None:
    """Wait for a server that is already ending, as it was told to or ``says_so``; let any other come to rest.

    A SIGTERM that meets an interpreter which is shutting down finds its handlers gone, and ends it with -15: that would be
    our doing. And a server that is about to crash must not be stopped before it does.
    """
    if set(signals) & set(ENDING) or says_so:
        Deadline(STOP_SECONDS).wait(lambda: not running())
        return
    rests = 0
    least = Deadline(LONGER_SECONDS if -int(signal.SIGTERM) in exits["stop"] else 0.0)

    def settled() -> bool:
        nonlocal rests
        rests = rests + 1 if is_at_rest(pid) else 0
        return (rests > 1 and least.passed) or not running()

    Deadline(SETTLE_SECONDS).wait(settled, 0.005)


def is_at_rest(pid: int) -> bool:
    """Whether all threads of a process sleep; True where there is no /proc to tell."""
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/stat", "rb") as stat:
                if stat.read().rpartition(b")")[2].split()[0] not in (b"S", b"I", b"T"):
                    return False
    except OSError:
        return not Path("/proc/self/task").is_dir()
    return True


def says_that_it_ends(log: str, exiting: str, started: str, find: Find) -> bool:
    """Whether a log says that a server exits, and not after that that it has started again (in place, by exec)."""
    exits, starts, ending = find(exiting, False), find(started, False), False
    for line in lines_of(log):
        ending = exits(line) or (ending and not starts(line))
    return ending

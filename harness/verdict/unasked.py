"""What servers log and send that no step asks for: one judgement for the harness and the reproducer.

Of the standard library alone. Steps are tables as a history has them; what a step saw is its observation's ``seen``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ..language.text_matching import Find
from ..machine.server_log import MOST_LOGGED, log_size
from .endings import Failing, Seen, Steps, Table

TRACEBACK = "Traceback (most recent call last):"
_TRACEBACK = re.compile(rb"^.*\bTraceback \(most recent call last\):.*$", re.MULTILINE)
_EXCEPTION = re.compile(r"[A-Za-z_][\w.]*(:|$)")  # other threads log between the lines of a traceback
#: What Python writes between two tracebacks that belong together.
_CHAINED = (
    "During handling of the above exception, another exception occurred:",
    "The above exception was the direct cause of the following exception:",
)
#: Lines that are no traceback's: a pattern that fits one of them looks for something else as well.
_ORDINARY = ("", "x", '127.0.0.1 - - [01/Jan/2020:00:00:00] "GET / HTTP/1.1" 200 5', "ENGINE Bus STARTED")
MOST_FOUND = 50  # tracebacks between two looks at a log that are told apart
BLOCK = 1024 * 1024  # bytes that are read at once
MEMORY = 64  # bytes before a place in a log by which it is known again
AHEAD = 64 * 1024  # bytes behind a traceback's first line in which its last one is looked for
MOST_SAID = 300

#: Acts that a server may answer with log lines; what is logged until the next one belongs to it.
BEGINS_AN_EPISODE = ("start", "request", "raw", "signal", "touch", "stop", "kill", "hold", "disconnect", "sweep")

Finds = Callable[[str], Callable[[str], bool]]  # a step's pattern -> whether it is found in a line
Asked = dict[tuple[str, int], list[str] | None]  # (server, episode) -> patterns of what it says; None: any


class Tracebacks:
    """Looks for tracebacks in logs that grow; ``problems`` are what happened to those that did not."""

    def __init__(self) -> None:
        self.problems: list[Table] = []
        self._reached: dict[Path, tuple[int, int, bytes]] = {}  # offset, lines before it, the bytes before it
        self._places: list[tuple[int, str, Path, int, int]] = []
        self._uncounted: dict[tuple[int, str], int] = {}

    def look(self, step: int, server: str, log: Path) -> None:
        """Look through what is new in a log; a line that is not whole yet is looked at the next time, or when ``step`` is 0."""
        offset, lines, before = self._reached.get(log, (0, 0, b""))
        size = log_size(log)
        if not log.exists():
            self._problem(step, server, "it was removed: what it said is not known")
            return
        with log.open("rb") as file:
            file.seek(max(0, offset - MEMORY))
            if size < offset or file.read(min(offset, MEMORY)) != before:
                self._problem(step, server, "it was shortened or written over: what it said is not known")
                offset, lines, before = 0, 0, b""
            if size >= MOST_LOGGED:
                self._problem(step, server, f"it is longer than {MOST_LOGGED // BLOCK} MiB: the rest was not kept")
            self._reached[log] = self._read(step, server, log, offset, lines, min(size, MOST_LOGGED))

    def _read(self, step: int, server: str, log: Path, offset: int, lines: int, size: int) -> tuple[int, int, bytes]:
        found = 0
        with log.open("rb") as file:
            while offset < size:
                file.seek(offset)
                block = file.read(min(BLOCK, size - offset))
                last = offset + len(block) >= size
                whole = len(block) if (last and step == 0) else block.rfind(b"\n") + 1
                if not whole and not last:
                    whole = len(block)  # a line that is longer than a block
                if not block or not whole:
                    break
                for match in _TRACEBACK.finditer(block, 0, whole):
                    found += 1
                    if found <= MOST_FOUND:
                        line = lines + block.count(b"\n", 0, match.start()) + 1
                        self._places.append((step, server, log, offset + match.start(), line))
                lines += block.count(b"\n", 0, whole)
                offset += whole
            file.seek(max(0, offset - MEMORY))
            memory = file.read(min(offset, MEMORY))
        if found > MOST_FOUND:
            self._uncounted[step, server] = self._uncounted.get((step, server), 0) + found - MOST_FOUND
        return offset, lines, memory

    def _problem(self, step: int, server: str, problem: str) -> None:
        if not any(one["server"] == server and one["problem"] == problem for one in self.problems):
            self.problems.append({"step": step, "server": server, "problem": problem})

    def found(self) -> list[Table]:
        """Each traceback: after which step it was there, in whose log, at which line; the line before it, and its last one."""
        return [
            *(
                {"step": step, "server": server, "line": line, **_told(log, place)}
                for step, server, log, place, line in self._places
            ),
            *(
                {
                    "step": step,
                    "server": server,
                    "line": 0,
                    "before": "",
                    "said": f"{count} more, which were not looked at",
                    "chained": False,
                }
                for (step, server), count in self._uncounted.items()
            ),
        ]


def _told(log: Path, place: int) -> Table:
    if not log.exists():
        return {"before": "", "said": "", "chained": False}
    with log.open("rb") as file:
        file.seek(max(0, place - AHEAD))
        before = file.read(min(place, AHEAD)).decode("utf-8", "replace").splitlines()[-1:]
        text = file.read(AHEAD).decode("utf-8", "replace").splitlines()
    ends = [number for number, one in enumerate(text) if number and one.strip() and not one.startswith((" ", "\t"))]
    last = next((number for number in ends if _EXCEPTION.match(text[number])), next(iter(ends), 0))
    behind = next((one for one in text[last + 1 :] if one.strip()), "")
    return {
        "before": "".join(before)[-MOST_SAID:],
        "said": text[last][:MOST_SAID] if last else "",
        "chained": behind.strip() in _CHAINED,
    }


def is_habit(traceback: Table, patterns: Iterable[tuple[str, str]], find: Find) -> bool:
    """Whether a pair of patterns is found in the line before a traceback ("": whatever that is) and in its last line."""
    return any(
        (not before or find(before, False)(traceback["before"])) and find(said, False)(traceback["said"])
        for before, said in patterns
    )


def wrong_tracebacks(
    found: list[Table],
    steps: Steps,
    seen: Seen,
    finds: Finds,
    by_habit: Callable[[Table], bool],
) -> Iterator[Failing]:
    """Each traceback that no step asked for; ``finds`` gives what tells whether a step's pattern is found in a line.

    ``by_habit`` says whether a traceback is one that the server is known to log whatever it is asked.

    A server may log after it has answered, when the next step is under way. So an episode that is still owed the traceback
    that it asked for lends its excuse to the one that follows. Where a step names what the traceback says, one that says
    something else is not the one that it asked for.
    """
    asked = _asking(steps, seen, finds)
    places = [(one["server"], _episode(steps, one["step"])) for one in found]
    owed = {
        (server, _after(steps, episode)): patterns
        for (server, episode), patterns in asked.items()
        if (server, episode) not in places
    }
    excuses = {**owed, **asked}
    named = {number for number, place in enumerate(places) if _is_named(found, number, excuses.get(place), finds)}
    with_a_name = {places[number] for number in named}
    for number, (one, place) in enumerate(zip(found, places, strict=True)):
        excused = place in excuses and (excuses[place] is None or number in named or place not in with_a_name)
        if not excused and not by_habit(one):
            when = f"after step {one['step']}" if one["step"] else "at the end"
            yield (
                "log",
                "no traceback that no step asks for",
                f"{when}, line {one['line']} of the log of {one['server']!r}: {one['said'] or TRACEBACK}",
            )


def _is_named(found: list[Table], number: int, patterns: list[str] | None, finds: Finds) -> bool:
    """Whether a pattern is found in what a traceback says, or in what those say that belong to it."""
    first = last = number
    while first and _belongs(found[first - 1], found[first]):
        first -= 1
    while last + 1 < len(found) and _belongs(found[last], found[last + 1]):
        last += 1
    return any(finds(pattern)(one["said"]) for pattern in patterns or () for one in found[first : last + 1])


def _belongs(before: Table, one: Table) -> bool:
    return bool(before.get("chained")) and before["server"] == one["server"]


def _asking(steps: Steps, seen: Seen, finds: Finds) -> Asked:
    """The episodes in which a step expects a traceback, says that there may be one, or judges a start that failed."""
    asked: Asked = {}
    for step in steps:
        saw = seen.get(step["number"])
        if saw is None:
            continue
        place = (step["server"], _episode(steps, step["number"]))
        wanted = [step["expect"].get("log"), step["args"].get("log"), step["args"].get("until")]
        patterns = [one for item in wanted for one in (item if isinstance(item, list) else [item]) if isinstance(one, str)]
        if step.get("traceback") or ("ready" in step["expect"] and saw.get("ready") is False):  # why it does not start
            asked[place] = None
        elif any(finds(one)(TRACEBACK) and not any(map(finds(one), _ORDINARY)) for one in patterns):
            before = asked.get(place, [])
            asked[place] = None if before is None else [*before, *patterns]
    return asked


def _episode(steps: Steps, number: int) -> int:
    """The last step at or before this one that began an episode; what is stopped at the end is an episode of its own (0)."""
    return max((one["number"] for one in steps if one["number"] <= number and one["act"] in BEGINS_AN_EPISODE), default=0)


def _after(steps: Steps, episode: int) -> int:
    """The episode that follows one; 0 is the end."""
    return next((one["number"] for one in steps if one["number"] > episode and one["act"] in BEGINS_AN_EPISODE), 0)


def wrong_logs(problems: Iterable[Table]) -> Iterator[Failing]:
    """What happened to a log that only the server writes: what is gone from it cannot be judged."""
    for one in problems:
        when = f"after step {one['step']}" if one["step"] else "at the end"
        yield "log", "a log that is whole", f"{when}, of {one['server']!r}: {one['problem']}"


def wrong_bytes(connections: Iterable[Table], steps: Steps) -> Iterator[Failing]:
    """What servers sent that no request asked for (RFC 9112, section 9.2: it is not to be taken for an answer).

    ``connections`` have the step that used each last, its ``name`` where it was kept, how many ``answers`` too many it had, and
    what came that is no ``answer``. A raw step may judge both itself: by ``received`` or ``error``, and their number by
    ``responses``.
    """
    for one in connections:
        uses = [
            step
            for step in steps
            if step["act"] == "raw"
            and (step["number"] == one["step"] or (one["name"] and step["args"].get("keep") == one["name"]))
        ]
        judged = {key for step in uses for key in step["expect"]}
        if one["error"] and not judged & {"received", "error"}:
            yield (
                "unasked",
                "nothing but answers",
                f"step {one['step']}: bytes behind a whole answer that are no answer ({one['error']})",
            )
        if one["answers"] and not judged & {"received", "error", "responses"}:
            yield "unasked", "one answer to each request", f"step {one['step']}: {one['answers']} more than requests"

"""Unexpected log output and answers of servers: judged alike by the harness and the reproducer.

Standard library only. Steps are tables, as in a history; what a step saw is its observation's ``seen``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ..language.text_matching import Find
from .endings import Failing, Seen, Steps, Table
from .tracebacks import TRACEBACK

#: Lines that are not part of a traceback: a pattern that matches one of them also looks for something else.
_ORDINARY = ("", "x", '127.0.0.1 - - [01/Jan/2020:00:00:00] "GET / HTTP/1.1" 200 5', "ENGINE Bus STARTED")

#: Acts that may make a server log; whatever it logs until the next such act belongs to this one.
BEGINS_AN_EPISODE = ("start", "request", "raw", "volley", "signal", "touch", "stop", "kill", "hold", "disconnect", "sweep")

Finds = Callable[[str], Callable[[str], bool]]  # a step's pattern -> a test for a line
Asked = dict[tuple[str, int], list[str] | None]  # (server, episode) -> patterns of expected tracebacks; None: any


def is_habit(traceback: Table, patterns: Iterable[tuple[str, str]], find: Find) -> bool:
    """Whether a pair of patterns matches the line before a traceback ("": any line) and its last line."""
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
    """Each traceback that no step expected; ``finds`` turns a step's pattern into a test for a line.

    ``by_habit`` tells whether a traceback is one that the server is known to log in any case.

    A server may log after it has answered, during the next step. So if the traceback that an episode expects has not appeared
    yet, it is also allowed in the next episode. If a step gives a pattern for the traceback, only a matching one counts.
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
                "no unexpected traceback",
                f"{when}, line {one['line']} of the log of {one['server']!r}: {one['said'] or TRACEBACK}",
            )


def _is_named(found: list[Table], number: int, patterns: list[str] | None, finds: Finds) -> bool:
    """Whether a pattern matches the message of a traceback, or of one chained to it."""
    first = last = number
    while first and _belongs(found[first - 1], found[first]):
        first -= 1
    while last + 1 < len(found) and _belongs(found[last], found[last + 1]):
        last += 1
    return any(finds(pattern)(one["said"]) for pattern in patterns or () for one in found[first : last + 1])


def _belongs(before: Table, one: Table) -> bool:
    return bool(before.get("chained")) and before["server"] == one["server"]


def _asking(steps: Steps, seen: Seen, finds: Finds) -> Asked:
    """The episodes in which a step expects a traceback, allows one, or judges a failed start."""
    asked: Asked = {}
    for step in steps:
        saw = seen.get(step["number"])
        if saw is None:
            continue
        place = (step["server"], _episode(steps, step["number"]))
        wanted = [step["expect"].get("log"), step["args"].get("log"), step["args"].get("until")]
        patterns = [one for item in wanted for one in (item if isinstance(item, list) else [item]) if isinstance(one, str)]
        if step.get("traceback") or ("ready" in step["expect"] and saw.get("ready") is False):  # why it did not start
            asked[place] = None
        elif any(finds(one)(TRACEBACK) and not any(map(finds(one), _ORDINARY)) for one in patterns):
            before = asked.get(place, [])
            asked[place] = None if before is None else [*before, *patterns]
    return asked


def _episode(steps: Steps, number: int) -> int:
    """The step that began this step's episode; the final stop is an episode of its own (0)."""
    return max((one["number"] for one in steps if one["number"] <= number and one["act"] in BEGINS_AN_EPISODE), default=0)


def _after(steps: Steps, episode: int) -> int:
    """The next episode; 0 is the end."""
    return next((one["number"] for one in steps if one["number"] > episode and one["act"] in BEGINS_AN_EPISODE), 0)


def wrong_logs(problems: Iterable[Table]) -> Iterator[Failing]:
    """Damage to a log that only the server writes: the missing part cannot be judged."""
    for one in problems:
        when = f"after step {one['step']}" if one["step"] else "at the end"
        yield "log", "a complete log", f"{when}, of {one['server']!r}: {one['problem']}"


def wrong_bytes(connections: Iterable[Table], steps: Steps) -> Iterator[Failing]:
    """Data that servers sent without a request (RFC 9112, section 9.2: it must not be taken for an answer).

    ``connections`` have the last step that used each, its ``name`` if it was kept, its number of surplus ``answers``, and the
    ``error`` of data that is not an answer. A raw step may judge these itself: with ``received`` or ``error``, and their
    number with ``responses``.
    """
    for one in connections:
        uses = [
            step
            for step in steps
            if step["act"] == "raw"
            and (step["number"] == one["step"] or (one["name"] and step["args"].get("keep") == one["name"]))
        ]
        judged = {key for step in uses for one in (step["expect"], *step.get("either", ())) for key in one}
        if one["error"] and not judged & {"received", "error"}:
            yield (
                "unasked",
                "nothing but answers",
                f"step {one['step']}: bytes behind a whole answer that are no answer ({one['error']})",
            )
        if one["answers"] and not judged & {"received", "error", "responses"}:
            yield "unasked", "one answer to each request", f"step {one['step']}: {one['answers']} more than requests"

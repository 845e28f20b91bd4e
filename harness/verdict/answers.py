"""What a server answered to a check, reduced to what the check asks about: equal answers of several servers are equal texts.

It is stored in the cell's line, so that a report of a hundred thousand cells puts servers side by side without reading their
histories. Only checks have one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..language.dialect import Dialect
from ..language.filling import JudgeError, fill
from ..language.json_matching import ABSENT, loaded, value_at
from ..language.matching import Unmatchable, finder, matches
from ..language.scenario import Scenario, Step
from ..language.text_matching import first_line
from ..language.verbs import ABOUT, VERBS
from ..model.values import History, Json, Observation
from .wording import NO_ANSWER, OPPOSITE, SAID, general, in_words, part

#: Acts that prepare what a check asks about: they are told only if they could not be done.
PREPARING = ("start", "signal", "hold", "release", "disconnect", "touch", "sample")
#: Kinds of expectations whose observed values differ from cell to cell: only whether they hold is told.
LONG = ("log", "absent", "seconds", "bound", "count")
#: What ``raw`` waits for, if it finds out whether the connection was closed.
FINDS_OUT = ("probe", "close")
#: What only an answer has.
OF_AN_ANSWER = ("status", "reason", "headers", "body", "json")
MOST = 600  # characters of an answer


class Said(list[str]):
    """Expectations of which only the wording is told, since what was observed differs from cell to cell."""


def answer(scenario: Scenario, history: History, dialect: Dialect) -> str:
    """The answer to a check; "" if the scenario is none, or nothing was observed."""
    if not scenario.table or history.error:
        return ""
    done = {observation.step: observation for observation in history.observations}
    told = [_step(step, done[step.number], history, dialect) for step in scenario.steps if step.number in done]
    text = "; then ".join(text for text in told if text)
    return text if len(text) <= MOST else f"{text[:MOST]}…"


def observed(seen: Json, source: str) -> Any:
    """A step's answer to a question: a value that it recorded, or the first log line that matches."""
    name, _, pattern = source.partition(":")
    value = seen.get(name)
    if not pattern:
        return value
    try:
        return first_line(pattern, value, finder())
    except Unmatchable as problem:
        return str(problem)


def _step(step: Step, observation: Observation, history: History, dialect: Dialect) -> str:
    seen = observation.seen
    if observation.unable or (observation.timeout and step.act not in ("raw", "request")):
        return f"{step.act}: {observation.unable or 'it did not happen'}"
    if step.act in PREPARING and not step.observe:
        return ""
    found: Json = {}
    if step.act == "raw":
        found["statuses"] = seen.get("statuses", [])
        if step.args.get("until", "close") in FINDS_OUT:
            found["closed"] = bool(seen.get("closed"))
        elif observation.timeout:
            found["timed_out"] = True
    elif step.act == "request" or "status" in seen:
        found["status"] = seen.get("status")
    if found and seen.get("error"):
        found["error"] = seen["error"]
    for key, value in _asked(step, seen, history, dialect):
        if key in OF_AN_ANSWER and NO_ANSWER in in_words(found):
            continue  # there is nothing that it could be seen of
        if key != "status" or "statuses" not in found:
            found[key] = value
    said = [found.pop(key) for key in [key for key, value in found.items() if isinstance(value, Said)]]
    words = in_words({key: _general(value, history) for key, value in found.items()})
    return ", ".join(filter(None, [words, *(text for one in said for text in one)]))


def _asked(step: Step, seen: Json, history: History, dialect: Dialect) -> Iterator[tuple[str, Any]]:
    """What the step expects and asks about, as it was observed."""
    wanted: dict[str, list[Any]] = {}
    for expect in (step.expect, *step.either):
        for key, value in expect.items():
            if key != "as" and value not in wanted.setdefault(key, []):
                wanted[key].append(value)
    for key, values in wanted.items():
        yield key, _seen(key, VERBS[step.act].expects[key], values, seen, history, dialect)
    for question, source in step.observe.items():
        if question not in wanted:
            yield question, observed(seen, source)


def _seen(key: str, kind: str, wanted: list[Any], seen: Json, history: History, dialect: Dialect) -> Any:
    value = seen.get(ABOUT.get(key, key))
    if kind in LONG:
        return Said(_holds(key, kind, one, value, history, dialect) for one in wanted)
    if kind == "json":
        data = loaded(value)
        return {place: _at(data, place) for one in wanted for place in one}
    if kind == "matchers":
        fields = {name.lower(): text for name, text in (value or {}).items()}
        return {name: fields.get(name.lower(), ABSENT) for one in wanted for name in one}
    return value


def _at(data: Any, place: str) -> Any:
    found = value_at(data, place)
    return found if found is None or isinstance(found, str | int | float | bool | list | dict) else ABSENT


def _holds(key: str, kind: str, wanted: Any, value: Any, history: History, dialect: Dialect) -> str:
    """An expectation in words if it holds, else its opposite."""
    try:
        held = matches(kind, fill(wanted, history.values, dialect.patterns), value)
    except (Unmatchable, JudgeError):
        return f"undecided: {part(key, wanted)}"
    told = part(key, wanted)
    if held:
        return told
    return OPPOSITE[key] + told.removeprefix(SAID[key]) if key in OPPOSITE else f"not {told}"


def _general(value: Any, history: History) -> Any:
    """The value without what varies from cell to cell, also inside it."""
    if isinstance(value, dict):
        return {key: _general(item, history) for key, item in value.items()}
    if isinstance(value, list):
        return [_general(item, history) for item in value]
    return general(value, history)

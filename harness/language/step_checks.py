"""What contradicts itself within one step: arguments that mean nothing, and expectations that never hold or never fail."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from ..model.suggestions import shown, unknown
from ..model.values import Json
from .matching import is_pattern
from .pattern_checks import fits_all
from .request_bytes import TOKEN, Unsendable, request_bytes
from .scenario import ScenarioError, Step
from .verbs import (
    BODILESS_STATUSES,
    BUILT_IN,
    CLOSED,
    MAX_CHANNELS,
    NUMBER_BOUND,
    PLACEHOLDER,
    ROLES,
    SOCKET_STATES,
    VERBS,
    exit_problem,
    seconds,
)

Said = Iterator[tuple[str, str]]  # the key, and what is wrong with it

#: Of an answer: with until = "nothing" none is read.
_OF_AN_ANSWER = ("status", "body", "received", "closed", "responses", "interim")
_FORCE_SECONDS = 10.0  # a server that is ended by force may take so long after the step's deadline


def check_step(step: Step, saved: Collection[str], servers: Collection[str], file: str, where: str) -> None:
    """Refuse a step that cannot be meant; ``saved`` names and started ``servers`` are those until now. Raises ScenarioError."""
    for check in _ARGUMENTS:
        for key, problem in check(step, saved):
            raise ScenarioError(file, f"{where}: {key}", problem)
    places = [("expect", step.expect), *((f"case {number}: expect", case.expect) for number, case in enumerate(step.cases, 1))]
    for place, expect in places:
        for key, value in expect.items():
            if problem := _never_holds(step, key, value, saved, servers):
                raise ScenarioError(file, f"{where}: {place}: {key}", problem)
        together = {**step.expect, **expect}
        for key, value in together.items():
            if problem := _never_fails(step, together, key, value):
                raise ScenarioError(file, f"{where}: {place}: {key}", f"can never fail: {problem}")


def _of_a_wait(step: Step, saved: Collection[str]) -> Said:
    for key in ("ready", "exit", "idle"):
        if step.act == "wait" and step.args.get(key) is False:
            yield key, "can only be true: it names what is waited for"
    for state in step.args.get("states", ()):
        if state not in SOCKET_STATES:
            yield "states", unknown("state of a socket", state, SOCKET_STATES)


def _of_a_process(step: Step, saved: Collection[str]) -> Said:
    """A pid is never known when a scenario is written: one that is written down is another program's."""
    for key in ("gone", "pid"):
        text = step.args.get(key)
        name = PLACEHOLDER.fullmatch(text) if isinstance(text, str) else None
        if text is not None and (name is None or name[1] in BUILT_IN):
            yield (
                key,
                (f'{shown(text)} is no process of the cell: name one that an earlier step saved, as in {key} = "{{child}}"'),
            )


def _of_a_channel(step: Step, saved: Collection[str]) -> Said:
    if step.args.get("channel", 1) not in range(1, MAX_CHANNELS + 1):
        yield "channel", f"{step.args['channel']}: a cell has channels 1 to {MAX_CHANNELS}"


def _of_an_environment(step: Step, saved: Collection[str]) -> Said:
    for name, text in step.args.get("environment", {}).items():
        if not name or "=" in name or "\0" in name:
            yield "environment", f"{shown(name)} cannot be a variable's name: it is empty, or has = or NUL in it"
        elif "\0" in text:
            yield "environment", f"the value of {name} has a NUL character, which no variable can hold"


def _of_a_request(step: Step, saved: Collection[str]) -> Said:
    args = step.args
    if step.act == "raw" and (wrong := next((char for char in args["send"] if ord(char) > 255), "")):
        yield "send", f"a character is a byte, and {wrong!r} is none"
    if step.act != "request":
        return
    if "form" in args and "body" in args:
        yield "body", "form is a body, too, and only one of them would be sent: leave one out"
    filled = {name: PLACEHOLDER.sub("0", text) for name, text in args.get("headers", {}).items()}
    for key, method, path, headers in (
        ("method", args.get("method", "GET"), "/", {}),
        ("path", "GET", args["path"], {}),
        ("headers", "GET", "/", filled),
    ):
        try:
            request_bytes(PLACEHOLDER.sub("0", method), PLACEHOLDER.sub("0", path), "x", headers, None)
        except Unsendable as problem:
            yield key, str(problem)


def _of_time(step: Step, saved: Collection[str]) -> Said:
    if step.within <= 0:
        yield "within", "is no time at all, and the step would always be late"


_ARGUMENTS: tuple[Callable[[Step, Collection[str]], Said], ...] = (
    _of_time,
    _of_a_channel,
    _of_a_wait,
    _of_a_process,
    _of_an_environment,
    _of_a_request,
)


def _never_holds(step: Step, key: str, value: Any, saved: Collection[str], servers: Collection[str]) -> str:
    kind = VERBS[step.act].expects[key]
    if step.act == "raw" and step.args.get("until") == "nothing" and key in _OF_AN_ANSWER:
        return 'until = "nothing" reads no answer: there is nothing to judge; let it wait for "response" or "close"'
    if key == "status" and value not in (101, *range(200, 1000)):
        return f"{value} is the status of no answer: those are 101 and 200 to 999, and what comes before one is `interim`"
    if kind == "int" and value < 0:
        return f"{value}: there cannot be fewer than none"
    if kind == "ints" and not set(value) <= {*range(100, 200)} - {101}:
        return f"{value} are not all statuses of interim answers, which are 100 to 199, and not 101"
    if kind == "exit" and (isinstance(value, int) or value.startswith("SIG")):
        return exit_problem(value)
    if kind == "seconds" and value.startswith(">") and seconds(value.lstrip(">= ")) > _longest(step):
        return f"the step ends after {step.within:g} s: give it a longer within"
    if kind == "bound" and step.act == "sample":
        return _impossible(value)
    if kind == "matchers" and (wrong := next((name for name in value if not TOKEN.fullmatch(name)), None)) is not None:
        return f"{shown(wrong)} cannot be the name of a header, and would never be there"
    if key in CLOSED:
        return _of_words(value, CLOSED[key])
    if kind == "strings":
        return _of_roles(value, servers if key == "running" else {*servers, *saved, *ROLES})
    return ""


def _longest(step: Step) -> float:
    by_force = step.act == "stop" or "late" in step.args
    return step.within + _FORCE_SECONDS * by_force


def _impossible(bound: str) -> str:
    sign, number = _parted(bound)
    if sign in ("<", "<=") and (float(number) < 0 or (sign == "<" and float(number) == 0)):
        return f"{bound!r} could never hold: there cannot be fewer than none"
    return ""


def _of_words(value: str, words: Collection[str]) -> str:
    if is_pattern(value):
        if fits_all(value, words):
            return f"{shown(value)} fits each of {', '.join(words)}: it could never fail"
        return "" if any(fits_all(value, [word]) for word in words) else f"{shown(value)} fits none of {', '.join(words)}"
    return "" if value in words or value.startswith(("@", "{")) else unknown("value", value, words)


def _of_roles(value: list[str], roles: Collection[str]) -> str:
    return next((unknown("process", role, roles) for role in value if role not in roles and "{" not in role), "")


def _parted(bound: str) -> tuple[str, str]:
    """The sign and the number of a bound; two empty strings where the number is one that an earlier step saves."""
    found = NUMBER_BOUND.fullmatch(bound)
    return (found[1], found[2]) if found else ("", "")


def _never_fails(step: Step, expect: Json, key: str, value: Any) -> str:
    if key == "headers" and not value:
        return "it names no header"
    if key == "body" and step.args.get("method") == "HEAD":
        return "an answer to HEAD has no body that a client reads; send the bytes with raw, and judge what is received"
    if key == "body" and value == "" and expect.get("status") in BODILESS_STATUSES:
        return f"a client reads no body of a {expect['status']}; send the bytes with raw, and judge what is received"
    if key == "seconds" and _beyond(str(value), step.within):
        return f"the step ends after {step.within:g} s anyway"
    if key == "forced" and value is False and step.act == "wait" and "late" not in step.args:
        return 'only a wait with late = "kill" ends a server by force'
    if step.act == "sample":
        sign, number = _parted(value)
        if (sign == ">=" and float(number) <= 0) or (sign == ">" and float(number) < 0):
            return "there cannot be fewer than none"
    return ""


def _beyond(bound: str, within: float) -> bool:
    """Whether a bound on a duration holds for whatever the step's deadline lets happen."""
    if bound.startswith("<"):
        return seconds(bound.lstrip("<= ")) >= within
    return bound.lstrip(">= ") != bound and seconds(bound.lstrip(">= ")) == 0 and bound.startswith(">=")

"""Contradictions within one step: meaningless arguments, and expectations that can never hold or never fail."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from ..model.suggestions import shown, unknown
from ..model.values import Json
from .answer_checks import of_the_answer
from .matching import is_pattern
from .pattern_checks import fits_all
from .request_bytes import TOKEN, Unsendable, request_bytes
from .request_pieces import pieces
from .scenario import ScenarioError, Step
from .socket_words import CLOSED, SOCKET_STATES
from .verbs import (
    BODILESS_STATUSES,
    BUILT_IN,
    FINAL_STATUSES,
    MAX_CHANNELS,
    NUMBER_BOUND,
    PLACEHOLDER,
    ROLES,
    VERBS,
    exit_problem,
    seconds,
)
from .volley_checks import never_fails, never_holds, of_a_file, of_a_launch_or_signal, of_a_volley
from .wait_checks import never_seen

Said = Iterator[tuple[str, str]]  # the key, and what is wrong with it

#: Keys of an answer: with until = "nothing" none is read.
_OF_AN_ANSWER = (
    "status",
    "statuses",
    "reason",
    "headers",
    "body",
    "json",
    "received",
    "closed",
    "closure_alert",
    "responses",
    "interim",
)
_FORCE_SECONDS = 10.0  # a server killed by force may take this long after the step's deadline


def check_step(step: Step, saved: Collection[str], servers: Collection[str], file: str, where: str) -> None:
    """Reject a step that makes no sense; ``saved`` names and started ``servers`` are those so far. Raises ScenarioError."""
    for check in _ARGUMENTS:
        for key, problem in check(step, saved):
            raise ScenarioError(file, f"{where}: {key}", problem)
    places = [
        ("expect", step.expect),
        *((f"case {number}: expect", case.expect) for number, case in enumerate(step.cases, 1)),
        *((f"either {n}", {key: one[key] for key in one if key != "as"}) for n, one in enumerate(step.either, 1)),
    ]
    for place, expect in places:
        for key, value in expect.items():
            if problem := _never_holds(step, key, value, saved, servers) or never_seen(step, key):
                raise ScenarioError(file, f"{where}: {place}: {key}", problem)
        together = {**step.expect, **expect}
        for key, problem in of_the_answer(step, together):
            raise ScenarioError(file, f"{where}: {place}: {key}", problem)
        for key, value in together.items():
            if problem := _never_fails(step, together, key, value):
                raise ScenarioError(file, f"{where}: {place}: {key}", f"can never fail: {problem}")


def _of_a_wait(step: Step, saved: Collection[str]) -> Said:
    for key in ("ready", "exit", "idle"):
        if step.act == "wait" and step.args.get(key) is False:
            yield key, "can only be true: it says what to wait for"
    for state in step.args.get("states", ()):
        if state not in SOCKET_STATES:
            yield "states", unknown("socket state", state, SOCKET_STATES)


def _of_a_process(step: Step, saved: Collection[str]) -> Said:
    """Pids are unknown when a scenario is written: a literal one would belong to another program."""
    for key in ("gone", "pid"):
        text = step.args.get(key)
        name = PLACEHOLDER.fullmatch(text) if isinstance(text, str) else None
        if text is not None and (name is None or name[1] in BUILT_IN):
            yield (
                key,
                (f'{shown(text)} is not a process of the cell: name one that an earlier step saved, as in {key} = "{{child}}"'),
            )


def _of_a_channel(step: Step, saved: Collection[str]) -> Said:
    if step.args.get("channel", 1) not in range(1, MAX_CHANNELS + 1):
        yield "channel", f"{step.args['channel']}: a cell has channels 1 to {MAX_CHANNELS}"


def _of_an_environment(step: Step, saved: Collection[str]) -> Said:
    for name, text in step.args.get("environment", {}).items():
        if not name or "=" in name or "\0" in name:
            yield "environment", f"{shown(name)} is not a valid variable name: it is empty, or contains = or NUL"
        elif "\0" in text:
            yield "environment", f"the value of {name} contains a NUL character, which is not allowed"


def _of_a_request(step: Step, saved: Collection[str]) -> Said:
    args = step.args
    if step.act == "raw" and step.args.get("until") == "probe" and any(piece.what == "end" for piece in pieces(args["send"])):
        yield "until", "after an end nothing more can be sent, and a probe is another request"
    if step.act != "request":
        return
    if "form" in args and "body" in args:
        yield "body", "form also gives a body, and only one can be sent: omit one of them"
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
        yield "within", "must be more than 0, or the step would always be late"


_ARGUMENTS: tuple[Callable[[Step, Collection[str]], Said], ...] = (
    _of_time,
    _of_a_channel,
    _of_a_wait,
    _of_a_process,
    _of_an_environment,
    _of_a_request,
    of_a_volley,
    of_a_file,
    of_a_launch_or_signal,
)


def _never_holds(step: Step, key: str, value: Any, saved: Collection[str], servers: Collection[str]) -> str:
    kind = VERBS[step.act].expects[key]
    paused = key == "received" and step.act == "raw" and any(piece.what == "pause" for piece in pieces(step.args["send"]))
    if step.act == "raw" and step.args.get("until") == "nothing" and key in _OF_AN_ANSWER and not paused:
        return 'until = "nothing" reads no answer to judge; use "response" or "close"'
    if key == "status" and value not in FINAL_STATUSES:
        return f"{value} is not the status of a final answer, which is 101 or 200 to 599; use `interim` for 100 to 199"
    if kind == "int" and value < 0:
        return f"must be 0 or more, not {value}"
    if key == "statuses" and not set(value) <= FINAL_STATUSES:
        return f"{value} must be statuses of final answers: 101, or 200 to 599"
    if key == "interim" and not set(value) <= {*range(100, 200)} - {101}:
        return f"{value} must be statuses of interim answers: 100 to 199, except 101"
    if kind == "exit" and (isinstance(value, int) or value.startswith("SIG")):
        return exit_problem(value) or _of_a_kill(step, value)
    if kind == "seconds" and value.startswith(">") and seconds(value.lstrip(">= ")) > _longest(step):
        return f"the step ends after {step.within:g} s: use a longer within"
    if kind == "bound" and step.act == "sample":
        return _impossible(value)
    if kind == "matchers" and (wrong := next((name for name in value if not TOKEN.fullmatch(name)), None)) is not None:
        return f"{shown(wrong)} is not a valid header name, so the header would never be there"
    if key in CLOSED:
        return _of_words(value, CLOSED[key])
    if kind == "strings":
        return _of_roles(value, servers if key == "running" else {*servers, *saved, *ROLES})
    return never_holds(step, key, value)


def _of_a_kill(step: Step, code: int | str) -> str:
    if step.act != "kill" or code in ("SIGKILL", -9):
        return ""
    return 'what the harness kills ends by the signal: exit = "SIGKILL"; of a server that ends by itself, wait for the exit'


def _longest(step: Step) -> float:
    by_force = step.act == "stop" or "late" in step.args
    return step.within + _FORCE_SECONDS * by_force


def _impossible(bound: str) -> str:
    sign, number = _parted(bound)
    if sign in ("<", "<=") and (float(number) < 0 or (sign == "<" and float(number) == 0)):
        return f"{bound!r} could never hold: a count is never below 0"
    return ""


def _of_words(value: str, words: Collection[str]) -> str:
    if is_pattern(value):
        if fits_all(value, words):
            return f"{shown(value)} matches each of {', '.join(words)}: it could never fail"
        return "" if any(fits_all(value, [word]) for word in words) else f"{shown(value)} matches none of {', '.join(words)}"
    return "" if value in words or value.startswith(("@", "{")) else unknown("value", value, words)


def _of_roles(value: list[str], roles: Collection[str]) -> str:
    return next((unknown("process", role, roles) for role in value if role not in roles and "{" not in role), "")


def _parted(bound: str) -> tuple[str, str]:
    """The sign and the number of a bound; two empty strings if an earlier step saves the number."""
    found = NUMBER_BOUND.fullmatch(bound)
    return (found[1], found[2]) if found else ("", "")


def _never_fails(step: Step, expect: Json, key: str, value: Any) -> str:
    if key == "headers" and not value:
        return "it has no header"
    if key == "body" and step.args.get("method") == "HEAD":
        return "a client reads no body from an answer to HEAD; send the bytes with raw, and judge what is received"
    if key == "body" and value == "" and expect.get("status") in BODILESS_STATUSES:
        return f"a client reads no body from a {expect['status']}; send the bytes with raw, and judge what is received"
    if key == "seconds" and _beyond(str(value), step.within):
        return f"the step ends after {step.within:g} s anyway"
    if key == "forced" and value is False and step.act == "wait" and "late" not in step.args:
        return 'only a wait with late = "kill" or "term" kills a server'
    if step.act == "sample":
        sign, number = _parted(value)
        if (sign == ">=" and float(number) <= 0) or (sign == ">" and float(number) < 0):
            return "a count is never below 0"
    return never_fails(step, key, value)


def _beyond(bound: str, within: float) -> bool:
    """Whether a bound on a duration always holds within the step's deadline."""
    if bound.startswith("<"):
        return seconds(bound.lstrip("<= ")) >= within
    return bound.lstrip(">= ") != bound and seconds(bound.lstrip(">= ")) == 0 and bound.startswith(">=")

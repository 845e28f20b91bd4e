"""Contradictions in steps about volleys and files, and in the arguments of a start or a signal that came with them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import PurePosixPath
from typing import Any

from ..model.suggestions import shown, unknown
from ..model.values import Json
from .request_bytes import Unsendable, request_bytes
from .scenario import Mistakes, Step
from .verbs import NUMBER_BOUND, PLACEHOLDER, seconds
from .volley_verbs import COUNTS, MAX_CLIENTS, MAX_RATE, MAX_REQUESTS

Said = Iterator[tuple[str, str]]  # the key, and what is wrong with it

#: The fewest descriptors with which an interpreter starts and a server listens; a limit above the usual one limits nothing.
DESCRIPTORS = (16, 1024)
_RANGES = {"clients": MAX_CLIENTS, "rate": MAX_RATE, "requests": MAX_REQUESTS}
PATIENCE = "10s"  # of a volley that names none


def of_a_volley(step: Step, saved: Collection[str]) -> Said:
    """What is wrong with the arguments of a volley."""
    if step.act != "volley":
        return
    for key, most in _RANGES.items():
        if not 1 <= step.args.get(key, 1) <= most:
            yield key, f"must be from 1 to {most}, not {step.args[key]}"
    for key in ("lasts", "patience"):
        if key in step.args and seconds(step.args[key]) <= 0:
            yield key, "must be more than 0"
    if "lasts" in step.args and not step.args.get("background") and seconds(step.args["lasts"]) >= step.within:
        yield "lasts", f"the step is late after {step.within:g} s: use a longer within"
    silent = step.args.get("silent", False)
    for key in ("path", "method", "keep", "requests"):
        if silent and key in step.args:
            yield key, "silent clients ask for nothing"
    if not silent and "path" not in step.args:
        yield "path", "is missing"
    for key, method, path in (("method", step.args.get("method", "GET"), "/"), ("path", "GET", step.args.get("path", "/"))):
        try:
            request_bytes(PLACEHOLDER.sub("0", method), PLACEHOLDER.sub("0", path), "x", {}, None)
        except Unsendable as problem:
            yield key, str(problem)


def of_a_file(step: Step, saved: Collection[str]) -> Said:
    """What is wrong with the arguments of a step about a file."""
    if step.act != "file":
        return
    args, make = step.args, step.args.get("make")
    if ".." in PurePosixPath(args["path"]).parts or args["path"].startswith(("/", "~")) or not args["path"]:
        yield "path", f"{shown(args['path'])} must be a path in the cell's folder, without .."
    if "until" in args and make:
        yield "until", "what the step makes is there at once"
    if "content" in args and make != "file":
        yield "content", 'only make = "file" writes one'
    if ("to" in args) != (make == "symlink"):
        yield "to", 'says where a symlink points: make = "symlink" needs it, and nothing else has it'


def of_a_launch_or_signal(step: Step, saved: Collection[str]) -> Said:
    """What is wrong with a start that has few descriptors or is a first process, a signal to a group, or a wait that stops."""
    least, most = DESCRIPTORS
    if "descriptors" in step.args and not least <= step.args["descriptors"] <= most:
        yield "descriptors", f"must be from {least} to {most}, not {step.args['descriptors']}"
    for key in ("first_process", "group"):
        if step.args.get(key) is False:
            yield key, "can only be true"
    if "group" in step.args and "pid" in step.args:
        yield "group", "the group is that of a server, which leads it; a pid names one process"
    if "stop" in step.args and "volley" not in step.args:
        yield "stop", "only a volley can be stopped by a wait"


def never_holds(step: Step, key: str, value: Any) -> str:
    """Why an expectation about a volley or a file can never hold; "" if it can."""
    of_volley = step.act == "volley" or "volley" in step.args
    if step.act == "wait" and key in COUNTS and key != "statuses" and not of_volley:
        return 'only a wait for a volley counts requests: act = "wait", volley = "…"'
    if step.act == "wait" and of_volley and key not in COUNTS:
        return f"a volley has no such thing; it has {', '.join(COUNTS)}"
    if step.act == "volley" and step.args.get("background"):
        return f'it has just begun: the step that waits for it can judge it, act = "wait", volley = "{step.id}"'
    if COUNTS.get(key) == "count" and of_volley:
        sign, number = _parted(value)
        if number < 0 or (sign == "<" and number == 0):
            return f"{value!r} could never hold: a count is never below 0"
        if "requests" in step.args and number + (sign == ">") > step.args["requests"] and sign not in ("<", "<="):
            return f"only {step.args['requests']} are asked"
    if step.act == "file" and step.args.get("make") and key == "exists" and value == (step.args["make"] == "nothing"):
        return "the step itself makes that untrue"
    return ""


def never_fails(step: Step, key: str, value: Any) -> str:
    """Why an expectation about a volley or a file always holds; "" if it can fail."""
    if COUNTS.get(key) == "count" and (step.act == "volley" or "volley" in step.args):
        sign, number = _parted(value)
        if (sign == ">=" and number <= 0) or (sign == ">" and number < 0):
            return "a count is never below 0"
        if "requests" in step.args and sign in ("<", "<=") and number - (sign == "<") >= step.args["requests"]:
            return f"only {step.args['requests']} are asked"
    if step.act == "volley" and key == "longest" and value.startswith("<"):
        patience = step.args.get("patience", PATIENCE)
        return f"none waits longer than {patience}" if seconds(value.lstrip("<= ")) > seconds(patience) else ""
    return ""


def check_volleys(steps: list[Step], mistakes: Mistakes) -> None:
    """Check that each volley in the background has an id, and exactly one later step that waits for it."""
    pending: dict[str, Step] = {}
    for step in steps:
        if step.act == "volley" and step.args.get("background"):
            if not step.id:
                mistakes.add(_where(step, "id"), 'a volley in the background needs an id: act = "wait", volley = "…"')
            elif step.id in pending:
                mistakes.add(_where(step, "id"), f"no step has waited for the volley {shown(step.id)} that is under way")
            else:
                pending[step.id] = step
        elif step.act == "wait" and "volley" in step.args and pending.pop(step.args["volley"], None) is None:
            mistakes.add(_where(step, "volley"), unknown("volley", step.args["volley"], pending))
    for step in pending.values():
        mistakes.add(
            _where(step, "background"),
            f"no step waits for the volley {shown(step.id)}, so it is never judged: add "
            f'a step with act = "wait", volley = "{step.id[:40]}"',
        )


def _parted(value: Any) -> tuple[str, float]:
    """The sign and the number of a count; a number that an earlier step saves could be any."""
    found = NUMBER_BOUND.fullmatch(value) if isinstance(value, str) else None
    if found:
        return found[1], float(found[2])
    return ("", float(value)) if isinstance(value, int) else ("{}", 1.0)


def _where(step: Step, key: str) -> str:
    return f"step {step.number} ({step.act}): {key}"


def expects_too_little(act: str, table: Json) -> bool:
    """Whether a step about a volley or a file that expects nothing would do nothing, either."""
    if act == "volley":
        return not table.get("background")
    if act == "file":
        return not ({"make", "until"} & table.keys())
    return act == "wait" and "volley" in table

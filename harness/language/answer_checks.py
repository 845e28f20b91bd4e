"""Expectations of one answer that cannot hold together: an error that means that there was none, beside its status."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..model.suggestions import shown
from ..model.values import Json
from .error_names import NAMES, NAMES_OF_RAW, OF_CONNECTING, OF_THE_CONTENT, named, problem_of_name
from .matching import matches
from .scenario import Step
from .verbs import BODILESS_STATUSES

Said = Iterator[tuple[str, str]]  # the key, and what is wrong with it

#: What only a whole answer has.
_OF_AN_ANSWER = ("status", "reason", "headers", "body", "json")
_AFTER_ANSWERS = ("", *(name for name in NAMES_OF_RAW if name not in OF_CONNECTING))


def of_the_answer(step: Step, expect: Json) -> Said:
    """What cannot hold of one answer, or of the answers to raw bytes."""
    error = expect.get("error")
    if error is not None and (problem := problem_of_name(error, NAMES_OF_RAW if step.act == "raw" else NAMES)):
        yield "error", problem
        return
    judged = [key for key in _OF_AN_ANSWER if key in expect]
    if judged and expect.get("status") in BODILESS_STATUSES:
        yield from _of_no_body(expect)
    if step.act == "raw":
        yield from _of_several(expect, judged)
    elif error is not None and not named(error, ("", *OF_THE_CONTENT)):
        for key in (*judged, *(["closed"] if "closed" in expect else [])):
            yield key, f"{shown(error)} says that no whole answer came, and without one there is no {key}: omit one of them"


def _of_no_body(expect: Json) -> Said:
    without = f"a {expect['status']} has no body: omit it, or expect another status"
    if "json" in expect:
        yield "json", without
    body = expect.get("body", "")
    written = (
        [body]
        if isinstance(body, str)
        else [text for rule in body.values() for text in ([rule] if isinstance(rule, str) else rule)]
    )
    if not any("{" in text or text.startswith("@") for text in written) and not matches("document", body, ""):
        yield "body", without


def _of_several(expect: Json, judged: list[str]) -> Said:
    """What cannot hold of all answers to raw bytes: an error may come after the first ones, but counts must agree."""
    count, statuses = expect.get("responses"), expect.get("statuses")
    if count is not None and statuses is not None and count != len(statuses):
        yield "responses", f"{count} contradicts statuses = {statuses}, which are those of {len(statuses)}"
    if statuses and expect.get("status", statuses[0]) != statuses[0]:
        yield "status", f"{expect['status']} contradicts statuses = {statuses}: it is that of the first answer"
    nothing = _no_answer(expect, count, statuses)
    for key in judged if nothing else ():
        yield key, f"{nothing} says that no whole answer came, and without one there is no {key}: omit one of them"
    for key, value in (("responses", count), ("statuses", statuses)):
        if nothing and value:
            yield key, f"{nothing} says that no whole answer came: omit one of them"


def _no_answer(expect: Json, count: Any, statuses: Any) -> str:
    """The expectation by which no answer came; "" if one may have come."""
    error = expect.get("error", "")
    if error and not named(error, _AFTER_ANSWERS):
        return f"error = {shown(error)}"
    if expect.get("received") == "":
        return 'received = ""'
    return "responses = 0" if count == 0 else "statuses = []" if statuses == [] else ""

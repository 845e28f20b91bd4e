"""Which expectations can only hold if somebody answered: where no server runs, a client gets an error at most."""

from __future__ import annotations

from typing import Any

from ..model.values import Json
from .error_names import OF_CONNECTING, OF_THE_CONNECTION, OF_THE_SYSTEM, named
from .verbs import NUMBER_BOUND

_WITHOUT_ANSWER = (*OF_CONNECTING, *OF_THE_CONNECTION, *OF_THE_SYSTEM)


def needs_an_answer(act: str, expect: Json) -> str:
    """The first key of an expectation that needs an answer to a step of this verb; "" if none does."""
    return next((key for key, value in expect.items() if _needs(act, key, value)), "")


def _needs(act: str, key: str, value: Any) -> bool:
    if key == "error":
        return not named(value, _WITHOUT_ANSWER)
    if act == "volley":
        return key in ("answered", "bodies", "statuses") and not _may_be_none(value)
    if key == "closed":
        return act != "raw" or value is False
    if key in ("statuses", "interim", "responses", "received", "closure_alert"):
        return bool(value)
    return key in ("status", "reason", "headers", "body", "json")


def _may_be_none(value: Any) -> bool:
    """Whether a count or a list may be that of nothing."""
    found = NUMBER_BOUND.fullmatch(value) if isinstance(value, str) else None
    if found:
        sign, number = found[1], float(found[2])
        return sign in ("<", "<=") or number < 0 or (sign == ">=" and number == 0)
    return isinstance(value, str) or not value

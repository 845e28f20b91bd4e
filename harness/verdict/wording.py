"""An answer in few words, whether it was observed or is expected: "200, kept open, /method "GET""."""

from __future__ import annotations

import json
import re
import zlib
from typing import Any

from ..language.json_matching import ABSENT
from ..model.counting import counted
from ..model.values import History, Json
from .causes import ERRORS

MOST_VALUE = 120  # characters of one value
NO_ANSWER = "no answer"
_FLAGS = {
    "closed": ("closed", "kept open"),
    "closure_alert": ("closed its TLS session first", "left its TLS session open"),
    "ready": ("ready", "not ready"),
    "running": ("running", "not running"),
    "forced": ("had to be killed", "stopped by itself"),
    "timed_out": ("timed out", "in time"),
}
_INVISIBLE = {code: repr(chr(code))[1:-1] for code in (*range(32), *range(127, 160))}
#: Expectations of which only the wording is shown, and what their opposite is called.
SAID = {"log": "logged", "log_absent": "did not log", "seconds": "in"}
OPPOSITE = {"log": "did not log", "log_absent": "logged", "seconds": "not in"}


def in_words(values: Json) -> str:
    """What an answer is, or should be, in one line; the order is that of reading: status, error, connection, the rest."""
    order = ("statuses", "status", "error", "closed")
    keys = [*(key for key in order if key in values), *(key for key in values if key not in order)]
    return ", ".join(text for key in keys if (text := part(key, values[key])))


def part(key: str, value: Any) -> str:
    """One value of an answer; "" for an error that did not happen."""
    if key == "error":
        return ERRORS.get(value, short(str(value))) if value else ""
    if key == "statuses" and isinstance(value, list):
        return ", then ".join(map(str, value)) or NO_ANSWER
    if key == "status":
        return NO_ANSWER if value is None else str(value)
    if key == "interim" and isinstance(value, list):
        return f"interim {', '.join(map(str, value))}" if value else "no interim answer"
    if key == "responses" and isinstance(value, int):
        return counted(value, "answer")
    if key in SAID and isinstance(value, str | list):
        return f"{SAID[key]} {' and '.join(value) if isinstance(value, list) else short(value)}"
    if isinstance(value, bool) and key in _FLAGS:
        return _FLAGS[key][not value]
    if key in ("json", "headers") and isinstance(value, dict):
        return ", ".join(_place(key, name, found) for name, found in value.items())
    return f"{key} {_value(value)}"


def _place(key: str, name: str, found: Any) -> str:
    """A value in a JSON text, or a header field."""
    if found is None or found == ABSENT:
        return f"no {name}"
    return f"{name} {_value(found)}" if key == "json" else f"{name}: {short(str(found))}"


def _value(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return f'"{short(value.translate(_INVISIBLE))}"'
    return short(json.dumps(value, ensure_ascii=False, sort_keys=True))


def short(text: str) -> str:
    """A text of at most MOST_VALUE characters; two that differ behind the cut still look different."""
    if len(text) <= MOST_VALUE:
        return text
    return f"{text[:MOST_VALUE]}… ({len(text)} characters, {zlib.crc32(text.encode('utf-8', 'replace')):08x})"


def general(answer: Any, history: History) -> Any:
    """An answer without what varies from cell to cell: address, pids, times of day."""
    if not isinstance(answer, str):
        return answer
    text = answer.replace(history.host, "HOST").replace(str(history.port), "PORT") if history.host else answer
    text = re.sub(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?[+-]\d{4})?", "TIME", text)
    text = re.sub(r"\d\d/\w{3}/\d{4}[: ]\d\d:\d\d:\d\d", "TIME", text)
    text = re.sub(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", "TIME", text)
    text = re.sub(r"\[\d+\]", "[PID]", text)
    return re.sub(r"0x[0-9a-f]+", "0x…", text)

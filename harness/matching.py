"""Does what was observed match what was expected? One function a kind of expectation, in a table.

Texts come from servers and are not trusted: at most 64 KiB of them are looked
at, line by line, and a regular expression has a time limit.
"""

from __future__ import annotations

import operator
import re
import signal
from collections.abc import Callable
from typing import Any

import regex

from .language import NUMBER_BOUND
from .language import seconds as parse_seconds

MAX_TEXT = 64 * 1024
REGEX_SECONDS = 1.0

_BOUND = re.compile(r"(<=|>=|<|>)\s*(.+)")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}


class Unmatchable(Exception):
    """The comparison itself failed (a pattern took too long): said as such, never a pass."""


def is_pattern(text: str) -> bool:
    """Whether a string is a /regular expression/."""
    return len(text) >= 2 and text.startswith("/") and text.endswith("/")


def compile_pattern(text: str) -> regex.Pattern[str]:
    """Compile a /regular expression/; raises ValueError with the reason."""
    try:
        return regex.compile(text[1:-1])
    except regex.error as error:
        raise ValueError(f"{text} is not a regular expression: {error}") from error


def search_line(pattern: str, line: str) -> regex.Match[str] | None:
    """Search one line; raises Unmatchable when the time limit is passed."""
    try:
        return compile_pattern(pattern).search(line, timeout=REGEX_SECONDS)
    except TimeoutError as error:
        raise Unmatchable(f"{pattern} took more than {REGEX_SECONDS} s on one line") from error


def lines_of(text: str) -> list[str]:
    """The lines of at most 64 KiB of a text."""
    return text[:MAX_TEXT].splitlines() or [""]


def match_text(expected: str, observed: Any) -> bool:
    """A literal is equal as a whole; a pattern is found in one line."""
    if not isinstance(observed, str):
        return False
    if not is_pattern(expected):
        return expected == observed
    return any(search_line(expected, line) for line in lines_of(observed))


def match_log(expected: str | list[str], observed: Any) -> bool:
    """Each pattern is found in a line after the line of the pattern before it."""
    lines = iter(lines_of(observed if isinstance(observed, str) else ""))
    patterns = [expected] if isinstance(expected, str) else expected
    return all(any(search_line(pattern, line) for line in lines) for pattern in patterns)


def match_absent(expected: str, observed: Any) -> bool:
    """No line matches; raises Unmatchable for a text that is longer than what is looked at."""
    if not isinstance(observed, str):
        return False
    if len(observed) > MAX_TEXT:
        raise Unmatchable(f"only {MAX_TEXT} of {len(observed)} characters could be searched for {expected}")
    return not match_log(expected, observed)


def match_headers(expected: dict[str, str], observed: Any) -> bool:
    """Each header named is there and matches; "absent" says that it is not there."""
    have = {name.lower(): value for name, value in (observed or {}).items()}
    return all(
        name.lower() not in have if wanted == "absent" else match_text(wanted, have.get(name.lower()))
        for name, wanted in expected.items())


def match_exit(expected: int | str | list[int], observed: Any) -> bool:
    """An exit code, one of several, a signal's name, or "nonzero" (which a signal is too)."""
    if not isinstance(observed, int) or isinstance(observed, bool):
        return False
    if isinstance(expected, list):
        return observed in expected
    if expected == "nonzero":
        return observed != 0
    if isinstance(expected, str):
        return observed == -int(signal.Signals[expected])
    return observed == expected


def match_seconds(expected: str, observed: Any) -> bool:
    """A bound on a duration in seconds."""
    bound = _BOUND.fullmatch(expected)
    if bound is None:
        raise Unmatchable(f"{expected!r} is not a bound")
    return isinstance(observed, int | float) and _COMPARE[bound[1]](float(observed), parse_seconds(bound[2]))


def match_bound(expected: str, observed: Any) -> bool:
    """A bound on a number."""
    bound = NUMBER_BOUND.fullmatch(expected)
    if bound is None:
        raise Unmatchable(f"{expected!r} is not a bound")
    return isinstance(observed, int | float) and not isinstance(observed, bool) and \
        _COMPARE[bound[1]](float(observed), float(bound[2]))


def match_equal(expected: Any, observed: Any) -> bool:
    """Equal, and of the same type: 1 is not true."""
    return type(expected) is type(observed) and bool(expected == observed)


MATCHERS: dict[str, Callable[[Any, Any], bool]] = {
    "int": match_equal,
    "bool": match_equal,
    "strings": lambda expected, observed: isinstance(observed, list) and sorted(expected) == sorted(observed),
    "matcher": match_text,
    "matchers": match_headers,
    "log": match_log,
    "absent": match_absent,
    "exit": match_exit,
    "seconds": match_seconds,
    "bound": match_bound,
}


def matches(kind: str, expected: Any, observed: Any) -> bool:
    """Whether an observation holds what is expected; raises Unmatchable when that cannot be told."""
    return MATCHERS[kind](expected, observed)

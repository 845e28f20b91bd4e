"""Whether an observed value matches the expected one: a table with one function for each kind of expectation.

Texts come from servers and are not trusted, so regular expressions have a time limit. Texts are judged in
``text_matching``, which the reproducer shares.
"""

from __future__ import annotations

import functools
import operator
import re
import signal
import time
from collections.abc import Callable
from typing import Any

import regex

from . import json_matching, text_matching
from .text_matching import Find, Unmatchable, is_pattern
from .verbs import NUMBER_BOUND
from .verbs import seconds as parse_seconds

__all__ = ["Unmatchable", "compile_pattern", "is_pattern", "match_log", "match_text", "matches"]

REGEX_SECONDS = 2.0  # of CPU time, for one expectation and one text

_BOUND = re.compile(r"(<=|>=|<|>)\s*(.+)")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compile_pattern(text: str) -> regex.Pattern[str]:
    """Compile a /regular expression/ that is also one for ``re``, which is all that the reproducer has.

    Raises ValueError with the reason.
    """
    try:
        re.compile(text[1:-1])
        return _compiled(text)
    except (regex.error, re.error) as error:
        raise ValueError(f"{text} is not a regular expression: {error}") from error


@functools.lru_cache(4096)
def _compiled(text: str) -> regex.Pattern[str]:
    """The pattern of a scenario that was checked; what is filled in is escaped, and cannot make it wrong."""
    return regex.compile(text[1:-1])


def finder() -> Find:
    """A search for one text; it raises Unmatchable after REGEX_SECONDS of CPU time."""
    limit = time.thread_time() + REGEX_SECONDS

    def find(pattern: str, all_of_it: bool) -> Callable[[str], bool]:
        compiled = _compiled(pattern)
        ask = compiled.fullmatch if all_of_it else compiled.search

        @functools.cache  # a long log repeats its lines, and a search with a time limit is not cheap
        def found(text: str) -> bool:
            try:
                left = limit - time.thread_time()
                if left > 0:
                    return ask(text, timeout=left) is not None
            except TimeoutError:
                pass
            raise Unmatchable(f"{pattern} took more than {REGEX_SECONDS:g} s on one text")

        return found

    return find


def match_text(expected: str, observed: Any) -> bool:
    """Match the observed value of a [[known]] entry: a literal must be equal, a pattern must match in one line."""
    if not isinstance(observed, str):
        return False
    return text_matching.some_line(expected, observed, finder()) if is_pattern(expected) else expected == observed


def match_log(expected: str | list[str], observed: Any) -> bool:
    """Each pattern matches a line after that of the previous pattern; raises Unmatchable for a truncated text."""
    return isinstance(observed, str) and text_matching.some_line(expected, observed, finder())


def match_absent(expected: str, observed: Any) -> bool:
    """No line matches; raises Unmatchable for a truncated text."""
    return isinstance(observed, str) and text_matching.absent(expected, observed, finder())


def match_exit(expected: int | str | list[int], observed: Any) -> bool:
    """An exit code, one of several, a signal's name, or "nonzero" (which includes signals)."""
    if not isinstance(observed, int) or isinstance(observed, bool):
        return False
    if isinstance(expected, list):
        return observed in expected
    if expected == "nonzero":
        return observed != 0
    if isinstance(expected, str):
        if expected not in signal.Signals.__members__:
            raise Unmatchable(f"{expected!r} is not a signal name")
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
    return (
        isinstance(observed, int | float)
        and not isinstance(observed, bool)
        and _COMPARE[bound[1]](float(observed), float(bound[2]))
    )


def match_equal(expected: Any, observed: Any) -> bool:
    """Equal, and of the same type: 1 is not true."""
    return type(expected) is type(observed) and bool(expected == observed)


def match_count(expected: int | str, observed: Any) -> bool:
    """A number of things: exactly so many, or a bound."""
    return match_bound(expected, observed) if isinstance(expected, str) else match_equal(expected, observed)


MATCHERS: dict[str, Callable[[Any, Any], bool]] = {
    "int": match_equal,
    "bool": match_equal,
    "ints": match_equal,
    "strings": lambda expected, observed: isinstance(observed, list) and sorted(expected) == sorted(observed),
    "document": lambda expected, observed: text_matching.document(expected, observed, finder()),
    "matcher": lambda expected, observed: text_matching.value(expected, observed, finder()),
    "matchers": lambda expected, observed: text_matching.headers(expected, observed, finder()),
    "json": lambda expected, observed: not json_matching.differences(expected, observed, finder()),
    "log": match_log,
    "absent": match_absent,
    "exit": match_exit,
    "seconds": match_seconds,
    "bound": match_bound,
    "count": match_count,
}


def matches(kind: str, expected: Any, observed: Any) -> bool:
    """Whether an observation matches the expectation; raises Unmatchable when that cannot be decided."""
    return MATCHERS[kind](expected, observed)

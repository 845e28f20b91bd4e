"""Useless patterns: those that match anything, those that match nothing, and those that need a line end within a line."""

from __future__ import annotations

import re
from collections.abc import Iterable

import regex

from ..model.suggestions import shown
from .matching import compile_pattern
from .pattern_paths import can_match
from .scenario import ScenarioError

#: A pattern that matches in all of these matches in any line with content.
UNLIKE_LINES = (
    "0123456789 9876543210 0",
    "Zq \u2603 vX \u2603 Zq \u2603 vX",
    "<!DOCTYPE html><br/></p>",
    "\x00\xff\x07\x1b[~]\xfe\x01\x02\x03\x04\x05\x06\x0e\x0f",
    "-------------------------_",
    "KeyError: 'x', which is no error at all",
)
#: A text of several lines may also be empty: a pattern that matches in all of these says nothing about any text.
UNLIKE_TEXTS = ("", "0", "Zq \u2603", "<!DOCTYPE html>", "\x00\xff")

#: Last lines of tracebacks that a mistake of any kind leads to.
FAULTS = (
    "AssertionError",
    "AttributeError: 'Server' object has no attribute 'sokcet'",
    "IndexError: list index out of range",
    "KeyError: 'wsgi.input'",
    "NameError: name 'nmae' is not defined",
    "RuntimeError: dictionary changed size during iteration",
    "TypeError: answer() missing 1 required positional argument: 'body'",
    "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
    "ValueError: invalid literal for int() with base 10: 'x'",
    "ZeroDivisionError: division by zero",
)
_FEW = 2  # kinds of faults that a pattern may match and still be about something

_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]")
_LINE_END = re.compile(r"(?<!\\)(?:\\\\)*(?:\\[nr]|[\n\r])(?![?*{])")
_MAY_BE_LEFT_OUT = re.compile(r"\||\(\?[!<]|\)[?*{]|\?#")


def fits_all(pattern: str | regex.Pattern[str], texts: Iterable[str], whole: bool = False) -> bool:
    """Whether a pattern matches each of some texts; with ``whole`` it must match all of a text."""
    found = compile_pattern(pattern) if isinstance(pattern, str) else pattern
    return all((found.fullmatch if whole else found.search)(text) for text in texts)


def fits_anything(pattern: str, whole: bool = False, may_be_empty: bool = False) -> bool:
    """Whether a pattern matches any text: it is tried on several dissimilar ones.

    With ``may_be_empty`` the text may be empty, so matching any one character does say something.
    """
    return compile_pattern(pattern).pattern in ("", "^", "$") or fits_all(
        pattern, UNLIKE_TEXTS if whole or may_be_empty else UNLIKE_LINES, whole
    )


def faults_matched(pattern: str) -> list[str]:
    """The kinds of faults of any program that a pattern for one traceback also matches; none if those are few."""
    found = [line.partition(":")[0] for line in FAULTS if fits_all(pattern, [line])]
    return found if len(found) > _FEW else []


def fits_nothing(pattern: str, whole: bool = False, lines: bool = True) -> bool:
    """Whether nothing can match a pattern; with ``lines`` it is matched against single lines, unless it is ``whole``."""
    compile_pattern(pattern)
    return not can_match(pattern, whole, lines and not whole)


def needs_a_line_end(pattern: str) -> bool:
    r"""Whether a pattern can only match at a line end: it has a \n that is neither in a class nor optional."""
    rest = _CLASS.sub("", pattern[1:-1])
    return bool(_LINE_END.search(rest)) and not _MAY_BE_LEFT_OUT.search(rest)


def never(pattern: str) -> str:
    """What is said of a pattern that nothing can match."""
    return f"{shown(pattern)} can never match; nothing comes before ^ or after $. Give a pattern for what you mean"


def problem_of(pattern: str, whole: bool = False, may_be_empty: bool = False, lines: bool = True) -> str:
    """What is wrong with a /pattern/ that compiles, or ""; with ``lines`` it is matched against single lines."""
    if fits_anything(pattern, whole, may_be_empty):
        return f"{shown(pattern)} matches anything: be more specific, or omit it"
    if fits_nothing(pattern, whole, lines):
        return never(pattern)
    if lines and not whole and needs_a_line_end(pattern):
        return (
            f"{shown(pattern)} needs a line end, but is matched against single lines, which have none: "
            "write one pattern for each line"
        )
    return ""


def check_pattern(
    pattern: str,
    file: str,
    where: str,
    whole: bool = False,
    may_be_empty: bool = False,
    lines: bool = True,
) -> None:
    """Reject a pattern that does not compile or is useless; raises ScenarioError."""
    try:
        problem = problem_of(pattern, whole, may_be_empty, lines)
    except ValueError as error:
        raise ScenarioError(file, where, str(error)) from error
    if problem:
        raise ScenarioError(file, where, problem)

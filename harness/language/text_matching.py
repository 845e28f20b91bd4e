"""Whether a text matches what is expected of it, for the harness and the reproducer. Standard library only.

The caller passes the search (``Find``): the harness's has a time limit, the reproducer's is plain ``re``. A text that was
truncated when it was recorded ends in CUT; if the answer depends on the missing part, ``Unmatchable`` is raised.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

MAX_KEPT = 1024 * 1024  # bytes of an answer or of a log that are kept; everything kept is searched
CUT = "\n[cut: the rest was not kept]\n"

#: (a /pattern/, whether it must match the whole text) -> whether a text matches
Find = Callable[[str, bool], Callable[[str], bool]]

_LINE_END = re.compile("\r?\n")


class Unmatchable(Exception):
    """The comparison itself failed (a pattern took too long, a text was truncated): reported as such, never a pass."""


def is_pattern(text: str) -> bool:
    """Whether a string is a /regular expression/."""
    return len(text) >= 2 and text.startswith("/") and text.endswith("/")


def kept(data: bytes, encoding: str, longer: bool = False) -> str:
    """Decode what was kept; ``longer`` means that there was more."""
    text = data[:MAX_KEPT].decode(encoding, "replace")
    return text + CUT if longer or len(data) > MAX_KEPT else text


def lines_of(text: str) -> list[str]:
    r"""The lines of a text; only \n and \r\n end a line, and an empty text is one empty line."""
    lines = _LINE_END.split(text)
    return lines[:-1] if len(lines) > 1 and not lines[-1] else lines


def looked_at(text: str) -> tuple[list[str], bool]:
    """The complete lines, and whether those are all there were."""
    return (lines_of(text[: -len(CUT)])[:-1], False) if text.endswith(CUT) else (lines_of(text), True)


def unknown(expected: Any) -> Unmatchable:
    """The error for when the answer may be in the part of a text that was not kept."""
    return Unmatchable(f"{expected} cannot be judged: only the first {MAX_KEPT} bytes of the text were kept")


def in_line(expected: str, find: Find) -> Callable[[str], bool]:
    """A test for one line: a literal must equal it, a pattern must match in it."""
    return find(expected, False) if is_pattern(expected) else expected.__eq__


def some_line(expected: str | Iterable[str], text: str, find: Find) -> bool:
    """One line matches; of several expectations, each matches a line after that of the previous one."""
    wanted = [expected] if isinstance(expected, str) else list(expected)
    lines, everything = looked_at(text)
    rest = iter(lines)
    if all(any(map(in_line(one, find), rest)) for one in wanted):
        return True
    if not everything:
        raise unknown(expected)
    return False


def every_line(expected: str, text: str, find: Find) -> bool:
    """Each line matches."""
    lines, everything = looked_at(text)
    if not all(map(in_line(expected, find), lines)):
        return False
    if not everything:
        raise unknown(expected)
    return True


def absent(expected: str, text: str, find: Find) -> bool:
    """A pattern matches in no line; a literal is nowhere in the text."""
    lines, everything = looked_at(text)
    if any(map(find(expected, False), lines)) if is_pattern(expected) else expected in text:
        return False
    if not everything:
        raise unknown(expected)
    return True


def whole(expected: str, text: str, find: Find) -> bool:
    """A literal equals the whole text; a pattern matches all of it, and its dots do not match line ends."""
    if text.endswith(CUT):
        if is_pattern(expected):
            raise unknown(expected)
        return False
    return find(expected, True)(text) if is_pattern(expected) else expected == text


#: What can be expected of a text; a plain string means the first.
RULES: dict[str, Callable[[Any, str, Find], bool]] = {
    "whole": whole,
    "some_line": some_line,
    "every_line": every_line,
    "absent": absent,
}


def document(expected: str | dict[str, Any], observed: Any, find: Find) -> bool:
    """Whether a text of several lines meets all expectations; without a text, none holds."""
    rules = {"whole": expected} if isinstance(expected, str) else expected
    if not isinstance(observed, str) or not rules:
        return False
    doubt: Unmatchable | None = None
    for name, wanted in rules.items():
        try:
            if not RULES[name](wanted, observed, find):
                return False
        except Unmatchable as problem:
            doubt = problem
    if doubt is not None:
        raise doubt
    return True


def value(expected: str, observed: Any, find: Find) -> bool:
    """A value of one line: a literal must equal it, a pattern must match in it; several lines never match."""
    if not isinstance(observed, str):
        return False
    if not is_pattern(expected):
        return expected == observed
    return "\n" not in observed and "\r" not in observed and find(expected, False)(observed)


def headers(expected: dict[str, str], observed: Any, find: Find) -> bool:
    """Each named header is present and matches; "absent" means an answer without that header."""
    if not isinstance(observed, dict):
        return False
    have = {name.lower(): text for name, text in observed.items()}
    return all(
        name.lower() not in have if wanted == "absent" else value(wanted, have.get(name.lower()), find)
        for name, wanted in expected.items()
    )


def first_line(pattern: str, text: Any, find: Find) -> str | None:
    """The first line in which a pattern matches, stripped; for a truncated text, a note if there is none."""
    if not isinstance(text, str):
        return None
    lines, everything = looked_at(text)
    missing = None if everything else f"not in the first {MAX_KEPT} bytes, which were kept"
    return next((line.strip() for line in filter(find(pattern, False), lines)), missing)

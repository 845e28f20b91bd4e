"""Whether a pattern can match at all: its parsed form is walked with all the places in a text where a match could be.

A place says what is before it and what may still come; ``^`` and ``$`` are only possible at some places. Whatever the walk
does not understand counts as possible, so a pattern that it refuses can match in no text.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
from re import _parser  # type: ignore[attr-defined]  # the only parser there is of the patterns that `re` takes
from typing import Any

from .verbs import BUILT_IN, PLACEHOLDER

#: (whether nothing is before it, what may follow it). What may follow: anything, at most one line end, nothing.
Place = tuple[bool, int]
Places = frozenset[Place]
ANYTHING, LINE_END, NOTHING = range(3)

#: So many turns of a repeat lead to all places that more turns lead to: each turn stays, or goes one of few steps on.
_SETTLED = 6
_WITH_LINE_END = ("CATEGORY_SPACE", "CATEGORY_NOT_DIGIT", "CATEGORY_NOT_WORD")


@functools.lru_cache(4096)
def can_match(pattern: str, whole: bool, lines: bool) -> bool:
    """Whether some text matches a /pattern/ that compiles; ``whole``: all of the text; ``lines``: it has no line end."""
    try:
        parsed = _parser.parse(_filled(pattern[1:-1]))
    except re.error:
        return True
    walk = _Walk(parsed.state.flags, lines)
    begin = [(True, ANYTHING)] if whole else [(True, ANYTHING), (False, ANYTHING)]
    return bool(walk.through(parsed, frozenset(begin)))


def _filled(text: str) -> str:
    """A pattern without {names}: those that every cell has are never empty, and what a step saves may be."""
    return PLACEHOLDER.sub(lambda name: "x" if name[1] in BUILT_IN else "x?", text)


class _Walk:
    """One walk; ``through`` gives the places after some items of a parsed pattern, if it begins at some places."""

    def __init__(self, flags: int, lines: bool) -> None:
        self._lines = lines
        self._flags = flags

    def through(self, items: Iterable[tuple[Any, Any]], places: Places) -> Places:
        """The places after all of the items; none if they cannot match there."""
        for operator, argument in items:
            places = _ITEMS.get(str(operator), _Walk._as_it_is)(self, argument, places)
            if not places:
                break
        return places

    def _as_it_is(self, argument: Any, places: Places) -> Places:
        return places

    def _never(self, argument: Any, places: Places) -> Places:
        return frozenset()

    def _literal(self, argument: int, places: Places) -> Places:
        return self._past(places, argument == ord("\n"))

    def _not_literal(self, argument: int, places: Places) -> Places:
        return self._past(places, argument != ord("\n"))

    def _any(self, argument: Any, places: Places) -> Places:
        return self._past(places, bool(self._flags & re.DOTALL))

    def _in(self, argument: list[tuple[Any, Any]], places: Places) -> Places:
        negated = str(argument[0][0]) == "NEGATE"
        return self._past(places, any(map(_has_line_end, argument)) != negated)

    def _past(self, places: Places, may_be_line_end: bool) -> Places:
        """The places behind one more character."""
        ends = frozenset((False, NOTHING) for _, rest in places if rest == LINE_END and may_be_line_end)
        return ends | frozenset((False, ANYTHING) for _, rest in places if rest == ANYTHING)

    def _at(self, argument: Any, places: Places) -> Places:
        name, in_lines = str(argument), bool(self._flags & re.MULTILINE)
        if name == "AT_BEGINNING_STRING" or (name == "AT_BEGINNING" and not in_lines):
            return frozenset(place for place in places if place[0])
        if name == "AT_END_STRING" or (name == "AT_END" and self._lines and not in_lines):
            return frozenset((first, NOTHING) for first, _ in places)
        if name == "AT_END" and not in_lines:
            return frozenset((first, max(rest, LINE_END)) for first, rest in places)
        return places

    def _group(self, argument: Any, places: Places) -> Places:
        _, added, removed, items = argument
        before, self._flags = self._flags, (self._flags | added) & ~removed
        found = self.through(items, places)
        self._flags = before
        return found

    def _branch(self, argument: Any, places: Places) -> Places:
        return frozenset().union(*(self.through(items, places) for items in argument[1]))

    def _repeat(self, argument: Any, places: Places) -> Places:
        least, most, items = argument
        for _ in range(min(int(least), _SETTLED)):
            places = self.through(items, places)
        found = places
        for _ in range(min(int(most) - int(least), _SETTLED)):
            places = self.through(items, places)
            found |= places
        return found

    def _reference(self, argument: Any, places: Places) -> Places:
        return places | self._past(places, True)

    def _condition(self, argument: Any, places: Places) -> Places:
        _, there, not_there = argument
        return self.through(there, places) | (self.through(not_there, places) if not_there else places)

    def _ahead(self, argument: Any, places: Places) -> Places:
        direction, items = argument
        return frozenset(p for p in places if direction < 0 or self.through(items, frozenset([p])))

    def _not_ahead(self, argument: Any, places: Places) -> Places:
        return places if len(argument[1]) else frozenset()  # (?!): nothing is what always follows

    def _atomic(self, argument: Any, places: Places) -> Places:
        return self.through(argument, places)


def _has_line_end(item: tuple[Any, Any]) -> bool:
    operator, argument = str(item[0]), item[1]
    if operator == "LITERAL":
        return bool(argument == ord("\n"))
    if operator == "RANGE":
        return bool(argument[0] <= ord("\n") <= argument[1])
    return operator == "CATEGORY" and str(argument) in _WITH_LINE_END


_ITEMS: dict[str, Callable[[_Walk, Any, Places], Places]] = {
    "LITERAL": _Walk._literal,
    "NOT_LITERAL": _Walk._not_literal,
    "ANY": _Walk._any,
    "IN": _Walk._in,
    "AT": _Walk._at,
    "SUBPATTERN": _Walk._group,
    "BRANCH": _Walk._branch,
    "MAX_REPEAT": _Walk._repeat,
    "MIN_REPEAT": _Walk._repeat,
    "POSSESSIVE_REPEAT": _Walk._repeat,
    "ATOMIC_GROUP": _Walk._atomic,
    "GROUPREF": _Walk._reference,
    "GROUPREF_EXISTS": _Walk._condition,
    "ASSERT": _Walk._ahead,
    "ASSERT_NOT": _Walk._not_ahead,
    "FAILURE": _Walk._never,
}

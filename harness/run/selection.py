"""Select the cells that a command line asks for, by ids and -k expressions, before anything is built."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import product

from ..model.counting import counted
from ..model.ids import SEPARATOR, CellId
from ..model.refusal import Refusal
from ..model.suggestions import nearest

_TOKEN = re.compile(r"\s*(?:([()])|([^\s()]+))")
MOST = 3  # ids suggested in a message
_WORDS = ("and", "or", "not")

Holds = Callable[[str], bool]


def keyword(expression: str) -> Holds:
    """Turn a ``-k`` expression into a test for a text; raises Refusal if it cannot be parsed.

    As in pytest: words that a name contains, ignoring case, with ``and``, ``or``, ``not`` and parentheses.
    """
    tokens = [match[1] or match[2] for match in _TOKEN.finditer(expression)]
    place = 0

    def refuse(problem: str) -> Refusal:
        return Refusal(
            f"-k {expression[:80]!r}: {problem}. Use words with and, or, not and parentheses, as in -k 'port and not 2.7'."
        )

    def peek() -> str:
        return tokens[place] if place < len(tokens) else ""

    def take() -> str:
        nonlocal place
        place += 1
        return tokens[place - 1]

    def either() -> Holds:
        found = both()
        while peek() == "or":
            take()
            found = _any(found, both())
        return found

    def both() -> Holds:
        found = one()
        while peek() == "and":
            take()
            found = _all(found, one())
        return found

    def one() -> Holds:
        if not peek():
            raise refuse("a word is missing at the end")
        word = take()
        if word == "not":
            return _not(one())
        if word == "(":
            found = either()
            if peek() != ")":
                raise refuse("unclosed parenthesis")
            take()
            return found
        if word == ")" or word in _WORDS:
            raise refuse(f"a word is needed instead of {word!r}")
        return _contains(word)

    found = either()
    if peek():
        raise refuse(f"unexpected {peek()!r}")
    return found


def _contains(word: str) -> Holds:
    return lambda text: word.lower() in text.lower()


def _not(inner: Holds) -> Holds:
    return lambda text: not inner(text)


def _all(first: Holds, second: Holds) -> Holds:
    return lambda text: first(text) and second(text)


def _any(first: Holds, second: Holds) -> Holds:
    return lambda text: first(text) or second(text)


def _like(wanted: str, cells: list[str]) -> list[str]:
    """The cells whose id is similar in each part to the wanted one."""
    parts = [cell.split(SEPARATOR) for cell in cells]
    asked = wanted.split(SEPARATOR)
    if len(asked) != 3:
        return []
    near = [nearest(part, {one[place] for one in parts}) for place, part in enumerate(asked)]
    known = set(cells)
    return [cell for cell in map(SEPARATOR.join, product(*near)) if cell in known][:MOST]


def select(cells: Iterable[str], wanted: Iterable[str], expression: str, where: str = "") -> list[str]:
    """The cells selected by ``--cell`` and ``-k``; raises Refusal with the nearest ids if one of them selects none."""
    found = list(cells)
    asked = list(wanted)
    known = set(found)
    for name in asked:
        if name not in known:
            near = _like(name, found)
            meant = f" Did you mean {' or '.join(near)}?" if near else ""
            raise Refusal(
                f"--cell {name[:120]}: no such cell{where}.{meant} An id is scenario@subject@interpreter, as in the report."
            )
    if asked:
        chosen = set(asked)
        found = [cell for cell in found if cell in chosen]
    if expression:
        holds = keyword(expression)
        left = [cell for cell in found if holds(cell)]
        if not left:
            scenarios = sorted({CellId(cell).scenario for cell in found})
            words = sorted({word for name in scenarios for word in (name, *name.split("."))})
            asked = [word for word in re.findall(r"[\w.+-]+", expression) if word not in _WORDS]
            near = [match for word in asked for match in nearest(word, words)]
            meant = f" Did you mean {' or '.join(dict.fromkeys(near))}?" if near else ""
            raise Refusal(f"-k {expression[:80]!r} selects none of {counted(len(found), 'cell')}.{meant} --plan lists them.")
        found = left
    return found

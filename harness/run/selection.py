"""Which cells a command line asks for, by ids and -k expressions: decided before anything is made."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import product

from ..model.ids import SEPARATOR, CellId
from ..model.refusal import Refusal
from ..model.suggestions import nearest

_TOKEN = re.compile(r"\s*(?:([()])|([^\s()]+))")
MOST = 3  # ids that a message offers
_WORDS = ("and", "or", "not")

Holds = Callable[[str], bool]


def keyword(expression: str) -> Holds:
    """Turn a ``-k`` expression into what tells whether a text is meant; raises Refusal for one that cannot be read.

    As in pytest: words that a name contains, whatever their case, with ``and``, ``or``, ``not`` and parentheses.
    """
    tokens = [match[1] or match[2] for match in _TOKEN.finditer(expression)]
    place = 0

    def refuse(problem: str) -> Refusal:
        return Refusal(
            f"-k {expression[:80]!r}: {problem}. Give words with and, or, not and parentheses, as in -k 'port and not 2.7'."
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
            raise refuse("it ends where a word is needed")
        word = take()
        if word == "not":
            return _not(one())
        if word == "(":
            found = either()
            if peek() != ")":
                raise refuse("a parenthesis is not closed")
            take()
            return found
        if word == ")" or word in _WORDS:
            raise refuse(f"{word!r} stands where a word is needed")
        return _contains(word)

    found = either()
    if peek():
        raise refuse(f"{peek()!r} is left over")
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
    """The cells each part of whose id is like that of a wanted one."""
    parts = [cell.split(SEPARATOR) for cell in cells]
    asked = wanted.split(SEPARATOR)
    if len(asked) != 3:
        return []
    near = [nearest(part, {one[place] for one in parts}) for place, part in enumerate(asked)]
    known = set(cells)
    return [cell for cell in map(SEPARATOR.join, product(*near)) if cell in known][:MOST]


def select(cells: Iterable[str], wanted: Iterable[str], expression: str, where: str = "") -> list[str]:
    """The cells that ``--cell`` and ``-k`` leave; raises Refusal where one of them names none, with the nearest ids."""
    found = list(cells)
    asked = list(wanted)
    known = set(found)
    for name in asked:
        if name not in known:
            near = _like(name, found)
            meant = f" Did you mean {' or '.join(near)}?" if near else ""
            raise Refusal(
                f"--cell {name[:120]}: there is no such cell{where}.{meant} "
                "An id is scenario@subject@interpreter, as the report shows it."
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
            raise Refusal(f"-k {expression[:80]!r} selects none of {len(found)} cells.{meant} --plan lists them.")
        found = left
    return found

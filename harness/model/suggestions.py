"""Messages about unknown words: the nearest known ones, in as much text as a person will read."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

MAX_VALUE = 80  # characters of a value inside a message
MAX_CHARACTERS = 200  # of the words that a message lists
MAX_LISTED = 40  # words that a message lists
NEAREST = 3


def shown(value: Any) -> str:
    """A value as quoted in a message, shortened if long."""
    text = repr(value)
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}… ({len(text)} characters)"


def nearest(word: str, known: Iterable[str]) -> list[str]:
    """The known words most like a word, nearest first: those with similar spelling, then those that contain it."""
    small = {name.lower(): name for name in sorted(known, reverse=True)}  # of two that differ only in case, one is enough
    word = word.lower()[:MAX_VALUE]
    like = difflib.get_close_matches(word, small, NEAREST)
    like += [name for name in sorted(small) if word and word in name and name not in like]
    return [small[name] for name in like[:NEAREST]]


def meant(word: str, known: Iterable[str]) -> str:
    """ " Did you mean 'known'?" if a word is like a known one, else ""."""
    near = nearest(word, known)
    return f" Did you mean {' or '.join(repr(name) for name in near)}?" if near else ""


def _listed(names: list[str]) -> str:
    """Names in a row, as many as a person reads."""
    shown_names: list[str] = []
    for name in names[:MAX_LISTED]:
        if shown_names and sum(len(one) + 2 for one in shown_names) + len(name) > MAX_CHARACTERS:
            break
        shown_names.append(name)
    more = f", … ({len(names)} in all)" if len(shown_names) < len(names) else ""
    return ", ".join(shown_names)[: MAX_CHARACTERS + MAX_VALUE] + more


def unknown(what: str, word: Any, known: Iterable[str]) -> str:
    """Say that a word is unknown, what it may be a misspelling of, and what is available."""
    names = sorted(known)
    listed = _listed(names)
    return f"unknown {what} {shown(word)}.{meant(word, names) if isinstance(word, str) else ''} Available: {listed or 'none'}."


def perhaps(name: str, known: Iterable[str]) -> str:
    """The nearest names as the last sentence of a message; if there are none, all names."""
    names = sorted(set(known))
    found = nearest(name, names)
    if found:
        return f"Did you mean {' or '.join(found)}?"
    listed = ", ".join(names[:MAX_LISTED])
    if len(names) > MAX_LISTED:
        return f"Available ({len(names)}): {listed}, …"
    return f"Available: {listed}." if names else "None are available."

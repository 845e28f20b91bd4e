"""What is said of a word that nothing defines: the nearest ones that something does, and no more text than a person reads."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

MAX_VALUE = 80  # characters of a value inside a message
MAX_LISTED = 40  # words that a message lists
NEAREST = 3


def shown(value: Any) -> str:
    """A value as a message quotes it, cut where it is long."""
    text = repr(value)
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}… ({len(text)} characters)"


def nearest(word: str, known: Iterable[str]) -> list[str]:
    """The known words that are most like a word, the nearest first; none where nothing is like it."""
    small = {name.lower(): name for name in sorted(known, reverse=True)}
    return [small[name] for name in difflib.get_close_matches(word.lower()[:MAX_VALUE], small, NEAREST, 0.6)]


def meant(word: str, known: Iterable[str]) -> str:
    """" Did you mean 'known'?" where a word is like one that there is, else ""."""
    near = nearest(word, known)
    return f" Did you mean {' or '.join(repr(name) for name in near)}?" if near else ""


def unknown(what: str, word: Any, known: Iterable[str]) -> str:
    """Say that a word is not known, what it may have been meant to be, and what there is."""
    names = sorted(known)
    listed = ", ".join(names[:MAX_LISTED]) + (f", … ({len(names)} in all)" if len(names) > MAX_LISTED else "")
    return f"unknown {what} {shown(word)}.{meant(word, names) if isinstance(word, str) else ''} There are: {listed or 'none'}."

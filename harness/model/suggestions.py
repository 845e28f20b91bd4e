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
    """The known words that are most like a word, the nearest first: those spelt nearly so, then those that contain it."""
    small = {name.lower(): name for name in sorted(known, reverse=True)}  # of two that differ in case only, one is enough
    word = word.lower()[:MAX_VALUE]
    like = difflib.get_close_matches(word, small, NEAREST)
    like += [name for name in sorted(small) if word and word in name and name not in like]
    return [small[name] for name in like[:NEAREST]]


def meant(word: str, known: Iterable[str]) -> str:
    """ " Did you mean 'known'?" where a word is like one that there is, else ""."""
    near = nearest(word, known)
    return f" Did you mean {' or '.join(repr(name) for name in near)}?" if near else ""


def unknown(what: str, word: Any, known: Iterable[str]) -> str:
    """Say that a word is not known, what it may have been meant to be, and what there is."""
    names = sorted(known)
    listed = ", ".join(names[:MAX_LISTED]) + (f", … ({len(names)} in all)" if len(names) > MAX_LISTED else "")
    return f"unknown {what} {shown(word)}.{meant(word, names) if isinstance(word, str) else ''} There are: {listed or 'none'}."


def perhaps(name: str, known: Iterable[str]) -> str:
    """The nearest names as a sentence to end a message with; where there is none, all names there are."""
    names = sorted(set(known))
    found = nearest(name, names)
    if found:
        return f"Did you mean {' or '.join(found)}?"
    listed = ", ".join(names[:MAX_LISTED])
    if len(names) > MAX_LISTED:
        return f"There are {len(names)}: {listed}, …"
    return f"There are: {listed}." if names else "There are none."

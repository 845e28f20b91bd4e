"""What a misspelt name may have been."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

MOST = 3
LISTED = 20  # names; more than that nobody reads in a message


def nearest(name: str, known: Iterable[str], most: int = MOST) -> list[str]:
    """The known names that are most like a name: those that are spelt nearly so, then those that contain it."""
    names = {other.lower(): other for other in sorted(known, reverse=True)}  # of two that differ in case only, one is enough
    like = difflib.get_close_matches(name.lower(), sorted(names), n=most)
    like += [other for other in sorted(names) if name.lower() in other and other not in like]
    return [names[other] for other in like[:most]]


def perhaps(name: str, known: Iterable[str]) -> str:
    """The nearest names as a sentence to end a message with; where there is none, all names there are."""
    names = sorted(set(known))
    found = nearest(name, names)
    if found:
        return f"Did you mean {' or '.join(found)}?"
    if len(names) > LISTED:
        return f"There are {len(names)}: {', '.join(names[:LISTED])}, …"
    return f"There are: {', '.join(names)}." if names else "There are none."

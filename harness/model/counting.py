"""Counts as people say them."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """ "1 cell", "2,000 cells"; ``many`` is for words whose plural is not made with an s."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"

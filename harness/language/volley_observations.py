"""What is seen of a volley of requests, and of a file."""

from __future__ import annotations

from typing import TypedDict


class Volley(TypedDict, total=False):
    """What became of the requests of a volley; ``longest`` is the longest that one of them waited for its answer.

    ``first`` has the first of each kind of outcome in words, ``errors`` the first few errors.
    """

    seconds: float
    waiting_for: str
    asked: int
    answered: int
    failed: int
    refused: int
    lost: int
    raced: int
    late: int
    bodies: int
    statuses: list[int]
    longest: float | None
    errors: list[str]
    first: dict[str, str]


class FileSeen(TypedDict, total=False):
    """A file; without one, only ``exists``. ``age`` is the seconds since it was written, ``to`` where a symlink points."""

    path: str
    exists: bool
    kind: str
    mode: str
    content: str | None
    age: float
    to: str

"""How one server spells what scenarios name: its log lines, its exit codes, and the tracebacks that it logs by habit."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Dialect:
    """``patterns`` are its @names; exits["stop"] are the exit codes with which it may end when it is stopped.

    ``habits`` are (what is found in the line before a traceback, what is found in its last line).
    """

    patterns: dict[str, str] = field(default_factory=dict)
    exits: dict[str, tuple[int, ...]] = field(default_factory=dict)
    habits: tuple[tuple[str, str], ...] = ()

"""A server's own spelling of what scenarios refer to: log lines, exit codes, and habitual tracebacks."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Dialect:
    """``patterns`` are its @names; exits["stop"] are the exit codes it may end with when stopped.

    ``habits`` are pairs of patterns: for the line before a traceback, and for its last line.
    """

    patterns: dict[str, str] = field(default_factory=dict)
    exits: dict[str, tuple[int, ...]] = field(default_factory=dict)
    habits: tuple[tuple[str, str], ...] = ()

"""How a command talks to the person at the terminal: the only place, beside the guardian, that writes there."""

from __future__ import annotations

import sys
from collections.abc import Callable

from ..model.printable import plain

Say = Callable[[str], None]


def say(text: str) -> None:
    """Print whole lines, from whatever thread: what a command was asked for."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """Print to standard error what is not part of the answer: problems, and progress while the answer is JSON."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def problem(text: str) -> None:
    """Say what is wrong; a server's words may be in it."""
    note(f"server-matrix: {plain(text)}")


def confirm(question: str) -> bool:
    """Ask the user; where nobody can answer, the answer is no."""
    try:
        return input(question).strip().lower() in ("y", "yes")
    except EOFError:
        return False

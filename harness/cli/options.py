"""What the options of all commands take: a value that is empty, or out of its range, is refused in one sentence."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from ..model.refusal import Refusal
from ..model.suggestions import shown

#: Each is a process with servers of its own: of more there is nothing to be had but a machine that stands still.
MOST_WORKERS = max(64, 16 * (os.cpu_count() or 1))
MOST = 1_000_000  # of anything that is only counted

_WHOLE = re.compile(r"-?[0-9]{1,18}")


class _Once(argparse.Action):
    """An option that takes one value: a second one would silently take the place of the first."""

    _seen: argparse.Namespace | None = None

    def __call__(
        self, parser: argparse.ArgumentParser, given: argparse.Namespace, value: object, word: str | None = None
    ) -> None:
        if word is not None and self._seen is given:
            joined = ": join the two, as in -k 'port or stop'" if self.metavar == "EXPRESSION" else ""
            raise argparse.ArgumentError(self, f"is given twice, and takes one value{joined}")
        self._seen = given
        setattr(given, self.dest, value)


class Parser(argparse.ArgumentParser):
    """A parser that takes no option by its beginning, and says what is wrong in the same way as everything else."""

    def __init__(self, *words: object, **more: object) -> None:
        super().__init__(*words, **{"allow_abbrev": False, **more})  # type: ignore[arg-type]
        for name in (None, "store"):
            self.register("action", name, _Once)

    def error(self, message: str) -> NoReturn:
        """Raise a Refusal instead of printing how the command is used."""
        command = self.prog.partition(" ")[2]
        what = message.removeprefix("argument ")
        raise Refusal(f"{command}{': ' if command else ''}{what.rstrip('.')}. See {self.prog} --help")


def some_text(given: str) -> str:
    """A value that is not empty: an empty one is most often a variable of a shell that was not set."""
    if not given.strip():
        raise argparse.ArgumentTypeError(f"{given!r} is empty; give it a value or leave it out")
    return given


def some_path(given: str) -> Path:
    """A path that is not empty: the empty one would be the current folder."""
    return Path(some_text(given))


def number(least: int, most: int = MOST) -> Callable[[str], int]:
    """What takes a whole number in a range."""

    def whole(given: str) -> int:
        found = int(given) if _WHOLE.fullmatch(given) else None
        if found is None:
            raise argparse.ArgumentTypeError(f"{shown(given)} is not a whole number; give one from {least} to {most}")
        if found < least:
            raise argparse.ArgumentTypeError(f"{found} is too small; give at least {least}")
        if found > most:
            raise argparse.ArgumentTypeError(f"{found} is too many; give at most {most}")
        return found

    whole.least, whole.most = least, most  # type: ignore[attr-defined]
    return whole


def add_workers(parser: argparse.ArgumentParser) -> None:
    """Add ``--workers``, how many cells run at once."""
    parser.add_argument(
        "-n",
        "--workers",
        type=number(1, MOST_WORKERS),
        default=0,
        metavar="N",
        help="cells that run at once (default: as many as keep the processors busy, and fit into memory)",
    )

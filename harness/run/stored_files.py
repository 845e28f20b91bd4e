"""Reading what a run stored: damage is told with the file's name."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..model.outcomes import BY_WORD, word_of
from ..model.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Brief:
    """Of a verdict no more than its outcome."""

    outcome: str


@dataclass(frozen=True, slots=True)
class BriefLine:
    """Of a cell's line no more than its word and its seconds."""

    cell: str
    status: str
    behaviour: Brief | None = None
    cleanup: Brief | None = None
    seconds: float = 0.0

    @property
    def word(self) -> str:
        """The cell's word; raises ValueError for one that no cell can show."""
        word = word_of(self.status, self.behaviour and self.behaviour.outcome, self.cleanup and self.cleanup.outcome)
        if word not in BY_WORD:
            raise ValueError(f"{word!r} is no word that a cell can show")
        return word


@contextlib.contextmanager
def named(file: Path) -> Iterator[None]:
    """Whatever is wrong with what a file holds is a Refusal that names the file."""
    try:
        yield
    except Refusal as error:
        raise error if str(file) in str(error) else Refusal(f"{file}: {error}") from error
    except (AttributeError, KeyError, OSError, TypeError, ValueError) as error:
        raise Refusal(
            f"{file}: does not hold what the harness writes there ({type(error).__name__}: {error}). "
            "It was damaged, or another version of the harness wrote it."
        ) from error


def load(file: Path) -> Any:
    """The JSON of a file; raises Refusal where it cannot be read, or holds none."""
    try:
        return json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise Refusal(f"{file}: cannot be read ({error.strerror}). Is this the data folder of a run?") from error
    except ValueError as error:
        raise Refusal(f"{file}: is not valid JSON ({error}). The run that wrote it was cut off; run it again.") from error

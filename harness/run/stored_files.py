"""Read the files of a run: damage is reported with the file's name."""

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
    """Only the outcome of a verdict."""

    outcome: str


@dataclass(frozen=True, slots=True)
class BriefLine:
    """Only the word and the seconds of a cell's line."""

    cell: str
    status: str
    behaviour: Brief | None = None
    cleanup: Brief | None = None
    seconds: float = 0.0

    @property
    def word(self) -> str:
        """The cell's word; raises ValueError for an invalid one."""
        word = word_of(self.status, self.behaviour and self.behaviour.outcome, self.cleanup and self.cleanup.outcome)
        if word not in BY_WORD:
            raise ValueError(f"{word!r} is not an outcome of a cell")
        return word


@contextlib.contextmanager
def named(file: Path) -> Iterator[None]:
    """Turn any problem with the contents of a file into a Refusal that names the file."""
    try:
        yield
    except Refusal as error:
        raise error if str(file) in str(error) else Refusal(f"{file}: {error}") from error
    except (AttributeError, KeyError, OSError, TypeError, ValueError) as error:
        raise Refusal(
            f"{file}: unexpected contents ({type(error).__name__}: {error}). "
            "The file is damaged, or was written by another version of the harness."
        ) from error


def load(file: Path) -> Any:
    """The JSON in a file; raises Refusal if it cannot be read or is invalid."""
    try:
        return json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise Refusal(f"{file}: cannot be read ({error.strerror}). Is this the data folder of a run?") from error
    except ValueError as error:
        raise Refusal(f"{file}: is not valid JSON ({error}). The run that wrote it was interrupted; run it again.") from error

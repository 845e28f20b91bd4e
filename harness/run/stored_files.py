"""Reading what a run stored: damage is told with the file's name."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..model.refusal import Refusal
from ..model.values import Json


def tables(lines: list[str]) -> list[Json]:
    """The lines that are whole: all of them at once, which is the fastest, unless one is not."""
    with contextlib.suppress(ValueError):
        found: list[Json] = json.loads(f"[{','.join(lines)}]")
        return found
    whole = []
    for line in lines:
        with contextlib.suppress(ValueError):  # its worker was killed in the middle of it: the cell is not-run
            whole.append(json.loads(line))
    return whole


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

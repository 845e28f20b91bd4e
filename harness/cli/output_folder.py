"""The folder that reports go to: whether it is writable is checked before a run, not after it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ..model.refusal import Refusal


def check_writable(folder: Path) -> None:
    """Make the folder and write into it; raises Refusal where that is not possible.

    A folder that is made here keeps itself out of its repository, as those of pytest and ruff do.
    """
    is_new = not folder.exists()
    for place in (folder, folder / "data"):
        try:
            place.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".can-be-written.", dir=place)
            try:
                os.write(handle, b"\0" * 4096)  # a full disk takes an empty file
            finally:
                os.close(handle)
                Path(name).unlink()
        except FileExistsError:
            raise _refusal(place, "is a file, but reports need a folder") from None
        except OSError as error:
            raise _refusal(place, f"cannot be written: {error.strerror}") from error
    if is_new:
        (folder / ".gitignore").write_text("# Written by server-matrix.\n*\n", "utf-8")


def _refusal(place: Path, problem: str) -> Refusal:
    return Refusal(f"{place}: {problem}. Give another folder with --reports DIR.")

"""Files that are written completely or not at all."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from pathlib import Path
from typing import Any


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file through a temporary one next to it; a reader never sees a partial file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def write_text(path: Path, text: str) -> None:
    """Write text as UTF-8; what cannot be encoded (a lone surrogate from a file name) is escaped."""
    write_bytes(path, text.encode("utf-8", "backslashreplace"))


def write_json(path: Path, value: Any, indent: int | None = None) -> None:
    """Write a JSON document."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=indent) + "\n")


def append_line(path: Path, value: Any) -> None:
    """Append one JSON line by a single O_APPEND write, so that no writer cuts another's line in two.

    A lone surrogate, as a server's answer may have, becomes "?": no reader of lines takes one.
    """
    line = (json.dumps(value, ensure_ascii=False) + "\n").encode("utf-8", "replace")
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        before = os.fstat(handle).st_size
        if os.write(handle, line) < len(line):  # a disk that fills up accepts a part, which is not an error yet
            os.ftruncate(handle, before)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    finally:
        os.close(handle)

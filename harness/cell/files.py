"""A file in the cell's folder, as a step sees it, makes it, or waits for it. Standard library only."""

from __future__ import annotations

import os
import socket
import stat
import tempfile
import time
from pathlib import Path
from typing import Any

MAX_CONTENT = 64 * 1024
#: What a file is, by the test of its mode.
FILE_KINDS = (
    ("file", stat.S_ISREG),
    ("folder", stat.S_ISDIR),
    ("socket", stat.S_ISSOCK),
    ("symlink", stat.S_ISLNK),
    ("fifo", stat.S_ISFIFO),
)


def look_at(path: Path) -> dict[str, Any]:
    """What is there; a symlink is not followed."""
    try:
        found = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return {"exists": False}
    kind = next((name for name, is_one in FILE_KINDS if is_one(found.st_mode)), "other")
    seen: dict[str, Any] = {
        "exists": True,
        "kind": kind,
        "mode": f"{stat.S_IMODE(found.st_mode):04o}",
        "age": round(max(0.0, time.time() - found.st_mtime), 3),
        "content": None,
    }
    try:
        if kind == "file":
            with path.open("rb") as file:
                seen["content"] = file.read(MAX_CONTENT).decode("utf-8", "replace")
        elif kind == "symlink":
            seen["to"] = os.readlink(path)
    except OSError:  # it has gone meanwhile, or may not be read
        pass
    return seen


def make_file(path: Path, what: str, content: str = "", to: str = "") -> None:
    """Make a file, a symlink, or a socket on which nobody listens any more; "nothing" removes what is there.

    A file appears with its content, all at once, in the place of any that was there: a server that looks never sees half of it,
    and other links to the old one stay as they are. Its time is later by a second at least, which is all that some file systems
    store, and all that Python 2.7 looks at.
    """
    if what == "nothing":
        path.unlink(missing_ok=True)
        return
    if what == "file":
        handle, name = tempfile.mkstemp(dir=path.parent)
        with open(handle, "w", encoding="utf-8") as file:
            file.write(content)
        os.chmod(name, 0o644)
        if path.is_file():
            later = max(time.time(), path.stat().st_mtime + 1)
            os.utime(name, (later, later))
        os.replace(name, path)
        return
    path.unlink(missing_ok=True)
    if what == "symlink":
        path.symlink_to(to)
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as made:
        folder = os.open(path.parent, os.O_RDONLY)
        try:  # a socket's path may have 104 to 108 bytes
            made.bind(f"/proc/self/fd/{folder}/{path.name}" if Path("/proc/self/fd").is_dir() else str(path))
        finally:
            os.close(folder)

"""Coverage of a launch that several cells share: which cell the server is answering, and what they all have in common.

The server runs under guest/measured.py, which takes the name of the next context from a socket. What it runs before the first
cell and after the last one, starting and stopping, it would run for each of them alone: ``give_to_each`` says so in the data.
"""

from __future__ import annotations

import contextlib
import socket
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from .measured_images import data_files

END = "@end"  # the context of a server that is being stopped; that of one that starts is ""
BETWEEN = "@between"  # of a server that is asked whether it still answers, which is no cell's question
SWITCH_SECONDS = 10.0


class Contexts:
    """The harness's end of the socket on which a measured server takes its contexts."""

    def __init__(self) -> None:
        self._ours, self._theirs = socket.socketpair()
        self._ours.settimeout(SWITCH_SECONDS)

    @property
    def argument(self) -> str:
        """What measured.py is given in the place of a context."""
        return f"fd:{self._theirs.fileno()}"

    @property
    def inherits(self) -> tuple[int, ...]:
        """The descriptors that the server inherits."""
        return (self._theirs.fileno(),)

    def switch(self, context: str) -> bool:
        """Name what the server does from now on; False if it does not confirm."""
        try:
            self._ours.sendall(context.encode("utf-8") + b"\n")
            return self._ours.recv(3) == b"ok\n"
        except OSError:  # it is gone, or does not answer in time
            return False

    def close(self) -> None:
        """Close both ends."""
        self._ours.close()
        self._theirs.close()


def give_to_each(folder: Path, cells: Sequence[str]) -> None:
    """Give what a launch ran for all of its cells to each of them, in its data files.

    Files that cannot be read are left as they are: whoever combines them says so.
    """
    for file in data_files(folder):
        with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(file)) as base, base:
            common = [row[0] for row in base.execute("SELECT id FROM context WHERE context IN ('', ?)", (END,))]
            for cell in cells:
                base.execute("INSERT OR IGNORE INTO context (context) VALUES (?)", (cell,))
                (own,) = base.execute("SELECT id FROM context WHERE context = ?", (cell,)).fetchone()
                for one in common:
                    base.execute(
                        "INSERT OR IGNORE INTO arc (file_id, context_id, fromno, tono) "
                        "SELECT file_id, ?, fromno, tono FROM arc WHERE context_id = ?",
                        (own, one),
                    )
            over = list(base.execute("SELECT id FROM context WHERE context IN ('', ?, ?)", (END, BETWEEN)))
            base.executemany("DELETE FROM arc WHERE context_id = ?", over)
            base.executemany("DELETE FROM context WHERE id = ?", over)

"""Tracebacks in the logs of servers, found while the logs grow, and logs that shrank, vanished or grew too large.

Standard library only: the reproducer has it, too.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import BinaryIO

from ..machine.server_log import MOST_LOGGED, open_log
from .endings import Table

TRACEBACK = "Traceback (most recent call last):"
#: As Python prints it, in a prefixed line, coloured, or in Rich's box; and what Python prints of a crash of its own.
_TRACEBACK = re.compile(
    rb"^.*(?:Traceback(?:\x1b\[[0-9;]*m)* \(most recent call last\)|\bFatal Python error: ).*$", re.MULTILINE
)
_CRASH = re.compile(r"\bFatal Python error: .*")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_EXCEPTION = re.compile(r"[A-Za-z_][\w.]*(:|$)")  # other threads may log between the lines of a traceback
#: What Python prints between two chained tracebacks.
_CHAINED = (
    "During handling of the above exception, another exception occurred:",
    "The above exception was the direct cause of the following exception:",
)
MOST_FOUND = 50  # tracebacks recorded between two looks at a log
BLOCK = 1024 * 1024  # bytes read at once
MEMORY = 64  # bytes before a place in a log, to recognise it later
AHEAD = 64 * 1024  # bytes after a traceback's first line that are searched for its last one
MOST_SAID = 300


class Tracebacks:
    """Finds tracebacks in growing logs; ``problems`` lists logs that shrank, vanished or grew too large."""

    def __init__(self) -> None:
        self.problems: list[Table] = []
        self._reached: dict[Path, tuple[int, int, bytes]] = {}  # offset, lines before it, the bytes before it
        self._places: list[tuple[int, str, Path, int, int]] = []
        self._uncounted: dict[tuple[int, str], int] = {}

    def look(self, step: int, server: str, log: Path) -> None:
        """Search the new part of a log; an incomplete last line is left for the next time, unless ``step`` is 0."""
        offset, lines, before = self._reached.get(log, (0, 0, b""))
        file = open_log(log)
        if file is None:
            self._problem(step, server, "it was removed, so its contents are unknown")
            return
        with file:
            size = os.fstat(file.fileno()).st_size
            file.seek(max(0, offset - MEMORY))
            if size < offset or file.read(min(offset, MEMORY)) != before:
                self._problem(step, server, "it was truncated or overwritten, so its contents are unknown")
                offset, lines, before = 0, 0, b""
            if size >= MOST_LOGGED:
                self._problem(step, server, f"it is longer than {MOST_LOGGED // BLOCK} MiB: the rest was not kept")
            place = step, server, log
            self._reached[log] = self._read(file, place, offset, lines, min(size, MOST_LOGGED))

    def _read(self, file: BinaryIO, place: tuple[int, str, Path], offset: int, lines: int, size: int) -> tuple[int, int, bytes]:
        step, server, log = place
        found = 0
        while offset < size:
            file.seek(offset)
            block = file.read(min(BLOCK, size - offset))
            last = offset + len(block) >= size
            whole = len(block) if (last and step == 0) else block.rfind(b"\n") + 1
            if not whole and not last:
                whole = len(block)  # a line longer than a block
            if not block or not whole:
                break
            for match in _TRACEBACK.finditer(block, 0, whole):
                found += 1
                if found <= MOST_FOUND:
                    line = lines + block.count(b"\n", 0, match.start()) + 1
                    self._places.append((step, server, log, offset + match.start(), line))
            lines += block.count(b"\n", 0, whole)
            offset += whole
        file.seek(max(0, offset - MEMORY))
        memory = file.read(min(offset, MEMORY))
        if found > MOST_FOUND:
            self._uncounted[step, server] = self._uncounted.get((step, server), 0) + found - MOST_FOUND
        return offset, lines, memory

    def _problem(self, step: int, server: str, problem: str) -> None:
        if not any(one["server"] == server and one["problem"] == problem for one in self.problems):
            self.problems.append({"step": step, "server": server, "problem": problem})

    def found(self) -> list[Table]:
        """Each traceback: the step after which it was found, its server and line, the line before it, and its last line."""
        return [
            *(
                {"step": step, "server": server, "line": line, **_told(log, place)}
                for step, server, log, place, line in self._places
            ),
            *(
                {
                    "step": step,
                    "server": server,
                    "line": 0,
                    "before": "",
                    "said": f"{count} more, which were not checked",
                    "chained": False,
                }
                for (step, server), count in self._uncounted.items()
            ),
        ]


def _told(log: Path, place: int) -> Table:
    file = open_log(log)
    if file is None:
        return {"before": "", "said": "", "chained": False}
    with file:
        file.seek(max(0, place - AHEAD))
        before = file.read(min(place, AHEAD)).decode("utf-8", "replace").splitlines()[-1:]
        text = _COLOUR.sub("", file.read(AHEAD).decode("utf-8", "replace")).splitlines()
    if crash := _CRASH.search("".join(text[:1])):
        return {"before": "".join(before)[-MOST_SAID:], "said": crash[0][:MOST_SAID], "chained": False}
    ends = [number for number, one in enumerate(text) if number and one.strip() and not one.startswith((" ", "\t"))]
    last = next((number for number in ends if _EXCEPTION.match(text[number])), next(iter(ends), 0))
    behind = next((one for one in text[last + 1 :] if one.strip()), "")
    return {
        "before": "".join(before)[-MOST_SAID:],
        "said": text[last][:MOST_SAID] if last else "",
        "chained": behind.strip() in _CHAINED,
    }

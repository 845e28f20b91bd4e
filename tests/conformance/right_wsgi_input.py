"""The part of the small WSGI server (right_wsgi.py) that reads a request's body. Standard library only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import BinaryIO

WRONG = sys.argv[sys.argv.index("--wrong") + 1] if "--wrong" in sys.argv else ""


def wrong(way: str) -> bool:
    """Whether the server was told to be wrong in this way."""
    return way == WRONG


class Input:
    """wsgi.input: it ends where the body does; ``go_on`` is called before the first read from the connection."""

    def __init__(self, rfile: BinaryIO, length: int, chunked: bool, go_on: Callable[[], None] | None) -> None:
        self.rfile, self.left, self.chunked, self.go_on = rfile, length, chunked, go_on
        self.length = length
        self.given = b""  # what was read, for the way "rest-is-all"
        self.ready = b""  # what was received and not yet read
        self.over = not chunked and length == 0
        self.broken = False  # the client has gone within the body

    def _receive(self) -> bool:
        """Receive some more of the body; False at its end."""
        if self.over:
            return False
        if self.go_on is not None:
            self.go_on()
            self.go_on = None
        most = min(self.left, 2 if wrong("leaves-body") else 65536)
        data = self._chunk() if self.chunked else self.rfile.read1(most)  # type: ignore[attr-defined]
        self.left -= len(data)
        self.broken = not data and not (self.chunked and self.over)
        self.over = self.over or self.broken or (not self.chunked and not self.left)
        if self.broken and wrong("padded-body"):
            data = b"\0" * self.left
        self.ready += data
        return bool(data)

    def _chunk(self) -> bytes:
        line = self.rfile.readline()
        size = int(line.split(b";")[0] or b"0", 16) if line.strip() else -1
        if size < 0:
            return b""
        if size == 0:
            while self.rfile.readline() not in (b"\r\n", b"\n", b""):
                pass
            self.over = True
        data = self.rfile.read(size) if size else b""
        if size:
            self.rfile.readline()
        return data

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes, or all that are left."""
        if wrong("no-input") and not self.length and not self.chunked:
            raise ValueError("there is no body")
        if size is None or size < 0:
            if wrong("size-required"):
                raise TypeError("read() needs a size")
            size = sys.maxsize
        if (size == 0 and wrong("zero-is-all")) or wrong("size-ignored"):
            size = sys.maxsize
        if wrong("strict-size") and size != sys.maxsize and size > self.left + len(self.ready):
            raise ValueError("there is not so much")
        if wrong("end-raises") and self.over and not self.ready:
            raise EOFError("read before")
        if wrong("over-reads"):
            return self.rfile.read1(size)  # type: ignore[attr-defined, no-any-return]
        if wrong("short-reads"):
            size = min(size, 20000)
        while len(self.ready) < size and self._receive():
            pass
        data, self.ready = self.ready[:size], self.ready[size:]
        self.given += data
        if wrong("rest-is-all") and size == sys.maxsize:
            data = self.given
        return data.decode("latin-1") if wrong("text-input") else data  # type: ignore[return-value]

    def readline(self, size: int | None = -1) -> bytes:
        """The next line, or as much of it."""
        most = sys.maxsize if size is None or size < 0 or wrong("line-size-ignored") else size
        end = b"\r\n" if wrong("lines-at-crlf") else b"\n"
        while end not in self.ready and len(self.ready) < most and self._receive():
            if wrong("chunk-is-line") and self.chunked:
                break
        line = self.ready.split(end)[0] + end if end in self.ready else self.ready
        line = line[:most]
        self.ready = self.ready[len(line):]
        return b"" if wrong("line-needs-end") and not line.endswith(end) else line

    def readlines(self, hint: int | None = -1) -> list[bytes]:
        """All lines, or at least ``hint`` bytes of them."""
        if wrong("no-hint") and hint != -1:
            raise TypeError("readlines() takes no hint")
        lines: list[bytes] = []
        while line := self.readline():
            lines.append(line.rstrip(b"\n") if wrong("lines-stripped") else line)
            if hint is not None and 0 < hint <= sum(map(len, lines)):
                break
        return lines

    def __iter__(self) -> Iterator[bytes]:
        """Every line."""
        return iter([self.read()] if wrong("iterates-blocks") else self.readlines())

    def drain(self) -> bool:
        """Leave the connection where the next request begins; False if that cannot be done."""
        if wrong("leaves-body"):
            return True
        if not self.over and self.go_on is not None:  # the client waits, and may never send it
            return False
        while self._receive():
            self.ready = b""
        return not self.broken


if wrong("no-readlines"):
    del Input.readlines

"""HTTP/1 framing: lines, lengths and chunks, read from a growing buffer. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Any

from ..language.text_matching import MAX_KEPT

MAX_HEAD = 256 * 1024  # bytes of a status line and its headers
MAX_LINE = 4 * 1024  # bytes of the line before a chunk

_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;.*)?")

Reading = Generator[None, None, Any]


class Wrong(Exception):
    """The data is not valid HTTP; the message is the name of the error."""


def listed(headers: tuple[tuple[str, str], ...], name: str) -> list[str]:
    """The items of a list header, in lowercase; headers with the same name form one list."""
    return [
        word.strip().lower() for known, text in headers if known.lower() == name for word in text.split(",") if word.strip()
    ]


class Body:
    """The bytes of a body: the first MAX_KEPT, and the total count."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.length = 0

    def add(self, part: bytes) -> None:
        """Keep as much as there is room for, and count everything."""
        self.data += part[: max(0, MAX_KEPT - len(self.data))]
        self.length += len(part)


class Reader:
    """Reads from a growing buffer: each method goes as far as it can, and yields when it needs more data."""

    def __init__(self) -> None:
        self.error = ""  # set if the data so far is not valid HTTP
        self.over = False  # nothing more will be read
        self._buffer = bytearray()
        self._ended = False
        self._reading = self._read()

    def feed(self, data: bytes) -> None:
        """Add received data; b"" means the end of it."""
        self._ended = self._ended or not data
        if self.over:
            return
        self._buffer += data
        try:
            next(self._reading)
        except StopIteration:
            self.over = True
        except Wrong as wrong:
            self.error, self.over = str(wrong), True

    def _read(self) -> Reading:
        raise NotImplementedError

    def _line(self, most: int, wrong: str) -> Reading:
        """A line without its line end."""
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if searched > most:
                raise Wrong(wrong)
            if self._ended:
                raise Wrong("IncompleteRead")
            yield
        if end > most:
            raise Wrong(wrong)
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line[:-1] if line.endswith(b"\r") else line

    def _lines(self) -> Reading:
        """Lines up to an empty one."""
        found: list[bytes] = []
        size = 0
        while line := (yield from self._line(MAX_HEAD - size, "HeadTooLong")):
            found.append(line)
            size += len(line) + 1
        return found

    def _bytes(self, body: Body, count: int | None) -> Reading:
        """A number of bytes; None: everything until the end."""
        while count is None or count > 0:
            if self._buffer:
                part = bytes(self._buffer[:count])
                del self._buffer[: len(part)]
                body.add(part)
                count = None if count is None else count - len(part)
            elif not self._ended:
                yield
            elif count is None:
                return
            else:
                raise Wrong("IncompleteRead")

    def _chunks(self, body: Body) -> Reading:
        """A chunked body, and its trailer lines."""
        while True:
            size = _CHUNK.fullmatch((yield from self._line(MAX_LINE, "BadChunk")))
            if size is None:
                raise Wrong("BadChunk")
            if int(size[1], 16) == 0:
                return (yield from self._lines())
            yield from self._bytes(body, int(size[1], 16))
            end = Body()
            yield from self._bytes(end, 2)
            if end.data != b"\r\n":
                raise Wrong("BadChunk")

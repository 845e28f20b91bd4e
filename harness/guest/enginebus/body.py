"""The body of a request, as it comes over the connection."""
import re

from .errors import HTTPError
from .head import parse_fields
from .stream import Gone, Late

MAX_LINE = 4096  # bytes of a chunk's line, its extensions included
MAX_TRAILER = 16384  # bytes of all trailer fields
_SIZE = re.compile(b"^([0-9A-Fa-f]+)[ \\t]*(;[^\\x00-\\x08\\x0a-\\x1f\\x7f]*)?\r\n$")


class Body(object):
    """Reads a body whose end is given by a length or by chunks; it is asked for only when somebody reads it.

    Raises HTTPError 400 for one that is cut or malformed, 408 for one that is too slow, 413 for one that is too large.
    """

    def __init__(self, stream, length, chunked, limit, timeout, ask=None):
        self.length = length
        self.chunked = chunked
        self.left = 0 if chunked else length or 0  # bytes of the body, or of the chunk, that are not read yet
        self.done = not chunked and not self.left
        self.asked = ask is None  # whether a client that waits for 100 has been told to go on
        self.failed = False
        self._stream, self._limit, self._timeout, self._ask = stream, limit, timeout, ask
        self._started = False
        self._first = True
        self._total = 0
        self._lines, self._at = b"", 0  # read for a line, and used up to there
        if limit and self.left > limit:
            self._refuse(413, "The entity sent with the request exceeds the maximum allowed bytes.")

    def _refuse(self, code, message):
        self.failed = True
        raise HTTPError(code, message)

    def some(self, size):
        """At least one byte and at most ``size``; b"" at the end."""
        if self.done:
            return b""
        if not self._started:
            self._started = True
            self._stream.expect(self._timeout, extends=True)
        if not self.asked:
            self.asked = True
            self._ask()
        try:
            if self.chunked and not self.left and not self._next_chunk():
                return b""
            data = self._stream.take(min(size, self.left))
            if not data:
                self._refuse(400, "The body ended before its end.")
            self.left -= len(data)
            if self.chunked and not self.left:
                self._end_chunk()
        except Late:
            self._refuse(408, "The body took too long.")
        except Gone:
            self._refuse(400, "The body ended before its end.")
        self.done = not self.chunked and not self.left
        return data

    def _line(self, limit):
        line = self._stream.line(limit)
        if line is None:
            self._refuse(400, "The body ended inside a chunk, or a line of it is too long.")
        return line

    def _next_chunk(self):
        """Read a chunk's line; False for the last one, with the trailer behind it (RFC 9112, section 7.1)."""
        line = self._line(MAX_LINE)
        match = _SIZE.match(line)
        if match is None or len(match.group(1)) > 16:
            self._refuse(400, "A chunk's size must be a hexadecimal number.")
        self.left = int(match.group(1), 16)
        self._total += self.left + len(line) + 2
        if self._limit and self._total > self._limit:
            self._refuse(413, "The entity sent with the request exceeds the maximum allowed bytes.")
        if self.left:
            return True
        self._trailer()
        self.done = True
        return False

    def _end_chunk(self):
        if self._line(2) != b"\r\n":
            self._refuse(400, "A chunk must end where its size says.")

    def _trailer(self):
        """Trailer fields are checked and dropped: none is merged into the head (RFC 9110, section 6.5.1)."""
        lines, total = [], 0
        while True:
            line = self._line(MAX_TRAILER)
            total += len(line)
            if not line.endswith(b"\r\n"):
                self._refuse(400, "HTTP requires CRLF terminators.")
            if line == b"\r\n":
                break
            if total > MAX_TRAILER:
                self._refuse(431, "The trailer is too long.")
            lines.append(line[:-2])
        try:
            parse_fields(lines)
        except HTTPError:
            self.failed = True
            raise

    # -- as a file

    def read(self, size=None):
        """The rest of the body, or at most ``size`` bytes of it."""
        parts, wanted = [], None if size is None or size < 0 else size
        if self._at < len(self._lines):
            there = self._lines[self._at:] if wanted is None else self._lines[self._at:self._at + wanted]
            parts.append(there)
            self._at += len(there)
            wanted = None if wanted is None else wanted - len(there)
        while wanted is None or wanted > 0:
            data = self.some(65536 if wanted is None else min(wanted, 65536))
            if not data:
                break
            parts.append(data)
            if wanted is not None:
                wanted -= len(data)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def readline(self, size=None):
        """A line with its end, the rest where no line end follows, at most ``size`` bytes of it."""
        size = None if size is None or size < 0 else size
        end = self._lines.find(b"\n", self._at) + 1
        while not end and (size is None or len(self._lines) - self._at < size):
            data = self.some(65536)
            if not data:
                break
            before = len(self._lines) - self._at
            self._lines, self._at = self._lines[self._at:] + data, 0
            end = self._lines.find(b"\n", before) + 1
        end = end or len(self._lines)
        line = self._lines[self._at:end if size is None else min(end, self._at + size)]
        self._at += len(line)
        return line

    def __iter__(self):
        """Its lines."""
        return iter(self.readline, b"")

    def pass_over(self, most):
        """Read what nobody read, so that the next request begins where it does; False where that is too much."""
        if self.failed or (not self.asked and not self.done):
            return False
        left = most
        while not self.done:
            if left <= 0 or (not self.chunked and self.left > left):
                return False
            try:
                left -= len(self.some(65536))
            except HTTPError:
                return False
        return True

"""The requests sent on a connection, and the answers to them, as bytes. Standard library only.

Servers are not trusted: data that is not an answer gets an error name (``BadHeader``), and is never guessed into one.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass

from .http_framing import MAX_HEAD, Body, Reader, Reading, Wrong, listed

MAX_INTERIM = 100

_STATUS = re.compile(rb"HTTP/1\.([0-9]) ([1-9][0-9][0-9])(?: ([^\r\0]*))?")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LENGTH = re.compile("[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer; at most MAX_KEPT bytes of ``body`` are kept, ``length`` is the full length.

    ``closes`` means that the server closes the connection after it, ``last`` that no other answer can follow.
    """

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    length: int
    closes: bool
    last: bool

    def joined(self) -> dict[str, str]:
        """The headers as a table; repeated names are joined in order with a comma, under the first spelling."""
        found: dict[str, str] = {}
        spelled: dict[str, str] = {}
        for name, text in self.headers:
            first = spelled.setdefault(name.lower(), name)
            found[first] = f"{found[first]}, {text}" if first in found else text
        return found


class Requests(Reader):
    """The methods of unanswered requests, as far as the bytes sent can be parsed."""

    def __init__(self) -> None:
        self.waiting: deque[str] = deque()
        self.begun = 0  # requests of which at least one line was sent
        self._begun = ""  # the method of a request whose headers are incomplete
        super().__init__()

    def answered(self) -> str:
        """The method of the request to which the next answer belongs."""
        return self.waiting.popleft() if self.waiting else self._begun

    @property
    def most(self) -> int | None:
        """How many requests a server can see in the bytes sent; None if that is ambiguous."""
        return None if self.error else self.begun + bool(self._buffer)

    def _read(self) -> Reading:
        while True:
            line = b""
            while not line:
                line = yield from self._line(MAX_HEAD, "HeadTooLong")
            self.begun += 1
            self._begun = line.partition(b" ")[0].decode("latin-1")
            fields = [text.decode("latin-1").partition(":") for text in (yield from self._lines())]
            found = tuple((name.strip(), text) for name, _, text in fields)
            self.waiting.append(self._begun)
            self._begun = ""
            lengths = listed(found, "content-length")
            if coding := listed(found, "transfer-encoding"):
                if coding != ["chunked"]:
                    raise Wrong("BadTransferEncoding")  # its end is ambiguous
                yield from self._chunks(Body())
            elif lengths:
                if len(lengths) > 1 or not _LENGTH.fullmatch(lengths[0]):
                    raise Wrong("BadLength")
                yield from self._bytes(Body(), int(lengths[0]))


class Answers(Reader):
    """The answers on one connection; ``sent`` are its requests, since an answer to HEAD has no body."""

    def __init__(self) -> None:
        self.sent = Requests()
        self.found: list[Answer] = []
        self.interim: list[int] = []  # the statuses of all interim answers, such as 100 Continue
        super().__init__()

    def surplus(self) -> tuple[int, str]:
        """The number of answers without a request, and the error of data after a complete answer that is not an answer."""
        most, count = self.sent.most, len(self.found)
        behind = count and (self.error != "IncompleteRead" if most is None else count >= most)
        return max(0, count - most) if most is not None else 0, self.error if behind else ""

    def _read(self) -> Reading:
        while True:
            while self.found and self._buffer.startswith((b"\r", b"\n")):
                del self._buffer[:1]  # RFC 9112, section 9.2: empty lines between answers are ignored
            if not self._buffer:
                if self._ended:
                    return
                yield
                continue
            answer = yield from self._answer()
            self.found.append(answer)
            if answer.last:
                return

    def _answer(self) -> Reading:
        for _ in range(MAX_INTERIM):
            version, status, reason = yield from self._status_line()
            headers = yield from self._headers()
            if status >= 200 or status == 101:
                break
            self.interim.append(status)
        else:
            raise Wrong("TooManyInterimAnswers")
        method, body = self.sent.answered(), Body()
        tunnel = status == 101 or (method == "CONNECT" and status < 300)
        lengths, coding = listed(headers, "content-length"), listed(headers, "transfer-encoding")
        endless = False
        empty = any(name.lower() == "content-length" and not text for name, text in headers)
        if empty or len(lengths) > 1 or (lengths and not _LENGTH.fullmatch(lengths[0])) or (lengths and coding):
            raise Wrong("BadLength")
        if coding and coding != ["chunked"]:
            raise Wrong("BadTransferEncoding")
        if tunnel or method == "HEAD" or status in (204, 304):
            pass
        elif coding:
            yield from self._chunks(body)
        elif lengths:
            yield from self._bytes(body, int(lengths[0]))
        else:
            endless = True
            yield from self._bytes(body, None)
        words = listed(headers, "connection")
        closes = endless or "close" in words or (version == 0 and "keep-alive" not in words)
        return Answer(status, reason, headers, bytes(body.data), body.length, closes, endless or tunnel)

    def _status_line(self) -> Reading:
        """(minor version, status, reason); anything that does not start like a status line is rejected at once."""
        while len(self._buffer) < 5 and b"HTTP/".startswith(bytes(self._buffer)) and not self._ended:
            yield
        begin = bytes(self._buffer[:5])
        if not b"HTTP/".startswith(begin):
            raise Wrong("BadStatusLine")
        found = _STATUS.fullmatch((yield from self._line(MAX_HEAD, "HeadTooLong")))
        if found is None:
            raise Wrong("BadStatusLine")
        return int(found[1]), int(found[2]), (found[3] or b"").decode("latin-1").strip()

    def _headers(self) -> Reading:
        found = []
        for line in (yield from self._lines()):
            name, colon, text = line.partition(b":")
            if not colon or not _NAME.fullmatch(name) or b"\r" in text or b"\0" in text:
                raise Wrong("BadHeader")
            found.append((name.decode("ascii"), text.strip(b" \t").decode("latin-1")))
        return tuple(found)

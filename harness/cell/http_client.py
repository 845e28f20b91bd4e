"""An HTTP/1 client: one connection, the requests and raw bytes sent on it, and the answers. Standard library only.

Whatever a server sends is an observation: no received data raises an exception.
"""

from __future__ import annotations

import socket
import ssl
import zlib
from collections.abc import Callable
from typing import Any

from ..language.request_bytes import request_bytes
from ..language.text_matching import MAX_KEPT, kept
from ..machine.deadlines import Deadline
from .http_answers import Answer, Answers
from .http_framing import Body, listed

CLOSED = "ConnectionClosed"  # the error of a request on a kept connection that the server has closed
UNASKED = "UnaskedAnswer"  # the same, after data that no request asked for: RFC 9112, section 9.2
LEAST = 0.001  # seconds: a timeout of 0 would mean non-blocking

Record = Callable[[str, bytes], None]


class Client:
    """One connection, opened when first needed and never reopened; ``record`` receives all bytes, with their direction."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None = None, record: Record | None = None) -> None:
        self.host = host
        self.port = port
        self.record: Record = record or (lambda direction, data: None)
        self.opened = False
        self._context = context
        self._sock: socket.socket | None = None
        self._answers = Answers()
        self._over = False  # no more requests can be sent
        self._ended = False  # no more data will arrive
        self._received = Body()  # received in the current exchange
        self._taken = 0  # answers already reported in an observation

    def request(self, method: str, path: str, headers: dict[str, str], body: bytes | None, seconds: float) -> dict[str, Any]:
        """Send one request and return the answer; raises Unsendable for an invalid request.

        Without a complete answer, only ``error`` is informative. A connection that was open before is never reopened: if the
        server has closed it, the error is CLOSED, and if it has sent unrequested data, UNASKED.
        """
        data = request_bytes(method, path, f"{self.host}:{self.port}", headers, body)
        deadline, reused, answers = Deadline(seconds), self.opened, self._answers
        place, interim = self._taken + len(answers.sent.waiting), len(answers.interim)
        seen: dict[str, Any] = {"status": None, "reason": None, "body": None, "headers": None, "closed": None, "error": ""}
        if reused and (self._over or self._drained(deadline) or any(self.unasked())):
            self._over = True
            return {**seen, "error": UNASKED if any(self.unasked()) else CLOSED, "interim": [], "seconds": 0.0}
        error, late = self._exchange(data, deadline, lambda: len(answers.found) > place or answers.over)
        if len(answers.found) > place:
            self._taken = place + 1
            seen.update(_seen(answers.found[place]))
        elif late:
            seen.update(error=error or "TimeoutError", timed_out=True)
        elif reused and not self._received.length:
            seen["error"] = CLOSED
        else:
            seen["error"] = error or answers.error or "RemoteDisconnected"
        if seen["status"] is None or seen["closed"]:
            self._over = True
        return {**seen, "interim": answers.interim[interim:], "seconds": round(seconds - deadline.left, 4)}

    def raw(self, data: bytes, until: str, seconds: float) -> dict[str, Any]:
        """Send raw bytes, and read until the server closes, until each request has its answer, or not at all.

        ``received`` is Latin-1 text, one character for each byte. ``status`` and ``body`` are those of the first complete
        answer, ``responses`` counts them; all three ignore interim answers. ``error`` is the connection's error, or the name
        of what is wrong with the data.
        """
        deadline, answers, before, interim = Deadline(seconds), self._answers, self._taken, len(self._answers.interim)

        def enough() -> bool:
            new = len(answers.found) > before
            return (
                until == "nothing"
                or (until == "response" and new and not answers.sent.waiting)
                or (until == "interim" and (new or len(answers.interim) > interim))
            )

        error, late = self._exchange(data, deadline, enough)
        found, self._taken = answers.found[before:], len(answers.found)
        first = _seen(found[0]) if found else {"status": None, "body": None, "error": ""}
        seen: dict[str, Any] = {
            "received": kept(bytes(self._received.data), "latin-1", self._received.length > MAX_KEPT),
            "status": first["status"],
            "body": first["body"],
            "responses": len(found),
            "interim": answers.interim[interim:],
            "closed": self._ended,
            "error": error or answers.error or first["error"],
            "seconds": round(seconds - deadline.left, 4),
        }
        return {**seen, "timed_out": True} if late else seen

    @property
    def waits(self) -> bool:
        """Whether a request that was sent has no answer yet."""
        return not self._over and bool(self._answers.sent.waiting)

    def unasked(self) -> tuple[int, str]:
        """The number of answers without a request, and the error of data after a complete answer that is not an answer."""
        return self._answers.surplus()

    def close(self) -> None:
        """Close the connection, after reading what has arrived until now."""
        if self._sock is not None and not self._over:
            self._drained(Deadline(0.0))
        self._over = True
        if self._sock is not None:
            self._sock.close()

    def _open(self, deadline: Deadline) -> socket.socket:
        sock = socket.create_connection((self.host, self.port), max(deadline.left, LEAST))
        if self._context is not None:
            try:
                sock.settimeout(max(deadline.left, LEAST))
                sock = self._context.wrap_socket(sock, server_hostname=self.host)
            except BaseException:
                sock.close()
                raise
        self.opened, self._over, self._ended = True, False, False
        return sock

    def _drained(self, deadline: Deadline) -> bool:
        """Read unrequested data; return whether the server has closed."""
        if self._sock is None:
            return True
        self._sock.setblocking(False)
        try:
            while data := self._sock.recv(65536):
                self.record("received", data)
                self._answers.feed(data)
                if deadline.passed:  # it never stops sending
                    return self._answers.over
        except (BlockingIOError, ssl.SSLWantReadError):
            return self._answers.over
        except OSError:
            return True
        return True

    def _exchange(self, data: bytes, deadline: Deadline, enough: Callable[[], bool]) -> tuple[str, bool]:
        """Send, and read as long as needed; return the connection's error, and whether the deadline passed."""
        self._received = Body()
        error = ""
        try:
            if self._sock is None:
                self._sock = self._open(deadline)
            self._send(self._sock, data, deadline)
        except TimeoutError:
            return "TimeoutError", True
        except OSError as problem:
            error = type(problem).__name__
            if self._sock is None:
                self._ended = True
                return error, False
        if data:
            self._answers.sent.feed(data)
        while not enough():
            if deadline.passed:
                return error, True
            try:
                self._sock.settimeout(max(deadline.left, LEAST))
                chunk = self._sock.recv(65536)
            except TimeoutError:
                return error, True
            except OSError as problem:
                error, chunk = error or type(problem).__name__, b""
            self.record("received", chunk)
            self._received.add(chunk)
            self._answers.feed(chunk)
            if not chunk:
                self._over = self._ended = True
                break
        return error, False

    def _send(self, sock: socket.socket, data: bytes, deadline: Deadline) -> None:
        rest = memoryview(data)
        while rest:
            sock.settimeout(max(deadline.left, LEAST))
            count = sock.send(rest)
            self.record("sent", bytes(rest[:count]))
            rest = rest[count:]


def _seen(answer: Answer) -> dict[str, Any]:
    """An answer as an observation; with an invalid content coding, ``body`` is left as sent, and ``error`` is set."""
    content, longer, error = decoded(answer.body, listed(answer.headers, "content-encoding"), answer.length > len(answer.body))
    return {
        "status": answer.status,
        "reason": answer.reason,
        "headers": answer.joined(),
        "closed": answer.closes,
        "body": kept(content, "utf-8", longer),
        "error": error,
    }


def decoded(data: bytes, codings: list[str], longer: bool = False) -> tuple[bytes, bool, str]:
    """Undo the content codings; ``longer``: data is only the beginning. Return the content, whether it is cut, and an error."""
    content, cut = data, longer
    for coding in reversed(codings if data else []):
        if coding == "identity":
            continue
        if coding not in _CODINGS:
            return data, longer, "UnknownContentEncoding"
        try:
            content, cut = _inflated(content, _CODINGS[coding], cut)
        except zlib.error:
            return data, longer, "BadContentEncoding"
    return content, cut, ""


#: zlib's window bits: a gzip header, a zlib header.
_CODINGS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


def _inflated(data: bytes, bits: int, cut: bool) -> tuple[bytes, bool]:
    """The content of one or more streams; raises zlib.error for invalid or truncated data."""
    content = b""
    while data:
        stream = zlib.decompressobj(bits)
        content += stream.decompress(data, MAX_KEPT + 1 - len(content))
        if len(content) > MAX_KEPT:
            return content, True
        if not stream.eof:
            if cut:
                return content, True
            raise zlib.error("truncated stream")
        data = stream.unused_data
    return content, cut

"""An HTTP/1 client: one connection, the requests and raw bytes sent on it, and the answers. Standard library only.

Whatever a server sends is an observation: no received data raises an exception.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Sequence
from typing import Any

from ..language.request_bytes import request_bytes
from ..language.request_pieces import Piece
from ..language.text_matching import MAX_KEPT, kept
from ..machine.connecting import LEAST, authority, await_end, connect, secured
from ..machine.deadlines import Deadline
from .http_answers import Answers
from .http_content import PROBE, as_seen, is_probe
from .http_framing import Body

CLOSED = "ConnectionClosed"  # the error of a request on a kept connection that the server has closed
UNASKED = "UnaskedAnswer"  # the same, after data that no request asked for: RFC 9112, section 9.2

Record = Callable[[str, bytes], None]


class Client:
    """One connection, opened when first needed and never reopened; ``record`` receives all bytes, with their direction."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None = None, record: Record | None = None) -> None:
        self.host = host
        self.port = port
        self.record: Record = record or (lambda direction, data: None)
        self.opened = False
        self.was_sent = False  # the last request: it was not where the connection was found closed
        self._context = context
        self._sock: socket.socket | None = None
        self._answers = Answers()
        self._over = False  # no more requests can be sent
        self._ended = False  # no more data will arrive
        self._alerted = False  # the server has ended the TLS session before the connection: RFC 9112, section 9.8
        self._received = Body()  # received in the current exchange
        self._taken = 0  # answers already reported in an observation

    def request(self, method: str, path: str, headers: dict[str, str], body: bytes | None, seconds: float) -> dict[str, Any]:
        """Send one request and return the answer; raises Unsendable for an invalid request.

        Without a complete answer, only ``error`` is informative. A connection that was open before is never reopened: if the
        server has closed it, the error is CLOSED, and if it has sent unrequested data, UNASKED.
        """
        data = request_bytes(method, path, authority(self.host, self.port), headers, body)
        deadline, reused, answers = Deadline(seconds), self.opened, self._answers
        place, interim = self._taken + len(answers.sent.waiting), len(answers.interim)
        seen: dict[str, Any] = {"status": None, "reason": None, "body": None, "headers": None, "closed": None, "error": ""}
        if reused and (self._over or self._drained(deadline) or any(self.unasked())):
            self._over, self.was_sent = True, False
            return {**seen, "error": UNASKED if any(self.unasked()) else CLOSED, "interim": [], "seconds": 0.0}
        self.was_sent = True
        error, late = self._exchange([Piece("send", data)], deadline, lambda: len(answers.found) > place or answers.over)
        if len(answers.found) > place:
            self._taken = place + 1
            seen.update(as_seen(answers.found[place]))
        elif late:
            seen.update(error=error or "TimeoutError", timed_out=True)
        elif reused and not self._received.length:
            seen["error"] = CLOSED
        else:
            seen["error"] = error or answers.error or "RemoteDisconnected"
        if seen["status"] is None or seen["closed"]:
            self._over = True
        return {**seen, "interim": answers.interim[interim:], "seconds": round(seconds - deadline.left, 4)}

    def raw(self, send: Sequence[Piece], until: str, seconds: float) -> dict[str, Any]:
        """Send raw bytes, piece by piece, and read until the server closes, until each request has its answer, or not at all.

        With ``until`` "probe", PROBE follows what was sent as soon as it has an answer, unless that says that the server
        closes: the connection is ``closed`` unless the probe is answered, too. That answer is not counted.

        ``received`` is Latin-1 text, one character for each byte. ``status`` and ``body`` are those of the first whole answer,
        ``responses`` counts them, without interim ones. ``error`` is the connection's, or names what is wrong with the data.
        """
        deadline, answers, before, interim = Deadline(seconds), self._answers, self._taken, len(self._answers.interim)

        def enough() -> bool:
            new = len(answers.found) > before
            return (
                until == "nothing"
                or (until == "response" and new and not answers.sent.waiting)
                or (until == "interim" and (new or len(answers.interim) > interim))
            )

        error, late = self._exchange(send, deadline, enough if until != "probe" else lambda: len(answers.found) > before)
        probed = False
        if until == "probe" and not late and not self._ended and not answers.over:
            closing = answers.found[-1].closes if len(answers.found) > before else False  # it said so: it only has to do it
            probe = [] if closing else [Piece("send", PROBE.replace(b"{host}", authority(self.host, self.port).encode()))]
            more, late = self._exchange(
                probe, deadline, lambda: bool(answers.error) or any(map(is_probe, answers.found[before:])), again=True
            )
            error = error or ("" if answers.found[before:] else more)
            probed = any(map(is_probe, answers.found[before:]))
        found, self._taken = [one for one in answers.found[before:] if not (probed and is_probe(one))], len(answers.found)
        first = as_seen(found[0]) if found else dict.fromkeys(("status", "reason", "headers", "body")) | {"error": ""}
        seen: dict[str, Any] = {
            "received": kept(bytes(self._received.data), "latin-1", self._received.length > MAX_KEPT),
            "status": first["status"],
            "statuses": [answer.status for answer in found],
            "reason": first["reason"],
            "headers": first["headers"],
            "body": first["body"],
            "responses": len(found),
            "interim": answers.interim[interim:],
            "closed": self._ended,
            "closure_alert": self._alerted if self._context else None,
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
        sock = connect(self.host, self.port, max(deadline.left, LEAST))
        if self._context is not None:
            sock = secured(sock, self._context, self.host, max(deadline.left, LEAST))
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

    def _exchange(
        self, send: Sequence[Piece], deadline: Deadline, enough: Callable[[], bool], again: bool = False
    ) -> tuple[str, bool]:
        """Send, and read as long as needed; return the connection's error, and whether the deadline passed.

        With ``again`` it goes on with the exchange before. A piece that has to wait ends the sending if the server closes.
        """
        if not again:
            self._received = Body()
        error = ""
        try:
            if self._sock is None:
                self._sock = self._open(deadline)
            for piece in send:
                if self._ended:
                    break
                error = self._do(self._sock, piece, deadline) or error
        except TimeoutError:
            return "TimeoutError", True
        except OSError as problem:
            error = type(problem).__name__
            if self._sock is None:
                self._ended = True
                return error, False
        while not enough() and not self._ended:
            if deadline.passed:
                return error, True
            try:
                error = self._receive(self._sock, deadline.left) or error
            except TimeoutError:
                return error, True
        return error, False

    def _do(self, sock: socket.socket, piece: Piece, deadline: Deadline) -> str:
        """Do one piece; return the connection's error, if it is met while waiting."""
        if piece.what == "send":
            try:
                self._send(sock, piece.data, deadline)
            finally:
                self._answers.sent.feed(piece.data)
        elif piece.what == "end":
            sock.shutdown(socket.SHUT_WR)
            self.record("ended", b"")
        elif piece.what == "await":
            answers, interim = len(self._answers.found), len(self._answers.interim)
            while len(self._answers.found) == answers and not self._ended:
                if piece.answer == "interim" and len(self._answers.interim) > interim:
                    break
                if error := self._receive(sock, deadline.left):
                    return error
        else:
            pause = Deadline(min(piece.seconds, deadline.left))
            while not self._ended and not pause.passed:
                try:
                    if error := self._receive(sock, pause.left):
                        return error
                except TimeoutError:
                    break
        return ""

    def _receive(self, sock: socket.socket, seconds: float) -> str:
        """Read what comes next; return the connection's error. Raises TimeoutError if nothing does."""
        error = ""
        try:
            sock.settimeout(max(seconds, LEAST))
            chunk = b"" if self._alerted else sock.recv(65536)
            if not chunk and isinstance(sock, ssl.SSLSocket):
                self._alerted = True
                await_end(sock, seconds)
        except TimeoutError:
            raise
        except ssl.SSLEOFError:  # the connection has ended, and the TLS session had not: `closure_alert` tells
            chunk = b""
        except OSError as problem:
            error, chunk = type(problem).__name__, b""
        self.record("received", chunk)
        self._received.add(chunk)
        self._answers.feed(chunk)
        if not chunk:
            self._over = self._ended = True
        return error

    def _send(self, sock: socket.socket, data: bytes, deadline: Deadline) -> None:
        rest = memoryview(data)
        while rest:
            sock.settimeout(max(deadline.left, LEAST))
            count = sock.send(rest)
            self.record("sent", bytes(rest[:count]))
            rest = rest[count:]

"""Raw bytes out and in, and the HTTP answers among them, as http.client understands them. Of the standard library alone."""

from __future__ import annotations

import http.client
import io
import socket
import time
from typing import Any

MAX_BODY = 1024 * 1024  # bytes of an answer that are read


def exchange(sock: socket.socket, data: bytes, until: str, seconds: float) -> dict[str, Any]:
    """Send raw bytes and read what comes back, until it is closed, or one answer is complete, or not at all.

    ``received`` is Latin-1 text, a character a byte; ``status`` is the first answer's, ``responses`` counts them.
    """
    started = time.monotonic()
    limit = started + seconds
    seen: dict[str, Any] = {"received": "", "closed": False, "error": "", "status": None, "responses": 0}
    received = b""
    try:
        sock.settimeout(seconds)
        sock.sendall(data)
        while until != "nothing" and len(received) < MAX_BODY:
            if until == "response" and complete(received):
                break
            left = limit - time.monotonic()
            if left <= 0:
                seen["timed_out"] = True
                break
            sock.settimeout(left)
            chunk = sock.recv(65536)
            if not chunk:
                seen["closed"] = True
                break
            received += chunk
    except TimeoutError:
        seen["timed_out"] = True
    except OSError as error:
        seen.update(error=type(error).__name__, closed=True)
    statuses = statuses_in(received)
    seen.update(received=received.decode("latin-1"), status=statuses[0] if statuses else None, responses=len(statuses),
                seconds=round(time.monotonic() - started, 4))
    return seen


def statuses_in(received: bytes) -> list[int]:
    """The status of each answer, one after the other on one connection; what follows the last is no answer."""
    stream = Stream(received)
    found: list[int] = []
    while stream.tell() < len(received):
        response = http.client.HTTPResponse(stream)  # type: ignore[arg-type]
        try:
            response.begin()
            found.append(response.status)
            response.read()
        except (http.client.HTTPException, ValueError):
            break
    return found


def complete(received: bytes) -> bool:
    """Whether one whole answer was received, as http.client understands it."""
    if b"\r\n\r\n" not in received:
        return False
    response = http.client.HTTPResponse(Stream(received))  # type: ignore[arg-type]
    try:
        response.begin()
        if response.length is None and not response.chunked:
            return False  # it lasts until the server closes
        response.read()
    except (http.client.HTTPException, ValueError):
        return False
    return True


class Stream(io.BytesIO):
    """Received bytes in the place of a socket; an answer that is over does not close it for the next one."""

    def makefile(self, mode: str) -> Stream:
        """What http.client asks a socket for."""
        return self

    def close(self) -> None:
        """Stay open."""

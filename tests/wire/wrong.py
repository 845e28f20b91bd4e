"""Servers that are wrong on purpose: what the player and the table must see."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Callable, Iterator

#: What a server has in hand: the connection, and what the client has sent so far.
Talk = Callable[[socket.socket], None]

OK = b"HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: application/json\r\n"
NO_CALLS = OK + b"Content-Length: 2\r\nConnection: close\r\n\r\n[]"
HELLO = OK + b"Content-Length: 2\r\n\r\n{}"
BAD = b"HTTP/1.1 400 Bad Request\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
PROBED = OK + b'Content-Length: 18\r\n\r\n{"path": "/probe"}'


def until(connection: socket.socket, end: bytes, seconds: float = 2.0) -> bytes:
    """Read until the client has sent this, has ended, or says no more."""
    data = b""
    while end not in data and select.select([connection], [], [], seconds)[0]:
        part = connection.recv(65536)
        if not part:
            break
        data += part
    return data


def sends(*parts: bytes, first: bytes = b"\r\n\r\n") -> Talk:
    """Reads a head, sends this, and closes when the client does, or says no more."""
    def talk(connection: socket.socket) -> None:
        until(connection, first)
        for part in parts:
            connection.sendall(part)
        connection.shutdown(socket.SHUT_WR)
        until(connection, b"no client sends this", 0.2)
    return talk


def always(answer: bytes) -> Talk:
    """Sends this at once, whatever the client does; ``b""`` closes without a word."""
    def talk(connection: socket.socket) -> None:
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_WR)
        until(connection, b"no client sends this", 0.05)
    return talk


def again(answer: bytes) -> Talk:
    """Sends this for each part that comes, and never closes by itself."""
    def talk(connection: socket.socket) -> None:
        connection.sendall(answer)
        while connection.recv(65536):
            connection.sendall(answer)
    return talk


@contextlib.contextmanager
def wrong(talk: Talk, calls: bytes = NO_CALLS, dies: bool = False) -> Iterator[tuple[str, int]]:
    """A server that talks so; a plain GET /calls it answers as a good one does, unless it dies after the first connection."""
    listener = socket.create_server(("127.77.31.1", 0), backlog=256)
    over = threading.Event()

    def one(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            begun = b""
            if select.select([connection], [], [], 0.1)[0]:
                begun = connection.recv(10, socket.MSG_PEEK)
            if begun == b"GET /calls":
                until(connection, b"\r\n\r\n")
                connection.sendall(calls)
            else:
                talk(connection)

    def serve() -> None:
        with listener:
            while not over.is_set():
                if select.select([listener], [], [], 0.05)[0]:
                    threading.Thread(target=one, args=(listener.accept()[0],), daemon=True).start()
                    if dies:
                        return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()
    finally:
        over.set()
        thread.join(5)

"""Probe a port: can a server bind it, does it accept, does it answer? Standard library only."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import ssl

from .connecting import connect, family, is_path

ANSWER_BLOCK = 65536  # bytes of an answer that are read at once


def bind_state(host: str, port: int, reuse: bool = True) -> str:
    """Try to bind: "free" or "held"; without ``reuse``, a port in TIME_WAIT is also held.

    A path is held by whatever is there, because bind() refuses it (unix(7)); nothing is bound there.
    """
    if is_path(host):
        return "held" if os.path.lexists(host) else "free"
    with contextlib.closing(socket.socket(family(host), socket.SOCK_STREAM)) as probe:
        if reuse and os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return "held"
            raise
    return "free"


def connects(host: str, port: int, seconds: float = 1.0) -> str:
    """Try to connect: "accepted", "refused" or "no answer"."""
    try:
        with contextlib.closing(connect(host, port, seconds)):
            return "accepted"
    except (ConnectionRefusedError, FileNotFoundError):
        return "refused"
    except OSError:
        return "no answer"


def answers(host: str, port: int, seconds: float = 1.0, context: ssl.SSLContext | None = None, patience: float = 0.0) -> bool:
    """Whether a request is answered, with any status: a server may listen long before it serves.

    With ``patience``, seconds, the answer is read to its end: a client that goes in the middle of it is one more thing to log.
    """
    try:
        with contextlib.ExitStack() as stack:
            sock: socket.socket = stack.enter_context(contextlib.closing(connect(host, port, seconds)))
            if context is not None:
                sock = stack.enter_context(contextlib.closing(context.wrap_socket(sock, server_hostname=host)))
            sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
            answered = bool(sock.recv(1))
            if answered and patience:
                sock.settimeout(patience)
                with contextlib.suppress(TimeoutError):  # it keeps the connection, and has been waited for long enough
                    while sock.recv(ANSWER_BLOCK):
                        pass
            return answered
    except OSError:
        return False

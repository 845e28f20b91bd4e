"""Connect to a channel: a port of an address of either family or, where the host is a path, a Unix socket.

Standard library only.
"""

from __future__ import annotations

import contextlib
import socket
import ssl

from .deadlines import Deadline

LEAST = 0.001  # seconds: a timeout of 0 would mean non-blocking


def is_path(host: str) -> bool:
    """Whether a host is the path of a Unix socket."""
    return host.startswith("/")


def family(host: str) -> int:
    """The family of a numeric address."""
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def connect(host: str, port: int, seconds: float) -> socket.socket:
    """A connection; raises OSError if there is none in time. A Unix socket has no port."""
    if not is_path(host):
        return socket.create_connection((host, port), seconds)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.settimeout(seconds)
        sock.connect(host)
    except BaseException:
        sock.close()
        raise
    return sock


def secured(sock: socket.socket, context: ssl.SSLContext, host: str, seconds: float) -> ssl.SSLSocket:
    """A TLS session on a connection; raises OSError if there is none in time, and closes the connection.

    If the connection ends before the session does, reading raises SSLEOFError, and does not return the end of the data.
    """
    try:
        sock.settimeout(seconds)
        return context.wrap_socket(sock, suppress_ragged_eofs=False, server_hostname=host)
    except BaseException:
        sock.close()
        raise


def await_end(sock: ssl.SSLSocket, seconds: float) -> None:
    """Answer a closure alert, and wait until the connection ends as well; raises TimeoutError if it does not in time.

    Whatever comes after the alert is ignored (RFC 8446, section 6.1).
    """
    deadline = Deadline(seconds)
    with contextlib.suppress(OSError, ValueError):  # the server has gone, or its alert was answered before
        sock.unwrap()
    while not deadline.passed:
        sock.settimeout(max(deadline.left, LEAST))
        if not socket.socket.recv(sock, 65536):
            return
    raise TimeoutError


def authority(host: str, port: int) -> str:
    """What stands in the Host field, and in records: an IPv6 address has brackets (RFC 3986, section 3.2.2)."""
    if is_path(host):
        return "localhost"
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

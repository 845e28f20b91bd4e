"""Connect to a channel: a port of an address of either family or, where the host is a path, a Unix socket.

Standard library only.
"""

from __future__ import annotations

import socket
import ssl


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


def authority(host: str, port: int) -> str:
    """What stands in the Host field, and in records: an IPv6 address has brackets (RFC 3986, section 3.2.2)."""
    if is_path(host):
        return "localhost"
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

"""What will happen to a server that binds a port: tried for real, since a connect proves nothing about a bind."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from dataclasses import dataclass

ALL_IPV4, ALL_IPV6 = "0.0.0.0", "::"  # noqa: S104 (bound for a moment, without listening)
_V6_ONLY = (getattr(socket, "IPPROTO_IPV6", 41), getattr(socket, "IPV6_V6ONLY", 26))


@dataclass(frozen=True, slots=True)
class Try:
    """One bind that was tried; ``error`` is empty where it succeeded, and the system's own words where it did not."""

    host: str
    reuse: bool
    error: str

    @property
    def free(self) -> bool:
        """Whether a server that does this starts."""
        return not self.error


def tries(port: int) -> tuple[Try, ...]:
    """Bind a port on the addresses that servers use, with SO_REUSEADDR and without.

    On loopback the socket listens, too: two sockets can be bound side by side with SO_REUSEADDR, and not listen both.
    """
    found = []
    for host in ("127.0.0.1", ALL_IPV4, "::1", ALL_IPV6):
        for reuse in (True, False):
            outcome = attempt(host, port, reuse)
            if outcome is not None:
                found.append(outcome)
    return tuple(found)


def attempt(host: str, port: int, reuse: bool) -> Try | None:
    """Try one bind; None where this machine does not have the address at all."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        sock = socket.socket(family, socket.SOCK_STREAM)
    except OSError:
        return None  # no IPv6 in this kernel
    with contextlib.closing(sock):
        if family == socket.AF_INET6:
            sock.setsockopt(*_V6_ONLY, 1)
        if reuse and os.name == "posix":  # on Windows it takes a port from its holder: another thing
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, port))
            if host not in (ALL_IPV4, ALL_IPV6):
                sock.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                return None
            return Try(host, reuse, f"[Errno {error.errno}] {os.strerror(error.errno or 0)}")
    return Try(host, reuse, "")

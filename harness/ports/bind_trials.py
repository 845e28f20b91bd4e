"""What happens to a server that binds an address: tried for real, since a connect proves nothing about a bind."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass

_V6_ONLY = (getattr(socket, "IPPROTO_IPV6", 41), getattr(socket, "IPV6_V6ONLY", 26))


@dataclass(frozen=True, slots=True)
class Try:
    """One bind that was tried; ``error`` is empty if it succeeded, and otherwise the system's own message.

    ``denied``: this user may not bind the port, whoever holds it.
    """

    host: str
    reuse: bool
    error: str
    denied: bool = False

    @property
    def free(self) -> bool:
        """Whether a server that does this starts."""
        return not self.error


def tries(hosts: Iterable[str], port: int) -> tuple[Try, ...]:
    """Bind a port on numeric addresses, with and without SO_REUSEADDR; an address that this machine lacks is skipped."""
    found = (attempt(host, port, reuse) for host in hosts for reuse in (True, False))
    return tuple(one for one in found if one is not None)


def attempt(host: str, port: int, reuse: bool) -> Try | None:
    """Try one bind; None if this machine does not have the address at all. ``::`` is tried without IPv4.

    On loopback the socket also listens, as a server does; elsewhere that would open the port to the network for a moment.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)[0]
        sock = socket.socket(family, socket.SOCK_STREAM)
    except OSError:
        return None  # no IPv6 in this kernel, or no such interface any more
    with contextlib.closing(sock):
        if family == socket.AF_INET6:
            sock.setsockopt(*_V6_ONLY, 1)
        if reuse and os.name == "posix":  # on Windows it takes the port from its holder, which is something else
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(address)
            if ipaddress.ip_address(host).is_loopback:
                sock.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                return None
            denied = error.errno == errno.EACCES and os.name == "posix"  # on Windows: another program has it exclusively
            return Try(host, reuse, f"[Errno {error.errno}] {os.strerror(error.errno or 0)}", denied)
    return Try(host, reuse, "")

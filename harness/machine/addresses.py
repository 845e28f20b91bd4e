"""Loopback addresses and ports: claim them, and check whether anything lingers on them."""

from __future__ import annotations

import contextlib
import errno
import random
import socket

from .port_probes import bind_state
from .socket_table import table

PORT = 8080  # the paper's
DEFAULT_HOST = "127.0.0.1"
IPV6_HOST = "::1"
WIDE_HOSTS = ("0.0.0.0", "::", "::1")  # noqa: S104 (searched for, not bound)
CLAIM_PORT = 8079  # a UDP port: binding it on an address claims that address across all runs
BLOCK = range(21000, 29000, 10)  # if only 127.0.0.1 exists: blocks of ten ports, the first of each claimed by UDP


class Claim:
    """A channel owned by a cell: no other cell of any run on this machine gets it until ``close``.

    The claim is a bound UDP socket, so the kernel releases it when the process dies.
    """

    def __init__(self, host: str, port: int, lock: socket.socket) -> None:
        self.host = host
        self.port = port
        self._lock = lock

    def close(self) -> None:
        """Release the channel."""
        self._lock.close()


def has_loopback_range() -> bool:
    """Whether loopback addresses other than 127.0.0.1 can be bound (Linux and Windows; not macOS)."""
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        try:
            probe.bind(("127.83.71.2", 0))
        except OSError:
            return False
    return True


def _lock(host: str, port: int) -> socket.socket | None:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.bind((host, port))
    except OSError:
        sock.close()
        return None
    return sock


def claim_own(loopback_range: bool, tries: int = 200) -> Claim:
    """Claim a channel that no other cell has; raises RuntimeError if none is found."""
    chance = random.SystemRandom()
    for _ in range(tries):
        if loopback_range:
            host, port = f"127.{chance.randrange(1, 255)}.{chance.randrange(256)}.{chance.randrange(1, 255)}", PORT
            lock = _lock(host, CLAIM_PORT)
        else:
            host, port = DEFAULT_HOST, chance.choice(BLOCK) + 1
            lock = _lock(host, port - 1)
        if lock is None:
            continue
        if bind_state(host, port) == "free" if loopback_range else unused(port):
            return Claim(host, port, lock)
        lock.close()
    if loopback_range:
        raise RuntimeError(
            f"port {PORT} was taken on each of {tries} addresses of 127.0.0.0/8: a server that listens on 0.0.0.0:{PORT} takes "
            f"all of them. server-matrix ports {PORT} shows who it is; end it, and run again"
        )
    raise RuntimeError(f"no free port found in {tries} tries; see `server-matrix doctor`")


def no_ipv6() -> str:
    """Why ::1 cannot be bound on this machine; "" if it can."""
    try:
        with contextlib.closing(socket.socket(socket.AF_INET6, socket.SOCK_STREAM)) as probe:
            probe.bind((IPV6_HOST, 0))
    except OSError as error:
        return f"{IPV6_HOST} cannot be bound: {error.strerror or error}"
    return ""


def claim_ipv6() -> Claim:
    """Claim a port of ::1, which is the only loopback address of IPv6, and of all other addresses; see claim_own."""
    claim = claim_own(False)
    claim.host = IPV6_HOST
    return claim


def unused(port: int) -> bool:
    """Whether a port is free on every address, lingering connections included.

    A holder on a wider address cannot bind while an earlier cell's TIME_WAIT remains on 127.0.0.1.
    """
    for family, host in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):  # noqa: S104 (bound, not listening)
        try:
            probe = socket.socket(family, socket.SOCK_STREAM)
        except OSError:
            continue  # no IPv6 here
        with contextlib.closing(probe):
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                if error.errno == errno.EADDRNOTAVAIL:
                    continue
                return False
    return True


def claim_default() -> Claim | None:
    """Claim 127.0.0.1:8080, which cells use in turn; None while another cell has it."""
    lock = _lock(DEFAULT_HOST, CLAIM_PORT)
    return None if lock is None else Claim(DEFAULT_HOST, PORT, lock)


def lingers(host: str, port: int) -> bool:
    """Whether only connections in TIME_WAIT remain on a port: no process holds it, and it will free itself."""
    rows = [sock for sock in table([host], ()) if sock.port == port]
    return bool(rows) and all(sock.state == "TIME_WAIT" for sock in rows)

"""Ports for a cell: ten in a row that nobody else has."""

from __future__ import annotations

import contextlib
import random
import socket

from .server import CannotTry

PORTS = 9  # a scenario's {port} to {port9}


def free_ports(host: str) -> tuple[int, socket.socket]:
    """The first of ten ports in a row that are all free, and a UDP socket that keeps other reproducers away from them."""
    bases = list(range(18080, 29000, 10))
    random.SystemRandom().shuffle(bases)
    for base in bases:
        lock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with contextlib.suppress(OSError):  # another one has it
            lock.bind((host, base + PORTS))
            if all(unused(base + number) for number in range(PORTS)):
                return base, lock
        lock.close()
    raise CannotTry("there are no ten free ports in a row from 18080 to 29000")


def unused(port: int) -> bool:
    """Whether nobody has a port on any address, connections that linger included; bound for a moment, and not listening."""
    with contextlib.closing(socket.socket()) as probe:
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True

"""Ports for a cell: ten in a row that nothing else uses."""

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
        with contextlib.suppress(OSError):  # another reproducer has it
            lock.bind((host, base + PORTS))
            if all(unused(base + number) for number in range(PORTS)):
                return base, lock
        lock.close()
    raise CannotTry("there are no ten consecutive free ports between 18080 and 29000")


def unused(port: int) -> bool:
    """Whether a port is unused on all addresses, even by lingering connections; bound for a moment, without listening."""
    with contextlib.closing(socket.socket()) as probe:
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True

"""Which sockets keep a server from which address: our rules against the kernel's own answers."""

import contextlib
import socket

import pytest

from harness.ports.address import Asked
from harness.ports.bind_trials import tries
from harness.ports.channels import look
from harness.ports.diagnosis import Finding

HOSTS = ("127.0.0.1", "127.5.5.5", "0.0.0.0", "::1", "::")


def bound(stack, host, port, only=True, listen=True):
    sock = stack.enter_context(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET))
    if ":" in host:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only)
    sock.bind((host, port))
    if listen:
        sock.listen(4)
    return sock


def accepted(stack, host, connect, port, only=True):
    """An accepted connection whose listener is gone; neither sets SO_REUSEADDR."""
    with bound(stack, host, port, only) as server:
        stack.enter_context(socket.create_connection((connect, port)))
        stack.enter_context(server.accept()[0])


def client(stack, target, port):
    """A client that the system gave a port; returns this port."""
    server = bound(stack, target, 0)
    one = stack.enter_context(socket.create_connection(server.getsockname()[:2]))
    stack.enter_context(server.accept()[0])
    return one.getsockname()[1]


KINDS = {
    "one of IPv4": lambda stack, port: bound(stack, "127.0.0.1", port),
    "another of IPv4": lambda stack, port: bound(stack, "127.5.5.5", port),
    "all of IPv4": lambda stack, port: bound(stack, "0.0.0.0", port),
    "one of IPv6": lambda stack, port: bound(stack, "::1", port, only=False),
    "all of IPv6": lambda stack, port: bound(stack, "::", port),
    "both families": lambda stack, port: bound(stack, "::", port, only=False),
    "IPv4 in IPv6": lambda stack, port: bound(stack, "::ffff:127.0.0.1", port, only=False),
    "all of IPv4 in IPv6": lambda stack, port: bound(stack, "::ffff:0.0.0.0", port, only=False),
    "bound": lambda stack, port: bound(stack, "127.0.0.1", port, listen=False),
    "both families, bound": lambda stack, port: bound(stack, "::", port, only=False, listen=False),
    "UDP": lambda stack, port: stack.enter_context(socket.socket(type=socket.SOCK_DGRAM)).bind(("127.0.0.1", port)),
    "accepted": lambda stack, port: accepted(stack, "0.0.0.0", "127.0.0.1", port),
    "accepted by both families": lambda stack, port: accepted(stack, "::", "127.0.0.1", port, only=False),
    "accepted by both families, of IPv6": lambda stack, port: accepted(stack, "::", "::1", port, only=False),
    "client": lambda stack, port: client(stack, "127.0.0.1", port),
    "client of IPv6": lambda stack, port: client(stack, "::1", port),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_rules_say_what_the_kernel_does(kind, port):
    with contextlib.ExitStack() as stack:
        port = KINDS[kind](stack, port) if kind.startswith("client") else (KINDS[kind](stack, port), port)[1]
        looked = look(port)
        if "bound" in kind and not looked.complete:
            pytest.skip("this kernel (before 6.8) does not show sockets that are bound and do not listen")
        for host in HOSTS:
            tried = tries((host, "0.0.0.0"), port)
            found = Finding(Asked(host, port, (host,)), looked.at(port), tried)
            assert bool(found.in_way_of([host])) == (not found.free), (kind, host, found.rows)

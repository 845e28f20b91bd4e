"""Is a port free, is it occupied? Asked of the kernel by bind and by connect."""
import contextlib
import errno
import os
import socket
import time

INTERVAL = 0.1  # seconds between two probes


def reuse_address(sock):
    """Let a bind succeed while old connections linger in TIME_WAIT.

    Not on Windows, where SO_REUSEADDR would let two servers share the port.
    """
    if os.name == "posix":
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


def is_free(host, port):
    """Return whether a server could bind ``host:port`` now.

    A bind is tried and not a connect: a socket that is bound without
    listening, or whose backlog is full, refuses a connect and yet holds the
    port. An error other than "in use" (no such address, no permission) is raised.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(
        host or None, port, socket.AF_UNSPEC, socket.SOCK_STREAM, 0, socket.AI_PASSIVE)[0]
    with contextlib.closing(socket.socket(family, kind, protocol)) as probe:
        reuse_address(probe)
        try:
            probe.bind(address)
        except socket.error as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    return True


def accepts(host, port, timeout=1.0):
    """Return whether something accepts connections on ``host:port``."""
    client = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)
    try:
        with contextlib.closing(socket.create_connection((client, port), timeout)):
            return True
    except (socket.error, socket.timeout):
        return False


def wait_until(condition, timeout, interrupted=None):
    """Ask ``condition`` until it holds; False when ``timeout`` seconds have passed or ``interrupted`` says so."""
    limit = time.time() + timeout
    while not condition():
        if time.time() >= limit or interrupted and interrupted():
            return False
        time.sleep(INTERVAL)
    return True

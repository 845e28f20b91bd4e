"""What the guest's tests with real sockets share: a server that listens, and clients with a deadline."""

from __future__ import annotations

import contextlib
import socket

from enginebus.httpserver import HTTPServer, listening_socket
from enginebus.monitors import TimeoutMonitor
from enginebus.ports import wait_until
from enginebus.server import Server

from .fakes import Site, answers

HOST = "127.83.1.1"
REQUEST = b"GET %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"


class Settings:
    """Those of a Server, as attributes."""


@contextlib.contextmanager
def running(root, **settings):
    """A server that listens, on a port of its own."""
    site = Site(root)
    chosen = Settings()
    chosen.__dict__.update({k: v for k, v in vars(Server).items() if isinstance(v, (int, float))}, **settings)
    server = HTTPServer(listening_socket(HOST, 0), chosen, site.pipeline, site.log, TimeoutMonitor(site.bus), site.bus)
    server.start()
    server.of = site
    try:
        yield server
    finally:
        if not server._ended:
            server.stop(0)
            server.cut_off()


def connect(address, data=b""):
    """A client that has sent something; closed at the end of a ``with``."""
    client = socket.create_connection(address, 10)
    client.sendall(data)
    return contextlib.closing(client)


def read(client):
    """All that comes until the server closes."""
    return b"".join(iter(lambda: client.recv(65536), b""))


def ask(address, path=b"/"):
    """(status, fields, body) of one GET."""
    with connect(address, REQUEST % path) as client:
        return answers(read(client))[0]


def in_time(condition):
    """Wait for a condition, and fail where it does not come."""
    assert wait_until(condition, 30)

"""The three functions of the portend package that CherryPy's tests use: wait for a port to be free, or to be taken."""
import socket
import time


class Timeout(IOError):
    """It did not come to that in time."""


def _accepts(host, port):
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex((host, port)) == 0


def _wait(host, port, timeout, wanted):
    end = time.monotonic() + timeout
    while _accepts(host, port) is not wanted:
        if time.monotonic() > end:
            raise Timeout(f"Port {port} on {host} is {'free' if wanted else 'not free'}")
        time.sleep(0.02)


def free(host, port, timeout=float("inf")):
    _wait(host, port, timeout, False)


def occupied(host, port, timeout=float("inf")):
    _wait(host, port, timeout, True)


def find_available_local_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]

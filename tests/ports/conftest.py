"""A port for each test, and real processes that hold it or have a connection from it."""

import contextlib
import os
import subprocess
import sys

import pytest

from harness.machine import addresses

#: ADDRESS PORT MANNERS…: opens a socket there; when ready, prints the pid of a forked child ("fork").
HOLDS = """
import os, signal, socket, sys
host, port, manners = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM if "udp" in manners else 1)
if sock.family == socket.AF_INET6:
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int("dual" not in manners))
sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int("no-reuse" not in manners))
if "reuseport" in manners:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
sock.bind((host, port))
if "bound" not in manners and "udp" not in manners:
    sock.listen(8)
if "ignore" in manners:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
def let_go(*_):
    sock.close()
    os.write(2, b"let go\\n")
signal.signal(signal.SIGUSR1, let_go)
child = os.fork() if "fork" in manners else 0
if child or "fork" not in manners:
    sys.stdout.write("%d\\n" % child)
    sys.stdout.flush()
os.close(1)
while True:
    signal.pause()
"""

#: HOST PORT [OWN HOST, OWN PORT]: connects, from the given address or from one that the system chooses.
TALKS = """
import signal, socket, sys
client = socket.socket()
if len(sys.argv) > 3:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    client.bind((sys.argv[3], int(sys.argv[4])))
client.connect((sys.argv[1], int(sys.argv[2])))
sys.stdout.write("%d\\n" % client.getsockname()[1])
sys.stdout.flush()
signal.pause()
"""


@pytest.fixture
def port():
    """A port of 127.0.0.1 that no other cell or test on this machine uses, on any address."""
    with contextlib.closing(addresses.claim_own(False)) as claim:
        yield claim.port


@pytest.fixture
def started():
    """Start a Python program with arguments; returns the process and the number that it prints when ready."""
    processes: list[subprocess.Popen] = []

    def start(program, *words):
        process = subprocess.Popen(
            [sys.executable, "-c", program, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True)
        processes.append(process)
        line = process.stdout.readline()
        assert line, process.stderr.read()
        return process, int(line)

    yield start
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


@pytest.fixture
def holding(port, started):
    """Start a process that holds the port on an address, with some manners (HOLDS). Returns (process, child's pid)."""
    children = []

    def start(*manners, host="127.0.0.1"):
        process, child = started(HOLDS, host, port, *manners)
        children.extend(pid for pid in (child,) if pid)
        return process, child

    yield start
    for pid in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, 9)


@pytest.fixture
def talking(started):
    """Start a client of an address, from a given one if there is one. Returns (process, its own port)."""
    return lambda *words: started(TALKS, *words)

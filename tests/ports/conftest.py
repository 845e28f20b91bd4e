"""A port of the test's own, and a process that forks a child, which keeps the port when its parent is killed."""

import contextlib
import os
import subprocess
import sys

import pytest

from harness import channels

FORKS = """
import os, signal, socket, sys
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int(sys.argv[1])))
listener.listen(8)
if "ignore" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = os.fork() if "fork" in sys.argv else 0
if child or "fork" not in sys.argv:
    sys.stdout.write("%d\\n" % child)
    sys.stdout.flush()
os.close(1)
signal.pause()
"""


@pytest.fixture
def port():
    """A port of 127.0.0.1, which no other cell or test of this machine has."""
    with contextlib.closing(channels.claim_own(False)) as claim:
        yield claim.port


@pytest.fixture
def holding(port):
    """Start a process that listens on the port; "fork" and "ignore" (SIGTERM) are its manners. Gives (pid, child's pid)."""
    started = []

    def start(*manners):
        process = subprocess.Popen(
            [sys.executable, "-c", FORKS, str(port), *manners], stdout=subprocess.PIPE, text=True, start_new_session=True)
        child = int(process.stdout.readline())
        started.extend(pid for pid in (child,) if pid)
        processes.append(process)
        return process, child

    processes: list[subprocess.Popen] = []
    yield start
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()
    for pid in started:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, 9)

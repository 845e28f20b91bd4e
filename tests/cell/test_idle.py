"""A server is at rest only if it would do nothing on a machine with a free processor, too."""

import hashlib
import subprocess
import sys
import threading
import types

import pytest

from harness.cell.idle import comes_to_rest, family_at_work
from harness.machine.at_work import would_run
from harness.machine.deadlines import Deadline

SPINS = "while True: pass"
SPINS_IN_A_THREAD = f"import threading, time\ndef spin():\n    {SPINS}\nthreading.Thread(target=spin, daemon=True).start()\ntime.sleep(60)"
SPINS_IN_A_CHILD = f"import subprocess, sys, time\nchild = subprocess.Popen([sys.executable, '-c', {SPINS!r}])\ntime.sleep(60)"
RESTS = "import time\ntime.sleep(60)"
LOGS = "import time, sys\nwhile True:\n    sys.stdout.write('.')\n    sys.stdout.flush()\n    time.sleep(0.1)"


@pytest.fixture
def run(tmp_path):
    """Starts a program that says when it is ready; it and its children are ended."""
    started = []

    def start(code):
        log = tmp_path / "main.log"
        with log.open("wb") as out:
            child = subprocess.Popen([sys.executable, "-c", f"print('ready', flush=True)\n{code}"], stdout=out, start_new_session=True)
        started.append(child)
        assert Deadline(10).wait(lambda: log.read_bytes().startswith(b"ready"), 0.01)
        return types.SimpleNamespace(pid=child.pid, log=log)

    yield start
    for child in started:
        subprocess.run(["kill", "-KILL", "--", f"-{child.pid}"], check=True)
        child.wait(10)


@pytest.mark.parametrize("code", [SPINS, SPINS_IN_A_THREAD, SPINS_IN_A_CHILD])
def test_who_spins_is_at_work_and_never_rests(run, code):
    server = run(code)
    assert Deadline(10).wait(lambda: family_at_work(server.pid), 0.01)
    assert not comes_to_rest(server, Deadline(1.5))


def test_who_spins_is_no_less_busy_where_the_clock_of_its_processor_stands_still(run, monkeypatch):
    server = run(SPINS)
    monkeypatch.setattr("harness.machine.server_process.cpu_seconds", lambda pid: 1.0)  # as if it were never its turn
    assert not comes_to_rest(server, Deadline(1.5))


def test_who_only_logs_is_not_at_rest(run, monkeypatch):
    server = run(LOGS)
    monkeypatch.setattr("harness.machine.server_process.cpu_seconds", lambda pid: 1.0)
    assert not comes_to_rest(server, Deadline(1.5))


def test_who_waits_is_at_rest_and_one_that_has_ended_too(run):
    server = run(RESTS)
    assert comes_to_rest(server, Deadline(10))
    assert not family_at_work(server.pid)
    assert not family_at_work(2**22 + 1), "no process has this pid"


@pytest.fixture
def asker():
    """A thread of our own that computes without holding the interpreter's lock, until it is told to end."""
    over = threading.Event()

    def ask():
        while not over.is_set():
            hashlib.sha256(bytes(50_000_000))

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    yield thread
    over.set()
    thread.join(10)


def test_a_server_that_waits_for_clients_of_ours_that_have_not_sent_yet_is_not_at_rest(run, asker):
    server = run(RESTS)
    assert Deadline(10).wait(lambda: would_run([asker]), 0.01)
    assert not comes_to_rest(server, Deadline(1.5), [asker])
    assert comes_to_rest(server, Deadline(10)), "it is the thread that was waited for"


def test_threads_of_ours_that_wait_or_have_ended_do_not_matter(run):
    server, over = run(RESTS), threading.Event()
    waits, ended = threading.Thread(target=over.wait, daemon=True), threading.Thread(target=int)
    for thread in (waits, ended):
        thread.start()
    ended.join()
    assert comes_to_rest(server, Deadline(10), [waits, ended])
    assert not would_run([waits, ended])
    over.set()

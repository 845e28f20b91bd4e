"""Pauses that end with an event: the end of a process, and the growth of a log."""

import os
import subprocess
import sys
import threading
import time

import pytest

from harness.machine import wakes
from harness.machine.deadlines import NET_SECONDS, Deadline
from harness.machine.wakes import waking

LONG = 30.0


@pytest.fixture
def sleeper():
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


def later(does, seconds=0.2):
    timer = threading.Timer(seconds, does)
    timer.start()
    return timer


def took(pause, seconds=LONG):
    began = time.monotonic()
    pause(seconds)
    return time.monotonic() - began


def test_a_pause_ends_with_the_process(sleeper):
    with waking(sleeper.pid) as pause:
        assert took(pause, 0.1) >= 0.09, "nothing happened"
        later(sleeper.kill)
        assert took(pause) < LONG / 2
        assert took(pause) < 1, "it has ended, also before its exit is read"
    assert sleeper.wait() == -9


def test_a_pause_ends_when_the_log_grows(sleeper, tmp_path):
    log = tmp_path / "log"
    log.touch()
    with waking(sleeper.pid, log) as pause:
        assert took(pause, 0.1) >= 0.09

        def write():
            with log.open("a") as file:
                file.write("a line\n")

        write()
        assert took(pause) < LONG / 2, "what was written before the pause ends it as well"
        later(write)
        assert took(pause) < LONG / 2
        assert took(pause, 0.1) >= 0.09, "what was told once is not told again"
        later(sleeper.kill)
        assert took(pause) < LONG / 2


def test_the_log_of_another_server_wakes_nobody(sleeper, tmp_path):
    first, second = tmp_path / "1", tmp_path / "2"
    first.touch()
    second.touch()
    with waking(sleeper.pid, first) as pause:
        second.write_text("x")
        assert took(pause, 0.1) >= 0.09
    first.write_text("left over")
    with waking(sleeper.pid, second) as pause:
        assert took(pause, 0.1) >= 0.09, "what an earlier watch left says nothing"


@pytest.mark.parametrize("case", ["no such log", "no pidfd", "gone"])
def test_where_nothing_can_be_noticed_there_is_no_pause(sleeper, tmp_path, monkeypatch, case):
    log = tmp_path / "log"
    if case != "no such log":
        log.touch()
    if case == "no pidfd":
        monkeypatch.delattr(os, "pidfd_open")
    if case == "gone":
        sleeper.kill()
        sleeper.wait()
    with waking(sleeper.pid, log) as pause:
        assert pause is None
        assert Deadline(0.05).wait(lambda: True, pause=pause)


def test_nothing_stays_open(sleeper, tmp_path):
    log = tmp_path / "log"
    log.touch()
    with waking(sleeper.pid, log):
        pass
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(50):
        with waking(sleeper.pid, log) as pause:
            pause(0)
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_fork_has_its_own_watches(monkeypatch):
    ours = wakes._instance(os.getpid())
    told, tells = os.pipe()
    child = os.fork()
    if not child:
        os.write(tells, str(wakes._instance(os.getpid()) != ours).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(told, 10) == b"True"
    os.close(told)
    os.close(tells)


def test_a_wait_with_a_pause_asks_at_times_in_any_case():
    """A log that is replaced grows unnoticed: no wake-up is needed for a wait to see what holds."""
    asked = []
    pauses = []
    assert Deadline(10).wait(lambda: asked.append(1) or len(asked) > 3, pause=pauses.append)
    assert pauses == [NET_SECONDS] * 3
    assert not Deadline(0.0).wait(lambda: False, pause=pauses.append)

"""Real processes: a driver that is killed, and what it had made."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from harness.machine.deadlines import Deadline
from harness.run import guardian as module

from ..conftest import ROOT

#: A driver that makes a worker, which makes a server, and a daemon in a session of its own with nothing in its environment.
DRIVER = r"""
import os, subprocess, sys, time
from harness.machine.server_process import become_subreaper
out = sys.argv[1]
def note(name, pid):
    with open(out, "a") as f: f.write("%s %d\n" % (name, pid))
worker = os.fork()
if not worker:
    become_subreaper()  # as a worker of ours does: what it orphans stays with it
    server = subprocess.Popen(["/bin/sleep", "300"], start_new_session=True)
    note("server", server.pid)
    if not os.fork():
        os.setsid()
        if os.fork(): os._exit(0)
        note("daemon", os.getpid())
        os.execve("/bin/sleep", ["sleep", "300"], {})
    time.sleep(300)
note("worker", worker)
note("driver", os.getpid())
time.sleep(300)
"""


@pytest.fixture
def guarded(tmp_path):
    out = tmp_path / "pids"
    out.touch()
    guardian = subprocess.Popen(
        [sys.executable, "-m", "harness.run.guardian", "run", "--", sys.executable, "-c", DRIVER, str(out)],
        stdin=subprocess.PIPE, start_new_session=True)
    pids: dict[str, int] = {}

    def all_there():
        pids.update({line.split()[0]: int(line.split()[1]) for line in out.read_text().splitlines() if " " in line})
        return set(pids) == {"driver", "worker", "server", "daemon"} and psutil.Process(pids["daemon"]).name() == "sleep"

    assert Deadline(60).wait(all_there), pids
    yield guardian, pids
    guardian.kill()
    guardian.wait()
    for pid in pids.values():
        if psutil.pid_exists(pid):
            os.kill(pid, signal.SIGKILL)


def alive(pids):
    return [name for name, pid in pids.items() if psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie"]


def test_a_killed_driver_leaves_nothing(guarded):
    guardian, pids = guarded
    stranger = subprocess.Popen(["/bin/sleep", "300"], start_new_session=True)
    os.kill(pids["driver"], signal.SIGKILL)
    assert guardian.wait(5) == 128 + signal.SIGKILL
    assert alive(pids) == []
    assert stranger.poll() is None, "a process of somebody else was ended"
    stranger.kill()
    stranger.wait()


def test_what_a_killed_worker_leaves_is_ended_while_the_driver_runs(guarded):
    guardian, pids = guarded
    os.kill(pids["worker"], signal.SIGKILL)
    assert Deadline(5).wait(lambda: alive(pids) in (["driver"], ["worker", "driver"], ["driver", "worker"]) and
                            "server" not in alive(pids))
    assert guardian.poll() is None


def test_the_run_ends_when_the_command_line_s_process_does(guarded):
    guardian, pids = guarded
    guardian.stdin.close()
    assert guardian.wait(5) == 128 + signal.SIGKILL
    assert alive(pids) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_goes_to_the_driver(guarded, number):
    guardian, pids = guarded
    guardian.send_signal(number)
    assert guardian.wait(10) != 0
    assert alive(pids) == []


#: A driver that notes that it was interrupted, and goes on.
PATIENT = r"""
import signal, sys, time
def note(text):
    with open(sys.argv[1], "a") as f: f.write(text)
signal.signal(signal.SIGINT, lambda *_: note("interrupted "))
note("up ")
time.sleep(300)
"""


def test_a_second_interrupt_does_not_wait_for_the_driver(tmp_path):
    noted = tmp_path / "noted"
    noted.touch()
    with subprocess.Popen([sys.executable, "-m", "harness.run.guardian", "run", "--", sys.executable, "-c", PATIENT, str(noted)],
                          stdin=subprocess.PIPE, start_new_session=True) as guardian:
        try:
            assert Deadline(20).wait(lambda: "up" in noted.read_text())
            guardian.send_signal(signal.SIGINT)
            assert Deadline(20).wait(lambda: "interrupted" in noted.read_text())
            assert guardian.poll() is None, "the first time, the driver ends by itself"
            guardian.send_signal(signal.SIGINT)
            assert guardian.wait(20) == 128 + signal.SIGKILL
        finally:
            guardian.kill()


def test_what_could_not_be_ended_is_told_whatever_the_driver_said():
    code = ("import sys; from harness.run import guardian; guardian.end_all = lambda *_: ['7 stuck']; "
            "sys.exit(guardian.main(['run', '--', sys.executable, '-c', 'pass']))")
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stderr=subprocess.PIPE) as guardian:
        assert guardian.wait(20) == module.LEFT_OVER
        assert b"could not kill: 7 stuck" in guardian.stderr.read()


class Marked:
    """A process that carries the marker."""

    def __init__(self, pid, problem=None):
        self.pid, self.problem, self.killed = pid, problem, False

    def kill(self):
        self.killed = True

    def wait(self, seconds):
        if self.problem:
            raise self.problem


def test_what_its_marker_told_and_did_not_end_is_told(monkeypatch):
    found = [Marked(7, psutil.TimeoutExpired(5)), Marked(8, psutil.NoSuchProcess(8)), Marked(9), Marked(10, psutil.TimeoutExpired(5))]
    monkeypatch.setattr(module, "marked", lambda *_: found)
    assert module.end_marked("run") == ["7", "10"]
    assert all(one.killed for one in found)


def test_an_exit_code_passes_through():
    done = subprocess.run(
        [sys.executable, "-m", "harness.run.guardian", "run", "--", sys.executable, "-c", "raise SystemExit(5)"],
        stdin=subprocess.PIPE, check=False, timeout=20, cwd=ROOT)
    assert done.returncode in (5, 128 + signal.SIGKILL), "standard input is closed at once by run(): either may come first"


def test_where_there_is_no_subreaper_the_marker_tells(tmp_path):
    from harness.run.guardian import end_marked
    ours = subprocess.Popen(["/bin/sleep", "300"], env={"HARNESS_RUN": "this-run"})
    other = subprocess.Popen(["/bin/sleep", "300"], env={"HARNESS_RUN": "another-run"})
    assert Deadline(5).wait(lambda: psutil.Process(other.pid).name() == "sleep" and psutil.Process(ours.pid).name() == "sleep")
    assert end_marked("this-run") == []
    ours.wait(5)
    assert not psutil.pid_exists(ours.pid)
    assert other.poll() is None
    other.kill()
    other.wait()


def test_an_interrupt_that_comes_before_a_fork_has_a_handler_is_neither_lost_nor_its_end():
    def does():
        os.kill(os.getpid(), signal.SIGINT)  # Ctrl-C reaches all processes of a terminal
        seen = []
        signal.signal(signal.SIGINT, lambda *_: seen.append(True))
        module.accept_interrupts()
        return 7 if seen else 8

    assert module.Forked(does, 9).wait() == 7
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ()), "ours is as it was"


def test_a_guardian_takes_an_interrupt_that_came_before_its_driver_was_there():
    def guard():
        os.setsid()
        os.kill(os.getpid(), signal.SIGINT)
        line, _ = os.pipe()
        return module.Guardian("run", lambda: module.Forked(drive, 9), line).watch()

    def drive():
        seen = []
        signal.signal(signal.SIGINT, lambda *_: seen.append(True))
        module.accept_interrupts()
        return 7 if Deadline(20).wait(lambda: bool(seen)) else 8

    assert module.Forked(guard, 9).wait() == 7, "it was passed on"

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from harness.machine import server_process
from harness.machine.deadlines import Deadline
from harness.machine.server_process import ServerProcess

STUBBORN = "import signal,sys,time\nsignal.signal(15, signal.SIG_IGN)\nprint('up')\nsys.stdout.flush()\ntime.sleep(60)"


@pytest.fixture
def launch(tmp_path):
    made = []

    def start(code, env=None):
        server = ServerProcess("main", [sys.executable, "-c", code], tmp_path,
                               server_process.environment(tmp_path, "run", env), tmp_path / "main.log")
        made.append(server)
        return server

    yield start
    for server in made:
        server.kill(Deadline(5))


def test_a_server_has_a_session_of_its_own_and_a_clean_environment(launch, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "s3cret")
    server = launch("import os; print(os.getsid(0) == os.getpid(), sorted(os.environ))")
    assert Deadline(5).wait(lambda: not server.running)
    assert server.text().startswith("True")
    assert "SECRET" not in server.text()
    assert "HARNESS_RUN" in server.text()


def test_stop_is_staged(launch):
    server = launch(STUBBORN)
    assert Deadline(5).wait(lambda: "up" in server.text())
    done = server.stop(0.3)
    assert done["forced"]
    assert done["exit"] == -signal.SIGKILL
    assert server.signals == ["TERM", "KILL"]
    assert server.stop(1) == {"server": "main", "exit": -9, "forced": False, "seconds": 0.0, "was_running": False}


def test_a_stop_that_was_heeded_was_not_forced(launch):
    server = launch("import sys,time\nprint('up')\nsys.stdout.flush()\ntime.sleep(60)")
    assert Deadline(20).wait(lambda: "up" in server.text())
    done = server.stop(20)
    assert (done["forced"], done["exit"], done["was_running"]) == (False, -signal.SIGTERM, True)
    assert server.signals == ["TERM"]


@pytest.fixture
def family():
    """A shell that waits for a child of its own: [the shell, the child]."""
    made = []

    def start(command):
        made.append(subprocess.Popen(["/bin/sh", "-c", f"{command} & wait"], start_new_session=True))
        assert Deadline(20).wait(lambda: len(psutil.Process(made[0].pid).children()) == 1)
        return made[0], psutil.Process(made[0].pid).children()[0]

    yield start
    for one in made:
        os.killpg(one.pid, signal.SIGKILL)
        one.wait()


def test_a_grandchild_is_a_descendant_and_a_zombie_is_none(family):
    shell, child = family("sleep 60")
    ended = subprocess.Popen(["/bin/true"])
    assert Deadline(20).wait(lambda: psutil.Process(ended.pid).status() == psutil.STATUS_ZOMBIE)
    assert {one.pid for one in server_process.descendants()} == {shell.pid, child.pid}
    ended.wait()


def test_processor_time_is_that_of_a_server_and_all_that_it_started(family):
    shell, _ = family("while :; do :; done")
    assert Deadline(20).wait(lambda: server_process.cpu_seconds(shell.pid) >= 0.2), "the shell itself only waits"


def test_the_exit_of_a_process_that_somebody_waits_for_is_left_to_him():
    own, other = (subprocess.Popen(["/bin/sh", "-c", "exit 3"]) for _ in range(2))
    assert Deadline(20).wait(lambda: all(psutil.Process(one.pid).status() == psutil.STATUS_ZOMBIE for one in (own, other)))
    server_process.reap({own.pid})
    assert own.wait() == 3
    assert not psutil.pid_exists(other.pid), "the others are no zombies any more"
    other.wait()


def test_a_signal_to_what_has_ended_is_not_sent(launch):
    server = launch("pass")
    assert Deadline(5).wait(lambda: not server.running)
    assert server.send("TERM") is False
    assert server.kill(Deadline(5)), "what has ended needs no end"
    assert server.signals == []


def test_the_signals_that_were_sent_are_recorded_in_order(launch):
    server = launch(STUBBORN.replace("signal.signal(15", "signal.signal(2, signal.SIG_IGN)\nsignal.signal(15"))  # or it ends before the KILL
    assert Deadline(5).wait(lambda: "up" in server.text())
    assert server.send("TERM")
    assert server.send("INT")
    assert server.kill(Deadline(20))
    assert (server.signals, server.running) == (["TERM", "INT", "KILL"], False)


def test_each_launch_reads_its_own_log(launch):
    first = launch("print('first')")
    assert Deadline(5).wait(lambda: not first.running)
    second = launch("print('second')")
    assert Deadline(5).wait(lambda: not second.running)
    assert (first.text(), second.text()) == ("first\nsecond\n", "second\n")


def test_sigint_that_was_ignored_reaches_servers_again(launch):
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        server_process.reset_signals()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        server = launch("import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)")
        assert Deadline(5).wait(lambda: not server.running)
        assert server.text() == "True\n"
    finally:
        signal.signal(signal.SIGINT, before)


def test_orphans_come_to_a_subreaper_and_are_ended(tmp_path):
    """In a child, so that the test's own process does not become a subreaper for the rest of the session."""
    code = f"""
import os, subprocess, sys, time
sys.path.insert(0, {str(Path.cwd())!r})
from harness.machine import server_process as process
from harness.machine.deadlines import Deadline
assert process.become_subreaper()
daemon = subprocess.run([sys.executable, "-c", '''
import os, time
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
os.execve("/bin/sleep", ["sleep", "60"], {{}})
'''])
found = []
def there():
    found[:] = [p for p in process.descendants() if p.name() == "sleep"]
    return bool(found)
assert Deadline(5).wait(there)
assert found[0].ppid() == os.getpid()
left = process.end_all(Deadline(5))
assert left == [], left
print("ended", found[0].pid)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    assert not psutil.pid_exists(int(done.stdout.split()[1]))


def test_a_deadline_asks_once_more_at_the_end():
    asked = []
    assert not Deadline(0.05).wait(lambda: bool(asked.append(1)), 0.02)
    assert len(asked) >= 2
    begin = time.monotonic()
    assert Deadline(5).wait(lambda: True)
    assert time.monotonic() - begin < 1

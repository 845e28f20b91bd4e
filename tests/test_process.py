import signal
import sys
import time
from pathlib import Path

import psutil
import pytest

from harness import process, texts
from harness.deadlines import Deadline
from harness.process import ServerProcess

STUBBORN = "import signal,sys,time\nsignal.signal(15, signal.SIG_IGN)\nprint('up')\nsys.stdout.flush()\ntime.sleep(60)"


@pytest.fixture
def launch(tmp_path):
    made = []

    def start(code, env=None):
        server = ServerProcess("main", [sys.executable, "-c", code], tmp_path,
                               process.environment(tmp_path, "run", env), tmp_path / "main.log")
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
    assert server.stop(1) == {"server": "main", "exit": -9, "forced": False, "seconds": 0.0, "was_running": False}


def test_a_signal_to_what_has_ended_is_not_sent(launch):
    server = launch("pass")
    assert Deadline(5).wait(lambda: not server.running)
    assert server.send("TERM") is False


def test_each_launch_reads_its_own_log(launch):
    first = launch("print('first')")
    assert Deadline(5).wait(lambda: not first.running)
    second = launch("print('second')")
    assert Deadline(5).wait(lambda: not second.running)
    assert (first.text(), second.text()) == ("first\nsecond\n", "second\n")


def test_a_long_log_is_cut_and_says_so(tmp_path):
    (tmp_path / "log").write_bytes(b"x" * (texts.MAX_KEPT + 10))
    assert process.read_log(tmp_path / "log") == "x" * texts.MAX_KEPT + texts.CUT


def test_sigint_that_was_ignored_reaches_servers_again(launch):
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process.reset_signals()
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
from harness import process
from harness.deadlines import Deadline
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
    import subprocess
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

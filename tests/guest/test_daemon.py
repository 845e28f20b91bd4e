"""A process in the background, for real: its session, its streams, its PID file, and its end."""

import os
import signal
import subprocess

import psutil
import pytest
from enginebus import daemon as module
from enginebus.daemon import Daemonizer, PIDFile
from enginebus.ports import wait_until

from ..conftest import GUEST
from .live import in_time
from .test_bus import fresh, logged

CODE = """
import sys
sys.path.insert(0, sys.argv[1])
from enginebus.bus import Bus
from enginebus.daemon import Daemonizer, PIDFile
from enginebus.log import Log
from enginebus.signals import SignalHandler
bus = Bus()
bus.subscribe("log", Log().engine)
SignalHandler(bus).subscribe()
Daemonizer(bus, stdout=sys.argv[2] + "/out", stderr=sys.argv[2] + "/err").subscribe()
PIDFile(bus, sys.argv[2] + "/pid").subscribe()
bus.start()
sys.stdout.write("in the background\\n")
sys.stdout.flush()
bus.block()
"""


def gone(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture
def daemon(every_python, tmp_path):
    """Make a daemon on the oldest (0) or the newest (-1) Python: (process that was started, number of the daemon)."""
    by_age = sorted(every_python, key=lambda one: [int(part) for part in one.version.split(".")[:2]])

    def make(which):
        began = subprocess.run([by_age[which].path, "-s", "-E", "-c", CODE, str(GUEST), str(tmp_path)],
                               capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL)
        file = tmp_path / "pid"
        assert wait_until(file.exists, 20), began.stderr
        return began, int(file.read_text())

    yield make
    # What a fault has left is not always what the file names: the folder is the test's own, and in the command line.
    for one in psutil.process_iter(["cmdline"]):
        if str(tmp_path) in (one.info["cmdline"] or ()):
            one.kill()
            in_time(lambda pid=one.pid: gone(pid))


@pytest.mark.parametrize("which", [0, -1])
def test_a_daemon_belongs_to_no_terminal_writes_to_its_files_and_ends_when_told(daemon, tmp_path, which):
    began, pid = daemon(which)
    assert (began.returncode, began.stdout) == (0, "")
    assert "ENGINE Forking once." in began.stderr
    assert os.getsid(pid) not in (os.getsid(0), pid), "a session of its own, which it does not lead"
    assert [os.readlink(f"/proc/{pid}/fd/{n}") for n in range(3)] == [os.devnull, str(tmp_path / "out"), str(tmp_path / "err")]
    in_time(lambda: (tmp_path / "out").read_text() == "in the background\n")
    os.kill(pid, signal.SIGTERM)
    in_time(lambda: gone(pid))
    lines = (tmp_path / "err").read_text()
    wanted = [f"Daemonized to PID: {pid}", f"PID {pid} written to '{tmp_path}/pid'.", "Bus STARTED", "Caught signal SIGTERM.", "PID file removed: ", "Bus EXITED"]
    assert [lines.find(line) for line in wanted] == sorted(lines.find(line) for line in wanted)
    assert lines.find(wanted[0]) >= 0
    assert not (tmp_path / "pid").exists()


def test_a_daemon_that_hangs_up_begins_anew(daemon, tmp_path):
    _, pid = daemon(-1)
    in_time(lambda: "Bus STARTED" in (tmp_path / "err").read_text())
    os.kill(pid, signal.SIGHUP)
    in_time(lambda: "SIGHUP caught while daemonized. Restarting." in (tmp_path / "err").read_text())
    in_time(lambda: (tmp_path / "err").read_text().count("Bus STARTED") == 2)
    second = int((tmp_path / "pid").read_text())
    assert not gone(second)
    os.kill(second, signal.SIGTERM)
    in_time(lambda: gone(second) and not (tmp_path / "pid").exists())


class Left(Exception):
    pass


@pytest.fixture
def system(monkeypatch):
    """The calls that make a daemon, written down and not done; each fork goes on as the child unless told otherwise."""
    calls = []

    class System:
        fork_gives = 0

        def __getattr__(self, name):
            return getattr(os, name)

        def fork(self):
            calls.append("fork")
            return self.fork_gives

        def setsid(self):
            calls.append("setsid")

        def open(self, path, flags, mode):
            calls.append(("open", path, flags))
            return 40 + len(calls)

        def dup2(self, source, number):
            calls.append(("dup2", number))

        def close(self, descriptor):
            calls.append("close")

        def _exit(self, status):
            raise Left(status)

    made = System()
    made.calls = calls
    monkeypatch.setattr(module, "os", made)
    return made


def test_it_forks_twice_around_its_session_and_once_in_its_life(system):
    bus = fresh()
    lines = logged(bus)
    made = Daemonizer(bus, "in", "out", "err")
    made.subscribe()
    bus.publish("start")
    append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    assert system.calls == ["fork", "setsid", "fork", ("open", "in", os.O_RDONLY), ("dup2", 0), "close", ("open", "out", append), ("dup2", 1), "close",
                            ("open", "err", append), ("dup2", 2), "close"]
    bus.publish("start")
    assert (system.calls.count("fork"), lines[-1]) == (2, "Already deamonized.")
    assert bus.listeners["start"][made.start][0] == 65, "before the threads of monitors (70) and the server (75)"


def test_the_process_before_it_ends_with_0(system):
    system.fork_gives = 4711
    bus = fresh()
    lines = logged(bus)
    with pytest.raises(Left, match="0"):
        Daemonizer(bus).start()
    assert (lines, system.calls) == (["Forking once."], ["fork"])


def test_threads_that_a_fork_would_lose_are_named(system, monkeypatch):
    bus = fresh()
    levels = []
    bus.subscribe("log", lambda message, level: levels.append((level, message)))
    monkeypatch.setattr(module.threading, "active_count", lambda: 2)
    Daemonizer(bus).start()
    assert levels[0][0] == 30
    assert levels[0][1].endswith("Daemonizing now may cause strange failures.")


def test_a_pid_file(tmp_path):
    bus, path = fresh(), tmp_path / "pid"
    lines = logged(bus)
    PIDFile(bus, str(path)).subscribe()
    bus.start()
    assert path.read_text() == f"{os.getpid()}\n"
    assert os.listdir(tmp_path) == ["pid"]
    bus.stop()
    assert path.exists(), "it is there as long as the process is"
    bus.exit()
    assert not path.exists()
    assert f"PID file removed: {str(path)!r}." in lines


@pytest.mark.parametrize(("content", "line"), [("1\n", None), (None, "could not be removed")])
def test_a_pid_file_of_another_process_is_left_and_one_that_is_gone_is_no_failure(tmp_path, content, line):
    bus, path = fresh(), tmp_path / "pid"
    lines = logged(bus)
    PIDFile(bus, str(path)).subscribe()
    bus.start()
    path.unlink() if content is None else path.write_text(content)
    bus.exit()
    assert bus.exit_status == 0
    assert path.exists() is (content is not None)
    assert any("PID file" in one and (line or "removed") in one for one in lines) is (line is not None)


def test_a_folder_that_is_not_there_ends_the_start(tmp_path):
    bus = fresh()
    PIDFile(bus, str(tmp_path / "none" / "pid")).subscribe()
    with pytest.raises(SystemExit):
        bus.start()

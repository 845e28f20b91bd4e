"""Server processes: their launch, log, signals and descendants, and stopping them in stages."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil

from ..model.values import Json
from .deadlines import Deadline
from .process_tree import child_pids, descendant_pids
from .server_log import limit_log, log_size, read_log
from .wakes import Pause, waking

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
PR_SET_NAME = 15
CLEAN_ENVIRONMENT = ("SYSTEMROOT", "COMSPEC", "PATHEXT", "TZ")  # what an interpreter needs from our environment
MARKER = "HARNESS_RUN"
CELL_MARKER = "HARNESS_CELL"


def become_subreaper(on: bool = True) -> bool:
    """Adopt orphaned descendants instead of pid 1 (Linux 3.4); False if that is not supported."""
    if sys.platform != "linux":
        return False
    return bool(ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, int(on), 0, 0, 0) == 0)


def name_process(name: str) -> None:
    """Name this process as ps and top show it (prctl(2), PR_SET_NAME: at most 15 bytes); Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_NAME, name.encode("ascii")[:15], 0, 0, 0)


def reset_signals(blocked: Iterable[signal.Signals] = ()) -> None:
    """Reset inherited signal handling: a shell's background job ignores SIGINT, and so would the servers we start.

    Signals that are ``blocked`` wait for a handler.
    """
    for name in ("SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGTERM", "SIGCHLD"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def environment(home: Path, run: str, extra: dict[str, str] | None = None) -> dict[str, str]:
    """The environment of a server: only what the system needs from ours, and the run's marker."""
    clean = {name: os.environ[name] for name in CLEAN_ENVIRONMENT if name in os.environ}
    clean.update(
        {"PATH": os.defpath, "HOME": str(home), "TMPDIR": str(home), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", MARKER: run}
    )
    clean.update(extra or {})
    return clean


class ServerProcess:
    """A launched server: it has its own session, and its output goes to one file."""

    def __init__(
        self,
        name: str,
        argv: list[str],
        cwd: Path,
        env: dict[str, str],
        log: Path,
        channel: int = 1,
        inherits: tuple[int, ...] = (),
    ) -> None:
        self.name = name
        self.argv = argv
        self.log = log
        self.channel = channel
        self.signals: list[str] = []  # sent to it, in order, without "SIG"
        self.was_ready = False  # it has been ready at least once
        self.log_start = log_size(log)
        with log.open("ab") as output:
            self.popen = subprocess.Popen(
                argv,
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=inherits,
            )
        limit_log(self.popen.pid)

    @property
    def pid(self) -> int:
        """The process id; it is not reused until the exit code has been read here."""
        return self.popen.pid

    @property
    def exit(self) -> int | None:
        """The exit code, or minus the number of the signal that ended it; None while it runs."""
        return self.popen.poll()

    @property
    def running(self) -> bool:
        """Whether it is still running."""
        return self.exit is None

    def text(self, start: int | None = None) -> str:
        """The log from an offset (default: the start of this launch), decoded and limited in size."""
        return read_log(self.log, self.log_start if start is None else start)

    def send(self, name: str, group: bool = False) -> bool:
        """Send a signal, with ``group`` to its process group, as a terminal does; False if the process has already ended."""
        if not self.running:
            return False
        self.signals.append(name)
        if group:
            os.killpg(self.pid, getattr(signal, "SIG" + name))  # it leads a session of its own, and has not been reaped
        else:
            self.popen.send_signal(getattr(signal, "SIG" + name))
        return True

    def kill(self, deadline: Deadline) -> bool:
        """Send SIGKILL; return whether it ended in time (a process in uninterruptible sleep does not)."""
        if self.running:
            self.signals.append("KILL")
            self.popen.kill()
        return self.ends(deadline)

    def waking(self, log: bool = False) -> contextlib.AbstractContextManager[Pause | None]:
        """A pause for a wait (see ``wakes``): over as soon as it ends or, with ``log``, writes to its log."""
        return waking(self.pid, self.log if log else None)

    def ends(self, deadline: Deadline) -> bool:
        """Wait for its end, without asking for it; return whether it came in time."""
        with self.waking() as pause:
            return deadline.wait(lambda: not self.running, pause=pause)

    def stop(self, within: float) -> Json:
        """Send SIGTERM, and SIGKILL if that does not end it in time; return what happened."""
        if not self.running:
            return {"server": self.name, "exit": self.exit, "forced": False, "seconds": 0.0, "was_running": False}
        deadline = Deadline(within)
        self.signals.append("TERM")
        self.popen.terminate()
        forced = not self.ends(deadline)
        seconds = within - deadline.left
        if forced:
            self.kill(Deadline(5.0))
        return {"server": self.name, "exit": self.exit, "forced": forced, "seconds": round(seconds, 3), "was_running": True}


def descendants(pid: int | None = None) -> list[psutil.Process]:
    """All live descendants of a process (default: this one); zombies do not count."""
    found = []
    for one in descendant_pids(os.getpid() if pid is None else pid):
        with contextlib.suppress(psutil.NoSuchProcess):
            found.append(psutil.Process(one))
    return found


def cpu_seconds(pid: int) -> float:
    """The CPU time used so far by a process and all its descendants."""
    total = 0.0
    with contextlib.suppress(psutil.NoSuchProcess):
        for member in [psutil.Process(pid), *descendants(pid)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                times = member.cpu_times()
                total += times.user + times.system
    return total


def marked(name: str, value: str) -> list[psutil.Process]:
    """All live processes of this user with a marker in their environment: for systems without subreapers."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(name) == value and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def open_descriptors(process: psutil.Process) -> int:
    """Open descriptors; on Windows, handles."""
    count: Callable[[], int] = getattr(process, "num_fds" if os.name == "posix" else "num_handles")
    return count()


def describe(process: psutil.Process) -> str:
    """A process for a person: pid and command line."""
    try:
        return f"{process.pid} {' '.join(process.cmdline()) or process.name()}"
    except psutil.Error:
        return f"{process.pid} (ended)"


def reap(own: set[int]) -> None:
    """Reap adopted orphans, so that they do not become zombies; ``own`` are left to their Popen."""
    if os.name != "posix" or not _any_ended():
        return
    for pid in child_pids(os.getpid()):
        if pid not in own:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)


def _any_ended() -> bool:
    """Whether any child has ended whose exit nobody has read; it is left to be read. True where that cannot be asked."""
    if not hasattr(os, "waitid"):  # macOS, before Python 3.13
        return True
    with contextlib.suppress(ChildProcessError):  # no children
        return os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    return False


def end_all(deadline: Deadline, own: set[int] | None = None) -> list[str]:
    """Send SIGKILL to all our descendants, including new ones; return those still alive at the deadline."""
    left: list[psutil.Process] = []

    def none_left() -> bool:
        nonlocal left
        left = descendants()
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        reap(own or set())
        # The first thread of a process can have ended, and look like a zombie, while others are still ending.
        return not left and not set(child_pids(os.getpid())) - (own or set())

    deadline.wait(none_left, 0.02)  # asked again and again: those that come to us meanwhile are unknown, and must be ended
    return [describe(process) for process in left]

"""The guardian: an ancestor of the driver that outlives it, and kills what it left behind.

``start_driver`` forks it, and it forks the driver; ``python -m harness.run.guardian RUN -- COMMAND …`` starts a command
in its place. It waits for either. On Linux the guardian is a child subreaper: every process left behind,
including daemons that changed their session and environment, becomes the
guardian's child and is killed. Elsewhere such processes are found by the run's
marker in their environment.

Workers are subreapers as well, so a server that a live worker orphaned on
purpose stays with that worker. A direct child of the guardian other than the
driver must therefore belong to a worker that died, and is killed at once.

It has the end of a pipe from the command line's process: when that process
exits, for whatever reason, the run is stopped.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from types import FrameType
from typing import Protocol

import psutil

from ..machine.deadlines import Deadline
from ..machine.server_process import MARKER, become_subreaper, descendants, end_all, marked, reset_signals

POLL_SECONDS = 0.1
END_SECONDS = 10.0
LEFT_OVER = 97  # exit code: some process could not be killed


class Process(Protocol):
    """What a guardian needs of its driver: a command that was started, or a fork of the same program."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None:
        """The exit code, minus the number of the signal that ended it; None while it runs."""

    def wait(self) -> int:
        """Wait for its end; return the exit code."""

    def send_signal(self, number: int) -> None:
        """Send a signal."""

    def kill(self) -> None:
        """Send SIGKILL."""


class Forked:
    """A fork of this process that does one thing, and ends with the exit code that it returns.

    SIGINT is blocked in it until it has a handler (``accept_interrupts``): Ctrl-C reaches all processes of a terminal, and one
    that has just begun must neither die of it nor miss it.
    """

    def __init__(self, does: Callable[[], int], broken: int) -> None:
        self.returncode: int | None = None
        sys.stdout.flush()
        sys.stderr.flush()
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        self.pid = -1
        try:
            self.pid = os.fork()
        finally:
            if self.pid:  # here, also where there was no fork
                signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if self.pid == 0:
            code = broken
            try:
                code = does()
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)  # nothing of its parent's is to be closed or removed by it

    def poll(self) -> int | None:
        """The exit code, minus the number of the signal that ended it; None while it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    def wait(self) -> int:
        """Wait for its end; return the exit code."""
        if self.returncode is None:
            self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)


def accept_interrupts() -> None:
    """Take SIGINT from now on, and one that came meanwhile."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


class Guardian:
    """Starts one process, and kills all its descendants; ``line`` is a pipe that ends when nobody waits for the run."""

    def __init__(self, run: str, start: Callable[[], Process], line: int) -> None:
        self.run = run
        self.line = line
        self.subreaper = become_subreaper()
        self._interrupts = 0
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._interrupt)
        self._abandoned = threading.Event()
        self.driver = start()
        accept_interrupts()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        """Block on the pipe, which never has data, until the process at its other end exits."""
        while os.read(self.line, 64):
            continue
        self._abandoned.set()

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        """The first time, let the driver finish; the second time, do not wait for it."""
        self._interrupts += 1
        if self.driver.poll() is None:
            self.driver.send_signal(signal.SIGINT if self._interrupts == 1 else signal.SIGKILL)

    def watch(self) -> int:
        """Wait for the driver; return its exit code (128 + the signal that killed it), or LEFT_OVER."""
        while self.driver.poll() is None:
            if self._abandoned.wait(POLL_SECONDS):
                self.driver.kill()
                self.driver.wait()
                break
            if self.subreaper:
                self._end_orphans()
        left = end_all(Deadline(END_SECONDS), {self.driver.pid})
        if not self.subreaper:
            left += end_marked(self.run)
        if left:
            print(f"guardian: could not kill: {'; '.join(left)}", file=sys.stderr)
            return LEFT_OVER
        code = self.driver.wait()
        return code if code >= 0 else 128 - code

    def _end_orphans(self) -> None:
        """Kill children other than the driver: their worker died."""
        for pid in child_pids():
            if pid == self.driver.pid:
                continue
            try:
                family = [*descendants(pid), psutil.Process(pid)]
            except psutil.NoSuchProcess:
                continue
            for process in family:
                try:
                    process.kill()
                except psutil.NoSuchProcess:
                    continue
            try:
                os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                continue


def child_pids() -> list[int]:
    """Our direct children, cheaply: from the kernel's own list, else from psutil."""
    found: list[int] = []
    try:
        for thread in os.listdir("/proc/self/task"):
            with open(f"/proc/self/task/{thread}/children", encoding="ascii") as children:
                found.extend(int(pid) for pid in children.read().split())
    except OSError:
        return [process.pid for process in psutil.Process().children()]
    return found


def end_marked(run: str) -> list[str]:
    """Kill every process of ours with the run's marker in its environment; return those that could not be killed."""
    left = []
    for process in marked(MARKER, run):
        try:
            process.kill()
            process.wait(5)
        except psutil.NoSuchProcess:
            continue
        except psutil.TimeoutExpired:
            left.append(str(process.pid))
    return left


def main(argv: list[str]) -> int:
    """Run ``RUN -- COMMAND …``."""
    reset_signals()
    run, separator, *command = argv
    if separator != "--" or not command:
        raise SystemExit("usage: python -m harness.run.guardian RUN -- COMMAND …")
    return Guardian(run, lambda: subprocess.Popen(command, stdin=subprocess.DEVNULL), sys.stdin.fileno()).watch()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

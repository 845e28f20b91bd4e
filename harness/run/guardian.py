"""The guardian: an ancestor of the driver that outlives it, and kills what it left behind.

``python -m harness.run.guardian RUN -- COMMAND …`` starts the command and waits
for it. On Linux the guardian is a child subreaper: every process left behind,
including daemons that changed their session and environment, becomes the
guardian's child and is killed. Elsewhere such processes are found by the run's
marker in their environment.

Workers are subreapers as well, so a server that a live worker orphaned on
purpose stays with that worker. A direct child of the guardian other than the
driver must therefore belong to a worker that died, and is killed at once.

Standard input is a pipe from the command line's process: when that process
exits, for whatever reason, the run is stopped.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from types import FrameType

import psutil

from ..machine.deadlines import Deadline
from ..machine.server_process import MARKER, become_subreaper, descendants, end_all, marked, reset_signals

POLL_SECONDS = 0.1
END_SECONDS = 10.0
LEFT_OVER = 97  # exit code: some process could not be killed


class Guardian:
    """Runs one command, and kills all its descendants."""

    def __init__(self, run: str, command: list[str]) -> None:
        self.run = run
        self.subreaper = become_subreaper()
        self._interrupts = 0
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._interrupt)
        self._abandoned = threading.Event()
        self.driver = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        """Block on standard input, which never has data, until the process at its other end exits."""
        while os.read(sys.stdin.fileno(), 64):
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
        code = self.driver.returncode
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
    return Guardian(run, command).watch()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

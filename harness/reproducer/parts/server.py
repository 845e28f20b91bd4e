"""One server process, and the ways in which a step can fail."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import Any

from ...machine.deadlines import Deadline
from ...machine.server_log import limit_log, log_size, read_log


class CannotTry(Exception):
    """Something that the reproducer itself needs is missing."""


class Unable(Exception):
    """A step cannot be done."""


class Late(Exception):
    """A step passed its deadline."""


class Server:
    """A server process, in a session of its own, with its output in a file."""

    def __init__(
        self, name: str, argv: list[str], folder: Path, environment: dict[str, str], channel: int, inherits: tuple[int, ...]
    ) -> None:
        self.name = name
        self.channel = channel
        self.log = folder / f"{name}.log"
        self.start = self.size()
        self.signals: list[str] = []  # that were sent to it
        self.was_ready = False
        with self.log.open("ab") as log:
            self.popen = subprocess.Popen(
                argv,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=inherits,
            )
        limit_log(self.popen.pid)

    @property
    def running(self) -> bool:
        """Whether it is still running."""
        return self.popen.poll() is None

    def size(self) -> int:
        """The length of the log, in bytes."""
        return log_size(self.log)

    def text(self, start: int | None = None) -> str:
        """The log, from this launch on or from an offset, cut at MAX_KEPT."""
        return read_log(self.log, self.start if start is None else start)

    def end(self, within: float) -> bool:
        """SIGTERM, then SIGKILL if it has not ended in time; return whether SIGKILL was needed."""
        self.signals.append("TERM")
        self.popen.terminate()
        forced = not Deadline(within).wait(lambda: not self.running)
        if forced:
            self.kill()
        return forced

    def send(self, name: str, group: bool = False) -> None:
        """Send a signal by its short name, with ``group`` to the group of processes that the server leads."""
        self.signals.append(name)
        send_signal(-self.popen.pid if group else self.popen.pid, name)

    def kill(self) -> None:
        """Send SIGKILL, and wait until it has ended."""
        self.signals.append("KILL")
        self.popen.kill()
        self.popen.wait(10)

    def seen(self, deadline: Deadline) -> dict[str, Any]:
        """The server's state now."""
        return {
            "pid": self.popen.pid,
            "running": self.running,
            "exit": self.popen.poll(),
            "log": self.text(),
            "seconds": round(deadline.seconds - deadline.left, 3),
            "forced": False,
        }


def send_signal(pid: int, name: str) -> None:
    """Send a signal by its short name."""
    os.kill(pid, getattr(signal, f"SIG{name}"))

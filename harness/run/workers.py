"""The processes that run cells: each takes one task at a time, as a line, and tells what became of each cell.

A worker is forked from the driver, so that everything is imported and read already. It is a child subreaper: what the servers
of its cell leave behind comes to it, and is ended with the cell.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..machine import server_process
from ..model.values import CellResult, Json
from .context import Context
from .exit_code import is_red
from .one_cell import run_alone, run_shared
from .schedule import Task

NAME = "matrix-worker"  # as ps and top show it
STOP = b"stop\n"


@dataclass(frozen=True, slots=True)
class Told:
    """What a worker tells of a cell: that it has begun (``word`` is ""), or its outcome; no cell: its task is over."""

    cell: str
    word: str = ""
    reason: str = ""
    seconds: float = 0.0
    red: bool = False


class Worker:
    """A worker as the driver sees it: its process, the task that it has, and what it has told of it."""

    def __init__(self, number: int, context: Context, others: Iterable[Worker] = ()) -> None:
        self.task: Task | None = None
        self.begun = ""  # the cell that it is at
        self.left: list[str] = []  # the cells of its task of which it has not told the outcome
        self.socket: socket.socket
        self.socket, theirs = socket.socketpair()
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            for end in (self.socket, *(other.socket for other in others)):  # or nobody would see that the driver has gone
                end.close()
            _serve(context, f"w{number}", theirs)
        theirs.close()
        self._kept = b""

    def fileno(self) -> int:
        """For selectors."""
        return self.socket.fileno()

    def give(self, task: Task) -> None:
        """Give it a task; raises OSError if it has died."""
        self.task, self.left, self.begun = task, list(task.cells), ""
        self.socket.sendall(json.dumps({"cells": task.cells, "launch": task.name}).encode() + b"\n")

    def stop(self) -> None:
        """Let it end after the cell that it is at."""
        try:
            self.socket.sendall(STOP)
        except OSError:
            return  # it has died, which its end of the socket tells as well

    def hear(self) -> tuple[list[Told], bool]:
        """What it has told since; and whether it lives."""
        try:
            data = self.socket.recv(65536)
        except OSError:
            data = b""
        *lines, self._kept = (self._kept + data).split(b"\n")
        told = [Told(**json.loads(line)) for line in lines]
        for one in told:
            self.begun = "" if one.word else one.cell
            if one.word:
                self.left.remove(one.cell)
            if not one.cell:
                self.task = None
        return [one for one in told if one.cell], bool(data)

    def end(self) -> None:
        """Kill it, and wait for it; what its servers leave comes to the guardian, which ends them."""
        self.socket.close()
        try:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            return


def _serve(context: Context, name: str, channel: socket.socket) -> None:
    """Be a worker, until the driver closes its end; never returns."""
    code = 1
    try:
        server_process.name_process(NAME)
        server_process.become_subreaper()
        signal.signal(signal.SIGINT, lambda *_: None)  # the driver decides; an ignored one would be ignored by the servers, too
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        context.worker = name
        for task in _tasks(channel):
            _do(context, task, channel)
            _tell(channel, Told(""))
        code = 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # nothing of the driver's is to be closed or removed by its fork


def _tasks(channel: socket.socket) -> Iterator[Json]:
    kept = b""
    while True:
        while b"\n" in kept:
            line, _, kept = kept.partition(b"\n")
            if line + b"\n" != STOP:
                yield json.loads(line)
        data = channel.recv(65536)
        if not data:
            return
        kept += data


def _tell(channel: socket.socket, told: Told) -> None:
    channel.sendall(json.dumps({name: getattr(told, name) for name in Told.__slots__}).encode() + b"\n")


def _do(context: Context, task: Json, channel: socket.socket) -> None:
    """Run the cells of a task, and tell the driver of each."""

    def done(result: CellResult) -> None:
        _tell(channel, Told(result.cell, result.word, result.reason, result.seconds, is_red(result)))

    def go_on() -> bool:
        return not select.select([channel], [], [], 0)[0]  # a line in the middle of a task can only be STOP

    cells = [context.cells[cell] for cell in task["cells"]]
    if task["launch"]:
        run_shared(context, cells, task["launch"], done, go_on)
        return
    for cell in cells:
        _tell(channel, Told(cell.id))
        done(run_alone(context, cell))

"""The driver: gives the cells of a run to its workers, the longest first, and hears what became of them."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from ..model.counting import counted
from .concurrency import SAMPLE_SECONDS, Concurrency, read_load
from .context import Context
from .guardian import accept_interrupts
from .schedule import Queue, Task
from .workers import Told, Worker

INTERRUPTED = 2  # the driver's exit code after an interrupt; the cells that did not run say so themselves


class Shows(Protocol):
    """What is told of each cell, for the person who waits."""

    def started(self, cell: str) -> None:
        """A cell has begun."""

    def done(self, cell: str, word: str, reason: str, seconds: float, red: bool) -> None:
        """A cell has ended."""

    def tick(self) -> None:
        """Time has passed."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many cells run at once (0: as many as keep the processors busy); how many red ones end the run (0: none do)."""

    workers: int = 0
    stop_after: int = 0


class Driver:
    """Runs tasks on workers, until all have run, enough are red, or it is interrupted."""

    def __init__(self, context: Context, tasks: Sequence[Task], limits: Limits, shows: Shows) -> None:
        self.context = context
        self.queue = Queue(list(tasks))
        self.limits = limits
        self.shows = shows
        self.concurrency = Concurrency(limits.workers)
        self.red = 0
        self.interrupted = False
        self._workers: list[Worker] = []
        self._forked = 0
        self._stopping = False
        self._sampled = time.monotonic()

    def run(self) -> int:
        """Run the tasks; return 0, or INTERRUPTED."""
        signal.signal(signal.SIGINT, self._interrupt)
        accept_interrupts()
        try:
            while not self.interrupted and (self._give() or self._busy()):
                self._hear()
        finally:
            for worker in self._workers:
                worker.end()
        if why := self._why_it_stopped():
            with contextlib.suppress(OSError):  # on a full disk the cells that did not run say less
                self.context.run.write_stopped(why)
        return INTERRUPTED if self.interrupted else 0

    def _why_it_stopped(self) -> str:
        """Why the cells that are left will not run; "" if none is left for that reason."""
        if self.interrupted:
            return "the run was interrupted"
        if self._stopping:
            return f"the run was stopped by -x or --maxfail, at {counted(self.red, 'red cell')}"
        return ""

    def _interrupt(self, *_: object) -> None:
        self.interrupted = True

    def _busy(self) -> list[Worker]:
        return [worker for worker in self._workers if worker.task is not None]

    def _give(self) -> bool:
        """Give tasks to as many workers as may run; return whether any task is left."""
        busy = len(self._busy())
        most_alike = max(2, os.cpu_count() or 1)
        while busy < self.concurrency.limit and (task := self.queue.take(most_alike)):
            worker = self._idle()
            try:
                worker.give(task)
                busy += 1
            except OSError:  # it died while it had nothing to do; another one takes the task
                self._workers.remove(worker)
                worker.end()
                self.queue.done(task)
                self.queue.tasks.insert(0, task)
        return bool(self.queue.tasks)

    def _idle(self) -> Worker:
        """A worker without a task; a new one if all are busy."""
        idle = next((worker for worker in self._workers if worker.task is None), None)
        if idle is None:
            self._forked += 1
            idle = Worker(self._forked, self.context, self._workers)
            self._workers.append(idle)
        return idle

    def _hear(self) -> None:
        """Wait for what workers tell, but not longer than until the next sample of the load."""
        with selectors.DefaultSelector() as selector:
            for worker in self._workers:
                selector.register(worker, selectors.EVENT_READ)
            for key, _ in selector.select(SAMPLE_SECONDS):
                self._listen(key.fileobj)  # type: ignore[arg-type]
        if time.monotonic() - self._sampled >= SAMPLE_SECONDS:
            self._sampled = time.monotonic()
            self.concurrency.sample(read_load())
            self.shows.tick()

    def _listen(self, worker: Worker) -> None:
        task = worker.task
        told, alive = worker.hear()
        for one in told:
            self._show(one)
        if task is not None and (worker.task is None or not alive):
            self.queue.done(task)
        if not alive:
            self._dead(worker, task)

    def _show(self, told: Told) -> None:
        if not told.word:
            self.shows.started(told.cell)
            return
        self.shows.done(told.cell, told.word, told.reason, told.seconds, told.red)
        self.red += told.red
        if self.limits.stop_after and self.red >= self.limits.stop_after and not self._stopping:
            self._stopping = True
            self.queue.tasks.clear()
            for worker in self._busy():
                worker.stop()

    def _dead(self, worker: Worker, task: Task | None) -> None:
        """A worker was killed: the cell that it was at has no result; the others of its task run alone."""
        self._workers.remove(worker)
        worker.end()
        if task is not None and worker.task is not None and not self._stopping:
            for cell in worker.left:
                if cell != worker.begun:
                    self.queue.tasks.insert(0, replace(task, cells=(cell,), name="", kind=""))

"""The workers from outside: as many as asked for, each with one job at a time; one that hangs or dies is replaced."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import selectors
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil

from harness.machine import server_process
from harness.machine.deadlines import Deadline

from .cells import Setup

ROOT = Path(__file__).resolve().parents[2]
STALLED = 240.0  # seconds without a word of a worker: no cell takes so long
END_SECONDS = 5.0

Job = dict[str, Any]
Take = Callable[[], tuple[Any, Job] | None]  # the next job and what it is known by; None where there is none now
Give = Callable[[Any, list[Job], Job], None]  # what a job is known by, its cells, and how it ended


class _Worker:
    """One process; ``job`` is what its job is known by, and ``cells`` are those of it that it has told of."""

    def __init__(self, setup: Path, number: int) -> None:
        self.number = number
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "tests.mutants.cells", str(setup), str(number)], cwd=ROOT, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE)
        self._rest = b""
        self.job: Any = None
        self.cells: list[Job] = []
        self.ready = False
        self.heard = time.monotonic()

    def send(self, known_by: Any, job: Job) -> None:
        self.job, self.cells, self.heard = known_by, [], time.monotonic()
        self.popen.stdin.write(json.dumps(job).encode() + b"\n")
        self.popen.stdin.flush()

    def hear(self) -> list[Job] | None:
        """What it has said since the last time, as far as the lines are whole; None when it has ended."""
        new = os.read(self.popen.stdout.fileno(), 1 << 20)
        if not new:
            return None
        self.heard = time.monotonic()
        *whole, self._rest = (self._rest + new).split(b"\n")
        return [json.loads(line) for line in whole]

    def end(self) -> None:
        """End it and all that descends from it."""
        family = server_process.descendants(self.popen.pid)
        with contextlib.suppress(BrokenPipeError):
            self.popen.stdin.close()
        if self.job is not None:
            self.popen.kill()
        try:
            self.popen.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
        for member in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
        self.popen.stdout.close()


class Pool:
    """Some workers, which are ended with the block that uses them."""

    def __init__(self, setup: Setup, size: int) -> None:
        self.size = size
        self.folder = setup.folder
        self.workers: list[_Worker] = []
        self._setup = setup.folder / "setup.pickle"
        self._setup.write_bytes(pickle.dumps(setup))
        self._number = 0
        self._selector = selectors.DefaultSelector()

    def __enter__(self) -> Pool:
        server_process.become_subreaper()  # what a worker leaves that is killed comes here
        for _ in range(self.size):
            self._hire()
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers:
            worker.end()
        server_process.end_all(Deadline(END_SECONDS))
        server_process.become_subreaper(on=False)
        self._selector.close()

    def _hire(self) -> None:
        self._number += 1
        worker = _Worker(self._setup, self._number)
        self.workers.append(worker)
        self._selector.register(worker.popen.stdout, selectors.EVENT_READ, worker)

    def _dismiss(self, worker: _Worker) -> None:
        self._selector.unregister(worker.popen.stdout)
        worker.end()
        self.workers.remove(worker)
        shutil.rmtree(self.folder / f"worker-{worker.number}", ignore_errors=True)

    def run(self, take: Take, give: Give) -> None:
        """Do jobs until there is none left and none is being done."""
        while True:
            for worker in self.workers:
                if worker.ready and worker.job is None and (next_one := take()) is not None:
                    worker.send(*next_one)
            if all(worker.job is None for worker in self.workers) and all(worker.ready for worker in self.workers):
                if (left := take()) is None:
                    return
                self.workers[0].send(*left)
            for key, _ in self._selector.select(1.0):
                self._hear(key.data, give)
            for worker in [one for one in self.workers if time.monotonic() - one.heard > STALLED]:
                if worker.job is None and worker.ready:
                    continue
                self._replace(worker, give, f"nothing was heard for {STALLED:g} s")

    def _hear(self, worker: _Worker, give: Give) -> None:
        lines = worker.hear()
        if lines is None:
            self._replace(worker, give, f"the worker ended with {worker.popen.wait()}")
            return
        for said in lines:
            worker.ready = worker.ready or "ready" in said
            if "cell" in said:
                worker.cells.append(said["cell"])
            if "done" in said:
                job, cells, worker.job, worker.cells = worker.job, worker.cells, None, []
                give(job, cells, said["done"])

    def _replace(self, worker: _Worker, give: Give, why: str) -> None:
        if not worker.ready:
            raise RuntimeError(f"a worker could not begin: {why}")
        job, cells = worker.job, worker.cells
        self._dismiss(worker)
        self._hire()
        if job is not None:
            give(job, cells, {"killed": None, "tried": [cell["scenario"] for cell in cells], "seconds": 0.0, "broke": why})


@contextlib.contextmanager
def pool(setup: Callable[[Path], Setup], size: int) -> Iterator[Pool]:
    """Workers in a folder of their own, of which nothing is left."""
    folder = Path(tempfile.mkdtemp(prefix="mutants-"))
    try:
        with Pool(setup(folder), size) as made:
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)

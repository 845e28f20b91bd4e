"""Several cells on one launch of their target: each asks in turn, and is recorded as if it were alone.

Only scenarios that declare ``launch = "shared"`` come here; they ask, and leave the server as it was. After each cell the
server must still run and answer. If it does not, that cell's history says so, and the others have to be played again.
"""

from __future__ import annotations

import shutil
import tempfile
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..machine import server_process, socket_table
from ..machine.atomic_files import write_json
from ..machine.deadlines import Deadline
from ..machine.server_log import log_size, read_log
from ..machine.server_process import ServerProcess
from ..model.stored_json import to_json
from ..model.values import Coverage, History, Json, Observation
from ..verdict.endings import let_rest
from . import server_launch
from .app_copies import copy_apps
from .cleanup import VANISH_SECONDS, clean_up
from .coverage_contexts import BETWEEN, END, Contexts, give_to_each
from .job import CellJob
from .play_cell import claim_channel, do_steps, silence
from .running_cell import CellRun, TimedOut, Unable
from .server_verbs import until_ready
from .server_watch import Watch

CLOSE_SECONDS = 0.5  # for the connections of a cell, before the next one begins; those that remain are no failure here
MANIFEST = "launch.json"


@dataclass(frozen=True, slots=True)
class Played:
    """The histories of the cells that were played to their end, and the cells that must be played again."""

    histories: tuple[History, ...]
    again: tuple[CellJob, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A cell's own part of the launch, recorded when it had asked everything."""

    job: CellJob
    cell: CellRun
    observations: tuple[Observation, ...]
    log: str
    tracebacks: list[Json]
    logs: list[Json]
    unasked: list[Json]
    seconds: float
    silent: str
    error: str


class SharedLaunch:
    """One launch for several jobs of one target; ``folder`` is for its log and coverage data."""

    def __init__(self, jobs: Sequence[CellJob], folder: Path) -> None:
        self.jobs = tuple(jobs)
        self.folder = folder
        self.claim = claim_channel(jobs[0].scenario)
        self.work = Path(tempfile.mkdtemp(prefix="launch-", dir=jobs[0].scratch))
        copy_apps(jobs[0].subject, jobs[0].scratch, self.work)
        self.first = CellRun(replace(jobs[0], cell=folder.name, folder=folder), self.claim, self.work)
        self.watch = Watch(self.first)
        self.contexts: Contexts | None = None
        self.started: Observation | None = None
        self.parts: list[_Asked] = []

    def play(self) -> Played:
        """Start the server, let each cell ask, and stop it; raises what prevents the launch."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_json(self.folder / MANIFEST, {"target": self.jobs[0].target.id, "cells": [job.cell for job in self.jobs]})
        try:
            if self._start():
                for job in self.jobs:
                    self.parts.append(self._ask(job))
                    if self.parts[-1].silent or self.parts[-1].error:
                        break
            return self._end()
        finally:
            server_process.end_all(Deadline(VANISH_SECONDS))
            self.claim.close()
            if self.contexts is not None:
                self.contexts.close()
            shutil.rmtree(self.work, ignore_errors=True)

    def _start(self) -> bool:
        """Launch the server; False if it does not become ready, which each cell then has to see for itself."""
        step = max((job.scenario.steps[0] for job in self.jobs), key=lambda one: one.within)
        begun = self.first.clock()
        if not self.first.off:
            self.contexts = Contexts()
            self.first.contexts = self.contexts
        try:
            server = self.first.launch(step.server, 1, self.jobs[0].scenario.app, {})
            seen = until_ready(self.first, server, Deadline(step.within))
        except (Unable, TimedOut):
            return False
        if not seen.get("ready"):
            return False
        self.started = Observation(1, "start", 0.0, round(self.first.clock() - begun, 4), step.server, dict(seen))
        return self.contexts is None or self.contexts.switch("")

    @property
    def _server(self) -> ServerProcess:
        return self.first.servers["main"]

    def _ask(self, job: CellJob) -> _Asked:
        """Play a cell's questions on the running server."""
        job.folder.mkdir(parents=True, exist_ok=True)
        cell = CellRun(job, self.claim, self.work)
        cell.adopt(self.first)
        start, log = job.scenario.steps[0], log_size(self._server.log)
        known = len(self.watch.tracebacks()), len(self.watch.logs())
        self.watch.follow(cell)
        assert self.started is not None
        observations = [self.started]
        error = silent = said = ""
        try:
            if self.contexts is not None and not self.contexts.switch(job.cell):
                error = "the server's coverage did not take the context of this cell"
            cell.save(start, self.started.seen)
            do_steps(cell, self.watch, observations, job.scenario.steps[1:])
            cell.close_clients()
            self._settle(cell)
            said = read_log(self._server.log, log)
            if self.contexts is not None and self._server.running:
                self.contexts.switch(BETWEEN)
            silent = silence(cell)  # its log line of this request is no cell's
        except Exception:  # an error of the harness: recorded as such, with its traceback
            error += traceback.format_exc()
        self.watch.look(self.watch.step)
        return _Asked(
            job,
            cell,
            tuple(observations),
            read_log(self._server.log, log) if silent or error else said,
            self.watch.tracebacks()[known[0] :],
            self.watch.logs()[known[1] :],
            cell.unasked(),
            round(cell.clock(), 3),
            silent,
            error,
        )

    def _settle(self, cell: CellRun) -> None:
        """Let the server log what it has done, and close the cell's connections, before the next cell asks."""
        let_rest(self._server.pid, lambda: self._server.running)
        Deadline(CLOSE_SECONDS).wait(
            lambda: all(socket_table.is_over(one) or one.state == "LISTEN" for one in cell.sockets()), 0.02
        )

    def _end(self) -> Played:
        """Stop the server; what is seen then belongs to every cell, or to the one that it did not survive."""
        if self.contexts is not None:
            self.contexts.switch(END)
        last = self.parts[-1] if self.parts else None
        cell = last.cell if last else self.first
        known = len(self.watch.tracebacks()), len(self.watch.logs())
        log = log_size(self._server.log) if self.parts else 0
        cleanup = clean_up(cell, self.watch)
        late = {"tracebacks": self.watch.tracebacks()[known[0] :], "logs": self.watch.logs()[known[1] :]}
        if not self.parts:
            return Played((), self.jobs)
        state, note = server_launch.overall(self.first.launches)
        for launch in self.first.launches:
            if launch.folder is not None:
                give_to_each(launch.folder, [part.job.cell for part in self.parts])
        bad = bool(self.parts[-1].silent or self.parts[-1].error)
        whole = self.parts[-1:] if bad else self.parts
        tail = read_log(self._server.log, log)
        before = [job.cell for job in self.jobs]
        histories = tuple(
            self._history(part, {**cleanup, **_joined(part, late)}, before[: before.index(part.job.cell)], (state, note), tail)
            for part in whole
        )
        done = {part.job.cell for part in whole}
        return Played(histories, tuple(job for job in self.jobs if job.cell not in done))

    def _history(self, part: _Asked, cleanup: Json, before: list[str], coverage: tuple[Coverage, str], tail: str) -> History:
        assert self.started is not None
        return History(
            cell=part.job.cell,
            scenario_hash=part.job.scenario.hash,
            host=self.claim.host,
            port=self.claim.port,
            observations=part.observations,
            cleanup={**cleanup, "silent": part.silent},
            logs={"main": str(self.started.seen.get("log", "")) + part.log + tail},
            coverage=coverage[0],
            coverage_note=coverage[1],
            seconds=part.seconds,
            error=part.error,
            values=dict(part.cell.values),
            steps=tuple(to_json(step) for step in part.job.scenario.steps),
            shared={"launch": self.folder.name, "after": before},
        )


def _joined(part: _Asked, late: Json) -> Json:
    """What only the cell saw, and what the server did when it was stopped."""
    return {
        "tracebacks": part.tracebacks + late["tracebacks"],
        "logs": part.logs + late["logs"],
        "unasked": part.unasked,
    }

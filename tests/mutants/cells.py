"""A worker: ``python -m tests.mutants.cells SETUP NUMBER`` plays cells on a mutated copy of the server, one after the other.

A line of JSON on standard input is a job: what the modules of the package are to be, and the cells to play. Each cell is
driven and judged as in a run of the matrix. The answer is a line for each cell, and one for the job. A worker is a child
subreaper, as a worker of a run is: whatever a mutant leaves comes to it, and is ended with the cell.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import resource
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from coverage import CoverageData
from coverage.exceptions import CoverageException

from harness.cell import cleanup
from harness.cell.job import CellJob
from harness.cell.play_cell import play
from harness.language.scenario import Scenario
from harness.machine import server_process
from harness.model.values import CellResult, History, Target
from harness.targets.resolution import resolve
from harness.targets.subject import Subject
from harness.verdict import endings
from harness.verdict.judge import judge

from . import measuring

MOST_MEMORY = 4 << 30  # bytes of address space: a mutant that grows without end fails, and not the machine
NOTICED = ("fail", "timeout", "fixed")  # an error is the harness's own trouble and tells nothing of the mutant
#: Keys in which time has no part: any other red is seen twice before it counts.
SURE = ("status", "reason", "body", "headers", "error", "received", "responses", "interim", "exit", "ready", "log", "log_absent")
LATER = 2.5  # times as patient, the second time
Job = dict[str, Any]


@dataclass(frozen=True)
class Setup:
    """What all workers are given: the subject, its targets and scenarios, and a folder to work in."""

    subject: Subject
    package: str
    targets: dict[str, Target]
    scenarios: dict[str, Scenario]
    folder: Path


class Copy:
    """A target of this worker's own, whose package is what the job says."""

    def __init__(self, target: Target, package: str, folder: Path) -> None:
        home = Path(target.python).parents[1]
        shutil.copytree(home, folder, symlinks=True)
        below = Path(target.site).relative_to(home.resolve() if not Path(target.site).is_relative_to(home) else home)
        self.target = replace(target, python=str(folder / Path(target.python).relative_to(home)), site=str(folder / below))
        self.site, self.package = folder / below, folder / below / package
        shutil.copy(measuring.__file__, self.site / "mutants_measuring.py")
        (self.site / "mutants_measuring.pth").write_text("import mutants_measuring; mutants_measuring.begin()\n", "ascii")
        self._clean = {file: file.read_text("utf-8") for file in self.package.rglob("*.py")}

    @contextlib.contextmanager
    def mutated(self, files: dict[str, str]) -> Iterator[Target]:
        """The target with other texts in some modules of the package."""
        changed = {self.package / name: text for name, text in files.items()}
        try:
            for file, text in changed.items():
                _write(file, text)
            yield self.target
        finally:
            for file in changed:
                _write(file, self._clean[file])

    @contextlib.contextmanager
    def measured(self, folder: Path | None) -> Iterator[None]:
        """Every process of the target that begins inside the block is measured, its data go to the folder; None: none is."""
        flag = self.site / measuring.FLAG
        if folder is not None:
            folder.mkdir()
            flag.write_text(f"{folder}\n{self.package}\n", "utf-8")
        try:
            yield
        finally:
            flag.unlink(missing_ok=True)


def _write(file: Path, text: str) -> None:
    """Write a module, and remove what was compiled of it: by its time, which is in seconds, it could look up to date."""
    file.write_text(text, "utf-8")
    for compiled in [*file.parent.glob(f"__pycache__/{file.stem}.*.pyc"), file.with_suffix(".pyc")]:
        compiled.unlink(missing_ok=True)


class Worker:
    """Plays the cells of jobs."""

    def __init__(self, setup: Setup, number: int, say: Callable[[Job], None]) -> None:
        self.setup = setup
        self.say = say
        self.scratch = setup.folder / f"worker-{number}"
        self.scratch.mkdir(parents=True)
        self.copies = {python: Copy(target, setup.package, self.scratch / f"target-{python}")
                       for python, target in setup.targets.items()}

    def do(self, job: Job) -> None:
        """Play a job's cells until one is red, or all of them."""
        tried, killed = [], None
        began = time.monotonic()
        with self.copies[job["python"]].mutated(job["files"]) as target:
            for cell in job["cells"]:
                found = self._cell(target, cell, job)
                tried.append(cell["scenario"])
                self.say({"cell": found})
                if found["noticed"] and job["until_red"]:
                    killed = found
                    break
        self.say({"done": {"killed": killed, "tried": tried, "seconds": round(time.monotonic() - began, 2)}})

    def _cell(self, target: Target, cell: Job, job: Job) -> Job:
        found = self._play(job, target, cell, 1.0)
        if found["noticed"] and job["until_red"] and (cell["flaky"] or not found["sure"]):
            again = self._play(job, target, cell, LATER)
            found = {**again, "seconds": found["seconds"] + again["seconds"]}
        return found

    def _play(self, job: Job, target: Target, cell: Job, patience: float) -> Job:
        scenario = self.setup.scenarios[cell["scenario"]]
        subject = self.setup.subject.on(target)
        asked = resolve(scenario, target, subject)
        asked = replace(asked, steps=tuple(
            replace(step, within=min(step.within, patience * cell["steps"].get(str(step.number), step.within)))
            for step in asked.steps))
        cleanup.STOP_SECONDS = endings.STOP_SECONDS = min(15.0, patience * cell["stop"])
        name, copy, measure = f"{scenario.id}@{target.id}", self.copies[job["python"]], job["measure"]
        folder, data = self.scratch / "cell", self.scratch / "data"
        try:
            with copy.measured(data if measure else None):
                history = play(CellJob(name, asked, target, subject, "mutants", folder, self.scratch, False))
            result = judge(asked, history, subject.dialect)
            return {**_told(scenario.id, result, history), **(_reached(data, copy.package) if measure else {})}
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            shutil.rmtree(data, ignore_errors=True)


def _told(scenario: str, result: CellResult, history: History) -> Job:
    """What the main process is told of a cell."""
    failures = [f for verdict in (result.behaviour, result.cleanup) if verdict for f in verdict.failures]
    first = failures[0] if failures else None
    return {
        "scenario": scenario, "word": result.word, "noticed": result.word in NOTICED, "reason": result.reason[:600],
        "step": first.step if first else 0, "key": first.key if first else "",
        "sure": bool(first) and first.kind != "timeout" and first.key in SURE,
        "seconds": history.seconds, "steps": {str(one.step): one.seconds for one in history.observations},
        "stop": max((stop["seconds"] for stop in history.cleanup.get("stopped", ())), default=0.0),
    }


def _reached(folder: Path, package: Path) -> Job:
    """The lines that a cell's processes reached, by their files below the package; whether one was killed and told nothing."""
    found: dict[str, set[int]] = {}
    for file in folder.glob("data.*"):
        data = CoverageData(basename=str(file))
        with contextlib.suppress(CoverageException):  # what was cut off tells nothing
            data.read()
            for name in data.measured_files():
                below = Path(name).resolve().relative_to(package.resolve()).as_posix()
                found.setdefault(below, set()).update(data.lines(name) or ())
    began, saved = ({one.name.partition("-")[2] for one in folder.glob(f"{word}-*")} for word in ("began", "saved"))
    return {"lines": {name: sorted(lines) for name, lines in found.items()}, "blind": bool(began - saved) or not began}


def main(setup: str, number: str) -> None:
    """Do jobs until standard input ends."""
    server_process.become_subreaper()
    server_process.reset_signals()
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    with open(setup, "rb") as file:
        given: Setup = pickle.load(file)

    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")

    def say(answer: Job) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    worker = Worker(given, int(number), say)
    say({"ready": number})
    for line in sys.stdin:
        worker.do(json.loads(line))
    shutil.rmtree(worker.scratch, ignore_errors=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

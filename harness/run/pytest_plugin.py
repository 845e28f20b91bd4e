"""The pytest plugin: each cell is an item, so that -k, -x, --lf and -n are pytest's own.

Workers only read the plan: they never discover or plan, because their collections must agree.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..cell.job import CellJob
from ..cell.play_cell import play
from ..language.files import load
from ..language.scenario import Scenario
from ..machine import server_process
from ..model.ids import SEPARATOR
from ..model.outcomes import BY_WORD, RED
from ..model.values import Cell, CellResult, Plan, Target
from ..targets.load_subjects import Catalog
from ..targets.resolution import resolve
from ..verdict.expected import weigh
from ..verdict.judge import judge
from .run_folder import Run
from .start_trial import refuses

FULL = (errno.ENOSPC, errno.EDQUOT)


class Red(Exception):
    """A cell that makes the run fail; only its text is shown."""


class Context:
    """What all cells in this process need, read once."""

    def __init__(self, folder: Path, scenarios: tuple[Path, ...], subjects: tuple[Path, ...], scratch: Path) -> None:
        self.run = Run(folder)
        self.scenarios = scenarios
        self.scratch = scratch
        self.expected = self.run.read_expected()
        self.plan: Plan = self.run.read_plan()
        self.targets: dict[str, Target] = {target.id: target for target in self.plan.targets}
        catalog = Catalog(subjects)
        self.subjects = {name: catalog.load(name) for name in {t.subject for t in self.plan.targets}}
        self.worker = os.environ.get("PYTEST_XDIST_WORKER", "main")


CONTEXT = pytest.StashKey[Context]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options passed on by the command line's process."""
    group = parser.getgroup("harness")
    group.addoption("--harness-run", help="the run's folder")
    group.addoption("--harness-scenarios", action="append", help="a folder of scenario files")
    group.addoption("--harness-subjects", action="append", help="a folder of subjects")
    group.addoption("--harness-scratch", help="a folder for the servers' working folders")


def pytest_configure(config: pytest.Config) -> None:
    """Read the plan; in processes that run cells, adopt orphans and reset inherited signal handling."""
    if config.getoption("harness_run") is None:
        return
    context = Context(
        Path(config.getoption("harness_run")),
        tuple(map(Path, config.getoption("harness_scenarios"))),
        tuple(map(Path, config.getoption("harness_subjects"))),
        Path(config.getoption("harness_scratch")),
    )
    config.stash[CONTEXT] = context
    is_worker = hasattr(config, "workerinput")
    if is_worker or not config.getoption("numprocesses", None):
        server_process.become_subreaper()
        server_process.reset_signals()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the cells of each scenario file."""
    context = parent.config.stash.get(CONTEXT, None)
    if context is not None and file_path.suffix == ".toml" and any(map(file_path.is_relative_to, context.scenarios)):
        collector: pytest.Collector = ScenarioFile.from_parent(parent, path=file_path)
        return collector
    return None


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """A letter and a word for each cell."""
    word = dict(report.user_properties).get("word")
    if word is None or report.when != "call":
        return ("", "", "") if word is not None or SEPARATOR in report.nodeid else None
    return str(word), BY_WORD[str(word)].letter, str(word).upper()


class ScenarioFile(pytest.File):
    """A scenario file; its items are its cells in the plan."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield the planned cells of this scenario."""
        context = self.config.stash[CONTEXT]
        scenario = load(self.path, *context.scenarios)
        for cell in context.plan.cells:
            if cell.scenario == scenario.id and cell.status == "planned":
                yield CellItem.from_parent(self, name=cell.id, cell=cell, scenario=scenario)


class CellItem(pytest.Item):
    """One cell: run, recorded, judged."""

    def __init__(self, *, cell: Cell, scenario: Scenario, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cell = cell
        self.scenario = scenario

    def runtest(self) -> None:
        """Run the cell; raises Red if its word is a red one."""
        context = self.config.stash[CONTEXT]
        result = run_cell(context, self.cell, self.scenario)
        self.user_properties.append(("word", result.word))
        if result.word in RED and not (result.grade == "should" and result.word in ("fail", "timeout")):
            raise Red(result.reason)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        """One line: pytest's own traceback would show the harness, not the server."""
        if isinstance(excinfo.value, Red):
            return f"{self.name}: {excinfo.value}"
        return str(super().repr_failure(excinfo, style))

    def reportinfo(self) -> tuple[Path, int, str]:
        """The file that the cell comes from."""
        return self.path, 0, self.name


def run_cell(context: Context, cell: Cell, scenario: Scenario) -> CellResult:
    """Run a cell, record its history, judge it, and append its line; a crash of the harness becomes its result."""
    try:
        result = _result(context, cell, scenario)
        context.run.write_result(result, context.worker)
    except Exception as problem:  # it is reported in this cell, and the others go on
        result = _lost(context, cell, scenario, problem)
    return result


def _lost(context: Context, cell: Cell, scenario: Scenario, problem: Exception) -> CellResult:
    """Record that a cell has no result, and why; if the disk is full, where the command line looks for it."""
    full = isinstance(problem, OSError) and problem.errno in FULL
    reason = f"the harness crashed: {type(problem).__name__}: {problem}"
    if isinstance(problem, OSError) and full:
        reason = (
            f"{problem.strerror}: the history of this cell could not be written to the reports folder; free some space, "
            "and run it again with --lf"
        )
    result = CellResult(cell.id, "not-run" if full else "error", reason, grade=scenario.grade)
    try:
        context.run.write_result(result, context.worker)
    except OSError:
        Run(context.scratch).write_result(result, context.worker)
    return result


def _result(context: Context, cell: Cell, scenario: Scenario) -> CellResult:
    target = context.targets[cell.target]
    subject = context.subjects[target.subject].on(target)
    resolved = resolve(scenario, target, subject)
    status, reason = refuses(target, subject, context.run, context.scratch)
    if status:
        return CellResult(cell.id, status, reason, grade=scenario.grade)
    folder = context.run.cell_folder(cell.id)
    run, scratch, measure = context.plan.run, context.scratch, context.plan.coverage
    history = play(CellJob(cell.id, resolved, target, subject, run, folder, scratch, measure))
    context.run.write_history(history)
    return weigh(judge(resolved, history, subject.dialect), resolved, context.expected)

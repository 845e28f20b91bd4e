"""The end of a run: its report, its summary, and its exit code."""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Iterable
from pathlib import Path

from ..model.printable import plain
from ..model.refusal import Refusal
from ..model.values import Plan
from ..run.exit_code import exit_code
from ..run.project import Project
from ..run.run_folder import Run
from ..targets.subject import Subject
from .console import Say
from .find_run import LAST, find
from .find_run import baseline as earlier_run
from .options import some_text


def add_baseline(parser: argparse.ArgumentParser) -> None:
    """The option of all commands that write a report."""
    parser.add_argument(
        "--baseline",
        type=some_text,
        metavar="RUN",
        help='an earlier run: a folder, a name, or "last" for the newest one before this, if any. '
        "The report shows what changed since then",
    )


def check_baseline(given: argparse.Namespace) -> None:
    """Refuse a baseline that is not there, or cannot be read: before a quarter of an hour of cells, and not after it."""
    if given.baseline and given.baseline != LAST:
        find(given.baseline, given.reports).read_plan()


def _subjects(plan: Plan, project: Project, say: Say) -> dict[str, Subject]:
    """The subjects of a run that are still described; of the others, coverage cannot be shown."""
    found = {}
    for name in sorted({target.subject for target in plan.targets}):
        try:
            found[name] = project.catalog.load(name)
        except Refusal as problem:
            say(f"no coverage is shown of {name}: {str(problem).splitlines()[0]}")
    return found


def get_ready(subjects: Iterable[Subject], coverage: bool) -> None:
    """Import, and parse, what only the end of a run needs: it takes as long as a short cell, and can be done meanwhile."""
    from ..coverage import parse_once
    from ..report import build, exports, terminal_summary  # noqa: F401

    if coverage:
        parse_once.parse_ahead({source for subject in subjects for source in subject.measured.values() if source})


def finish(
    run: Run,
    project: Project,
    baseline: str | None,
    say: Say,
    driver_code: int = 0,
) -> int:
    """Write the report, say what the run saw, and return the exit code.

    The report of an earlier run is replaced only when a cell ran. Raises Refusal where it cannot be written.
    """
    from ..coverage.combine import Measured, combine
    from ..report.build import build
    from ..report.conformance import Checks, by_level
    from ..report.exports import github_annotations
    from ..report.terminal_summary import summary
    from ..report.view import RunView

    reports = project.reports
    plan, results = run.read_plan(), run.results()
    ran = any(result.status == "ran" for result in results.values())
    index = reports / "index.html"
    problem, replaced = "", ran or not index.exists()
    if replaced:
        try:
            measured: list[Measured] = []
            if plan.coverage:  # what is not measured needs no subject: that of an old run may be gone
                measured = combine(run, plan, results, _subjects(plan, project, say))
            earlier = earlier_run(baseline, run, reports, say) if baseline else None
            build(RunView.load(run, reports, measured, Path.cwd(), earlier, project.strict_should))
        except OSError as error:
            problem = f"{error.filename or reports}: {error.strerror}"
    scenarios = run.read_scenarios()
    say(summary(results, by_level(Checks.of(scenarios, plan.targets, results))))
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for line in github_annotations(results, {s["id"]: s["file"] for s in scenarios}, plain):
            say(line)
    code, reason = exit_code(results, driver_code, project.strict, project.strict_should)
    if reason and not problem:  # which has an exit code of its own
        say(f"exit code {code}: {reason}")
    if problem:
        raise Refusal(
            f"exit code 2: the report could not be written ({problem}). The run's data are in {run.folder}; write it "
            f"elsewhere with: server-matrix report {shlex.quote(str(run.folder))} --reports DIR"
        )
    if replaced:
        say(f"report: {os.path.relpath(index)}")
    else:
        say(f"no cell ran; {os.path.relpath(index)} is still the report of an earlier run")
    return code

"""``known``: the failures that an adopter expects; listed, or written from a run as a baseline to edit."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path

from ..language import expected_failures
from ..language.expected_failures import ExpectedFailure
from ..language.files import load_all
from ..machine.atomic_files import write_text
from ..model.counting import counted
from ..model.ids import CellId
from ..model.refusal import Refusal
from ..model.values import CellResult
from ..report.terminal_table import table
from ..run.prepare import known_subjects
from ..run.project import Project
from ..run.run_folder import newest, runs
from .console import Say
from .find_run import find
from .options import some_text
from .project_options import check_expected, expected_of
from .schema import beside

FILE = "known.toml"
FAILING = ("fail", "timeout")
UNSEEN = "not looked at yet"
WHY = UNSEEN + ": failed in the run {run}"


def configure(parser: argparse.ArgumentParser) -> None:
    """Options of ``known``."""
    parser.description = (
        "List what your known.toml expects to fail. --write adds the failures of a run that it does not list yet, as a "
        "baseline to edit; what is in the file stays as it is, reasons and comments included."
    )
    parser.epilog = (
        "Listed and fails that way: known. Listed and passes: fixed, which is red until the entry is removed. An entry that "
        "names no scenario or server, or has expired, is an error. Exit codes: 0; 2 bad input."
    )
    parser.add_argument("--write", action="store_true", help="add the failures of a run that are not listed yet")
    parser.add_argument(
        "--run",
        type=some_text,
        metavar="RUN",
        help="with --write: a folder, or a name below reports/data (default: the newest)",
    )


def run(given: argparse.Namespace, say: Say) -> int:
    """List or write; return the exit code."""
    project: Project = given.project
    if given.run and not given.write:
        raise Refusal("known: --run says from which run --write takes failures, and --write was not given")
    if given.write:
        return _write(given, project, say)
    entries = expected_of(project)
    if project.known is None:
        unnamed = _file_of(project)
        if unnamed.is_file():
            say(f"no failure is expected: {unnamed} is there, but is not named. {_how_to_name(unnamed, project)}")
        else:
            say("no failure is expected: no known file is named. server-matrix known --write makes one from the newest run")
        return 0
    check_expected(entries, load_all(*project.scenario_folders), known_subjects(project), project)
    rows = [(entry.scenario, _place(entry), ", ".join(entry.targets), entry.until, entry.reason) for entry in entries]
    say(table(("scenario", "step", "servers", "until", "why"), rows))
    say(f"{counted(len(entries), 'expected failure')} in {project.known.name}")
    if unseen := sum(entry.why.startswith(UNSEEN) for entry in entries):
        say(f"{unseen} of them say {UNSEEN!r}: say why each fails, or mend it and remove the entry")
    return 0


def _place(entry: ExpectedFailure) -> str:
    return f"{entry.step or 'any'}{f' {entry.key}' if entry.key else ''}"


def _write(given: argparse.Namespace, project: Project, say: Say) -> int:
    file = _file_of(project)
    if project.known and not file.exists():
        # No run can be made while a file that is named is missing, so the first thing is to make it.
        write_text(file, f"{beside(file.parent, 'known', file)}format = 1\n")
        say(f"made {file}, in which nothing is expected to fail yet")
        if not given.run and not any(run.ran for run in runs(given.reports)):
            say("There is no run yet from which failures could be added; make one with: server-matrix")
            return 0
    stored = find(given.run, given.reports) if given.run else newest(given.reports)
    old = expected_failures.read(file) if file.is_file() else ()
    found = baseline(stored.results().values(), old)
    if not found:
        say(f"no failure of the run {stored.folder.name} is missing from {file.name}: none was added")
    else:
        before = file.read_text("utf-8").rstrip("\n") if file.is_file() else f"{beside(file.parent, 'known', file)}format = 1"
        write_text(file, before + "\n" + "".join(spelled(*entry, stored.folder.name) for entry in found))
        say(
            f"wrote {counted(len(found), 'expected failure')} to {file}. "
            "Say in each why it fails, or mend it and remove the entry."
        )
    if project.known is None and file.is_file():
        say(_how_to_name(file, project))
    return 0


def _file_of(project: Project) -> Path:
    return project.known or _beside_what_is_its_own(project) / FILE


def _how_to_name(file: Path, project: Project) -> str:
    """What makes runs read a file that the project does not name."""
    named = file.relative_to(project.file.parent).as_posix() if project.file else file.name
    return f'Name the file in [tool.server-matrix] of pyproject.toml: known = "{named}"'


def _beside_what_is_its_own(project: Project) -> Path:
    """The folder that holds the project's folders of servers or scenarios, as ``init`` makes them; else the project's own."""
    if project.file is None:
        return Path.cwd()
    home = project.file.parent
    above = [folder.parent for folder in (*project.subjects, *project.scenarios)]
    return next((folder for folder in above if folder.is_relative_to(home)), home)


Place = tuple[str, int, str]  # scenario, step, key


def baseline(results: Iterable[CellResult], listed: Iterable[ExpectedFailure]) -> list[tuple[Place, list[str]]]:
    """The failures of red cells that no entry tells, each once, with the targets that have it."""
    listed = tuple(listed)
    found: dict[Place, list[str]] = {}
    for result in results:
        scenario, target = CellId(result.cell).parts
        entries = [entry for entry in listed if entry.names(result.cell)]
        for verdict in (result.behaviour, result.cleanup):
            if verdict is None or verdict.outcome not in FAILING:
                continue
            for failure in verdict.failures:
                told = any(entry.step in (0, failure.step) and entry.key in ("", failure.key) for entry in entries)
                targets = found.setdefault((scenario, failure.step, failure.key), [])
                if not told and target not in targets:
                    targets.append(target)
    return [(place, targets) for place, targets in sorted(found.items()) if targets]


def spelled(place: Place, targets: list[str], run: str) -> str:
    """An entry as it stands in the file."""
    scenario, step, key = place
    lines = ["", "[[known]]", f"scenario = {json.dumps(scenario)}", f"targets = {json.dumps(targets)}"]
    if step:
        lines.append(f"step = {step}")
    lines += [f"key = {json.dumps(key)}", f"why = {json.dumps(WHY.format(run=run))}", ""]
    return "\n".join(lines)

"""The options that say what a run is of: folders, known failures, reports. They win over [tool.server-matrix]."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from packaging.specifiers import SpecifierSet

from ..language.expected_failures import ExpectedFailure, check, read
from ..language.scenario import Mistakes, Scenario
from ..model.ids import TargetId
from ..model.refusal import Refusal
from ..run.project import Project, check_folders, find
from ..targets.references import supports
from ..targets.subject import Subject
from .options import some_path

SECTION = "[tool.server-matrix] of pyproject.toml"


def add_folders(parser: argparse.ArgumentParser) -> None:
    """The options of commands that read scenarios and subjects."""
    group = parser.add_argument_group("what the scenarios and servers are", f"default: {SECTION}, or what is bundled")
    group.add_argument(
        "--scenarios",
        type=some_path,
        action="append",
        metavar="DIR",
        help="a folder of scenario files, beside the bundled ones; repeatable",
    )
    group.add_argument(
        "--subjects",
        type=some_path,
        action="append",
        metavar="DIR",
        help="a folder of servers, each in a folder of its own with a subject.toml, beside the bundled ones; repeatable",
    )
    group.add_argument("--no-bundled", action="store_true", help="neither the bundled scenarios nor the bundled servers")
    group.add_argument("--no-bundled-scenarios", action="store_true", help="only the scenarios of --scenarios")
    group.add_argument("--no-bundled-subjects", action="store_true", help="only the servers of --subjects")


def add_reports(parser: argparse.ArgumentParser) -> None:
    """The option of all commands that write or read reports."""
    parser.add_argument(
        "--reports", type=some_path, metavar="DIR", help=f"where reports are (default: {SECTION}, or ./reports)"
    )


def add_known(parser: argparse.ArgumentParser) -> None:
    """The option of commands that weigh failures against those that are expected."""
    parser.add_argument(
        "--known",
        type=some_path,
        metavar="FILE",
        help=f"failures that are expected, in a file of your own (default: {SECTION})",
    )


def expected_of(project: Project) -> tuple[ExpectedFailure, ...]:
    """The failures that a project expects; raises Refusal where its file is not there, or is wrong."""
    if project.known is None:
        return ()
    if project.known.is_dir():
        raise Refusal(f"{project.known}: is a folder; known is a file, such as known.toml")
    if not project.known.is_file():
        raise Refusal(f"{project.known}: there is no such file; server-matrix known --write makes it")
    return read(project.known)


def check_expected(
    entries: tuple[ExpectedFailure, ...], scenarios: Iterable[Scenario], subjects: Mapping[str, Subject], project: Project
) -> None:
    """Raise Refusal for expected failures that name nothing, have expired, or are about a cell that can never run."""
    if project.known is None:
        return
    by_id = {scenario.id: scenario for scenario in scenarios}
    check(entries, by_id, subjects, project.known.name)
    mistakes = Mistakes(project.known.name)
    for number, entry in enumerate(entries, 1):
        for target in entry.targets:
            subject = subjects[TargetId(target).subject]
            if not supports(by_id[entry.scenario], subject):
                mistakes.add(
                    f"known {number}: targets", f"{subject.name} does not support {entry.scenario}: this never fails there"
                )
            python = TargetId(target).interpreter.partition("-")[0].removeprefix("pypy").rstrip("t")
            if python and not SpecifierSet(subject.python).contains(f"{python}.99", prereleases=True):
                mistakes.add(f"known {number}: targets", f"{subject.name} is for Python {subject.python}, not {python}")
    mistakes.raise_any()


def project_of(given: argparse.Namespace) -> Project:
    """What a run is of, by the command line and else by pyproject.toml; raises Refusal for folders that are not there."""
    project = find(Path.cwd())
    changes: dict[str, object] = {}
    for option in ("scenarios", "subjects"):
        folders = getattr(given, option, None)
        for folder in folders or ():
            if not folder.is_dir():
                raise Refusal(f"--{option} {folder}: there is no such folder")
        if folders:
            changes[option] = tuple(dict.fromkeys(folder.resolve() for folder in folders))
    bundled = not getattr(given, "no_bundled", False)
    for option in ("scenarios", "subjects"):
        if not bundled or getattr(given, f"no_bundled_{option}", False):
            changes[f"bundled_{option}"] = False
    for option in ("reports", "known"):
        if getattr(given, option, None):
            changes[option] = getattr(given, option).resolve()
    for option in ("strict", "strict_should"):
        if getattr(given, option, False):
            changes[option] = True
    project = replace(project, **changes)  # type: ignore[arg-type]
    if hasattr(given, "no_bundled") and not getattr(given, "reads_only", False):
        check_folders(project)
    for what in ("scenarios", "subjects"):
        if not getattr(project, f"bundled_{what}") and not getattr(project, what):
            raise Refusal(f"--no-bundled leaves no {what}: name a folder of your own with --{what}")
    return project

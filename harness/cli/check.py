"""``check``: every mistake of every scenario and subject file, without running anything."""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..language.files import load_all, load_files
from ..language.scenario import Mistakes, Scenario
from ..model.counting import counted
from ..model.refusal import Refusal
from ..model.stored_json import to_json
from ..model.suggestions import unknown
from ..run.prepare import known_subjects
from ..run.project import Project
from ..targets import lock_file
from ..targets.load_subjects import load_file
from ..targets.references import check_references, supports
from ..targets.subject import Subject
from . import templates
from .options import some_path
from .project_options import check_expected, expected_of


def configure(parser: argparse.ArgumentParser) -> None:
    """Options of ``check``."""
    parser.description = (
        "Check scenario and subject files without running them: unknown words, expectations that can never fail, known "
        "failures that match nothing, scenarios that no server supports, duplicates. Several mistakes are reported at once."
    )
    parser.epilog = "Exit codes: 0 no mistake; 2 mistakes. Example: check scenarios/http/head.toml"
    parser.add_argument("file", nargs="*", type=some_path, help="scenario or subject files, or folders of them (default: all)")


def run(given: argparse.Namespace, say: Callable[[str], None]) -> int:
    """Check; say what was found to be right, or raise Refusal with all mistakes."""
    mistakes = Mistakes("")
    known: dict[str, Subject] = {}
    project: Project = given.project
    with mistakes.collected():
        known = known_subjects(project)
    scenarios: tuple[Scenario, ...] = ()
    homes = {folder.resolve() for folder in project.catalog.folders}
    files = [file for path in given.file for file in _files(path)]
    wanted = [file for file in files if file.name != "subject.toml"]
    others = [file for file in files if file not in wanted and file.resolve().parent.parent not in homes]
    for file in others:
        with mistakes.collected():
            load_file(file, str(file))
    with mistakes.collected():
        folders = project.scenario_folders
        scenarios = load_files(wanted, *folders) if files else load_all(*folders)
    if known:
        with mistakes.collected():
            check_references(scenarios, known)
            _check_projects(scenarios, known, mistakes)
    if not files:
        with mistakes.collected():
            check_expected(expected_of(project), scenarios, known, project)
    _check_doubles(scenarios, mistakes)
    mistakes.raise_any()
    pairs = sum(supports(scenario, subject) for scenario in scenarios for subject in known.values())
    subjects = len(project.catalog.names()) + len(others)
    for scenario in scenarios:
        if templates.SOURCE in scenario.sources:
            say(f"{scenario.file}: source: still says what `new` wrote: name the document and its section, or an issue instead")
    found = f"{counted(len(scenarios), 'scenario')} and {counted(subjects, 'subject')}"
    say(f"{found} are right; {counted(pairs, 'pair')} of them {'matches' if pairs == 1 else 'match'}")
    return 0


def _files(path: Path) -> list[Path]:
    """What a path stands for: itself, or all that is called a TOML file below it; raises Refusal where there is none."""
    found = sorted(path.rglob("*.toml")) if path.is_dir() else [path] if path.exists() else []
    if not found:
        raise Refusal(f"{path}: there is no such file, or no *.toml in this folder")
    return found


def _check_projects(scenarios: Iterable[Scenario], known: Mapping[str, Subject], mistakes: Mistakes) -> None:
    """The project of a [[bug]] is one that its subject is installed with: required, locked with it, or pinned by the entry."""
    homes = {subject.folder.parent for subject in known.values()}
    locked = {name: pins for home in homes for name, pins in lock_file.read(home).items()}
    for scenario in scenarios:
        mistakes.file = scenario.file
        for number, bug in enumerate(scenario.bugs, 1):
            pins = [pin for pinned in locked.get(bug.subject, {}).values() for pin in pinned]
            if not bug.project or bug.subject not in known or not pins:
                continue
            names = {
                canonicalize_name(Requirement(text).name) for text in (*known[bug.subject].requirements, *pins, *bug.requires)
            }
            if canonicalize_name(bug.project) not in names:
                mistakes.add(f"bug {number}: project", unknown(f"requirement of {bug.subject}", bug.project, names))


def _check_doubles(scenarios: Iterable[Scenario], mistakes: Mistakes) -> None:
    """Two scenarios that do the same on the same servers say one thing twice."""
    first: dict[str, Scenario] = {}
    for scenario in scenarios:
        other = first.setdefault(_does(scenario), scenario)
        if other is not scenario:
            mistakes.file = scenario.file
            mistakes.add("", f"does and expects the same as {other.file}; keep one of them")


def _does(scenario: Scenario) -> str:
    """A hash of what a scenario does, whatever it is called."""
    acts = [{key: value for key, value in to_json(step).items() if key != "note"} for step in scenario.steps]
    what = [
        acts,
        scenario.app,
        sorted(scenario.needs),
        scenario.python,
        scenario.channel,
        scenario.tls,
        scenario.reload,
        sorted(scenario.leaves),
    ]
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()

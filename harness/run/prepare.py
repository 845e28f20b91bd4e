"""From the command line to a plan on disk: everything is checked before anything is installed or written."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..language.expected_failures import ExpectedFailure
from ..language.scenario import Scenario
from ..machine import interpreters
from ..machine.places import cache
from ..model.counting import counted
from ..model.ids import CellId, TargetId
from ..model.values import Cell, Interpreter, Json, Plan, Target
from ..reproducer.recipe import recipes
from ..targets import editions, installer, provision
from ..targets.load_subjects import BUNDLED
from ..targets.subject import Subject
from . import systems
from .checked_scenarios import checked
from .host import environment
from .plan import part, plan, shard_of, weight_in_shards
from .project import Project
from .quick import quick
from .run_folder import Run, runs
from .selection import select

RUNS_ASKED = 12  # stored runs, the newest, that --quick looks at

Chosen = tuple[str, Interpreter | None, str]  # an interpreter's id, the interpreter or None, and the reason if None


@dataclass(frozen=True, slots=True)
class Options:
    """The options from the command line."""

    pythons: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    workers: int = 0  # 0: as many as keep the processors busy
    coverage: bool = True
    download: bool = False
    upgrade: bool = False
    project: Project = field(default_factory=Project)
    expected: tuple[ExpectedFailure, ...] = ()
    cache: Path = field(default_factory=cache)
    shard: str = ""
    keyword: str = ""
    stop_after: int = 0  # red cells; 0: never
    verbosity: int = 0  # as run/progress.py takes it
    isolated: bool = False
    quick: bool = False
    likely: frozenset[str] = frozenset()
    weights: Json = field(default_factory=dict)  # seconds of cells, for shards
    command: tuple[str, ...] = ()
    asked: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """The checked request of a command line: the scenarios, subjects, interpreters, and cell ids."""

    scenarios: tuple[Scenario, ...]
    subjects: tuple[Subject, ...]
    interpreters: tuple[Chosen, ...]
    cells: tuple[str, ...]
    left_out: str = ""  # what --quick left out, in a sentence
    likely: frozenset[str] = frozenset()  # the cells that are likeliest to be red, which come first


def subjects_of(cells: Iterable[str]) -> tuple[str, ...]:
    """The ``--subject`` values for the subjects in some cell ids."""
    return tuple(dict.fromkeys(editions.of_column(CellId.checked(cell).target.column) for cell in cells))


def pythons_of(cells: Iterable[str]) -> tuple[str, ...]:
    """The interpreters in some cell ids."""
    return tuple(dict.fromkeys(CellId.checked(cell).target.interpreter for cell in cells))


def known_subjects(project: Project) -> dict[str, Subject]:
    """The subjects that scenarios may name: the project's and the bundled ones, selected or not."""
    own = project.catalog.load_all()
    return own if project.bundled_subjects else {**BUNDLED.load_all(), **own}


def ask(options: Options) -> Asked:
    """Check the options and return the request; raises Refusal. Nothing is installed or written."""
    shard_of(options.shard)
    project = options.project
    catalog = project.catalog
    scenarios = checked(project.scenario_folders, known_subjects(project), options.cache)
    chosen = tuple(editions.choose(options.subjects, catalog))
    source = "--python" if options.pythons else "pyproject.toml: [tool.server-matrix] interpreters:"
    found, _ = interpreters.discover(options.cache / "interpreters.json")
    wanted = list(options.pythons or project.interpreters) or [one.id for one in found]
    pythons = tuple(interpreters.choose(wanted, found, source))
    every = [
        CellId.of(scenario.id, TargetId.of(subject.column, python))
        for scenario in scenarios
        for subject in chosen
        for python, _, _ in pythons
    ]
    asked = Asked(scenarios, chosen, pythons, tuple(select(every, options.cells, options.keyword)))
    return _quick(asked, project) if options.quick else asked


def _quick(asked: Asked, project: Project) -> Asked:
    """The cells that --quick chooses, by what stored runs have seen; a server on a Python that it is not made for has none.

    An interpreter that is missing is still missing: it was asked for.
    """
    words = (
        {cell: word for cell, (word, _) in run.brief().items()} for run in list(reversed(runs(project.reports)))[:RUNS_ASKED]
    )
    found = quick(foresee(asked), words)
    planned = [cell for cell in found.cells if cell.status == "planned"]
    targets = {cell.target for cell in planned}
    cells = tuple(cell.id for cell in found.cells if cell.target in targets or cell.status == "missing")
    return replace(asked, cells=cells, left_out=f"{found.sentence}; coverage is not measured", likely=found.likely)


def prepare(asked: Asked, options: Options, say: Callable[[str], None]) -> Run:
    """Build the targets that the requested cells need, and write the plan; return the run."""
    chosen = asked.interpreters
    if options.download:
        chosen = _download(chosen, options.cache, say)
    here = sum(interpreter is not None for _, interpreter, _ in chosen)
    say(f"{here} of {counted(len(chosen), 'interpreter')} found; preparing targets …")
    wanted = {CellId(cell).target for cell in asked.cells}
    pairs = [(subject, *one) for subject in asked.subjects for one in chosen if TargetId.of(subject.column, one[0]) in wanted]
    width = max((len(TargetId.of(subject.column, python)) for subject, python, *_ in pairs), default=0)
    targets = provision.provision(pairs, options.cache, options.upgrade, lambda target: say(progress(target, width)))
    by_name = {subject.name: subject for subject in asked.subjects}
    selected = set(asked.cells)
    planned = tuple(cell for cell in plan(asked.scenarios, targets, by_name) if cell.id in selected)
    return begin(options, asked.scenarios, targets, by_name, shard(asked, options, planned))


def shard(asked: Asked, options: Options, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """The cells of this machine's shard; all of them without --shard."""
    scenarios = {scenario.id: scenario for scenario in asked.scenarios}

    def launch(cell: Cell) -> str:
        scenario = scenarios[cell.scenario]
        return f"{cell.target}+{scenario.app}" if scenario.launch == "shared" else ""

    weight = weight_in_shards(asked.scenarios, {subject.name: subject for subject in asked.subjects}, options.weights)
    return part(cells, options.shard, weight, launch)


def foresee(asked: Asked) -> tuple[Cell, ...]:
    """The cells as they would be planned, with nothing installed; anything that depends on a server's version is unknown."""
    by_name = {subject.name: subject for subject in asked.subjects}
    targets = []
    for subject in asked.subjects:
        for python, interpreter, reason in asked.interpreters:
            status = "missing"
            if interpreter is not None and not provision.supports(subject, interpreter):
                status, reason = "unsupported", f"{subject.name} requires Python {subject.python}"
            targets.append(
                Target(
                    TargetId.of(subject.column, python),
                    subject.name,
                    python,
                    interpreter=interpreter,
                    reason=reason,
                    status=status,
                )
            )
    selected = set(asked.cells)
    return tuple(cell for cell in plan(asked.scenarios, targets, by_name) if cell.id in selected)


def progress(target: Target, width: int = 24) -> str:
    """A line about a target that was built, or could not be."""
    state = "cached" if target.cached else "ready" if target.ready else f"{target.status}: {target.reason}"
    return f"  {target.id:{width}}  {target.subject_version:8} {target.source + ' ' if target.source else ''}{state}"


def begin(
    options: Options,
    scenarios: tuple[Scenario, ...],
    targets: list[Target],
    by_name: dict[str, Subject],
    cells: tuple[Cell, ...],
) -> Run:
    """Write the plan of the run; return the run."""
    name = time.strftime("%Y%m%dT%H%M%S") + f"-{os.getpid()}"
    run = Run(options.project.reports / "data" / name)
    run.write_scenarios(scenarios)
    run.write_expected(systems.expected_on(options.expected, systems.named(platform.system())))
    run.write_recipes(recipes(targets, by_name))
    run.write_plan(
        Plan(
            run=name,
            targets=tuple(targets),
            cells=cells,
            scenarios=tuple(f"{s.id} {s.hash}" for s in scenarios),
            command=options.command,
            environment=environment(options.project.file),
            coverage=options.coverage,
            shard=options.shard,
            subjects=options.subjects,
            asked=options.asked,
        )
    )
    return run


def _download(
    chosen: tuple[Chosen, ...],
    cache: Path,
    say: Callable[[str], None],
) -> tuple[Chosen, ...]:
    """Download missing interpreters with uv; one that cannot be downloaded stays missing, with uv's reason."""
    done: list[Chosen] = []
    for name, interpreter, reason in chosen:
        if interpreter is None:
            say(f"  downloading {name} …")
            problem = installer.download(name, cache / "pythons")
            if problem:
                say(f"  {problem}")
                reason = f"{reason}; {problem}"
            else:
                os.environ["UV_PYTHON_INSTALL_DIR"] = str(cache / "pythons")
                found, _ = interpreters.discover()
                interpreter = next((i for i in found if i.id == name), None)
        done.append((name, interpreter, "" if interpreter else reason))
    return tuple(done)

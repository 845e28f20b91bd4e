"""From what the command line asks for to a plan on disk: everything is checked before anything is installed or written."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from .. import __version__
from ..language.files import load_all
from ..language.scenario import Scenario
from ..machine import addresses, interpreters
from ..model.refusal import Refusal
from ..model.values import Cell, Interpreter, Json, Plan, Target
from ..reproducer.recipe import recipes
from ..targets import editions, fingerprints, installer, load_subjects, provision
from ..targets.references import check_references
from ..targets.subject import Subject
from .plan import SEPARATOR, part, plan, shard_of
from .run_folder import Run
from .selection import select
from .settings import ROOT, wanted_interpreters

Chosen = tuple[str, Interpreter | None, str]  # an interpreter's id, the interpreter or None, and why None


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for."""

    pythons: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    workers: int = 4
    coverage: bool = True
    download: bool = False
    upgrade: bool = False
    scenarios: Path = ROOT / "scenarios"
    reports: Path = ROOT / "reports"
    cache: Path = ROOT / ".cache"
    shard: str = ""
    keyword: str = ""
    pytest: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    asked: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a command line asks for, checked: the scenarios, the subjects, the interpreters, and the cells by their ids."""

    scenarios: tuple[Scenario, ...]
    subjects: tuple[Subject, ...]
    interpreters: tuple[Chosen, ...]
    cells: tuple[str, ...]


def subjects_of(cells: Iterable[str]) -> tuple[str, ...]:
    """What ``--subject`` would be given for the subjects that the ids of cells name."""
    return tuple(dict.fromkeys(editions.of_column(_part(cell, 1)) for cell in cells))


def pythons_of(cells: Iterable[str]) -> tuple[str, ...]:
    """The interpreters that the ids of cells name."""
    return tuple(dict.fromkeys(_part(cell, 2) for cell in cells))


def _part(cell: str, number: int) -> str:
    parts = cell.split(SEPARATOR)
    if len(parts) != 3 or not all(parts):
        raise Refusal(f"--cell {cell[:120]}: an id is scenario@subject@interpreter, as the report shows it.")
    return parts[number]


def ask(options: Options) -> Asked:
    """Check all that a command line says, and return what it asks for; raises Refusal. Nothing is installed or written."""
    shard_of(options.shard)
    known = load_subjects.load_all()
    scenarios = load_all(options.scenarios)
    check_references(scenarios, known)
    chosen = tuple(editions.choose(options.subjects))
    source = "--python" if options.pythons else "pyproject.toml: [tool.harness] interpreters:"
    found, _ = interpreters.discover(options.cache / "interpreters.json")
    pythons = tuple(interpreters.choose(list(options.pythons) or wanted_interpreters(), found, source))
    every = [
        f"{scenario.id}{SEPARATOR}{subject.column}{SEPARATOR}{python}"
        for scenario in scenarios
        for subject in chosen
        for python, _, _ in pythons
    ]
    return Asked(scenarios, chosen, pythons, tuple(select(every, options.cells, options.keyword)))


def prepare(asked: Asked, options: Options, say: Callable[[str], None]) -> Run:
    """Make the targets that the asked cells need, and write the plan; return the run."""
    chosen = asked.interpreters
    if options.download:
        chosen = _download(chosen, options.cache, say)
    say(f"{sum(1 for _, i, _ in chosen if i)} of {len(chosen)} interpreters are on this machine; preparing targets …")
    wanted = {cell.partition(SEPARATOR)[2] for cell in asked.cells}
    pairs = [
        (subject, *one) for subject in asked.subjects for one in chosen if f"{subject.column}{SEPARATOR}{one[0]}" in wanted
    ]
    targets = provision.provision(pairs, options.cache, options.upgrade, lambda target: say(progress(target)))
    by_name = {subject.name: subject for subject in asked.subjects}
    selected = set(asked.cells)
    planned = tuple(cell for cell in plan(asked.scenarios, targets, by_name) if cell.id in selected)
    return begin(options, asked.scenarios, targets, by_name, part(planned, options.shard))


def foresee(asked: Asked) -> tuple[Cell, ...]:
    """The cells as they would be planned, with nothing installed: what depends on a server's version is not known yet."""
    by_name = {subject.name: subject for subject in asked.subjects}
    targets = []
    for subject in asked.subjects:
        for python, interpreter, reason in asked.interpreters:
            status = "missing"
            if interpreter is not None and not provision.supports(subject, interpreter):
                status, reason = "unsupported", f"{subject.name} is for Python {subject.python}"
            targets.append(
                Target(
                    f"{subject.column}{SEPARATOR}{python}",
                    subject.name,
                    python,
                    interpreter=interpreter,
                    reason=reason,
                    status=status,
                )
            )
    selected = set(asked.cells)
    return tuple(cell for cell in plan(asked.scenarios, targets, by_name) if cell.id in selected)


def progress(target: Target) -> str:
    """A line about a target that was made, or could not be."""
    state = "cached" if target.cached else "ready" if target.ready else f"{target.status}: {target.reason}"
    return f"  {target.id:24} {target.subject_version:8} {target.source + ' ' if target.source else ''}{state}"


def begin(
    options: Options,
    scenarios: tuple[Scenario, ...],
    targets: list[Target],
    by_name: dict[str, Subject],
    cells: tuple[Cell, ...],
) -> Run:
    """Write down what is going to be done; return the run."""
    name = time.strftime("%Y%m%dT%H%M%S") + f"-{os.getpid()}"
    run = Run(options.reports / "data" / name)
    run.write_scenarios(scenarios)
    run.write_recipes(recipes(targets, by_name))
    run.write_plan(
        Plan(
            run=name,
            targets=tuple(targets),
            cells=cells,
            scenarios=tuple(f"{s.id} {s.hash}" for s in scenarios),
            command=options.command,
            environment=environment(),
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
    """Let uv fetch what is absent; what it cannot fetch is missing with uv's reason."""
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


def environment() -> Json:
    """The host as it may be published: an allow-list, without names of users, hosts and folders."""
    return {
        "harness": __version__,
        "harness_code": fingerprints.driver(),
        "driver": f"{platform.python_implementation()} {platform.python_version()}",
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "loopback_range": addresses.has_loopback_range(),
        "ci": os.environ.get("CI", "") != "",
        "started": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }

"""A scenario as the stages pass it on: frozen values, and the choice of what holds for one target."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from .model import Json, Refusal, Target


class ScenarioError(Refusal):
    """A scenario file that cannot be used."""

    def __init__(self, file: str, where: str, problem: str) -> None:
        super().__init__(f"{file}: {where + ': ' if where else ''}{problem}")


@dataclass(frozen=True, slots=True)
class Case:
    """An expectation that holds for some targets only."""

    where: Json
    expect: Json


@dataclass(frozen=True, slots=True)
class Known:
    """A failure that is expected: exactly which, where, and whose fault."""

    where: Json
    verdict: str
    step: int
    key: str
    observed: str
    why: str


@dataclass(frozen=True, slots=True)
class Bug:
    """A report that the scenario cites: the release that has it, and the one that has it not; "" where none is fixed.

    The versions are those of ``project`` where the fault is in what the subject stands on, and the subject's own otherwise.
    ``requires`` and ``before`` (a date) are for what these releases were installed with in their day.
    """

    report: str
    subject: str
    broken: str
    fixed: str
    python: tuple[str, ...]
    requires: tuple[str, ...] = ()
    before: str = ""
    project: str = ""
    failing: tuple[str, ...] = ()
    why: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One act, what it expects, and its deadline in seconds; ``number`` counts from 1."""

    number: int
    act: str
    args: Json
    expect: Json
    within: float
    id: str = ""
    server: str = "main"
    observe: Json = field(default_factory=dict)
    save: Json = field(default_factory=dict)
    cases: tuple[Case, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario file; ``hash`` is of what it does and expects, not of its prose."""

    id: str
    title: str
    file: str
    family: str
    hash: str
    steps: tuple[Step, ...]
    why: str = ""
    paper: tuple[str, ...] = ()
    shows: str = "reproduced"
    differs: str = ""
    issues: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    grade: str = "must"
    needs: tuple[str, ...] = ()
    python: str = ""
    app: str = ""
    channel: str = "own"
    tls: bool = False
    reload: bool = False
    coverage: bool = True
    leaves: tuple[str, ...] = ()
    known: tuple[Known, ...] = ()
    bugs: tuple[Bug, ...] = ()


def holds(where: Json, target: Target) -> bool:
    """Whether a ``where`` names a target; versions are compared by their release numbers (3.15.0a2 is 3.15)."""
    python = target.interpreter.version if target.interpreter else ""
    for key, value in where.items():
        if key == "subject" and target.subject not in [name.strip() for name in value.split(",")]:
            return False
        if key == "version" and not _in_range(value, target.subject_version):
            return False
        if key == "python" and not _in_range(value, python):
            return False
        if key == "implementation" and (target.interpreter is None or target.interpreter.implementation != value):
            return False
        if key == "build" and (target.interpreter is None or target.interpreter.build != value):
            return False
    return True


def _in_range(wanted: str, version: str) -> bool:
    return bool(version) and SpecifierSet(wanted).contains(Version(version).base_version, prereleases=True)


def for_target(scenario: Scenario, target: Target) -> Scenario:
    """Choose the case of each step, and the known failures, that hold for a target.

    Raises ScenarioError unless exactly one case matches each step that has cases.
    """
    steps = []
    for step in scenario.steps:
        if step.cases:
            fitting = [case for case in step.cases if "else" not in case.where and holds(case.where, target)]
            fitting = fitting or [case for case in step.cases if "else" in case.where]
            if len(fitting) != 1:
                raise ScenarioError(
                    scenario.file, f"step {step.number} ({step.act}): case",
                    f"{len(fitting)} cases match {target.id}, and exactly one must; add or narrow a where")
            step = replace(step, expect={**step.expect, **fitting[0].expect}, cases=())
        steps.append(step)
    known = tuple(entry for entry in scenario.known if holds(entry.where, target))
    return replace(scenario, steps=tuple(steps), known=known)

"""A scenario as the stages pass it on: frozen values, and the parts of it that apply to one target."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from ..model.counting import counted
from ..model.printable import plain
from ..model.refusal import Refusal
from ..model.values import Json, Target

#: What a source makes of an expectation (RFC 2119); "record" is observed, and never judged.
LEVELS = ("must", "should", "may", "record")

BETWEEN = "\n"  # separates two mistakes
MOST_MISTAKES = 100
MAX_MISTAKE = 600  # characters of one, and of all that is said of one file
_MORE = re.compile(r"(?:(.*): )?… and (\d+) more mistakes?")


class ScenarioError(Refusal):
    """A scenario file that cannot be used."""

    def __init__(self, file: str, where: str, problem: str) -> None:
        text = plain(" ".join(f"{file}: {where + ': ' if where else ''}{problem}".split()))
        most = MAX_MISTAKE - len(": … and 999 more mistakes") - len(file) - 1  # beside it, others may have to be mentioned
        super().__init__(text if len(text) <= most else text[: most - 1] + "…")


class Mistakes:
    """The mistakes in one file or several, collected to be reported together."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[str] = []

    def add(self, where: str, problem: str) -> None:
        """Add one mistake in the file."""
        self._take(ScenarioError(self.file, where, problem))

    @contextlib.contextmanager
    def collected(self) -> Iterator[None]:
        """Turn a Refusal inside the block into a mistake, and go on."""
        try:
            yield
        except Refusal as problem:
            self._take(problem)

    def _take(self, problem: Refusal) -> None:
        self.found += [line for line in str(problem).split(BETWEEN) if line not in self.found]

    def raise_any(self) -> None:
        """Raise Refusal with all mistakes, if any; what is said of one file is truncated, and so is a long list."""
        if not self.found:
            return
        lines = _shortened(self.found)
        more = len(lines) - MOST_MISTAKES
        raise Refusal(BETWEEN.join([*lines[:MOST_MISTAKES], *([f"… and {counted(more, 'more mistake')}"] if more > 0 else [])]))


def _shortened(found: list[str]) -> list[str]:
    """The mistakes of each file, in their order, as far as MAX_MISTAKE characters go; at least its first one."""
    kept: dict[str, list[str]] = {}
    left: dict[str, int] = {}
    for line in found:
        told = _MORE.fullmatch(line)
        file = (told[1] or "") if told else line.partition(": ")[0]
        lines = kept.setdefault(file, [])
        room = MAX_MISTAKE - len(file) - len(": … and 999 more mistakes") - sum(len(one) + 1 for one in lines)
        if told:
            left[file] = left.get(file, 0) + int(told[2])
        elif not lines or (len(line) <= room and file not in left):
            lines.append(line)
        else:
            left[file] = left.get(file, 0) + 1
    return [
        *(line for lines in kept.values() for line in lines),
        *(
            f"{file}: … and {counted(count, 'more mistake')}" if file else f"… and {counted(count, 'more mistake')}"
            for file, count in left.items()
        ),
    ]


class Undecidable(Refusal):
    """A ``where`` compares a version that is not a valid version: the result is unknown and is not guessed."""


@dataclass(frozen=True, slots=True)
class Case:
    """An expectation that applies to some targets only."""

    where: Json
    expect: Json


@dataclass(frozen=True, slots=True)
class Known:
    """An expected failure: exactly which, where, and whose fault; ``sometimes``: not in each run."""

    where: Json
    verdict: str
    step: int
    key: str
    observed: str
    why: str
    sometimes: bool = False


@dataclass(frozen=True, slots=True)
class Bug:
    """An issue that the scenario cites: the release with the bug, and the release with the fix ("" if none).

    The versions are those of ``project`` if the fault is in a dependency of the subject, else the subject's own.
    ``requires`` and ``before`` (a date) select the dependencies that these releases had in their day.
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
    """One act, what it expects, and its deadline in seconds; ``number`` starts at 1.

    With ``traceback``, a traceback in the log is part of what the step tries; otherwise it is a failure. Of the expectations in
    ``either``, one must hold whole. ``level`` is what the step's source makes of it; "": the scenario's grade.
    """

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
    traceback: bool = False
    level: str = ""
    either: tuple[Json, ...] = ()

    @property
    def failing_keys(self) -> tuple[str, ...]:
        """The keys at which it can fail: what it expects and saves, and its verb (late, or not possible)."""
        cases = (key for case in self.cases for key in case.expect)
        either = ("either",) if self.either else ()
        return tuple(dict.fromkeys([*self.expect, *cases, *either, *(f"save {name}" for name in self.save), self.act]))


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario file, or one check of a file; ``hash`` covers what it does and expects, not its prose.

    ``table`` is the id of the file that a check stands in; "": it is no check.
    """

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
    launch: str = "own"
    tls: bool = False
    reload: bool = False
    coverage: bool = True
    leaves: tuple[str, ...] = ()
    known: tuple[Known, ...] = ()
    bugs: tuple[Bug, ...] = ()
    table: str = ""


def holds(where: Json, target: Target) -> bool:
    """Whether a ``where`` matches a target; versions are compared by release number (3.15.0a2 is 3.15).

    Raises Undecidable if it compares the version of a server that has no valid version.
    """
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
    try:
        return bool(version) and SpecifierSet(wanted).contains(Version(version).base_version, prereleases=True)
    except InvalidVersion:
        raise Undecidable(f"{version!r} is not a PEP 440 version, so it cannot be compared with {wanted}") from None


def for_target(scenario: Scenario, target: Target) -> Scenario:
    """Choose the case of each step, and the known failures, that apply to a target.

    Raises ScenarioError unless exactly one case matches each step that has cases.
    """
    steps = []
    for step in scenario.steps:
        if step.cases:
            fitting = [case for case in step.cases if "else" not in case.where and holds(case.where, target)]
            fitting = fitting or [case for case in step.cases if "else" in case.where]
            if len(fitting) != 1:
                raise ScenarioError(
                    scenario.file,
                    f"step {step.number} ({step.act}): case",
                    f"{len(fitting)} cases match {target.id}, but exactly one must; add or narrow a where",
                )
            step = replace(step, expect={**step.expect, **fitting[0].expect}, cases=())
        steps.append(step)
    known = tuple(entry for entry in scenario.known if holds(entry.where, target))
    return replace(scenario, steps=tuple(steps), known=known)

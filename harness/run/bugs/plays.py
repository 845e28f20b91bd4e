"""Turn ``[[bug]]`` tables into plays: a citation on one Python, with the editions that should be red and green."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ...language.scenario import Bug, Scenario, ScenarioError
from ...language.verbs import INTERPRETER_ID
from ...model.counting import counted
from ...model.ids import CellId, TargetId
from ...model.refusal import Refusal
from ...model.suggestions import meant, nearest, perhaps, unknown
from ...targets.editions import pinned
from ...targets.load_subjects import BUNDLED, Catalog
from ...targets.subject import Subject


@dataclass(frozen=True, slots=True)
class Play:
    """One citation on one Python; ``fixed`` is None if no release has the fix."""

    scenario: Scenario
    bug: Bug
    python: str
    broken: Subject
    fixed: Subject | None

    @property
    def editions(self) -> tuple[Subject, ...]:
        """The releases to install: the one with the bug, and the one with the fix."""
        return (self.broken, self.fixed) if self.fixed else (self.broken,)

    @property
    def cells(self) -> tuple[str, ...]:
        """The ids of its cells, in the order of its editions."""
        return tuple(CellId.of(self.scenario.id, TargetId.of(edition.column, self.python)) for edition in self.editions)


def collect(scenarios: Iterable[Scenario], catalog: Catalog = BUNDLED) -> tuple[Play, ...]:
    """The plays of all scenarios; raises Refusal for a subject without releases.

    Columns are named across all plays, so that an edition has the same name whichever plays are selected.
    """
    named: dict[str, Subject] = {}
    found = []
    for scenario in scenarios:
        for number, bug in enumerate(scenario.bugs, 1):
            subject = catalog.load(bug.subject)
            if not subject.requirements:
                raise ScenarioError(scenario.file, f"bug {number}: subject", f"{subject.name} is not installed from releases")
            broken = _named(pinned(subject, bug.broken, bug.project, bug.requires, bug.before), named)
            fixed = _named(pinned(subject, bug.fixed, bug.project, bug.requires, bug.before), named) if bug.fixed else None
            found += [Play(scenario, bug, python, broken, fixed) for python in bug.python]
    return tuple(found)


def _named(edition: Subject, named: dict[str, Subject]) -> Subject:
    """The edition with a unique column: the same release with other pins gets a number."""
    number, column = 1, edition
    while named.setdefault(column.column, column) != column:
        number += 1
        column = replace(edition, edition=f"{edition.edition}_{number}")
    return column


def narrow(
    plays: Iterable[Play],
    text: str = "",
    scenarios: Iterable[str] = (),
    subjects: Iterable[str] = (),
    pythons: Iterable[str] = (),
    catalog: Catalog = BUNDLED,
) -> tuple[Play, ...]:
    """Keep the selected plays; raises Refusal for an unknown name."""
    plays, scenarios, subjects, pythons = tuple(plays), tuple(scenarios), tuple(subjects), tuple(pythons)
    citing = {play.scenario.id for play in plays}
    for name in scenarios:
        if name not in citing:
            raise Refusal(f"--scenario {name}: no scenario with a [[bug]] has that id.{meant(name, citing)}")
    for name in subjects:
        if name not in (there := catalog.names()):
            raise Refusal(f"--subject {name}: {unknown('subject', name, there)}")
    for name in pythons:
        if not INTERPRETER_ID.fullmatch(name):
            cited = ", ".join(dict.fromkeys(play.python for play in plays))
            raise Refusal(f"--python {name}: must be an id such as 3.8. Citations are replayed on: {cited}.")
    kept = tuple(
        play
        for play in plays
        if (not scenarios or play.scenario.id in scenarios)
        and (not subjects or play.bug.subject in subjects)
        and (not pythons or play.python in pythons)
        and text.lower() in _words(play)
    )
    if plays and not kept:
        raise _nothing(plays, text, scenarios, subjects, pythons)
    return kept


def _nothing(
    plays: tuple[Play, ...],
    text: str,
    scenarios: tuple[str, ...],
    subjects: tuple[str, ...],
    pythons: tuple[str, ...],
) -> Refusal:
    """The refusal for options that select no citation: each unknown word, with the nearest known one."""
    asked = {"-k": (text,) if text else (), "--scenario": scenarios, "--subject": subjects, "--python": pythons}
    known = {
        "--scenario": {play.scenario.id for play in plays},
        "--subject": {play.bug.subject for play in plays},
        "--python": {play.python for play in plays},
    }
    given = " ".join(f"{option} {shlex.quote(name)}" for option, names in asked.items() for name in names)
    hints = [perhaps(name, there) for option, there in known.items() for name in asked[option] if name not in there]
    if text and not any(text.lower() in _words(play) for play in plays):
        words = {word for play in plays for word in (play.scenario.id, play.bug.report, *(one.column for one in play.editions))}
        near = nearest(text, words | {part for word in words for part in re.split(r"[.+/#]", word)})
        hints += [f"Did you mean {' or '.join(near)}?"] if near else []
    return Refusal(f"{given}: selects none of {counted(len(plays), 'citation')}. {' '.join(hints)}".rstrip())


def _words(play: Play) -> str:
    """The text that -k searches."""
    return " ".join((play.scenario.id, play.bug.report, *(edition.column for edition in play.editions))).lower()

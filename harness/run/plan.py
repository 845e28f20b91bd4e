"""Turn scenarios and targets into cells: done once, by the controller, before anything runs."""

from __future__ import annotations

from collections.abc import Iterable

from ..language.scenario import Scenario, Undecidable, holds
from ..model.ids import CellId
from ..model.refusal import Refusal
from ..model.values import Cell, Target
from ..targets.resolution import resolve
from ..targets.subject import Subject


def plan(scenarios: Iterable[Scenario], targets: Iterable[Target], subjects: dict[str, Subject]) -> tuple[Cell, ...]:
    """Return a cell for each scenario and target; raises ScenarioError if a scenario's cases do not match a target."""
    targets = tuple(targets)
    return tuple(_cell(scenario, target, subjects[target.subject]) for scenario in scenarios for target in targets)


def _cell(scenario: Scenario, target: Target, subject: Subject) -> Cell:
    name = CellId.of(scenario.id, target.id)
    if not target.ready and target.status != "missing":  # nothing else is known about a target that cannot be launched
        return Cell(name, scenario.id, target.id, target.status, target.reason)
    try:
        return _asked(name, scenario, target, subject.on(target))
    except Undecidable as problem:
        return Cell(name, scenario.id, target.id, "broken", f"the version of {target.id} is unknown: {problem}")


def _asked(name: str, scenario: Scenario, target: Target, subject: Subject) -> Cell:
    """The cell of a target that could be launched: unsupported if the subject lacks something the scenario needs."""
    lacks = [need for need in scenario.needs if need not in subject.capabilities]
    if lacks:
        return Cell(name, scenario.id, target.id, "unsupported", f"{subject.name} does not declare: {', '.join(lacks)}")
    if scenario.app and scenario.app not in subject.apps:
        return Cell(name, scenario.id, target.id, "unsupported", f"{subject.name} has no app {scenario.app!r}")
    if scenario.tls and not subject.tls_args:
        return Cell(name, scenario.id, target.id, "unsupported", f"{subject.name} has no tls_args in its subject.toml")
    if scenario.reload and not subject.reload_args:
        return Cell(name, scenario.id, target.id, "unsupported", f"{subject.name} has no reload_args in its subject.toml")
    if not target.ready:
        return Cell(name, scenario.id, target.id, "missing", target.reason)
    if scenario.python and not holds({"python": scenario.python}, target):
        return Cell(name, scenario.id, target.id, "unsupported", f"requires Python {scenario.python}")
    resolve(scenario, target, subject)
    return Cell(name, scenario.id, target.id)


def shard_of(text: str) -> tuple[int, int]:
    """ "K/N" as numbers, (1, 1) for ""; raises Refusal for anything else."""
    if not text:
        return 1, 1
    number, slash, count = text.partition("/")
    if not (slash and number.isdecimal() and count.isdecimal() and len(count) < 6 and 1 <= int(number) <= int(count)):
        raise Refusal(f"--shard {text[:80]}: must be K/N, the K-th of N parts, as in 1/3")
    return int(number), int(count)


def part(cells: tuple[Cell, ...], shard: str) -> tuple[Cell, ...]:
    """The cells of shard "K/N": every N-th one, so that each shard has some of each family; raises Refusal as shard does."""
    number, count = shard_of(shard)
    return cells[number - 1 :: count]

"""Turn scenarios and targets into cells: done once, by the controller, before anything runs."""

from __future__ import annotations

import functools
import re
import socket
from collections.abc import Iterable, Mapping

from ..language.scenario import Scenario, Undecidable, holds
from ..machine import addresses
from ..machine.first_process import no_first_process
from ..model.ids import CellId, TargetId
from ..model.refusal import Refusal
from ..model.values import Cell, Interpreter, Target
from ..targets.provision import supports
from ..targets.resolution import resolve
from ..targets.subject import ARGS_OF, Subject
from .durations import Durations
from .sharding import Group, Weight, share_of

_RELEASE = re.compile(r"\d+\.\d+")  # in the id of an interpreter


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
    if scenario.channel in ARGS_OF and not subject.on_channel(scenario.channel):
        lacking = ARGS_OF[scenario.channel]
        return Cell(name, scenario.id, target.id, "unsupported", f"{subject.name} has no {lacking} in its subject.toml")
    if not target.ready:
        return Cell(name, scenario.id, target.id, "missing", target.reason)
    if impossible := machine_lacks(scenario.channel):
        return Cell(name, scenario.id, target.id, "unsupported", impossible)
    if any(step.args.get("first_process") for step in scenario.steps) and (impossible := no_first_process()):
        return Cell(name, scenario.id, target.id, "unsupported", impossible)
    if scenario.python and not holds({"python": scenario.python}, target):
        return Cell(name, scenario.id, target.id, "unsupported", f"requires Python {scenario.python}")
    resolve(scenario, target, subject)
    return Cell(name, scenario.id, target.id)


@functools.cache
def machine_lacks(channel: str) -> str:
    """Why this machine cannot have a kind of channel; "" if it can."""
    if channel == "ipv6":
        return addresses.no_ipv6()
    if channel in ("unix", "handed-over", "handed-over-unix") and not hasattr(socket, "AF_UNIX"):
        return f"this system has no Unix sockets and hands none over: channel = {channel!r}"
    return ""


def shard_of(text: str) -> tuple[int, int]:
    """ "K/N" as numbers, (1, 1) for ""; raises Refusal for anything else."""
    if not text:
        return 1, 1
    number, slash, count = text.partition("/")
    if not (slash and number.isdecimal() and count.isdecimal() and len(count) < 6 and 1 <= int(number) <= int(count)):
        raise Refusal(f"--shard {text[:80]}: must be K/N, the K-th of N parts, as in 1/3")
    return int(number), int(count)


def part(cells: tuple[Cell, ...], shard: str, weight: Weight, group: Group | None = None) -> tuple[Cell, ...]:
    """The cells of shard "K/N", with about the same ``weight`` in each; all of them for "". Raises Refusal as shard_of does.

    See ``shares`` for ``group``.
    """
    number, count = shard_of(shard)
    return share_of(cells, weight, number, count, group) if count > 1 else cells


def weight_in_shards(
    scenarios: Iterable[Scenario], subjects: dict[str, Subject], measured: Mapping[str, float] | None = None
) -> Weight:
    """How many seconds each cell is expected to take, for a split on which all machines agree.

    Known are the seconds that all of them were given (``measured``, as weights_from reads them), the scenarios and the
    subjects. What a server lacks for a scenario, or a Python that it is not made for, is known too: such a cell takes no time.
    """
    durations = Durations(measured or {})
    by_id = {scenario.id: scenario for scenario in scenarios}

    @functools.cache
    def tried(scenario: str, target: TargetId) -> bool:
        subject = subjects[target.subject]
        version = _RELEASE.search(target.interpreter)
        python = Interpreter(target.interpreter, "", version[0] if version else "", "", "")
        if version and not supports(subject, python):
            return False
        unseen = Target(target, subject.name, python.id, interpreter=python, reason="it is not looked for")
        return _cell(by_id[scenario], unseen, subject).status != "unsupported"

    def weight(cell: Cell) -> float:
        return durations.expected(cell.id, by_id[cell.scenario]) if tried(cell.scenario, TargetId(cell.target)) else 0.0

    return weight

"""The systems that runs were made on: where shards of several are merged, the system is part of an interpreter's id.

"3.13-windows" and "3.13-linux" are two columns, and an explanation can say "windows only".
"""

from __future__ import annotations

from dataclasses import replace

from ..language.expected_failures import ExpectedFailure
from ..language.verbs import SYSTEMS
from ..model.ids import CellId, TargetId
from ..model.values import Cell, Plan, Target

#: What Python's platform.system() says, and what ids say.
NAMES = {"Linux": "linux", "Darwin": "macos", "Windows": "windows"}


def named(system: str) -> str:
    """A system as ids have it; one that has no name here is its own in small letters."""
    return NAMES.get(system, system.lower() or "unknown")


def of(plan: Plan) -> str:
    """The system that a run was made on."""
    return named(str(plan.environment.get("system", "")))


def target_on(target: str, system: str) -> TargetId:
    """A target's id with the system in it."""
    found = TargetId(target)
    return TargetId.of(found.column, f"{found.interpreter}-{system}")


def cell_on(cell: str, system: str) -> CellId:
    """A cell's id with the system in it."""
    scenario, target = CellId(cell).parts
    return CellId.of(scenario, target_on(target, system))


def plan_on(plan: Plan, system: str) -> Plan:
    """A plan whose ids have the system in them."""
    return replace(
        plan,
        targets=tuple(_target(target, system) for target in plan.targets),
        cells=tuple(_cell(cell, system) for cell in plan.cells),
    )


def _target(target: Target, system: str) -> Target:
    interpreter = replace(target.interpreter, system=system) if target.interpreter else None
    return replace(
        target,
        id=target_on(target.id, system),
        interpreter_id=f"{target.interpreter_id}-{system}",
        interpreter=interpreter,
    )


def _cell(cell: Cell, system: str) -> Cell:
    return replace(cell, id=cell_on(cell.id, system), target=target_on(cell.target, system))


def expected_on(entries: tuple[ExpectedFailure, ...], system: str) -> tuple[ExpectedFailure, ...]:
    """The expected failures that are about this system; a target such as "mine@3.13-windows" is about that system alone."""
    found = []
    for entry in entries:
        targets = tuple(here for target in entry.targets if (here := _here(target, system)))
        if targets:
            found.append(replace(entry, targets=targets))
    return tuple(found)


def _here(target: str, system: str) -> str:
    """A target's id on this system; "" where it is about another one."""
    base, dash, named_system = target.rpartition("-")
    if not dash or named_system not in SYSTEMS:
        return target
    return base if named_system == system else ""

"""In which order, and together with which others, the cells of a run are run. Pure: tables in, tables out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..language.scenario import Scenario
from ..model.values import Cell, Target
from ..targets.subject import Subject

MOST_ON_A_LAUNCH = 25  # cells; one that spoils the launch costs the others a second one
LAUNCH_SECONDS = 0.5  # of a launch that is shared, besides its cells

Expected = Callable[[Cell], float]


@dataclass(frozen=True, slots=True)
class Task:
    """What one worker does at a time: a cell, or several on a shared launch; ``name`` is that of the launch.

    ``exclusive`` names what only one task at a time can have.
    """

    cells: tuple[str, ...]
    seconds: float
    name: str = ""
    exclusive: str = ""
    kind: str = ""


@dataclass(slots=True)
class Queue:
    """The tasks that nobody has taken yet, the longest first."""

    tasks: list[Task]
    running: Counter[str] = field(default_factory=Counter)

    def take(self, most_alike: int) -> Task | None:
        """The next task: no two that exclude each other, and not many of one kind at once while there are others.

        Cells of one scenario need the same thing at the same time: forty of those that fill a server with connections
        would fill the machine.
        """
        free = [task for task in self.tasks if not (task.exclusive and self.running[task.exclusive])]
        if not free:
            return None
        chosen = next((task for task in free if self.running[task.kind] < most_alike), free[0])
        self.tasks.remove(chosen)
        for key in filter(None, (chosen.kind, chosen.exclusive)):
            self.running[key] += 1
        return chosen

    def done(self, task: Task) -> None:
        """A task has ended."""
        for key in filter(None, (task.kind, task.exclusive)):
            self.running[key] -= 1


def tasks(
    cells: Iterable[Cell], scenarios: Mapping[str, Scenario], key: Callable[[Cell], str], expected: Expected
) -> list[Task]:
    """All tasks, the longest first; those that exclude each other before all others, since they take turns.

    ``key`` tells which cells can share a launch: those with the same one, unless it is "".
    """
    found = []
    together: dict[str, list[Cell]] = {}
    for cell in cells:
        launch = key(cell)
        if launch:
            together.setdefault(launch, []).append(cell)
        else:
            found.append(_alone(cell, scenarios[cell.scenario], expected(cell)))
    for launch, members in together.items():
        for number, part in enumerate(_parts(members), 1):
            if len(part) == 1:
                found.append(_alone(part[0], scenarios[part[0].scenario], expected(part[0])))
            else:
                seconds = LAUNCH_SECONDS + sum(map(expected, part))
                found.append(Task(tuple(cell.id for cell in part), seconds, f"{launch}-{number}"))
    turns: dict[str, float] = {}
    for task in found:
        if task.exclusive:
            turns[task.exclusive] = turns.get(task.exclusive, 0.0) + task.seconds
    return sorted(found, key=lambda task: (-turns.get(task.exclusive, task.seconds), -task.seconds, task.cells))


def _alone(cell: Cell, scenario: Scenario, seconds: float) -> Task:
    exclusive = "127.0.0.1:8080" if scenario.channel == "default" else ""
    return Task((cell.id,), seconds, "", exclusive, f"scenario {cell.scenario}")


def _parts(members: Sequence[Cell]) -> list[list[Cell]]:
    """Equal parts of at most MOST_ON_A_LAUNCH cells: the same in every run of the same cells.

    Neighbours go to different parts. If a server answers none of the checks of a table, each of them waits for its full time;
    on one launch they would do so one after the other, while other workers have nothing to do.
    """
    ordered = sorted(members, key=lambda cell: cell.id)
    count = -(-len(ordered) // MOST_ON_A_LAUNCH)
    return [ordered[number::count] for number in range(count)]


def launch_key(scenario: Scenario, target: Target, subject: Subject, measure: bool) -> str:
    """Which launch a cell can share: its target's, with the same application and the same options; "" for none.

    A server whose workers are forked is not shared while it is measured: only the process that was launched is told of which
    cell the next lines are.
    """
    measured = bool(measure and scenario.coverage and subject.coverage and target.coverage)
    if scenario.launch != "shared" or (measured and "fork-workers" in subject.capabilities):
        return ""
    words = [target.id, scenario.app or "none", *(["tls"] if scenario.tls else []), *([] if measured else ["unmeasured"])]
    return "+".join(words)

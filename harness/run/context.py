"""What all cells of a run need, read once and shared by the processes that run them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ..language.expected_failures import ExpectedFailure
from ..language.scenario import Scenario
from ..model.values import Cell, Plan, Target
from ..targets.subject import Subject
from .run_folder import Run
from .start_trial import refuses


@dataclass
class Context:
    """A run, what it plans, and a folder for the servers' working folders; ``worker`` names the process that runs cells."""

    run: Run
    plan: Plan
    scenarios: dict[str, Scenario]
    subjects: dict[str, Subject]
    expected: tuple[ExpectedFailure, ...]
    scratch: Path
    worker: str = "main"
    targets: dict[str, Target] = field(init=False)
    cells: dict[str, Cell] = field(init=False)
    _tried: dict[str, tuple[str, str]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.targets = {target.id: target for target in self.plan.targets}
        self.cells = {cell.id: cell for cell in self.plan.cells}

    @classmethod
    def of(cls, run: Run, scenarios: Iterable[Scenario], subjects: Iterable[Subject], scratch: Path) -> Context:
        """The context of a run whose plan is written."""
        return cls(
            run,
            run.read_plan(),
            {scenario.id: scenario for scenario in scenarios},
            {subject.name: subject for subject in subjects},
            run.read_expected(),
            scratch,
        )

    def refusal(self, target: Target) -> tuple[str, str]:
        """The status of all cells of a target that does not start, and why; ("", "") for one that does. Tried once."""
        if target.id not in self._tried:
            subject = self.subjects[target.subject].on(target)
            self._tried[target.id] = refuses(target, subject, self.run, self.scratch)
        return self._tried[target.id]

"""A stored run as the report sees it: read once, and handed to all pages and formats."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..coverage import combine
from ..model.ids import CellId
from ..model.values import CellResult, History, Json, Plan, Target
from ..run.run_folder import Run
from .beside import Beside, beside
from .conformance import Checks
from .past import Past
from .publishable import Redactor


@dataclass(frozen=True)
class RunView:
    """A run's plan, scenarios and results, its coverage, and the earlier run that it is compared with.

    ``reports`` is the report's folder; ``redactor`` keeps names of this machine out of it.
    """

    run: Run
    plan: Plan
    scenarios: list[Json]
    results: dict[str, CellResult]
    measured: list[combine.Measured]
    reports: Path
    redactor: Redactor
    baseline: Run | None = None
    strict_should: bool = False

    @classmethod
    def load(
        cls,
        run: Run,
        reports: Path,
        measured: list[combine.Measured],
        root: Path,
        baseline: Run | None = None,
        strict_should: bool = False,
    ) -> RunView:
        """Read a run; raises Refusal if it is damaged."""
        plan = run.read_plan()
        results = run.results(plan)
        shown = {CellId(cell).scenario for cell in results}
        scenarios = [scenario for scenario in run.read_scenarios() if scenario["id"] in shown]
        return cls(run, plan, scenarios, results, measured, reports, Redactor(root), baseline, strict_should)

    @cached_property
    def unselected(self) -> list[Json]:
        """The scenarios that this run could have asked, and has no cell of."""
        shown = {scenario["id"] for scenario in self.scenarios}
        return [scenario for scenario in self.run.read_scenarios() if scenario["id"] not in shown]

    @cached_property
    def targets(self) -> tuple[Target, ...]:
        """The targets that have cells in this run."""
        shown = {CellId(cell).target for cell in self.results}
        return tuple(target for target in self.plan.targets if target.id in shown)

    @cached_property
    def checks(self) -> Checks:
        """The checks of this run, and what servers made of them."""
        return Checks.of(self.scenarios, self.targets, self.results)

    @cached_property
    def compared(self) -> Beside | None:
        """What changed; None without an earlier run."""
        return beside(self.baseline, self.run, self.results) if self.baseline else None

    @cached_property
    def past(self) -> Past:
        """The older runs next to this one."""
        return Past(self.run, self.results)

    @cached_property
    def _recorded(self) -> set[str]:
        return self.run.cells_with_history()

    @cached_property
    def _histories(self) -> dict[str, History | None]:
        return {}

    def history(self, cell: str) -> History | None:
        """What a cell saw; None if it recorded nothing. Cached, since several pages need it."""
        if cell not in self._histories:
            self._histories[cell] = self.run.read_history(cell) if cell in self._recorded else None
        return self._histories[cell]

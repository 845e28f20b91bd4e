"""Everything a cell has to do, in one value."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..language.scenario import Scenario
from ..model.values import Target
from ..targets.subject import Subject


@dataclass(frozen=True, slots=True)
class CellJob:
    """A scenario and a subject, both resolved for the target, and where the cell stores its records.

    ``folder`` is for logs and coverage data, ``scratch`` for the servers' working folders; ``run`` is the run's name, which
    identifies anything left behind.
    """

    cell: str
    scenario: Scenario
    target: Target
    subject: Subject
    run: str
    folder: Path
    scratch: Path
    measure: bool

"""What a cell is to do, in one value."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..language.scenario import Scenario
from ..model.values import Target
from ..targets.subject import Subject


@dataclass(frozen=True, slots=True)
class CellJob:
    """A scenario and a subject, both as they are on the target, and where the cell keeps what it records.

    ``folder`` gets logs and coverage data, ``scratch`` the servers' working folders; ``run`` is the run's name, by which what
    it left behind is found again.
    """

    cell: str
    scenario: Scenario
    target: Target
    subject: Subject
    run: str
    folder: Path
    scratch: Path
    measure: bool

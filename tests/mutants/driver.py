"""The harness, broken on purpose: each mutant with the tests that must notice it. They are tried in copies of the repository."""

from __future__ import annotations

from dataclasses import dataclass

from .driver_judging import JUDGING
from .driver_running import RUNNING


@dataclass(frozen=True)
class DriverMutant:
    """A change of the harness's source, what kind of fault it is, and the test files that must turn red."""

    kind: str
    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    @property
    def path(self) -> str:
        """The file, below the repository."""
        return f"harness/{self.file}"


DRIVER_MUTANTS: tuple[DriverMutant, ...] = tuple(DriverMutant(*row) for row in (*JUDGING, *RUNNING))

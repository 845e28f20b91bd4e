"""The frozen values that pass between the rooms. Nothing here does I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from .ids import TargetId
from .outcomes import word_of

FORMAT = 1

Json = dict[str, Any]

Coverage = Literal["data", "lost", "off", "broken"]


@dataclass(frozen=True, slots=True)
class Interpreter:
    """One Python of this machine; ``id`` is its column name ("3.13", "3.13t", "pypy3.11").

    ``system`` is set where runs of several systems are merged.
    """

    id: str
    implementation: str
    version: str
    build: str
    path: str
    place: str = ""
    system: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """Subject and interpreter, ready to launch if ``reason`` is empty.

    Else ``status`` is that of its cells: "missing" (no such interpreter here), "unsupported" (does not support this Python)
    or "broken" (could not be installed); ``detail`` has the installer's last lines.
    ``code`` is a hash of all code that runs in it.
    """

    id: str
    subject: str
    interpreter_id: str
    subject_version: str = ""
    interpreter: Interpreter | None = None
    python: str = ""
    site: str = ""
    coverage: str = ""
    reason: str = ""
    status: str = "missing"
    detail: str = ""
    cached: bool = False
    oracle: str = ""
    source: str = ""
    code: str = ""

    @property
    def column(self) -> str:
        """The subject's column: its name, and the edition if it is not the locked release."""
        return TargetId(self.id).column

    @property
    def ready(self) -> bool:
        """Whether cells can run on it."""
        return not self.reason


@dataclass(frozen=True, slots=True)
class Cell:
    """Scenario and target; ``status`` is "planned", or says why it will not run."""

    id: str
    scenario: str
    target: str
    status: str = "planned"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """What one step observed; ``at`` and ``seconds`` are on the cell's own monotonic clock."""

    step: int
    act: str
    at: float
    seconds: float
    server: str = "main"
    seen: Json = field(default_factory=dict)
    wire: tuple[Json, ...] = ()
    timeout: bool = False
    unable: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """Everything a cell observed, in order, before it is judged; ``steps`` are the steps it had to do.

    ``ledger`` has samples of its servers' resources, on the same clock. ``shared`` is of a cell on a shared launch: the
    launch, the cells ``after`` which it asked, and, if it was played again alone, the outcome that it had then.
    """

    cell: str
    scenario_hash: str
    host: str
    port: int
    observations: tuple[Observation, ...]
    cleanup: Json
    logs: dict[str, str]
    coverage: Coverage
    coverage_note: str
    seconds: float
    error: str = ""
    values: dict[str, str] = field(default_factory=dict)
    steps: tuple[Json, ...] = ()
    ledger: tuple[Json, ...] = ()
    shared: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure:
    """One expectation that did not hold; ``step`` starts at 1; 0 is the cleanup.

    ``items`` are those in which two lists differ. ``note`` adds details from the observation for a person; [[known]] entries
    are not compared with it.
    """

    step: int
    key: str
    expected: str
    observed: str
    kind: str = "fail"
    items: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of a cell in one respect."""

    outcome: str
    reason: str = ""
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class CellResult:
    """A cell's line in the run: its status, and its two verdicts if it ran; ``answer`` is that of a check, in few words."""

    cell: str
    status: str
    reason: str = ""
    behaviour: Verdict | None = None
    cleanup: Verdict | None = None
    seconds: float = 0.0
    coverage: str = "off"
    worker: str = ""
    grade: str = "must"
    answer: str = ""

    @property
    def word(self) -> str:
        """The word shown in the matrix: the worse verdict of a cell that ran, else its status."""
        return word_of(self.status, self.behaviour and self.behaviour.outcome, self.cleanup and self.cleanup.outcome)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run will do; written before anything runs.

    ``shard`` is "K/N" if other machines run the rest; ``subjects`` are the ``--subject`` values, given or implied;
    ``asked`` has the options that selected its cells: "subjects", "pythons", "cells", "scenarios", "keyword",
    "quick" (what it left out, in a sentence), "weights" (a hash of the file).
    """

    run: str
    targets: tuple[Target, ...]
    cells: tuple[Cell, ...]
    scenarios: tuple[str, ...]
    command: tuple[str, ...]
    environment: Json
    coverage: bool = True
    shard: str = ""
    subjects: tuple[str, ...] = ()
    asked: Json = field(default_factory=dict)
    format: int = FORMAT

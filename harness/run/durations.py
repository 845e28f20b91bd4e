"""How many seconds each cell is expected to take: as measured on this machine, else as estimated from its steps.

They are kept in the cache, for showing the time that is left and for starting long cells first. Nothing depends on them: a
file that is damaged is written anew, and one that cannot be written is not.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Annotated

import msgspec
from filelock import FileLock

from ..language.scenario import Scenario, Step
from ..language.verbs import seconds
from ..machine.atomic_files import write_bytes
from ..model.ids import CellId, TargetId
from ..model.values import FORMAT, CellResult

FILE = "durations.json"
MOST = 200_000  # cells that are kept: those measured most recently
LOCK_SECONDS = 10.0  # to wait for another run that ends at the same time

#: What a cell takes besides its steps: an address of its own, the cleanup, its files.
AROUND = 0.4
#: The same for a cell on a shared launch, which has no address, start and cleanup of its own.
AROUND_SHARED = 0.05
#: The usual seconds of a verb, as measured in 400 cells on two cores. What a test waits for is the exception, so a request
#: counts as little; a cell that takes longer is known to after its first run.
VERB_SECONDS = {
    "start": 0.4,
    "request": 0.02,
    "raw": 0.01,
    "signal": 0.01,
    "kill": 0.02,
    "stop": 0.15,
    "hold": 0.15,
    "release": 0.01,
    "disconnect": 0.01,
    "wait": 0.1,
    "volley": 0.3,
    "file": 0.01,
    "touch": 1.8,
    "sample": 0.1,
    "growth": 0.01,
    "sweep": 0.4,  # for each of its points, which is a launch
    "sockets": 0.1,
    "processes": 0.02,
}
#: Arguments of ``wait`` for which one waits longer.
WAIT_SECONDS = {"exit": 1.0, "idle": 0.4, "response": 0.3, "ready": 0.2}
BACKLOG_SECONDS = 1.4  # to fill a port's backlog


def estimate(scenario: Scenario) -> float:
    """The seconds of a cell that never ran: what its steps usually take."""
    if scenario.launch == "shared":
        return AROUND_SHARED + sum(_usual(step) for step in scenario.steps if step.act != "start")
    return AROUND + sum(map(_usual, scenario.steps))


def _usual(step: Step) -> float:
    """What a step usually takes."""
    found = VERB_SECONDS.get(step.act, 0.1)
    if step.act == "wait":
        return max([found, *(WAIT_SECONDS[key] for key in step.args if key in WAIT_SECONDS)])
    if step.act == "hold" and step.args.get("how") == "backlog-full":
        return BACKLOG_SECONDS
    if step.act == "volley" and "lasts" in step.args and not step.args.get("background"):
        return seconds(step.args["lasts"])
    if step.act == "sweep":
        return found * int(step.args.get("points", 1))
    return found


class _Stored(msgspec.Struct):
    """The file: the seconds of each cell, those measured least recently first."""

    format: int
    seconds: dict[str, Annotated[float, msgspec.Meta(gt=0)]]


class Durations:
    """The seconds of each cell, those measured least recently first; a value that does not change."""

    __slots__ = ("_changed", "_of_scenario", "_seconds", "_usual")

    def __init__(self, seconds: Mapping[str, float], changed: Mapping[str, float] | None = None) -> None:
        self._seconds = seconds
        self._changed = changed or {}  # what is not in the file yet
        self._of_scenario: dict[str, dict[str, list[float]]] | None = None
        self._usual: dict[tuple[str, str], float | None] = {}

    @classmethod
    def read(cls, cache: Path) -> Durations:
        """The durations in a cache; none if the file is missing, damaged, or of another version."""
        return cls(_read(cache / FILE))

    def expected(self, cell_id: str, scenario: Scenario) -> float:
        """The seconds that a cell is expected to take.

        They are its own; else the median of its scenario on the same server, or on any server; else an estimate.
        """
        own = self._seconds.get(cell_id)
        if own is not None:
            return own
        subject = CellId(cell_id).target.subject
        for server in (subject, ""):
            usual = self._median(scenario.id, server)
            if usual is not None:
                return usual
        return estimate(scenario)

    def updated(self, results: Mapping[str, float]) -> Durations:
        """These durations after a run with these seconds: the mean of old and new, so that one slow run counts half.

        Seconds that are not above 0 are those of a cell that did not run.
        """
        measured = {cell: new for cell, new in results.items() if 0 < new < math.inf}
        new = {cell: (self._seconds.get(cell, seconds) + seconds) / 2 for cell, seconds in measured.items()}
        return Durations(_latest(self._seconds, new), _latest(self._changed, new))

    def write(self, cache: Path) -> None:
        """Write what was measured since it was read; what another run wrote in the meantime stays, unless it is older.

        A cache that cannot be written is left as it is: the next run estimates.
        """
        file = cache / FILE
        with contextlib.suppress(OSError):
            cache.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{file}.lock", timeout=LOCK_SECONDS):
                kept = _latest(_read(file), self._changed)
                rounded = {cell: max(0.001, round(seconds, 3)) for cell, seconds in kept.items()}
                write_bytes(file, msgspec.json.encode(_Stored(FORMAT, rounded)))

    def _median(self, scenario: str, subject: str) -> float | None:
        """The median of a scenario's cells on a server, or on all for ""; None if there are none."""
        key = (scenario, subject)
        if key not in self._usual:
            if self._of_scenario is None:
                self._of_scenario = _by_scenario(self._seconds)
            cells = self._of_scenario.get(scenario, {}).get(subject)
            self._usual[key] = median(cells) if cells else None
        return self._usual[key]


def _read(file: Path) -> dict[str, float]:
    try:
        stored = msgspec.json.decode(file.read_bytes(), type=_Stored)
    except (OSError, msgspec.DecodeError, RecursionError):
        return {}
    return stored.seconds if stored.format == FORMAT else {}


def _latest(old: Mapping[str, float], new: Mapping[str, float]) -> dict[str, float]:
    """Both, with the new ones last, and the first ones dropped if they are too many."""
    found = {cell: seconds for cell, seconds in old.items() if cell not in new} | dict(new)
    return dict(islice(found.items(), max(0, len(found) - MOST), None))


def _by_scenario(seconds: Mapping[str, float]) -> dict[str, dict[str, list[float]]]:
    """The seconds of each scenario's cells on each server, and on all of them as ""."""
    found: dict[str, dict[str, list[float]]] = {}
    for cell, one in seconds.items():
        scenario, target = CellId(cell).parts
        servers = found.setdefault(scenario, {})
        for subject in (TargetId(target).subject, ""):
            servers.setdefault(subject, []).append(one)
    return found


def remember(cache: Path, results: Mapping[str, CellResult]) -> None:
    """Keep how long the cells of a run took, for the next ones."""
    ran = {cell: result.seconds for cell, result in results.items() if result.status == "ran"}
    if ran:
        Durations.read(cache).updated(ran).write(cache)


def slowest(results: Mapping[str, CellResult], most: int) -> list[str]:
    """The cells that took longest, a line each; 0 for all of them."""
    ran = sorted((result for result in results.values() if result.seconds), key=lambda one: (-one.seconds, one.cell))
    return [f"{one.seconds:8.2f} s  {one.cell}" for one in ran[: most or None]]

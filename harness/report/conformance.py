"""Checks and what servers made of them: the cells of a run's checks, by server and by level, with the Pythons of each."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from ..language.scenario import LEVELS
from ..model.ids import CellId
from ..model.values import CellResult, Json, Target
from .phrases import pythons_in_words

#: The levels that are asked; what is recorded is not.
ASKED = tuple(level for level in LEVELS if level != "record")

PASSED, FAILED, KNOWN, RECORDED, LOST, NONE = "passed", "failed", "known", "recorded", "lost", "none"
#: word of a cell -> what it says of a check. "lost": it was asked, and there is no answer; "none": it is not for this server.
STATES = {
    "pass": PASSED,
    "fixed": PASSED,  # every expectation held: what is red is the entry that says otherwise
    "fail": FAILED,
    "timeout": FAILED,
    "known": KNOWN,
    "recorded": RECORDED,
    "error": LOST,
    "broken": LOST,
    "not-run": LOST,
    "missing": NONE,
    "unsupported": NONE,
}
#: Of several Pythons, the worst says how a server does.
_WORST = (FAILED, KNOWN, PASSED, RECORDED, LOST, NONE)


class Said(NamedTuple):
    """One cell of a check: the Python, what it says of the check, at which level, and the cell's result."""

    python: str
    state: str
    level: str
    result: CellResult


@dataclass(slots=True)
class Count:
    """How many checks of one level were passed, of how many; ``failed`` are those that no entry names."""

    passed: int = 0
    asked: int = 0
    known: int = 0
    failed: int = 0

    def add(self, state: str) -> None:
        """Count one check; one that is only recorded, or was not asked, is no part of it."""
        if state in (PASSED, KNOWN, FAILED):
            self.asked += 1
            self.passed += state == PASSED
            self.known += state == KNOWN
            self.failed += state == FAILED

    @property
    def told(self) -> tuple[int, int, int, int]:
        """All four, to compare counts."""
        return self.passed, self.asked, self.known, self.failed


Tally = dict[str, Count]


@dataclass
class Checks:
    """The checks of a run. ``cells``: check -> server -> its cells, in the order of the Pythons."""

    checks: list[Json]
    servers: dict[str, list[Target]]
    cells: dict[str, dict[str, list[Said]]] = field(default_factory=dict)

    @classmethod
    def of(cls, scenarios: Iterable[Json], targets: Iterable[Target], results: dict[str, CellResult]) -> Checks:
        """The checks that ran on any server, and the servers that ran any."""
        known = {s["id"]: s for s in scenarios if s.get("table")}
        columns = {target.id: target for target in targets}
        found = cls([], {})
        pythons: dict[str, dict[str, Target]] = {}
        for cell, result in results.items() if known else ():
            check, of = CellId(cell).parts
            if check not in known or of not in columns or (state := STATES[result.word]) == NONE:
                continue
            target = columns[of]
            level = result.grade if result.status == "ran" else known[check]["grade"]
            if state == FAILED and level == "record":
                state = RECORDED  # it could not be observed to its end, which is what is recorded
            said = Said(target.interpreter_id, state, level, result)
            found.cells.setdefault(check, {}).setdefault(target.column, []).append(said)
            pythons.setdefault(target.column, {})[target.id] = target
        found.checks = [check for name, check in known.items() if name in found.cells]
        found.servers = {
            column: [target for target in columns.values() if target.id in pythons[column]]
            for column in dict.fromkeys(target.column for target in columns.values())
            if column in pythons
        }
        orders = {server: {python: place for place, python in enumerate(found.pythons(server))} for server in found.servers}
        for by_server in found.cells.values():
            for server, told in by_server.items():
                order = orders[server]
                told.sort(key=lambda one, order=order: order[one.python])  # type: ignore[misc]
        return found

    @cached_property
    def families(self) -> dict[str, list[Json]]:
        """The checks of each family."""
        return _grouped(self.checks, "family")

    @cached_property
    def tables(self) -> dict[str, list[Json]]:
        """The checks of each file."""
        return _grouped(self.checks, "table")

    def pythons(self, server: str) -> list[str]:
        """The Pythons on which a server ran checks."""
        return [target.interpreter_id for target in self.servers[server]]

    def said(self, check: str, server: str) -> list[Said]:
        """The cells of a check on a server."""
        return self.cells.get(check, {}).get(server, [])

    def tally(self, checks: Iterable[Json], server: str, python: str = "") -> Tally:
        """How a server does at each level: a check counts once, and is passed if it is on every Python (or on the one)."""
        counts = {level: Count() for level in ASKED}
        for check in checks:
            if told := [one for one in self.said(check["id"], server) if not python or one.python == python]:
                one = worst(told)
                if one.level in counts:
                    counts[one.level].add(one.state)
        return {level: count for level, count in counts.items() if count.asked}

    def lost(self, checks: Iterable[Json], server: str) -> int:
        """How many cells of these checks have no answer, because the harness, or the server's start, failed."""
        return sum(one.state == LOST for check in checks for one in self.said(check["id"], server))

    def by_python(self, checks: list[Json], server: str) -> list[tuple[str, Tally]]:
        """The Pythons on which a server does equally well, worst first, each with its counts; none if they all do."""
        found: dict[tuple[object, ...], tuple[list[str], Tally]] = {}
        for python in self.pythons(server):
            tally = self.tally(checks, server, python)
            if tally:
                key = tuple((level, count.told) for level, count in tally.items())
                found.setdefault(key, ([], tally))[0].append(python)
        if len(found) < 2:
            return []
        groups = sorted(found.values(), key=lambda group: badness(group[1]), reverse=True)
        return [(ranges(pythons, self.pythons(server)), tally) for pythons, tally in groups]


def worst(told: list[Said]) -> Said:
    """The worst of a check's cells; of equally bad ones, that of the strongest level."""
    return min(told, key=lambda one: (_WORST.index(one.state), LEVELS.index(one.level)))


def badness(tally: Tally) -> tuple[int, ...]:
    """For sorting: what is not passed, the strongest level first."""
    return tuple(tally[level].asked - tally[level].passed if level in tally else 0 for level in ASKED)


def ranges(some: Iterable[str], all_of_them: list[str]) -> str:
    """ "2.7, 3.6 to 3.13, 3.13t": ranges of neighbours, of each kind of Python by itself."""
    chosen, kinds = list(some), _kinds(all_of_them)
    return ", ".join(text for kind in kinds if (text := pythons_in_words([one for one in chosen if one in kind], kind)))


def _kinds(pythons: list[str]) -> list[list[str]]:
    """Pythons that can be in one range: CPython's releases, free-threaded ones, those of PyPy."""
    found: dict[str, list[str]] = {}
    for python in pythons:
        found.setdefault(re.sub(r"\d+\.\d+", "", python) + ("2" if python.startswith("2.") else ""), []).append(python)
    return list(found.values())


def own_name(check: Json) -> str:
    """The check's name inside its file."""
    return str(check["id"]).removeprefix(f"{check['table']}.")


def _grouped(checks: list[Json], key: str) -> dict[str, list[Json]]:
    found: dict[str, list[Json]] = {}
    for check in checks:
        found.setdefault(check[key], []).append(check)
    return found


def told_count(count: Count) -> str:
    """ "48/50 (2 known)": passed and asked."""
    return f"{count.passed}/{count.asked}" + (f" ({count.known} known)" if count.known else "")


def by_level(checks: Checks) -> list[tuple[str, ...]]:
    """A table in texts: how each server does at each level; its first row has the heads. Empty if nothing was asked."""
    rows = [(server, tally) for server in checks.servers if (tally := checks.tally(checks.checks, server))]
    levels = [level for level in ASKED if any(level in tally for _, tally in rows)]
    if not levels:
        return []
    told = [(server, *(told_count(tally[level]) if level in tally else "" for level in levels)) for server, tally in rows]
    return [("checks passed", *levels), *told]

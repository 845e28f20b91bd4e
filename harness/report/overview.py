"""The first page: the verdict as a sentence, servers and Pythons at a glance, findings, changes, and what was not tried."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from ..model.counting import counted
from ..model.ids import CellId
from ..model.outcomes import NOT_TRIED, QUIET, WORDS
from ..model.values import CellResult, Json, Plan, Target
from ..run.exit_code import is_red
from .beside import Beside
from .findings import Finding, findings
from .phrases import pythons_in_words

MOST_FINDINGS = 500  # that the page has; nobody reads more, and the matrix has them all
#: What is counted of a server on a Python; ``unmet`` is what a source recommends, and the server does not do.
COUNTED = ("passed", "asked", "known", "red", "unmet")
FORGIVEN = ("fail", "timeout")
#: How many cells do not do what is recommended, or fail as an entry says: one, and several. Findings are fewer.
UNMET, KNOWN = ("cell misses a recommendation", "cells miss a recommendation"), ("cell fails as known", "cells fail as known")
#: How a run in one word looks: a style, and a shape.
STATES = {"red": ("fail", "✗"), "amber": ("known", "◔"), "green": ("pass", "✓"), "nothing": ("missing", "\u2013")}
MOST_REASONS = 12  # for which cells were not tried


def overview(
    plan: Plan, scenarios: list[Json], targets: tuple[Target, ...], results: dict[str, CellResult], compared: Beside | None
) -> Json:
    """Everything that the first page shows, ready to be drawn."""
    found = findings(scenarios, targets, results)
    return {
        "sentence": sentence(targets, results, found),
        "state": (word := state(results)),
        "look": STATES[word],
        "grid": grid(targets, results),
        "findings": [dataclasses.asdict(one) for one in found[:MOST_FINDINGS]],
        "allFindings": len(found),
        "changed": _changed(compared),
        "notTried": not_tried(targets, results),
        "commit": str(plan.environment.get("commit", "")),
    }


def state(results: dict[str, CellResult]) -> str:
    """The run in one word: "red", "amber", "green", or "nothing" if no cell ran."""
    if any(map(is_red, results.values())):
        return "red"
    if not any(result.status == "ran" for result in results.values()):
        return "nothing"
    return "amber" if any(result.word not in (*QUIET, "known") for result in results.values()) else "green"


def sentence(targets: tuple[Target, ...], results: dict[str, CellResult], found: list[Finding]) -> str:
    """ "2 servers on 9 Pythons: nothing is red; 2 cells fail as known, with 1 finding; 3 Pythons are not here"."""
    tried = [target for target in targets if target.ready]
    servers, pythons = {target.column for target in tried}, {target.interpreter_id for target in tried}
    if not any(result.status not in NOT_TRIED and result.word not in NOT_TRIED for result in results.values()):
        return "No cell ran"
    kinds = {kind: [one for one in found if one.kind == kind] for kind in ("red", "amber", "known")}
    red = sum(one.cells for one in kinds["red"])
    parts = [
        f"{counted(red, 'cell is', 'cells are')} red, with {counted(len(kinds['red']), 'finding')}" if red else "nothing is red"
    ]
    for kind, words in (("amber", UNMET), ("known", KNOWN)):
        if kinds[kind]:
            in_cells, in_findings = sum(one.cells for one in kinds[kind]), len(kinds[kind])
            parts.append(f"{counted(in_cells, *words)}, with {counted(in_findings, 'finding')}")
    absent = missing(targets)
    if absent:
        parts.append(f"{counted(len(absent), 'Python is', 'Pythons are')} not here")
    return f"{counted(len(servers), 'server')} on {counted(len(pythons), 'Python')}: {'; '.join(parts)}"


def counts(result: CellResult) -> bool:
    """Whether a cell is one of those that a run is said to have had: it was tried, and what was seen is judged."""
    return result.word not in NOT_TRIED and result.word != "recorded"


def missing(targets: Iterable[Target]) -> list[str]:
    """The Pythons that no server could be tried on, since the machine does not have them."""
    everywhere: dict[str, set[str]] = {}
    for target in targets:
        everywhere.setdefault(target.interpreter_id, set()).add("ready" if target.ready else target.status)
    return [python for python, states in everywhere.items() if states == {"missing"}]


def grid(targets: tuple[Target, ...], results: dict[str, CellResult]) -> Json:
    """Servers down and Pythons across, without those that are not here; a cell has its counts and its worst word."""
    absent = set(missing(targets))
    pythons = [python for python in dict.fromkeys(target.interpreter_id for target in targets) if python not in absent]
    found: dict[str, dict[str, Any]] = {target.id: {**dict.fromkeys(COUNTED, 0), "words": set()} for target in targets}
    for cell, result in results.items():
        its = found[str(CellId(cell).target)]
        if not counts(result):
            continue
        its["asked"] += 1
        its["passed"] += result.word == "pass"
        its["known"] += result.word == "known"
        its["red"] += is_red(result)
        its["unmet"] += result.word in FORGIVEN and result.grade == "should" and not is_red(result)
        its["words"].add(result.word)
    rows: dict[str, dict[str, Json | None]] = {}
    for target in targets:
        if target.interpreter_id not in absent:
            row = rows.setdefault(target.column, dict.fromkeys(pythons))
            row[target.interpreter_id] = _counts(target, found[target.id])
    return {
        "pythons": pythons,
        "servers": [{"name": name, "cells": [cells[python] for python in pythons]} for name, cells in rows.items()],
    }


def _counts(target: Target, counts: dict[str, Any]) -> Json:
    words = [word for word in WORDS if word in counts["words"]]
    worst = words[0] if words else target.status if not target.ready else "unsupported"
    return {**{key: counts[key] for key in COUNTED}, "word": worst}


def _changed(compared: Beside | None) -> Json | None:
    """How many cells changed in each way since the baseline; None without one."""
    if compared is None:
        return None
    counts: dict[str, int] = {}
    for transition in compared.transitions:
        counts[transition.kind] = counts.get(transition.kind, 0) + 1
    return counts


def not_tried(targets: tuple[Target, ...], results: dict[str, CellResult]) -> Json:
    """What was not tried, and why: Pythons that are not here, and the reasons of unsupported cells with their number."""
    reasons: dict[str, list[str]] = {}
    for cell, result in results.items():
        if result.word == "unsupported":
            reasons.setdefault(result.reason, []).append(cell)
    order = sorted(reasons.items(), key=lambda item: -len(item[1]))
    return {
        "missing": missing(targets),
        "unsupported": sum(map(len, reasons.values())),
        "reasons": [
            {"reason": reason, "cells": len(cells), "servers": _servers(cells)} for reason, cells in order[:MOST_REASONS]
        ],
        "moreReasons": max(0, len(order) - MOST_REASONS),
    }


def _servers(cells: list[str]) -> str:
    """The servers of some cells, each with its Pythons as ranges."""
    found: dict[str, list[str]] = {}
    for cell in cells:
        target = CellId(cell).target
        pythons = found.setdefault(target.column, [])
        if target.interpreter not in pythons:
            pythons.append(target.interpreter)
    return "; ".join(f"{server} on {pythons_in_words(some, some)}" for server, some in found.items())

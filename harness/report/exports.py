"""Output for programs: CSV, JSON according to results.schema.json, and annotations for GitHub."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ..model.ids import CellId
from ..model.stored_json import to_json
from ..model.values import FORMAT, CellResult, Json, Plan
from ..run.exit_code import is_red

COLUMNS = (
    "cell",
    "scenario",
    "family",
    "grade",
    "subject",
    "subject_version",
    "python",
    "python_version",
    "implementation",
    "word",
    "status",
    "behaviour",
    "cleanup",
    "reason",
    "seconds",
    "coverage",
    "level",
    "table",
    "answer",
)  # of the CSV
#: The schema of results.json.
RESULTS_SCHEMA = Path(__file__).with_name("results.schema.json")

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet computes text that begins like this (OWASP, "CSV Injection")
MOST_ANNOTATIONS = 50


def csv_table(plan: Plan, results: dict[str, CellResult], scenarios: list[Json], clean: Callable[[str], str]) -> str:
    """CSV (RFC 4180) of a run's cells; ``clean`` makes a server's output publishable."""
    heads = {
        t.id: (
            t.column,
            t.subject_version,
            t.interpreter_id,
            t.interpreter.version if t.interpreter else "",
            t.interpreter.implementation if t.interpreter else "",
        )
        for t in plan.targets
    }
    about = {scenario["id"]: (scenario["id"], scenario["family"], scenario["grade"]) for scenario in scenarios}
    tables = {scenario["id"]: scenario.get("table", "") for scenario in scenarios}
    reasons = {reason: _no_formula(clean(reason)) for reason in {result.reason for result in results.values()}}
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    parted = ((CellId(cell).parts, result) for cell, result in results.items())
    writer.writerows(
        (
            result.cell,
            *about[scenario],
            *heads[target],
            result.word,
            result.status,
            *_outcomes(result),
            reasons[result.reason],
            result.seconds,
            result.coverage,
            _level(result, about[scenario][2]),
            tables[scenario],
            _no_formula(clean(result.answer)),
        )
        for (scenario, target), result in parted
    )
    return out.getvalue()


def _no_formula(text: str) -> str:
    return "'" + text if text.startswith(FORMULA) else text


def _outcomes(result: CellResult) -> tuple[str, str]:
    """Both verdicts; "" if the cell has none."""
    return result.behaviour.outcome if result.behaviour else "", result.cleanup.outcome if result.cleanup else ""


def _level(result: CellResult, grade: str) -> str:
    """The level of a cell: the strongest of what failed in it, else that of its scenario."""
    return result.grade if result.status == "ran" else grade


def results_json(
    plan: Plan, results: dict[str, CellResult], scenarios: list[Json], measured: list[Any], findings: Iterable[Json] = ()
) -> Json:
    """A run's results for programs, according to results.schema.json; ``findings`` are those of the overview."""
    counts: dict[str, int] = {}
    grades = {scenario["id"]: scenario["grade"] for scenario in scenarios}
    cells = []
    for cell, result in results.items():
        scenario, target = CellId(cell).scenario, CellId(cell).target
        word, (behaviour, cleanup) = result.word, _outcomes(result)
        counts[word] = counts.get(word, 0) + 1
        cells.append(
            {
                "scenario": scenario,
                "target": target,
                "word": word,
                "status": result.status,
                "behaviour": behaviour,
                "cleanup": cleanup,
                "reason": result.reason,
                "seconds": result.seconds,
                "coverage": result.coverage,
                "level": _level(result, grades[scenario]),
                "answer": result.answer,
            }
        )
    return {
        "$schema": "results.schema.json",
        "format": FORMAT,
        "run": plan.run,
        "environment": plan.environment,
        "counts": counts,
        "targets": [
            {
                "id": t.id,
                "subject": t.column,
                "subject_version": t.subject_version,
                "python": t.interpreter_id,
                "implementation": t.interpreter.implementation if t.interpreter else "",
                "build": t.interpreter.build if t.interpreter else "",
                "status": "ready" if t.ready else t.status,
                "missing": t.reason,
            }
            for t in plan.targets
        ],
        "scenarios": [
            {key: s[key] for key in ("id", "title", "family", "file", "grade", "hash")} | {"table": s.get("table", "")}
            for s in scenarios
        ],
        "cells": cells,
        "findings": [{key: one[key] for key in ("key", "kind", "word", "scenario", "cell", "cells")} for one in findings],
        "coverage": [{key: value for key, value in to_json(m).items() if key not in ("page", "lost")} for m in measured],
    }


def github_annotations(results: dict[str, CellResult], files: dict[str, str], clean: Callable[[str], str]) -> list[str]:
    """GitHub's workflow commands, at each scenario's file: an error for red cells, a warning if only a "should" failed.

       ``files`` are by scenario.
    GitHub shows ten per step, so one line names all targets of a scenario.
    """
    red: dict[str, list[CellResult]] = {}
    for cell, result in results.items():
        if is_red(result, strict_should=True):  # what a source only allows is no annotation
            red.setdefault(CellId(cell).scenario, []).append(result)
    lines = []
    for scenario, found in list(red.items())[:MOST_ANNOTATIONS]:
        targets = ", ".join(f"{CellId(result.cell).target} ({result.word})" for result in found)
        kind = "warning" if all(result.grade == "should" for result in found) else "error"
        lines.append(
            f"::{kind} file={_escaped(files[scenario], True)},title={_escaped(scenario, True)}::"
            f"{_escaped(clean(f'{targets}: {found[0].reason}'))}"
        )
    return lines


def _escaped(text: str, in_property: bool = False) -> str:
    """Escape as @actions/core does: a server's output must not become a command."""
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if in_property else text

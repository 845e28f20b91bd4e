"""The forms for programs: CSV, JSON as results.schema.json says, and annotations for GitHub."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

from ..model import FORMAT, RED, CellResult, Json, Plan, to_json

COLUMNS = ("cell", "scenario", "family", "grade", "subject", "subject_version", "python", "python_version", "implementation",
           "word", "status", "behaviour", "cleanup", "reason", "seconds", "coverage")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would compute what begins so (OWASP, "CSV Injection")
MOST_ANNOTATIONS = 50


def cells(plan: Plan, results: dict[str, CellResult], scenarios: list[Json]) -> list[Json]:
    """One table a cell, with COLUMNS."""
    targets, about = {target.id: target for target in plan.targets}, {scenario["id"]: scenario for scenario in scenarios}
    rows = []
    for cell, result in results.items():
        name, _, where = cell.partition("@")
        target, scenario = targets[where], about[name]
        interpreter = target.interpreter
        rows.append({
            "cell": cell, "scenario": name, "family": scenario["family"], "grade": scenario["grade"], "subject": target.column,
            "subject_version": target.subject_version, "python": target.interpreter_id,
            "python_version": interpreter.version if interpreter else "",
            "implementation": interpreter.implementation if interpreter else "",
            "word": result.word, "status": result.status, "behaviour": result.behaviour.outcome if result.behaviour else "",
            "cleanup": result.cleanup.outcome if result.cleanup else "", "reason": result.reason, "seconds": result.seconds,
            "coverage": result.coverage})
    return rows


def csv_table(rows: list[Json], clean: Callable[[str], str]) -> str:
    """CSV (RFC 4180) of a run's cells; ``clean`` makes a server's words publishable."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows:
        reason = clean(row["reason"]) if row["reason"] else ""
        writer.writerow([*(row[name] for name in COLUMNS[:13]), "'" + reason if reason.startswith(FORMULA) else reason,
                         *(row[name] for name in COLUMNS[14:])])
    return out.getvalue()


def results_json(plan: Plan, rows: list[Json], scenarios: list[Json], measured: list[Any]) -> Json:
    """A run's results for programs, as results.schema.json beside it says."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["word"]] = counts.get(row["word"], 0) + 1
    return {
        "$schema": "results.schema.json", "format": FORMAT, "run": plan.run, "environment": plan.environment, "counts": counts,
        "targets": [{"id": t.id, "subject": t.column, "subject_version": t.subject_version, "python": t.interpreter_id,
                     "implementation": t.interpreter.implementation if t.interpreter else "",
                     "build": t.interpreter.build if t.interpreter else "", "missing": t.reason} for t in plan.targets],
        "scenarios": [{key: s[key] for key in ("id", "title", "family", "file", "grade", "hash")} for s in scenarios],
        "cells": rows,
        "coverage": [{key: value for key, value in to_json(m).items() if key != "page"} for m in measured],
    }


def github_annotations(results: dict[str, CellResult], files: dict[str, str], clean: Callable[[str], str]) -> list[str]:
    """GitHub's workflow commands: an error for each scenario with red cells, at its file; ``files`` are by scenario.

    GitHub shows ten of a step, so that one line tells all targets of a scenario.
    """
    red: dict[str, list[CellResult]] = {}
    for cell, result in results.items():
        if result.word in RED:
            red.setdefault(cell.partition("@")[0], []).append(result)
    lines = []
    for scenario, found in list(red.items())[:MOST_ANNOTATIONS]:
        targets = ", ".join(f"{result.cell.partition('@')[2]} ({result.word})" for result in found)
        kind = "warning" if all(result.grade == "should" for result in found) else "error"
        lines.append(f"::{kind} file={_escaped(files[scenario], True)},title={_escaped(scenario, True)}::"
                     f"{_escaped(clean(f'{targets}: {found[0].reason}'))}")
    return lines


def _escaped(text: str, in_property: bool = False) -> str:
    """As @actions/core escapes: a server's words must not become a command."""
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if in_property else text

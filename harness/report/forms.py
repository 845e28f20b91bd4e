"""The forms for machines and for GitHub: JUnit XML and a Markdown summary."""

from __future__ import annotations

import functools
import re
from typing import Any
from xml.sax.saxutils import quoteattr

from ..model.counting import counted
from ..model.ids import CellId
from ..model.outcomes import QUIET, RED, WORDS
from ..model.values import CellResult, Json
from ..run.exit_code import is_red
from .beside import Beside
from .compare import KINDS
from .conformance import Checks, by_level
from .overview import counts

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
MAX_LISTED = 50
NEVER_LISTED = ("may", "record")  # levels of failures that nobody has to look at

#: word -> JUnit element; a pass has no element
_ELEMENTS = {
    "fail": "failure",
    "timeout": "failure",
    "fixed": "failure",
    "error": "error",
    "broken": "error",
    "not-run": "error",
    "known": "skipped",
    "missing": "skipped",
    "unsupported": "skipped",
}


def junit(results: dict[str, CellResult], strict_should: bool = False) -> bytes:
    """JUnit XML: a suite for each target, a case for each scenario; a failure that does not make the run red is skipped."""
    suites: dict[str, list[CellResult]] = {}
    for cell, result in results.items():
        suites.setdefault(CellId(cell).target, []).append(result)
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<testsuites>"]
    for target, cells in suites.items():
        kinds = ["skipped" if r.word in RED and not is_red(r, strict_should) else _ELEMENTS.get(r.word, "") for r in cells]
        lines.append(
            f'<testsuite name={_quoted(target)} tests="{len(cells)}" failures="{kinds.count("failure")}" '
            f'errors="{kinds.count("error")}" skipped="{kinds.count("skipped")}" '
            f'time="{sum(r.seconds for r in cells):.3f}">'
        )
        for result, kind in zip(cells, kinds, strict=True):
            name = _quoted(CellId(result.cell).scenario)
            inner = f"<{kind} message={_quoted(f'{told(result)}: {result.reason}')}/>" if kind else ""
            lines.append(f'<testcase classname={_quoted(target)} name={name} time="{result.seconds:.3f}">{inner}</testcase>')
        lines.append("</testsuite>")
    return "\n".join([*lines, "</testsuites>"]).encode("utf-8")


@functools.lru_cache(8192)
def _quoted(text: str) -> str:
    """Text as an attribute; characters that XML does not allow are replaced."""
    return quoteattr(_NOT_XML.sub("\ufffd", text))


def told(result: CellResult) -> str:
    """A cell's word; with its level if a failure does not make the run red."""
    return f"{result.word} ({result.grade})" if result.word in RED and result.grade != "must" else result.word


def markdown(
    results: dict[str, CellResult],
    measured: list[Any],
    compared: Beside | None = None,
    left_out: str = "",
    checks: Checks | None = None,
) -> str:
    """A summary for a pull request: what was left out, what changed, counts per target, and the red cells with reasons."""
    targets: dict[str, dict[str, int]] = {}
    for cell, result in results.items():
        its = targets.setdefault(CellId(cell).target, {})
        its[result.word] = its.get(result.word, 0) + 1
    words = [word for word in reversed(WORDS) if any(word in its for its in targets.values())]
    lines = [
        "# Compatibility matrix",
        "",
        *((f"{left_out}.", "") if left_out else ()),
        *(_changes(compared) if compared else ()),
        "| target | " + " | ".join(words) + " | coverage |",
        "| --- |" + " ---: |" * (len(words) + 1),
    ]
    percents = {m.name: f"{m.percent} %" if m.percent is not None else "no data" for m in measured}
    for target, its in targets.items():
        lines.append(f"| {target} | " + " | ".join(str(its.get(w, "")) for w in words) + f" | {percents.get(target, '')} |")
    if checks is not None:
        lines += _levels(checks)
    listed = [r for r in results.values() if r.word not in QUIET and r.grade not in NEVER_LISTED]
    red = sorted(listed, key=lambda r: (not is_red(r), not is_red(r, True)))
    if red:
        lines += ["", "| cell | outcome | reason |", "| --- | --- | --- |"]
        lines += [f"| {r.cell} | {told(r)} | {_cell(r.reason)} |" for r in red[:MAX_LISTED]]
        if len(red) > MAX_LISTED:
            lines += ["", f"… and {len(red) - MAX_LISTED} more."]
    return "\n".join(lines) + "\n"


def _levels(checks: Checks) -> list[str]:
    """How each server does, by level; nothing without checks."""
    rows = by_level(checks)
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return ["", lines[0], "| --- |" + " ---: |" * (len(rows[0]) - 1), *lines[1:]] if rows else []


def _changes(compared: Beside) -> list[str]:
    """What changed, worst first."""
    told = [transition for transition in compared.transitions if transition.kind != "slower"]
    if not told:
        return ["No changes since the baseline.", ""]
    kinds = [f"{kind} {count}" for kind in KINDS if (count := sum(one.kind == kind for one in told))]
    lines = [
        f"**Changes since the baseline:** {', '.join(kinds)}",
        "",
        "| change | cell | was | now |",
        "| --- | --- | --- | --- |",
    ]
    lines += [f"| {one.kind} | {one.cell} | {one.was or '-'} | {one.now or '-'} |" for one in told[:MAX_LISTED]]
    if len(told) > MAX_LISTED:
        lines += ["", f"… and {len(told) - MAX_LISTED} more."]
    return [*lines, ""]


def badge(results: dict[str, CellResult]) -> Json:
    """What shields.io's endpoint badge reads (https://shields.io/badges/endpoint-badge), counted as in a site's."""
    red = sum(map(is_red, results.values()))
    cells = sum(map(counts, results.values()))
    told = counted(cells, "cell")
    message = f"{red:,} of {told} red" if red else f"nothing red in {told}" if cells else "no cell ran"
    colour = "red" if red or not cells else "brightgreen"
    return {"schemaVersion": 1, "label": "server matrix", "message": message, "color": colour}


def _cell(text: str) -> str:
    """Text of a server inside a Markdown table: no markup, one line."""
    flat = " ".join(text.split())[:200]
    return "".join("\\" + c if c in "\\`*_{}[]<>|#!&~" else c for c in flat)

"""The forms for machines and for GitHub: JUnit XML and a Markdown summary."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

from ..model import WORDS, CellResult

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
MAX_LISTED = 50

#: word -> JUnit element; a pass has none
_ELEMENTS = {"fail": "failure", "timeout": "failure", "fixed": "failure", "error": "error", "not-run": "error",
             "known": "skipped", "missing": "skipped", "unsupported": "skipped"}


def junit(results: dict[str, CellResult]) -> bytes:
    """JUnit XML: a suite for each target, a case for each scenario."""
    suites: dict[str, list[CellResult]] = {}
    for cell, result in results.items():
        suites.setdefault(cell.partition("@")[2], []).append(result)
    root = ET.Element("testsuites")
    for target, cells in suites.items():
        kinds = [_ELEMENTS.get(r.word, "") for r in cells]
        suite = ET.SubElement(root, "testsuite", name=target, tests=str(len(cells)), failures=str(kinds.count("failure")),
                              errors=str(kinds.count("error")), skipped=str(kinds.count("skipped")),
                              time=f"{sum(r.seconds for r in cells):.3f}")
        for result, kind in zip(cells, kinds, strict=True):
            case = ET.SubElement(suite, "testcase", classname=target, name=result.cell.partition("@")[0],
                                 time=f"{result.seconds:.3f}")
            if kind:
                ET.SubElement(case, kind, message=_NOT_XML.sub("\ufffd", f"{result.word}: {result.reason}"))
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def markdown(results: dict[str, CellResult], measured: list[Any]) -> str:
    """A summary for a pull request: counts per target, and the cells that are not as they should be."""
    targets: dict[str, dict[str, int]] = {}
    for cell, result in results.items():
        counts = targets.setdefault(cell.partition("@")[2], {})
        counts[result.word] = counts.get(result.word, 0) + 1
    words = [word for word in reversed(WORDS) if any(word in counts for counts in targets.values())]
    lines = ["# Compatibility matrix", "", "| target | " + " | ".join(words) + " | coverage |",
             "| --- |" + " ---: |" * (len(words) + 1)]
    percents = {m.name: f"{m.percent} %" if m.percent is not None else "no data" for m in measured}
    for target, counts in targets.items():
        lines.append(f"| {target} | " + " | ".join(str(counts.get(w, "")) for w in words) + f" | {percents.get(target, '')} |")
    red = [r for r in results.values() if r.word not in ("pass", "missing", "unsupported")]
    if red:
        lines += ["", "| cell | outcome | reason |", "| --- | --- | --- |"]
        lines += [f"| {r.cell} | {r.word} | {_cell(r.reason)} |" for r in red[:MAX_LISTED]]
        if len(red) > MAX_LISTED:
            lines += ["", f"… and {len(red) - MAX_LISTED} more."]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    """Text of a server inside a Markdown table: no markup, one line."""
    flat = " ".join(text.split())[:200]
    return "".join("\\" + c if c in "\\`*_{}[]<>|#!&~" else c for c in flat)

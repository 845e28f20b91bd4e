"""Write all forms of a run's report: a pure function of the run's data folder, and of the older ones next to it."""

from __future__ import annotations

import gc
import json
from pathlib import Path

from ..machine import atomic_files
from .conformance_pages import write_pages
from .exports import RESULTS_SCHEMA, csv_table, results_json
from .forms import badge, junit, markdown
from .index_page import page, page_data, sections
from .view import RunView


def build(view: RunView) -> Path:
    """Write all forms of the report; return the path of index.html. With a baseline, it says what changed."""
    collects = gc.isenabled()
    gc.disable()  # a million values are made, none in a cycle: a third of the time was spent looking for cycles
    try:
        return _build(view)
    finally:
        if collects:
            gc.enable()


def _build(view: RunView) -> Path:
    plan, results, scenarios, reports, clean = view.plan, view.results, view.scenarios, view.reports, view.redactor
    index = reports / "index.html"
    data, packs = page_data(view)
    write_pages(view, sections(data))
    atomic_files.write_text(index, page(view, data, packs))
    atomic_files.write_bytes(reports / "junit.xml", junit(results, view.strict_should))
    summary = markdown(results, view.measured, view.compared, plan.asked.get("quick", ""), view.checks)
    atomic_files.write_text(reports / "summary.md", clean.text(summary))
    atomic_files.write_text(reports / "results.csv", csv_table(plan, results, scenarios, clean.text))
    told = results_json(plan, results, scenarios, view.measured, data["overview"]["findings"])
    atomic_files.write_text(reports / "results.json", clean.json(told) + "\n")
    atomic_files.write_text(reports / "badge.json", json.dumps(badge(results)) + "\n")
    atomic_files.write_text(reports / RESULTS_SCHEMA.name, RESULTS_SCHEMA.read_text("utf-8"))
    return index

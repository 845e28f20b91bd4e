"""Write all forms of a run's report: a pure function of the run's data folder, and of the older ones next to it."""

from __future__ import annotations

import base64
import dataclasses
import gc
import hashlib
import json
from pathlib import Path

import jinja2

from ..coverage import combine
from ..coverage.lines import reached
from ..machine import atomic_files
from ..model.ids import CellId
from ..model.outcomes import OUTCOMES
from ..model.stored_json import to_json
from ..model.values import Json, Target
from ..reproducer import write
from ..run.run_folder import Run
from . import answer_parts
from .agreement import agreement
from .axis import explain
from .cells import pack, scenario_pack
from .claims import verdicts
from .conformance_pages import OVERVIEW, write_pages
from .exports import RESULTS_SCHEMA, csv_table, results_json
from .forms import badge, junit, markdown
from .overview import overview
from .peers import peers
from .plots import plots
from .ports_held import holders
from .publishable import Redactor
from .rows import Rows
from .view import RunView

HERE = Path(__file__).parent
#: In this order in the page; the last one starts it.
SCRIPTS = ("base.js", "drawings.js", "matrix.js", "cell.js", "coverage.js", "plots.js", "pages.js", "overview.js", "page.js")
#: Pages next to the report that other tasks write: `nox -s mutants -- server`, `nox -s bench`.
OTHER_PAGES = {"mutants/index.html": "Mutants", "bench.html": "Speed"}
MOST_FLAKES = 500  # in the table; nobody reads more rows than that


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
    has_checks = write_pages(view)
    atomic_files.write_text(index, page(view, has_checks))
    atomic_files.write_bytes(reports / "junit.xml", junit(results, view.strict_should))
    summary = markdown(results, view.measured, view.compared, plan.asked.get("quick", ""), view.checks)
    atomic_files.write_text(reports / "summary.md", clean.text(summary))
    atomic_files.write_text(reports / "results.csv", csv_table(plan, results, scenarios, clean.text))
    atomic_files.write_text(reports / "results.json", clean.json(results_json(plan, results, scenarios, view.measured)) + "\n")
    atomic_files.write_text(reports / "badge.json", json.dumps(badge(results)) + "\n")
    atomic_files.write_text(reports / RESULTS_SCHEMA.name, RESULTS_SCHEMA.read_text("utf-8"))
    return index


def page(view: RunView, has_checks: bool = False) -> str:
    """The page as HTML, with its data; its scripts are allowed only by their hashes."""
    run, plan, results, scenarios, targets = view.run, view.plan, view.results, view.scenarios, view.targets
    measured, redactor, baseline, past, compared = view.measured, view.redactor, view.baseline, view.past, view.compared
    history_of = view.history
    recipes, rows = run.read_recipes(), Rows(targets, results)
    lines = reached(run, plan, [s["id"] for s in scenarios]) if measured else None
    drawn = plots(scenarios, targets, results, history_of)
    flaky = [flake for flake in past.flakes() if flake.cell in results]
    data = redactor.json(
        {
            "run": plan.run,
            "environment": plan.environment,
            "command": list(plan.command),
            "overview": overview(plan, scenarios, targets, results, compared),
            "outcomes": [to_json(outcome) for outcome in OUTCOMES],
            "targets": [_target(t) for t in targets],
            "scenarios": [
                {**_scenario(s), "axis": explain(s["id"], targets, results), **rows.row(s["id"], s["grade"])} for s in scenarios
            ],
            "reasonTexts": rows.texts,
            "holders": holders(scenarios, targets, history_of),
            "peers": peers(scenarios, targets, history_of),
            "agreement": agreement(scenarios, targets, history_of),
            "agreementRules": answer_parts.rules(),
            "baseline": baseline.folder.name if baseline else "",
            "transitions": to_json(compared.transitions) if compared else [],
            "compared": {
                "cells": len(compared.before),
                "ran": sum(r.status == "ran" for r in compared.before.values()),
                "unasked": len(compared.unasked),
            }
            if compared
            else None,
            "flakes": to_json(flaky[:MOST_FLAKES]),
            "flakyCells": len(flaky),
            "lookedAt": past.looked_at,
            "flakyScenarios": sorted({CellId(flake.cell).scenario for flake in flaky}),
            "unreadable": past.unreadable,
            "claims": verdicts(scenarios, targets, results),
            "coverage": [{**to_json(m), "page": _link(run, view.reports, m.page)} for m in measured],
            "hasLines": lines is not None,
            "leftOut": plan.asked.get("quick", ""),
            "lost": combine.lost_cells(results, measured),
        }
    )
    packs = {s["id"]: scenario_pack(view, s, recipes) for s in scenarios}
    packs["*reproducer"] = pack(
        Redactor.dumps(
            {
                "skeleton": write.SKELETON,
                "sections": {name: write.section(name) for name in write.SECTIONS},
                "tokens": [write.CELL, write.CODE, write.FILES],
                "files": {subject: write.lines(archive) for subject, archive in recipes["files"].items()},
            }
        )
    )
    packs["*plots"] = pack(redactor.json(drawn))
    if lines is not None:
        packs["*lines"] = pack(Redactor.dumps(lines))  # our own sources, which name nothing of this machine
    style = (HERE / "templates" / "style.css").read_text("utf-8")
    script = "\n".join((HERE / "templates" / name).read_text("utf-8") for name in SCRIPTS)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
        run=plan.run,
        data=_inline(data),
        packs=packs,
        pages={words: file for file, words in OTHER_PAGES.items() if (view.reports / file).exists()},
        conformance=OVERVIEW if has_checks else "",
    )


def _inline(text: str) -> str:
    """JSON that cannot end its script element: no "<", and no line separators of old JavaScript."""
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _link(run: Run, reports: Path, page: str) -> str:
    """A link from the report into the run's folder; none if the report is elsewhere."""
    if not page or not run.folder.is_relative_to(reports):
        return ""
    return f"{run.folder.relative_to(reports).as_posix()}/{page}"


def _target(target: Target) -> Json:
    """A target without the paths of the machine that had it."""
    interpreter = target.interpreter and dataclasses.replace(target.interpreter, path="")
    data: Json = to_json(dataclasses.replace(target, python="", site="", interpreter=interpreter))
    return data


def _scenario(scenario: Json) -> Json:
    shown = ("id", "title", "why", "file", "family", "paper", "shows", "issues", "sources", "grade", "needs", "hash", "channel")
    return {**{key: scenario[key] for key in shown}, "table": scenario.get("table", "")}

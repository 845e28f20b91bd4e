"""The report's own page: one file of HTML, with all its data, whose scripts are allowed only by their hashes."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from ..coverage import combine
from ..coverage.lines import reached
from ..model.ids import CellId
from ..model.outcomes import OUTCOMES
from ..model.stored_json import to_json
from ..model.values import Json, Target
from ..reproducer import write
from ..run.run_folder import Run
from . import answer_parts, templating
from .agreement import agreement
from .axis import explain
from .cells import pack, scenario_pack
from .claims import verdicts
from .overview import overview
from .peers import peers
from .phrases import own_command
from .plots import plots
from .ports_held import holders
from .publishable import Redactor
from .rows import Rows
from .view import RunView
from .words import WORDS

MOST_FLAKES = 500  # in the table; nobody reads more rows than that


def page_data(view: RunView) -> tuple[Json, dict[str, str]]:
    """What the page shows at once, and what it unpacks when it is first needed: text in base64, by name."""
    run, plan, results, scenarios, targets = view.run, view.plan, view.results, view.scenarios, view.targets
    measured, redactor, baseline, past, compared = view.measured, view.redactor, view.baseline, view.past, view.compared
    history_of = view.history
    recipes, rows = run.read_recipes(), Rows(targets, results)
    lines = reached(run, plan, [s["id"] for s in scenarios]) if measured else None
    drawn = plots(scenarios, targets, results, history_of)
    flaky = [flake for flake in past.flakes() if flake.cell in results]
    data: Json = {
        "run": plan.run,
        "environment": plan.environment,
        "command": list(plan.command),
        "typed": own_command([redactor.text(word) for word in plan.command], plan.environment),
        "overview": overview(plan, scenarios, targets, results, compared),
        "words": WORDS,
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
        "claims": verdicts(scenarios, targets, results, history_of, view.unselected),
        "coverage": [{**to_json(m), "page": _link(run, view.reports, m.page)} for m in measured],
        "hasLines": lines is not None,
        "leftOut": plan.asked.get("quick", ""),
        "lost": combine.lost_cells(results, measured),
    }
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
    return data, packs


def sections(data: Json) -> list[str]:
    """The pages that have something to say of this run."""
    says = {
        "#peers": data["peers"] or data["holders"],
        "#claims": any(claim["verdicts"] for claim in data["claims"]),
        "#agreement": data["agreement"],
        "#compare": data["baseline"] or data["flakes"] or data["unreadable"],
        "#plots": data["overview"]["state"] != "nothing",  # of any cell that ran the time is drawn
        "#coverage": data["coverage"] or data["lost"],
    }
    return [*templating.ALWAYS, *(page for page, has in says.items() if has)]


def page(view: RunView, data: Json, packs: dict[str, str]) -> str:
    """The page as HTML."""
    look, script = templating.style("style.css"), templating.script()
    template = templating.environment().get_template("page.html")
    return template.render(
        style=look,
        script=script,
        style_hash=templating.hash_of(look),
        script_hash=templating.hash_of(script),
        up="",
        run=view.plan.run,
        day=str(view.plan.environment.get("started", ""))[:10],
        data=_inline(view.redactor.json(data)),
        packs=packs,
        pages=templating.navigation(view.reports, sections(data)),
    )


def _inline(text: str) -> str:
    """JSON that cannot end its script element: no "<", and no line separators of old JavaScript."""
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


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

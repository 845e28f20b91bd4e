"""Write all forms of a run's report: a pure function of the run's data folder."""

from __future__ import annotations

import base64
import dataclasses
import functools
import gzip
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import jinja2

from .. import atomic, coverage_data
from ..model import STATUSES_WITHOUT_VERDICT, WORDS, CellResult, History, Json, Plan, Target, to_json
from ..store import Run
from .agreement import agreement
from .axis import explain
from .claims import verdicts
from .compare import Transition, compare
from .forms import junit, markdown
from .holders import holders
from .peers import observed, peers
from .text import Redactor

HERE = Path(__file__).parent
SCRIPTS = ("drawings.js", "matrix.js", "page.js")  # one after the other in the page: the last one begins
MAX_SCREEN = 4 * 1024
MAX_TITLE = 300  # characters of a reason that the matrix itself shows


def build(
    run: Run, reports: Path, measured: list[coverage_data.Measured], root: Path, baseline: Run | None = None,
) -> Path:
    """Write index.html, junit.xml and summary.md; return the path of the first. With a baseline, the page says what changed."""
    plan, results = run.read_plan(), run.results()
    index = reports / "index.html"
    atomic.write_text(index, page(run, plan, results, measured, reports, root, baseline))
    atomic.write_bytes(reports / "junit.xml", junit(results))
    atomic.write_text(reports / "summary.md", Redactor(root).text(markdown(results, measured)))
    return index


def page(
    run: Run, plan: Plan, results: dict[str, CellResult], measured: list[coverage_data.Measured], reports: Path, root: Path,
    baseline: Run | None = None,
) -> str:
    """The page as HTML; its data are in it, and its scripts are allowed by their hashes only."""
    scenarios = run.read_scenarios()
    shown = {cell.partition("@")[2] for cell in results}
    targets = tuple(target for target in plan.targets if target.id in shown)
    rows = {cell.partition("@")[0] for cell in results}
    scenarios = [s for s in scenarios if s["id"] in rows]
    redactor = Redactor(root)
    history_of = functools.cache(run.read_history)  # several pages look at each
    data = redactor.everything({
        "run": plan.run, "environment": plan.environment, "command": list(plan.command),
        "words": list(WORDS), "statuses": list(STATUSES_WITHOUT_VERDICT),
        "targets": [_target(t) for t in targets],
        "scenarios": [{**_scenario(s), "axis": explain(s["id"], targets, results)} for s in scenarios],
        "cells": {cell: {"word": r.word, "reason": r.reason[:MAX_TITLE]} for cell, r in results.items()},
        "holders": holders(scenarios, targets, history_of),
        "peers": peers(scenarios, targets, history_of),
        "agreement": agreement(scenarios, targets, history_of),
        "baseline": baseline.folder.name if baseline else "",
        "transitions": to_json(_transitions(baseline, run, results)) if baseline else [],
        "claims": verdicts(scenarios, targets, results),
        "coverage": [{**to_json(m), "page": _link(run, reports, m.page)} for m in measured],
    })
    style = (HERE / "templates" / "style.css").read_text("utf-8")
    script = "\n".join((HERE / "templates" / name).read_text("utf-8") for name in SCRIPTS)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("page.html").render(
        style=style, script=script, style_hash=_hash(style), script_hash=_hash(script), run=plan.run, data=_inline(data),
        packs={s["id"]: _pack(redactor, s["id"], targets, results, history_of) for s in scenarios})


def _pack(
    redactor: Redactor, scenario: str, targets: tuple[Target, ...], results: dict[str, CellResult],
    history_of: Callable[[str], History | None],
) -> str:
    """The cells of one scenario in full, as the page unpacks them when one is opened: gzip, in Base64.

    A page of a hundred thousand cells opens at once, and is a tenth of the size.
    """
    ids = [cell for target in targets if (cell := f"{scenario}@{target.id}") in results]
    cells = {cell: _cell(results[cell], history_of(cell)) for cell in ids}
    text = json.dumps(redactor.everything(cells), ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode("utf-8", "replace"), 6, mtime=0)).decode("ascii")


def _transitions(baseline: Run, run: Run, results: dict[str, CellResult]) -> list[Transition]:
    """What is not as it was; a cell that this run was not asked for has not vanished."""
    asked = {cell.partition("@")[2] for cell in results}
    before = {cell: result for cell, result in baseline.results().items() if cell.partition("@")[2] in asked}
    hashes = [{scenario["id"]: scenario["hash"] for scenario in one.read_scenarios()} for one in (baseline, run)]
    return compare(before, results, *hashes)


def _inline(data: Json) -> str:
    """JSON that cannot end its script element: no "<", and no line separators of old JavaScript."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _link(run: Run, reports: Path, page: str) -> str:
    """A link from the report into the run's folder; none where the report lies elsewhere."""
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
    return {key: scenario[key] for key in shown}


def _between(note: str) -> bool:
    """Whether a step is of a turn of a repeat that is neither its first nor its last: its bytes are in history.json only."""
    match = re.match(r"(\d+) of (\d+)\b", note)
    return match is not None and 1 < int(match[1]) < int(match[2])


def _cell(result: CellResult, history: History | None) -> Json:
    """A cell's data on the page; texts that every step repeats are left out."""
    data: Json = {key: value for key, value in to_json(result).items() if value not in (None, "", 0.0)}
    data["word"] = result.word
    data["cleanup_verdict"] = data.pop("cleanup", None)
    if history is None:
        return data
    asks = {step["number"]: step["observe"] for step in history.steps}
    repeated = {step["number"] for step in history.steps if _between(step["note"])}
    failed = {failure.step for failure in result.behaviour.failures} if result.behaviour else set()
    observations = []
    for observation in history.observations:
        seen = {name: value for name, value in observation.seen.items() if name != "log"}  # the page has the whole log
        for name in ("body", "received"):
            if isinstance(seen.get(name), str) and len(seen[name]) > MAX_SCREEN:
                text = seen[name]
                seen[name] = f"{text[:MAX_SCREEN]}\n[… {len(text) - MAX_SCREEN} characters cut …]"
        wire = observation.wire
        if observation.step in repeated and observation.step not in failed:
            wire, seen = (), {name: value for name, value in seen.items() if name not in ("body", "received")}
        asked = asks.get(observation.step, {})
        observations.append({**to_json(observation), "seen": seen, "wire": to_json(wire),
                             "observed": {question: observed(observation.seen, source) for question, source in asked.items()}})
    data.update(
        host=history.host, port=history.port, observations=observations, after=history.cleanup, logs=history.logs,
        ledger=history.ledger, coverage_note=history.coverage_note, error=history.error,
        steps=[{key: step[key] for key in ("number", "act", "args", "expect", "within", "server", "note", "save")}
               for step in history.steps])
    return data

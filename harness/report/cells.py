"""A cell in full as the page shows it; the cells of a scenario are packed together, and unpacked when one is opened."""

from __future__ import annotations

import base64
import gzip
import re
from typing import Any

from ..model.ids import CellId
from ..model.stored_json import to_json
from ..model.values import CellResult, History, Json, Verdict
from ..reproducer import write
from ..verdict.answers import observed
from .publishable import Redactor
from .view import RunView

MAX_SCREEN = 4 * 1024  # characters of one answer


def pack(text: str) -> str:
    """Text as the page unpacks it: gzip, in Base64. The same text always gives the same pack."""
    return base64.b64encode(gzip.compress(text.encode("utf-8", "replace"), 6, mtime=0)).decode("ascii")


def scenario_pack(view: RunView, scenario: Json, recipes: Json) -> str:
    """The cells of one scenario in full; so a page of a hundred thousand cells opens at once, and is a tenth of the size."""
    cells, tops, redactor = {}, {}, view.redactor
    for target in view.targets:
        result = view.results.get(CellId.of(scenario["id"], target.id))
        if result is None:
            continue
        history = view.history(result.cell)
        shown = cell(result, history, view.past.tell(result.cell))
        cells[result.cell] = redactor.json(shown)  # one by one: few contain anything private
        if history is not None and history.observations and target.id in recipes["targets"]:
            tops[result.cell] = {
                "sections": write.needed(history.steps),
                "subject": target.subject,
                "about": write.about(result, history, scenario, recipes["targets"][target.id], redactor.text),
            }
    # The top of a reproducer is redacted where it holds server output, but not bounded: half of it is not a program.
    texts = ",".join(f"{Redactor.dumps(name)}:{text}" for name, text in cells.items())
    return pack(f'{{"cells":{{{texts}}},"reproducers":{Redactor.dumps(tops)}}}')


def cell(result: CellResult, history: History | None, past: Json) -> Json:
    """A cell's data, with its past; empty values, and texts that every step repeats, are left out."""
    data: Json = {"coverage": result.coverage, "seconds": result.seconds, **past}  # the page takes the word from its row
    if result.reason:
        data["reason"] = result.reason
    if result.behaviour is not None:
        data["behaviour"] = _verdict(result.behaviour)
    if result.cleanup is not None:
        data["cleanup_verdict"] = _verdict(result.cleanup)
    if history is not None:
        data.update(_history(result, history))
    return data


def _verdict(verdict: Verdict) -> Json:
    if not verdict.reason:
        return {"outcome": verdict.outcome}
    return {"outcome": verdict.outcome, "reason": verdict.reason, "failures": to_json(verdict.failures)}


def _history(result: CellResult, history: History) -> Json:
    asks = {step["number"]: step["observe"] for step in history.steps}
    repeated = {step["number"] for step in history.steps if between(step["note"])}
    failed = {failure.step for failure in result.behaviour.failures} if result.behaviour else set()
    observations = []
    for observation in history.observations:
        seen = {name: _cut(name, value) for name, value in observation.seen.items() if name != "log"}  # the page has it whole
        wire = observation.wire
        if observation.step in repeated and observation.step not in failed:
            wire, seen = (), {name: value for name, value in seen.items() if name not in ("body", "received")}
        asked = asks.get(observation.step, {})
        observations.append(
            {
                "step": observation.step,
                "act": observation.act,
                "at": observation.at,
                "seconds": observation.seconds,
                "server": observation.server,
                "timeout": observation.timeout,
                "unable": observation.unable,
                "seen": seen,
                "wire": wire,
                "observed": {question: observed(observation.seen, source) for question, source in asked.items()},
            }
        )
    steps = [
        {key: step[key] for key in ("number", "act", "args", "expect", "within", "server", "note", "save")}
        | ({"either": step["either"]} if step.get("either") else {})
        for step in history.steps
    ]
    return {
        "host": history.host,
        "port": history.port,
        "observations": observations,
        "after": history.cleanup,
        "logs": history.logs,
        "ledger": history.ledger,
        "coverage_note": history.coverage_note,
        "error": history.error,
        "steps": steps,
        **({"shared": history.shared} if history.shared else {}),
    }


def _cut(name: str, value: Any) -> Any:
    """An answer's text, shortened, with the cut marked."""
    if name in ("body", "received") and isinstance(value, str) and len(value) > MAX_SCREEN:
        return f"{value[:MAX_SCREEN]}\n[… {len(value) - MAX_SCREEN} characters cut …]"
    return value


def between(note: str) -> bool:
    """Whether a step is in a turn of a repeat that is neither the first nor the last: its bytes are only in history.json."""
    match = re.match(r"(\d+) of (\d+)\b", note)
    return match is not None and 1 < int(match[1]) < int(match[2])

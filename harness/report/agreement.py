"""A subject beside its oracle: each request of the scenarios that both ran, and whether both answered the same."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from ..model import History, Json, Target

FAMILIES = ("dispatch", "parameters", "http")
MAX_MESSAGE = 160

_PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)
_NAMES = re.compile(r"(parameters: )([\w, ]+)$")


def agreement(
    scenarios: list[Json], targets: tuple[Target, ...], history_of: Callable[[str], History | None],
) -> list[Json]:
    """Return a line for each request step, with both answers for each interpreter on which both subjects ran."""
    pairs = []
    for ours in targets:
        oracles = [theirs for theirs in targets
                   if ours.oracle == theirs.subject and ours.interpreter_id == theirs.interpreter_id]
        if oracles:  # the locked release, where other editions of it stand beside it
            pairs.append((ours, min(oracles, key=lambda theirs: theirs.column != theirs.subject)))
    lines: dict[tuple[str, int], Json] = {}
    for scenario in scenarios:
        if scenario["family"] not in FAMILIES:
            continue
        for ours, theirs in pairs:
            mine, oracle = (history_of(f"{scenario['id']}@{t.id}") for t in (ours, theirs))
            if mine is None or oracle is None:
                continue
            for number, request, answer, other in _answers(mine, oracle):
                line = lines.setdefault((scenario["id"], number), {
                    "scenario": scenario["id"], "step": number, "request": request, "reason": _reason(scenario, number),
                    "answers": []})
                line["answers"].append({
                    "interpreter": ours.interpreter_id, "subject": ours.column, "oracle": theirs.column,
                    "ours": answer, "theirs": other, "agree": answer == other})
    return list(lines.values())


def _reason(scenario: Json, step: int) -> str:
    """Why they may differ: the scenario's own words, or those of a known failure at this step."""
    known = [entry["why"] for entry in scenario["known"] if entry["step"] == step]
    return str(scenario["differs"] or "; ".join(known))


def _answers(mine: History, oracle: History) -> list[tuple[int, str, str, str]]:
    """(step, request, our answer, theirs) of each request that both did."""
    theirs = {observation.step: observation for observation in oracle.observations}
    steps = {step["number"]: step for step in mine.steps}
    return [
        (o.step, _request(steps[o.step]), _shown(o.seen), _shown(theirs[o.step].seen))
        for o in mine.observations if o.act == "request" and o.step in theirs]


def _request(step: Json) -> str:
    args = step["args"]
    form = f" with {args['form']}" if "form" in args else ""
    return f"{args.get('method', 'POST' if form else 'GET')} {args['path']}{form}"


def _shown(seen: Json) -> str:
    """The status and the message that a person sees: the first paragraph of a page, or the text itself."""
    if seen.get("status") is None:
        return str(seen.get("error") or "no answer")
    body = seen.get("body") or ""
    paragraph = _PARAGRAPH.search(body)
    message = html.unescape(" ".join((paragraph[1] if paragraph else body).split()))
    if 300 <= seen["status"] < 400:  # the text beside a redirect is nobody's interface; where it leads is
        location = next((v for k, v in (seen.get("headers") or {}).items() if k.lower() == "location"), "")
        message = re.sub(r"^http://[^/]+", "", location)
    # Two surplus names come in hash order from CherryPy: only which they are is compared.
    message = _NAMES.sub(lambda match: match[1] + ", ".join(sorted(match[2].split(", "))), message)
    return f"{seen['status']} {message[:MAX_MESSAGE]}".strip()

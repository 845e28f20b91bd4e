"""A subject compared with its oracle: each request of the scenarios that both ran, and whether the answers agree."""

from __future__ import annotations

from collections.abc import Callable

from ..language.scenario import holds
from ..model.values import History, Json, Target
from .answer_parts import Seen, differences, seen
from .excerpts import apart

FAMILIES = ("dispatch", "parameters", "http")
MAX_SUMMARY = 160  # characters of an answer in one line; the differences are shown separately
MAX_LINE = 60  # characters of raw bytes that are sent
NOT_THERE = "did not reach this step"


def agreement(
    scenarios: list[Json],
    targets: tuple[Target, ...],
    history_of: Callable[[str], History | None],
) -> list[Json]:
    """Return one row per request, with both answers for each interpreter on which both subjects ran.

    An answer's ``agree`` is None if only one of the two reached the step; ``differences`` are the parts that differ.
    """
    pairs = []
    for ours in targets:
        oracles = [
            theirs for theirs in targets if ours.oracle == theirs.subject and ours.interpreter_id == theirs.interpreter_id
        ]
        if oracles:  # the locked release, if other editions of the oracle ran, too
            pairs.append((ours, min(oracles, key=lambda theirs: theirs.column != theirs.subject)))
    lines: dict[tuple[str, int], Json] = {}
    reasons: dict[tuple[str, int], dict[str, None]] = {}
    for scenario in scenarios:
        if scenario["family"] not in FAMILIES:
            continue
        for ours, theirs in pairs:
            mine, oracle = (history_of(f"{scenario['id']}@{t.id}") for t in (ours, theirs))
            if mine is None or oracle is None:
                continue
            said, expected = _answers(mine), _answers(oracle)
            steps = {step["number"]: step for history in (oracle, mine) for step in history.steps}
            for number in sorted({*said, *expected}):
                line = lines.setdefault(
                    (scenario["id"], number),
                    {
                        "scenario": scenario["id"],
                        "step": number,
                        "request": _request(steps[number]),
                        "reason": "",
                        "answers": [],
                    },
                )
                why = reasons.setdefault((scenario["id"], number), {})
                found = _compared(said.get(number), expected.get(number))
                line["answers"].append(
                    {"interpreter": ours.interpreter_id, "subject": ours.column, "oracle": theirs.column, **found}
                )
                if found["agree"] is False:
                    why.update(dict.fromkeys(_reasons(scenario, number, (ours, theirs))))
                    line["reason"] = "; ".join(why)
    return list(lines.values())


def _reasons(scenario: Json, step: int, targets: tuple[Target, ...]) -> list[str]:
    """Why they may differ: the scenario's reason, or those of either subject's known failures at this step."""
    if scenario["differs"]:
        return [scenario["differs"]]
    return [
        entry["why"]
        for entry in scenario["known"]
        if entry["step"] == step and any(holds(entry["where"], target) for target in targets)
    ]


def _answers(history: History) -> dict[int, Seen]:
    """What each step that got an answer saw, by its number."""
    steps = {step["number"]: step for step in history.steps}
    return {
        observation.step: found
        for observation in history.observations
        if (found := seen(steps[observation.step], observation.seen, history)) is not None
    }


def _compared(ours: Seen | None, theirs: Seen | None) -> Json:
    shown = {
        name: NOT_THERE if one is None else _cut(one.text(), MAX_SUMMARY) for name, one in (("ours", ours), ("theirs", theirs))
    }
    if ours is None or theirs is None:
        return {**shown, "agree": None, "differences": []}
    found = [
        {"part": part, **dict(zip(("ours", "theirs"), apart(one, two), strict=True))}
        for part, one, two in differences(ours, theirs)
    ]
    return {**shown, "agree": not found, "differences": found}


def _request(step: Json) -> str:
    """What was sent, in one line."""
    args = step["args"]
    if step["act"] == "raw":
        line, _, rest = args["send"].partition("\r\n")
        text = line.encode("unicode_escape").decode("ascii")
        return f"raw: {_cut(text, MAX_LINE)}{' …' if rest.strip() else ''}"
    if step["act"] == "wait":
        return f"the answer to {args.get('response')}"
    form = f" with {args['form']}" if "form" in args else ""
    method = args.get("method", "POST" if form or args.get("body") else "GET")
    return f"{method} {args['path']}{form}"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"

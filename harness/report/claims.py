"""What a run's cells say of the paper's claims: the verdict, and what was seen in the steps that show each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..language.claim_questions import NOBODY, QUESTIONS, Question, names
from ..language.paper_claims import CLAIMS, EVIDENCE, PROBLEMS, REMARKS, STATED
from ..model import outcomes
from ..model.values import CellResult, History, Json, Target
from ..verdict.wording import general, in_words, part
from .messages import said, without_times
from .phrases import pythons_in_words
from .terminal_summary import one_line

REPRODUCED, NOT_REPRODUCED, IN_PART, NOT_TRIED, KNOWN, OPEN = (
    "reproduced",
    "not reproduced",
    "in part",
    "cannot be tried here",
    "open: its failures are known",
    "open: its cells failed",
)
MOST = 120  # characters of one answer
MOST_REASONS = 4  # for which a claim was not tried
PAPERS_HOST = "127.0.0.1"  # a cell that has the paper's own channel is about that address


def verdicts(
    scenarios: list[Json],
    targets: tuple[Target, ...],
    results: dict[str, CellResult],
    history_of: Callable[[str], History | None],
    others: Iterable[Json] = (),
) -> list[Json]:
    """Return each claim with its scenarios, the verdicts of the cells, and what was found.

    Verdicts and answers say on which servers and Pythons. ``others`` are scenarios that this run has, and did not select.
    """
    left = {claim: [one["id"] for one in others if claim in one["paper"]] for claim in CLAIMS}
    by_id = {scenario["id"]: scenario for scenario in scenarios}
    told = []
    for claim, text in CLAIMS.items():
        its = [scenario for scenario in scenarios if claim in scenario["paper"]]
        tried = [(_verdict(its, target, results), target) for target in targets]
        ran = [target for verdict, target in tried if verdict != NOT_TRIED]
        told.append(
            {
                "id": claim,
                "claim": text,
                "problem": claim in PROBLEMS,
                "evidence": EVIDENCE.get(claim, STATED),
                "remark": REMARKS.get(claim, ""),
                "scenarios": [scenario["id"] for scenario in its],
                "unselected": _unselected(claim, left[claim], by_id),
                "verdicts": [
                    {"verdict": verdict, "where": where(some, targets)}
                    for verdict, some in _grouped(tried).items()
                    if verdict != NOT_TRIED
                ],
                "found": [
                    {"question": question.words, "scenario": question.scenario, "answers": answers}
                    for question in QUESTIONS.get(claim, ())
                    if question.scenario in by_id
                    and (answers := _answers(question, by_id[question.scenario], ran, targets, results, history_of))
                ],
                "notTried": _reasons(its, [target for target in targets if target not in ran], targets, results),
            }
        )
    return told


def _unselected(claim: str, left: list[str], here: Iterable[str]) -> list[str]:
    """The scenarios of a claim without a cell in this run; the bundled ones exist although a run may be without them."""
    known = dict.fromkeys([*left, *(question.scenario for question in QUESTIONS.get(claim, ()))])
    return [scenario for scenario in known if scenario not in here]


def _verdict(scenarios: list[Json], target: Target, results: dict[str, CellResult]) -> str:
    """All cells that ran must say the same; one that failed leaves the claim open, a known failure included."""
    words = set()
    for scenario in scenarios:
        result = results.get(f"{scenario['id']}@{target.id}")
        if result is None or result.word in outcomes.NOT_TRIED:
            continue
        words.add(scenario["shows"] if result.word == "pass" else KNOWN if result.word == "known" else OPEN)
    if OPEN in words:
        return OPEN
    if KNOWN in words:
        return KNOWN
    if len(words) == 2:
        return IN_PART
    return words.pop() if words else NOT_TRIED


def _answers(
    question: Question,
    scenario: Json,
    ran: list[Target],
    targets: tuple[Target, ...],
    results: dict[str, CellResult],
    history_of: Callable[[str], History | None],
) -> list[Json]:
    """What the cells saw in the question's step; the most frequent answer first."""
    number = names(scenario["steps"]).get(question.step)
    if number is None:
        return []  # the scenario of an older run, or of another folder
    found = []
    for target in ran:
        result = results.get(f"{scenario['id']}@{target.id}")
        history = history_of(result.cell) if result is not None and result.status == "ran" else None
        observation = next((one for one in history.observations if one.step == number), None) if history else None
        if history is not None and observation is not None:
            found.append((_in_words(question, observation.seen, history) or observation.unable or "nothing", target))
    groups = sorted(_grouped(found).items(), key=lambda group: -len(group[1]))
    return [{"value": one_line(answer, MOST), "where": where(some, targets)} for answer, some in groups]


def _in_words(question: Question, seen: Json, history: History) -> str:
    if seen.get("error"):
        return in_words({"error": seen["error"]})
    return ", ".join(filter(None, (_value(value, seen, history) for value in question.values)))


def _value(value: str, seen: Json, history: History) -> str:
    """One value of an answer, as a reader says it: "404 Not Found" and not "status 404, reason "Not Found""."""
    key, _, rest = value.partition(":")
    found: Any = seen.get(key)
    if key == "log":
        line = said(rest, found or "")
        return f"“{without_times(_general(line, history))}”" if line else ""
    if key == "status" and "reason" in seen and found is not None:
        return f"{found} {seen['reason'] or ''}".strip()
    if key == "reason":
        return ""  # it is said with the status
    if key == "header":
        text = (seen.get("headers") or {}).get(rest)
        return f"{rest}: {_general(text, history)}" if text else f"no {rest}"
    if key == "listeners":
        return " and ".join(_holder(one) for one in found) if found else NOBODY
    if key == "exit":
        return "" if found is None else f"exit {found}"
    if key == "ready":
        return "starts" if found else "does not start"
    if key == "bind":
        return f"the port is {found}"
    return part(key, _general(found, history) if isinstance(found, str) else found)


def _holder(name: str) -> str:
    return {"main": "the server", "child": "the child"}.get(name, name)


def _general(text: str, history: History) -> str:
    return text if history.host == PAPERS_HOST else str(general(text, history))


def _reasons(
    scenarios: list[Json], left: list[Target], targets: tuple[Target, ...], results: dict[str, CellResult]
) -> list[Json]:
    """Why a claim was not tried on some targets, in the words of their cells: the first reason of each target.

    That a Python is not on this machine is said only where there is no other reason: it is the same for all claims.
    """
    found = []
    for target in [one for one in left if one.status != "missing" or not one.reason] or left:
        reasons = [result.reason for one in scenarios if (result := results.get(f"{one['id']}@{target.id}")) and result.reason]
        if reasons:
            found.append((reasons[0].removeprefix(f"{target.column} ").removeprefix(f"{target.subject} "), target))
    groups = sorted(_grouped(found).items(), key=lambda group: -len(group[1]))
    return [{"reason": reason, "where": where(some, targets)} for reason, some in groups[:MOST_REASONS]]


def _grouped(found: Iterable[tuple[str, Target]]) -> dict[str, list[Target]]:
    groups: dict[str, list[Target]] = {}
    for text, target in found:
        groups.setdefault(text, []).append(target)
    return groups


def where(some: list[Target], targets: tuple[Target, ...]) -> list[str]:
    """Targets in words, ["cherrypy and enginebus on 2.7 to 3.13", …]: servers with the same Pythons are said once."""
    pythons: dict[str, list[str]] = {}
    for target in targets:
        pythons.setdefault(target.column, []).append(target.interpreter_id)
    chosen: dict[str, list[str]] = {}
    for target in some:
        chosen.setdefault(target.column, []).append(target.interpreter_id)
    said_once: dict[str, list[str]] = {}
    for column, its in chosen.items():
        said_once.setdefault(pythons_in_words(its, pythons[column]), []).append(column)
    return [f"{_and(columns)} on {words}" for words, columns in said_once.items()]


def _and(names_of: list[str]) -> str:
    return names_of[0] if len(names_of) == 1 else f"{', '.join(names_of[:-1])} and {names_of[-1]}"

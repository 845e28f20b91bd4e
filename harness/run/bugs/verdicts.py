"""Judge a citation by the behaviour of two releases: pure.

A failure that is known to the scenario counts as a failure at the step of the citation. At other steps, it is ignored.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...language.scenario import Bug, Scenario
from ...model.values import CellResult, Failure
from ...verdict.judge import is_known, spelled

CAUGHT, NOT_CAUGHT, STILL_RED = "caught", "NOT CAUGHT", "STILL RED"
UNKNOWN = "NOT JUDGED"  # the harness crashed, or was interrupted
UNPLAYED = "cannot be played"
#: In table order, and those that set the exit code to 1.
VERDICTS = (NOT_CAUGHT, STILL_RED, UNKNOWN, UNPLAYED, CAUGHT)
RED = (NOT_CAUGHT, STILL_RED, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Side:
    """One release: the word of its cell, and its state with respect to the report.

    red: it fails where the citation says; elsewhere: it fails, but not (or not everywhere) there; green; absent: it is not
    available, or does not start; unsupported: the scenario does not apply to it; unknown: it was not judged.
    """

    cell: str
    release: str
    word: str
    state: str
    reason: str = ""


def look(release: str, scenario: Scenario, bug: Bug, result: CellResult, refused: str = "") -> Side:
    """The behaviour of one release; ``scenario`` is resolved for it, ``refused`` is why it does not start."""
    state, reason = _look(scenario, bug, result, refused)
    return Side(result.cell, release, result.word, state, reason)


def _look(scenario: Scenario, bug: Bug, result: CellResult, refused: str) -> tuple[str, str]:
    if refused or result.status in ("missing", "broken"):
        return "absent", refused or result.reason
    if result.status == "unsupported":
        return "unsupported", result.reason
    if result.status != "ran":
        return "unknown", result.reason
    failures = [f for verdict in (result.behaviour, result.cleanup) if verdict for f in verdict.failures]
    counted = [f for f in failures if _is_about(bug, f) or not is_known(list(scenario.known), f)]
    if not counted:
        return "green", ""
    first = counted[0]
    said = spelled(first)
    if not (bug.failing and _is_about(bug, first)) and _first_start(scenario) == first.step and first.key in ("ready", "start"):
        return "absent", f"does not start: {said}"
    if not _is_about(bug, first):
        return "elsewhere", f"red at {said}; not at {', '.join(bug.failing)}"
    if holding := [place for place in bug.failing if not any(_is_at(place, f) for f in counted)]:
        return "elsewhere", f"red at {said}; not at {', '.join(holding)}"
    return "red", said


def _is_about(bug: Bug, failure: Failure) -> bool:
    return not bug.failing or any(_is_at(place, failure) for place in bug.failing)


def _is_at(place: str, failure: Failure) -> bool:
    number, _, key = place.partition(".")
    return int(number) == failure.step and key in ("", failure.key)


def _first_start(scenario: Scenario) -> int:
    """The first step that starts a server and expects it ready; -1 if there is none."""
    return next((step.number for step in scenario.steps if step.act == "start" and step.expect.get("ready") is True), -1)


def verdict(broken: Side, fixed: Side | None) -> tuple[str, str]:
    """The verdict on a citation, and why: red there, green here."""
    for side in (broken, fixed):
        if side is not None and side.state == "unknown":
            return UNKNOWN, f"on {side.release}: {side.reason}"
    if broken.state == "absent":
        return UNPLAYED, f"{broken.release}: {broken.reason}"
    if broken.state == "green":
        return NOT_CAUGHT, f"the scenario is green on {broken.release}, which has the bug"
    if broken.state != "red":
        return NOT_CAUGHT, f"on {broken.release}: {broken.reason}"
    if fixed is None:
        return CAUGHT, "no release has the fix"
    if fixed.state == "absent":
        return UNPLAYED, f"{fixed.release}: {fixed.reason}"
    if fixed.state == "unsupported":
        return NOT_CAUGHT, f"on {fixed.release}: {fixed.reason}"
    if fixed.state != "green":
        return STILL_RED, f"on {fixed.release}: {fixed.reason}"
    return CAUGHT, ""

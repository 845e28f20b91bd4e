"""Compare a cell's verdicts with the failures that its adopter expects (known.toml). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..language.expected_failures import ExpectedFailure
from ..language.scenario import Scenario
from ..model.values import CellResult, Failure, Verdict
from .judge import is_known

FAILING = ("fail", "timeout")


def weigh(result: CellResult, scenario: Scenario, expected: Iterable[ExpectedFailure]) -> CellResult:
    """Apply the entries to a result: `known` if they match every failure, `fixed` if one that always fails matches nothing.

    Failures known to the scenario itself stay known; any other failure leaves the cell red. A cell that did not run has no
    verdicts to compare.
    """
    entries = [entry for entry in expected if entry.names(result.cell)]
    if not entries or result.status != "ran" or result.behaviour is None or result.cleanup is None:
        return result
    failures = (*result.behaviour.failures, *result.cleanup.failures)
    always = [entry for entry in entries if not entry.sometimes]
    unseen = [entry for entry in always if not any(_tells(entry, failure) for failure in failures)]
    behaviour = _weighed("behaviour", result.behaviour, scenario, entries)
    cleanup = _weighed("cleanup", result.cleanup, scenario, entries)
    if unseen and not {behaviour.outcome, cleanup.outcome} & set(FAILING):
        said = f"known failure no longer occurs: {unseen[0].reason}; remove the entry from known.toml"
        return replace(result, behaviour=replace(behaviour, outcome="fixed", reason=said), cleanup=cleanup, reason=said)
    red = [verdict for verdict in (behaviour, cleanup) if verdict.outcome in (*FAILING, "fixed")]
    known = [verdict.reason for verdict in (behaviour, cleanup) if verdict.outcome == "known"]
    reason = red[0].reason if red else "; ".join(dict.fromkeys(known))
    return replace(result, behaviour=behaviour, cleanup=cleanup, reason=reason)


def _weighed(name: str, verdict: Verdict, scenario: Scenario, entries: list[ExpectedFailure]) -> Verdict:
    if verdict.outcome not in FAILING:
        return verdict
    own = [known for known in scenario.known if known.verdict == name]
    told: dict[str, None] = {}
    for failure in verdict.failures:
        telling = [entry.reason for entry in entries if _tells(entry, failure)]
        if not telling and not is_known(own, failure):
            return verdict
        told.update(dict.fromkeys(telling))
    return Verdict("known", "; ".join(told), verdict.failures)


def _tells(entry: ExpectedFailure, failure: Failure) -> bool:
    return entry.step in (0, failure.step) and entry.key in ("", failure.key)

"""A scenario resolved for one target: its cases and known failures, and deadlines below the server's timeout."""

from __future__ import annotations

from dataclasses import replace

from ..language.scenario import Scenario, Step, for_target
from ..model.values import Target
from .subject import Subject

#: Fraction of a server's own timeout: a wait for a close ends before the server would close an idle connection.
PART = 0.9


def resolve(scenario: Scenario, target: Target, subject: Subject) -> Scenario:
    """Choose what applies to a target; ``subject`` is the target's own. Raises ScenarioError, as for_target does.

    A server closes connections that are idle for long enough, so a wait of that length would always succeed. A step that waits
    for a close therefore gets less time, unless it tests the timeout itself and has a lower bound on its ``seconds``.
    """
    resolved = for_target(scenario, target)
    if subject.timeout is None:
        return resolved
    limit = PART * subject.timeout
    return replace(
        resolved,
        steps=tuple(
            replace(step, within=min(step.within, limit)) if _waits_for_a_close(step) else step for step in resolved.steps
        ),
    )


def _waits_for_a_close(step: Step) -> bool:
    waits = (step.act == "raw" and step.args.get("until") == "close") or (step.act == "wait" and "states" in step.args)
    return waits and not str(step.expect.get("seconds", "")).startswith(">")

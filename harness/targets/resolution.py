"""A scenario for one target: the cases and known failures that hold there, and deadlines below the server's time-outs."""

from __future__ import annotations

from dataclasses import replace

from ..language.scenario import Scenario, Step, for_target
from ..model.values import Target
from .subject import Subject

#: Of a server's own time-out: a wait for a close ends before the server would close for that reason alone.
PART = 0.9


def resolve(scenario: Scenario, target: Target, subject: Subject) -> Scenario:
    """Choose what holds for a target; ``subject`` is the one of that target. Raises ScenarioError as for_target does.

    A server closes a connection that is idle for long enough. A wait that reaches so far would always come true, and so a
    step that waits for a close is given less time than that, unless it is about the time-out and says so with a lower bound
    on its ``seconds``.
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

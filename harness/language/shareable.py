"""Which scenarios may share a launch: those that only ask a running server, and leave it as it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..model.values import Json
from .scenario import Mistakes, Scenario, Step

ASKING = ("request", "raw")  # the acts that only ask


def check_shared(data: Json, steps: list[Step], mistakes: Mistakes) -> None:
    """Add what forbids a scenario that declares ``launch = "shared"`` to share one."""
    head = _head(data.get("channel", "own"), data.get("reload"), data.get("leaves"))
    for problem in (*head, *_steps(steps)):
        mistakes.add("launch", f'"shared" is for scenarios that only ask a server: {problem}')


def only_asks(scenario: Scenario) -> bool:
    """Whether all that a scenario does is to start a server and to ask it: at its end the server must still answer."""
    return not any((*_head(scenario.channel, scenario.reload, scenario.leaves), *_steps(scenario.steps)))


def _head(channel: str, reload: Any, leaves: Any) -> Iterator[str]:
    if channel != "own":
        yield f"channel = {channel!r} needs a server of its own"
    if reload:
        yield "a server that reloads its application is changed by it"
    if leaves:
        yield "what it leaves would be left to the next cell"


def _steps(steps: Sequence[Step]) -> Iterator[str]:
    """The first step starts the server as it is; all others ask it, and wait for the answer."""
    if not steps or steps[0].act != "start" or steps[0].args or steps[0].server != "main":
        yield "its first step must be a start without arguments"
    for step in steps[1:]:
        if step.act not in ASKING:
            yield f"step {step.number} is a {step.act}"
        elif step.args.get("background"):
            yield f"step {step.number} does not wait for its answer"
        elif step.args.get("channel", 1) != 1:
            yield f"step {step.number} asks another channel"
    if len(steps) < 2:
        yield "it asks nothing"

"""Port already in use: what each server did, for each way of holding it."""

from __future__ import annotations

from collections.abc import Callable

from ..model.values import History, Json, Observation, Target
from .peers import together
from .phrases import pythons_of

WAITED_SECONDS = 2.0  # a start that takes this much longer than the same server's start on a free port has waited
LONG_START_SECONDS = 3.0  # the limit if it was never started on a free port
ORPHAN = "orphan"


def holders(
    scenarios: list[Json],
    targets: tuple[Target, ...],
    history_of: Callable[[str], History | None],
) -> list[Json]:
    """Return one row per scenario in which a server is started while its port is held, with each column's conduct."""
    rows, pythons = [], pythons_of(targets)
    for scenario in scenarios:
        answers: dict[str, list[tuple[str, str]]] = {}
        names: list[str] = []
        for target in targets:
            history = history_of(f"{scenario['id']}@{target.id}")
            found = history and conduct(history)
            if found:
                names.append(found[0])
                answers.setdefault(target.column, []).append((target.interpreter_id, found[1]))
        if names:
            rows.append(
                {
                    "holder": names[0],
                    "scenario": scenario["id"],
                    "answers": {column: together(values, pythons[column]) for column, values in answers.items()},
                }
            )
    return sorted(rows, key=lambda row: str(row["holder"]))


def conduct(history: History) -> tuple[str, str] | None:
    """(how the port is held, what the server did that was started then); None if the history has no such start."""
    how = lasts = ""
    started: list[str] = []
    steps = {step["number"]: step for step in history.steps}
    for observation in history.observations:
        args = steps[observation.step]["args"]
        if observation.act == "hold":
            how, lasts = args["how"], args.get("lasts", "")
        elif observation.act == "release":
            return None  # nothing was started while it held
        elif observation.act == "sockets" and not how and set(observation.seen.get("listeners", ())) - set(started):
            how = ORPHAN
        elif observation.act == "start":
            if how:
                if observation.seen.get("ready") is None:
                    return None  # in the background: the scenario is about the waiting itself
                name = f"{how}, released after {lasts}" if lasts else how
                return name, _did(observation, _undisturbed(history, observation), lasts)
            started.append(observation.server)
    return None


def _undisturbed(history: History, held: Observation) -> float | None:
    """Seconds of a later start in this history, when the port was free again."""
    later = [o.seen["seconds"] for o in history.observations if o.act == "start" and o.step > held.step and o.seen.get("ready")]
    return float(later[0]) if later else None


def _did(observation: Observation, undisturbed: float | None, lasts: str) -> str:
    seconds = float(observation.seen["seconds"])
    limit = LONG_START_SECONDS if undisturbed is None else undisturbed + WAITED_SECONDS
    waited = seconds > limit or bool(lasts and observation.seen["ready"])
    if observation.seen["ready"]:
        return "waited, then started" if waited else "started beside it"
    return f"{'waited, then ' if waited else ''}refused, exit {observation.seen['exit']}"

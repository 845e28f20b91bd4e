"""The numbers for the plots: how long things took on each target, sweeps, and growth."""

from __future__ import annotations

import statistics
from collections.abc import Callable

from ..model.values import CellResult, History, Json, Observation, Target

#: What is drawn for each target: title -> what is measured, in seconds.
TIMES = {
    "cell": "A whole cell",
    "ready": "From the launch until the server is ready",
    "stop": "From SIGTERM until the server has ended",
    "free": "From the end of a server until its port can be bound",
}


def plots(
    scenarios: list[Json],
    targets: tuple[Target, ...],
    results: dict[str, CellResult],
    history_of: Callable[[str], History | None],
) -> Json:
    """Return ``times``: name -> a summary for each target; ``sweeps`` and ``growths``: one for each cell that has one."""
    times: dict[str, dict[str, list[float]]] = {name: {} for name in TIMES}
    sweeps, growths = [], []
    for scenario in scenarios:
        for target in targets:
            result = results.get(f"{scenario['id']}@{target.id}")
            if result is None or result.status != "ran":
                continue
            times["cell"].setdefault(target.id, []).append(result.seconds)
            history = history_of(result.cell)
            for observation in history.observations if history else ():
                measured = _time(observation, history)
                if measured:
                    times[measured[0]].setdefault(target.id, []).append(measured[1])
                seen = observation.seen
                if observation.act == "sweep" and "points" in seen:
                    sweeps.append(
                        {
                            "cell": result.cell,
                            "signal": seen["signal"],
                            "ready": seen["ready_seconds"],
                            "points": [[p["moment"], p["seconds"], p["exit"]] for p in seen["points"]],
                        }
                    )
                if observation.act == "growth" and "series" in seen:
                    growths.append({"cell": result.cell, "values": {name: seen[name] for name in seen["series"]}})
    drawn = [
        {
            "name": name,
            "title": TIMES[name],
            "targets": [{"target": target, **summary(values)} for target, values in found.items()],
        }
        for name, found in times.items()
        if found
    ]
    return {"times": drawn, "sweeps": sweeps, "growths": growths}


def _time(observation: Observation, history: History | None) -> tuple[str, float] | None:
    """What a step measured, if that is one of TIMES."""
    seconds = observation.seen.get("seconds")
    if seconds is None or history is None or observation.timeout or observation.unable:
        return None
    if observation.act == "start" and observation.seen.get("ready"):
        return "ready", seconds
    if observation.act == "stop" and not observation.seen.get("forced"):
        return "stop", seconds
    step = next((step for step in history.steps if step["number"] == observation.step), None)
    if observation.act == "wait" and step is not None and step["args"].get("port") == "free":
        return "free", seconds
    return None


def summary(values: list[float]) -> Json:
    """Five-number summary and count; quartiles by the inclusive method."""
    quarters = statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
    numbers = (min(values), *quarters, max(values))
    names = ("least", "low", "median", "high", "most")
    return {"count": len(values), **{name: round(number, 4) for name, number in zip(names, numbers, strict=True)}}

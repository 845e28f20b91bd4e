"""The verb sweep: a signal at many moments of a server's start, each in a separate launch.

If the log shows the bus, the moments are its transitions; otherwise they are fractions of the time from exec to ready.
"""

from __future__ import annotations

import contextlib
import time

import psutil

from ..language.filling import fill
from ..language.matching import match_log
from ..language.observations import Point, Sweep
from ..language.scenario import Step
from ..language.verbs import TRANSITIONS
from ..machine import port_probes
from ..machine.deadlines import Deadline
from ..machine.server_process import ServerProcess
from ..model.values import Json
from .running_cell import CellRun, TimedOut, Unable
from .server_verbs import until_ready

BEYOND = 1.25  # the last moment, as a fraction of the time to ready: slightly after it
LIVES_ON_SECONDS = 3.0  # a server still running then gets SIGTERM: the signal came at a moment when it was lost
PORT_SECONDS = 3.0


def sweep(cell: CellRun, step: Step, args: Json) -> Sweep:
    """Send the signal at each moment, and SIGTERM where that did not end the server in 3 s; ``late`` counts what neither ended.

    With some servers it is chance whether one signal at such a moment is enough: recorded (``lives_on``), but not judged.
    """
    whole = _time_to_ready(cell, step)
    points: list[Point] = []
    seen: Sweep = {"signal": args["signal"], "ready_seconds": round(whole, 3), "points": points}
    moments = [("", whole * BEYOND * number / (args["points"] - 1)) for number in range(args["points"])]
    moments += [(name, 0.0) for name in TRANSITIONS if name[1:] in cell.subject.patterns]
    for name, after in moments:
        points.append(_one(cell, step, args, name, after))
    seen["late"] = sum(point["late"] for point in points)
    seen["lives_on"] = sum(point["lives_on"] for point in points)
    seen["held"] = sum(point["port"] == "held" for point in points)
    seen["points_tried"] = len(points)
    return seen


def _launch(cell: CellRun, step: Step) -> tuple[ServerProcess, float]:
    began = time.monotonic()
    return cell.launch(step.server, 1, cell.scenario.app, {}), began


def _time_to_ready(cell: CellRun, step: Step) -> float:
    """How long an undisturbed start takes; raises TimedOut or Unable if it fails."""
    server, began = _launch(cell, step)
    seen = until_ready(cell, server, Deadline(step.within))
    if not seen["ready"]:
        raise Unable(f"the undisturbed server did not start: it ended with {server.exit}")
    whole = time.monotonic() - began
    if server.stop(step.within)["forced"]:
        raise TimedOut("the server ends on SIGTERM, undisturbed", seen)
    return whole


def _one(cell: CellRun, step: Step, args: Json, transition: str, after: float) -> Point:
    """One launch and one signal."""
    server, began = _launch(cell, step)
    if transition:
        pattern = fill(transition, cell.values, cell.subject.patterns)
        with server.waking(log=True) as pause:
            done = Deadline(step.within).wait(
                lambda: match_log(pattern, server.text()) or not server.running, 0.002, pause=pause
            )
        if not done:
            raise TimedOut(f"a log line {pattern}")
    else:
        server.ends(Deadline(max(0.0, began + after - time.monotonic())))
    moment = time.monotonic() - began
    if not server.send(args["signal"]):  # a point at which nothing was sent proves nothing
        raise Unable(f"the server had ended with {server.exit} before the signal at {transition or f'{after:.3f} s'}")
    deadline = Deadline(LIVES_ON_SECONDS)
    ended = server.ends(deadline)
    seconds = deadline.seconds - deadline.left
    late = False
    if not ended:
        again = server.stop(step.within)
        late, seconds = again["forced"], seconds + again["seconds"]
    point: Point = {
        "moment": round(moment, 4),
        "at": transition.removeprefix("@"),
        "exit": server.exit,
        "seconds": round(seconds, 4),
        "lives_on": not ended,
        "late": late,
    }
    free = Deadline(PORT_SECONDS).wait(lambda: port_probes.bind_state(*cell.at(1)) == "free", 0.02)
    return {**point, "port": "free" if free else "held", "last": _last_line(server), "left": _end_left(cell)}


def _end_left(cell: CellRun) -> int:
    """Kill what the server left behind, so that it does not disturb the next point; return the number of processes."""
    left = cell.family()
    for member in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.kill()
    Deadline(PORT_SECONDS).wait(lambda: not cell.family(), 0.02)
    return len(left)


def _last_line(server: ServerProcess) -> str:
    lines = [line for line in server.text().splitlines() if line.strip()]
    return lines[-1][:200] if lines else ""

"""The verb volley, and the wait for one: requests in parallel while something else happens (volley.py)."""

from __future__ import annotations

from typing import cast

from ..language.request_bytes import Unsendable
from ..language.scenario import Step
from ..language.volley_observations import Volley as Seen
from ..machine.deadlines import Deadline
from ..model.values import Json
from .http_client import Client
from .running_cell import CellRun, TimedOut, Unable
from .volley import Volley, planned


def volley(cell: CellRun, step: Step, args: Json) -> Seen:
    """Ask, and wait for all answers, unless it goes on in the background. The first exchange is recorded, and no other."""
    own = cell.servers[step.server].channel if step.server in cell.servers else 1
    channel, context = args.get("channel", own), cell.context()
    made = Volley(planned(args), lambda: Client(*cell.at(channel), context), cell.transcript.add)
    if args.get("background"):
        if not step.id:
            raise Unable("a volley in the background needs an id, so that a later step can wait for it")
        cell.volleys[step.id] = made
    made.start()
    return {} if args.get("background") else _judged(made, Deadline(step.within), "the volley")


def wait_volley(cell: CellRun, args: Json, deadline: Deadline) -> Seen:
    """Wait for the end of a volley; with ``stop`` it asks no more, and only what was asked is waited for."""
    name = args["volley"]
    if name not in cell.volleys:
        raise Unable(f"no volley {name!r} was begun in the background")
    if args.get("stop"):
        cell.volleys[name].stop()
    return _judged(cell.volleys[name], deadline, f"the volley {name!r}")


def _judged(made: Volley, deadline: Deadline, name: str) -> Seen:
    done = made.ends(deadline.left)
    try:
        seen = cast(Seen, made.seen())
    except Unsendable as problem:
        raise Unable(str(problem)) from problem
    if not done:
        made.stop()
        raise TimedOut(f"{name} is over", seen)
    return seen

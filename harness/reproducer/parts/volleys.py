"""Volleys: requests in parallel while something else happens, and the wait for them."""

from __future__ import annotations

from typing import Any

from ...cell.http_client import Client
from ...cell.volley import Volley, planned
from ...language.request_bytes import Unsendable
from ...machine.deadlines import Deadline
from .cell import Cell
from .server import Late, Unable


def volley(cell: Cell, step: dict[str, Any], args: dict[str, Any]) -> dict[str, Any]:
    """Ask, and wait for all answers, unless it goes on in the background."""
    server, context = cell.servers.get(step["server"]), cell.context()
    place = cell.at(args.get("channel", server.channel if server else 1))
    made = Volley(planned(args), lambda: Client(*place, context))
    made.start()
    if args.get("background"):
        cell.volleys[step["id"]] = made
        return {}
    return counted(made, Deadline(step["within"]), "the volley")


def wait_volley(cell: Cell, args: dict[str, Any], deadline: Deadline) -> dict[str, Any]:
    """Wait for a volley in the background, or stop it."""
    name = args["volley"]
    if name not in cell.volleys:
        raise Unable(f"no volley {name!r} was begun in the background")
    if args.get("stop"):
        cell.volleys[name].stop()
    return counted(cell.volleys[name], deadline, f"the volley {name!r}")


def counted(made: Volley, deadline: Deadline, name: str) -> dict[str, Any]:
    """What became of the requests; Late if it is not over in time."""
    if not made.ends(deadline.left):
        made.stop()
        raise Late(f"{name} is over")
    try:
        return made.seen()
    except Unsendable as problem:
        raise Unable(str(problem)) from problem

"""The steps that hold a port as another program would."""

from __future__ import annotations

from typing import Any

from ...cell.port_holders import Holder
from ...machine.port_probes import bind_state, connects
from .cell import Cell
from .server import Unable

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0}


def hold(cell: Cell, step: dict[str, Any], args: dict[str, Any]) -> dict[str, Any]:
    """Take a port."""
    channel = args.get("channel", 1)
    host, port = cell.at(channel)
    if channel in cell.holders:
        raise Unable(f"port {port} is already held")
    try:
        holder = cell.holders[channel] = Holder(host, port, args["how"])
    except OSError as error:
        raise Unable(f"port {port} cannot be taken: {error.strerror}") from error
    seen = {"taken": holder.taken(), "held": bind_state(host, port) == "held", "connect": connects(host, port)}
    if "lasts" in args:
        number, unit = args["lasts"].rstrip("ms"), args["lasts"].lstrip("0123456789.")
        holder.release_after(float(number) * UNITS[unit])
    return seen


def release(cell: Cell, step: dict[str, Any], args: dict[str, Any]) -> dict[str, Any]:
    """Give a port back."""
    holder = cell.holders.pop(args.get("channel", 1), None)
    if holder is None:
        raise Unable("this port is not held")
    holder.close()
    return {"released": True}

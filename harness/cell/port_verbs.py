"""The verbs that hold ports, and observe sockets and processes."""

from __future__ import annotations

import contextlib
import os

import psutil

from ..language.observations import (
    Disconnected,
    Held,
    Process,
    Processes,
    Released,
    Sockets,
)
from ..language.scenario import Step
from ..language.verbs import seconds
from ..machine import connecting, port_probes, socket_table
from ..model.values import Json
from .channel_kinds import unix_listeners
from .port_holders import Holder
from .running_cell import CellRun, Unable


def hold(cell: CellRun, step: Step, args: Json) -> Held:
    """Take a port of the cell before a server does, as another program would."""
    channel = args.get("channel", 1)
    host, port = cell.at(channel)
    if channel in cell.holders:
        raise Unable(f"the harness already holds port {port}")
    try:
        holder = Holder(host, port, args["how"])
    except OSError as error:
        raise Unable(f"the harness cannot take port {port}: {error.strerror}") from error
    cell.holders[channel] = holder
    rows = [socket_table.row(sock, cell.roles()) for sock in cell.sockets() if port and sock.port == port]
    seen: Held = {
        "taken": holder.taken(),
        "held": port_probes.bind_state(host, port) == "held",
        "connect": port_probes.connects(host, port),
        "table": rows,
    }
    if "lasts" in args:
        holder.release_after(seconds(args["lasts"]))
    return seen


def release(cell: CellRun, step: Step, args: Json) -> Released:
    """Release a held port."""
    holder = cell.holders.pop(args.get("channel", 1), None)
    if holder is None:
        raise Unable("the harness does not hold this port")
    holder.close()
    return {"released": True}


def disconnect(cell: CellRun, step: Step, args: Json) -> Disconnected:
    """Close the clients' kept connections."""
    open_ones = sum(client.opened for client in cell.clients.values())
    cell.close_clients()
    return {"connections": open_ones}


def sockets(cell: CellRun, step: Step, args: Json) -> Sockets:
    """List the sockets on the cell's ports, and check whether its port can be bound and accepts connections."""
    host, port = cell.at(args.get("channel", 1))
    roles = cell.roles()
    rows = [socket_table.row(sock, roles) for sock in cell.sockets()]
    here = [row for row in rows if row["local"] == connecting.authority(host, port)]
    bind = port_probes.bind_state(host, port)
    listeners = sorted({role for row in here if row["state"] == "LISTEN" for role in row["holders"]})
    if connecting.is_path(host):
        pids = [os.getpid(), *(member.pid for member in cell.family())]
        listeners = sorted({roles.get(pid, socket_table.ORPHAN) for pid in unix_listeners(host, pids)})
    return {
        "table": rows,
        "bind": bind,
        "connect": port_probes.connects(host, port),
        "listeners": listeners,
        "established": sum(row["state"] == "ESTABLISHED" for row in here),
    }


def processes(cell: CellRun, step: Step, args: Json) -> Processes:
    """List the processes started by the cell."""
    roles = cell.roles()
    rows: list[Process] = []
    for member in cell.family():
        with contextlib.suppress(psutil.Error):
            parent = member.ppid()
            rows.append(
                {
                    "pid": member.pid,
                    "role": roles.get(member.pid, socket_table.ORPHAN),
                    "parent": roles.get(parent, str(parent)),
                    "command": " ".join(member.cmdline()),
                }
            )
    return {
        "table": rows,
        "roles": sorted(row["role"] for row in rows),
        "running": sorted(name for name, server in cell.servers.items() if server.running),
    }

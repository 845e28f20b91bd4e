"""The steps that only look, or touch a file: touch, sockets, processes."""

from __future__ import annotations

import os
from typing import Any

from ...cell.channel_kinds import unix_listeners
from ...machine.connecting import is_path
from ...machine.deadlines import Deadline
from ...machine.port_probes import bind_state, connects
from .cell import Cell
from .look import LINUX, command_of, parents
from .server import Late, Unable
from .servers import in_log


def touch(cell: Cell, step: dict[str, Any], args: dict[str, Any]) -> dict[str, Any]:
    """Save a source file again and again, until the server notices."""
    server, file, deadline = cell.server(step["server"]), cell.folder / args["file"], Deadline(step["within"])
    pattern, since = cell.fill(args["until"]), cell.marks[step["server"]]

    def noticed() -> bool:
        return in_log(pattern, server.text(since)) or not server.running

    while not noticed() and not deadline.passed:
        later = file.stat().st_mtime + 1
        os.utime(file, (later, later))
        Deadline(min(1.0, deadline.left)).wait(noticed)
    if not in_log(pattern, server.text(since)):
        raise Late(f"a log line {pattern}")
    return {"log": server.text(since)}


def sockets(cell: Cell, step: dict[str, Any], args: dict[str, Any]) -> dict[str, Any]:
    """The socket table of the cell's ports: who listens, and whether the port could be bound."""
    if not LINUX:
        raise Unable("the holders of a socket are read from /proc, which only Linux has")
    (host, port), rows = cell.at(args.get("channel", 1)), cell.sockets()
    here = [row for row in rows if row["local"] == f"{host}:{port}"]
    listeners = {role for row in here if row["state"] == "LISTEN" for role in row["holders"]}
    if is_path(host):
        roles = cell.roles()
        listeners = {roles.get(pid, "orphan") for pid in unix_listeners(host, [os.getpid(), *cell.family()])}
    return {
        "table": rows,
        "bind": bind_state(host, port),
        "connect": connects(host, port),
        "listeners": sorted(listeners),
        "established": sum(row["state"] == "ESTABLISHED" for row in here),
    }


def processes(cell: Cell, step: dict[str, Any], args: dict[str, Any]) -> dict[str, Any]:
    """The cell's processes, by their roles."""
    roles, of = cell.roles(), parents()
    rows = [
        {
            "pid": pid,
            "role": roles.get(pid, "orphan"),
            "parent": roles.get(of.get(pid, 0), str(of.get(pid))),
            "command": command_of(pid),
        }
        for pid in cell.family()
    ]
    return {
        "table": rows,
        "roles": sorted(str(row["role"]) for row in rows),
        "running": sorted(name for name, server in cell.servers.items() if server.running),
    }

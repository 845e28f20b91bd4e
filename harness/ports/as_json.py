"""Output of the ports command for programs."""

from __future__ import annotations

from ..model.values import Json
from .channels import HolderProcess, Look
from .diagnosis import Finding
from .sockets import Row

FORMAT = 1


def as_json(looked: Look, found: Finding | None = None) -> Json:
    """The same for programs; ``format`` changes when the meaning of a key does.

    For one address, ``holders`` are the processes that hold it, and ``others`` those that use the port without being in
    a server's way.
    """
    held = [row for row in found.holding if not found.free] if found else list(looked.sockets)
    holders = {pid for row in held for pid in row.pids}
    said: Json = {
        "format": FORMAT,
        "processes_not_visible": looked.hidden,
        "sockets": [_socket(row) for row in (found.rows if found else looked.sockets)],
        "holders": [_process(looked.holders[pid]) for pid in sorted(holders)],
    }
    if found is not None:
        way = found.in_way_of(found.asked.hosts)
        for row, one in zip(found.rows, said["sockets"], strict=True):
            one["conflicts"] = row in way
        said |= {
            "host": found.asked.name,
            "addresses": list(found.asked.hosts),
            "port": found.asked.port,
            "free": found.free,
            "others": [_process(one) for pid, one in looked.holders.items() if pid not in holders],
            "suspects": [_process(one) for one in found.suspects],
            "tries": [{"host": t.host, "so_reuseaddr": t.reuse, "free": t.free, "error": t.error} for t in found.tried],
        }
    return said


def _socket(row: Row) -> Json:
    return {
        "protocol": row.protocol,
        "local": row.local,
        "foreign": row.remote,
        "state": row.state,
        "pids": list(row.pids),
        "seconds_left": row.seconds_left,
    }


def _process(holder: HolderProcess) -> Json:
    return {
        "pid": holder.pid,
        "name": holder.name,
        "user": holder.user,
        "since": holder.since,
        "command": holder.command,
        "parent": holder.parent,
        "orphan": holder.orphan,
    }

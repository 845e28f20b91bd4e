"""Whether a server itself listens on its channel, and on which port if the system chose it."""

from __future__ import annotations

from ..machine import connecting, process_tree, socket_table
from ..machine.server_process import ServerProcess
from .channel_kinds import Channels, bound_port, unix_listeners


def listens(channels: Channels, server: ServerProcess, pattern: str) -> tuple[bool, dict[str, str]]:
    """Whether the listening socket of a channel is the server's or its workers', and the values that became known.

    A port that the system chose is the one on which they listen or, where the holders of sockets are invisible, the one that
    the log says (``pattern``; "" if it says none).
    """
    pids = {server.pid, *process_tree.descendant_pids(server.pid)}
    host, port = channels.at(server.channel)
    if connecting.is_path(host):
        return bool(unix_listeners(host, pids)), {}
    found: dict[str, str] = {}
    listeners = [sock for sock in socket_table.table([host], pids, listening=True) if pids & set(sock.pids)]
    if not channels.is_open(server.channel):
        said = bound_port(pattern, server.text())
        ports = {sock.port for sock in listeners} or ({said} if said else set())
        if len(ports) != 1:
            return False, {}
        port = ports.pop()
        found = channels.found(server.channel, port)
    return any(sock.port == port for sock in listeners), found

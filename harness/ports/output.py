"""Output of the ports command: all ports in a table like netstat's, or one port explained in words."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from ..machine.socket_table import HIDDEN
from ..model.counting import counted
from .address import EVERY, joined
from .channels import HolderProcess, Look
from .diagnosis import Finding
from .sockets import ALL_IPV6, Row

QUIET = ("ESTABLISHED", "SYN_SENT")  # they hold no port that a server wants; shown only with --all
MAX_COMMAND = 70
MAX_OWN = 500  # for a command on a line of its own
COLUMNS = ("proto", "local address", "foreign address", "state", "pid", "user", "since", "command")


def listing(looked: Look, everything: bool) -> str:
    """One line per socket and holder: listening and lingering ones; with ``everything``, open connections too."""
    lines = [COLUMNS]
    for sock in sorted(looked.sockets, key=lambda s: (s.port, s.protocol, s.local, s.remote)):
        if sock.state in QUIET and not everything:
            continue
        state = sock.state if sock.seconds_left is None else f"{sock.state} {sock.seconds_left:.0f}s"
        where = (sock.protocol, sock.local, sock.remote, state)
        for holder in [looked.holders[pid] for pid in sock.pids]:
            note = "  (orphan)" if holder.orphan else ""
            lines.append((*where, str(holder.pid), holder.user, clock(holder), cut(holder.command or holder.name) + note))
        if not sock.pids:
            lines.append((*where, "-", sock.user, "", "" if sock.over else HIDDEN))
    widths = [max(len(line[column]) for line in lines) for column in range(len(COLUMNS) - 1)] + [0]
    table = "\n".join("  ".join(f"{word:{width}}" for word, width in zip(line, widths, strict=True)).rstrip() for line in lines)
    return table + _blind(looked)


def explanation(found: Finding) -> str:
    """Who holds an address, and what happens to a server that binds there, or on all addresses."""
    lines = [headline(found), *_in_way(found), *beside(found)]
    for row in found.elsewhere:
        lines.append(f"  not in the way: {_holds(found, row)}")
    if any(not row.tcp for row in found.looked.sockets):
        lines.append("  A UDP socket uses the same number, which does not matter: UDP and TCP ports are separate.")
    lines += ["  bind attempts, just now:", *_tries(found)]
    if not found.free and found.processes(found.holding):
        lines.append(f"  to end the holder:  server-matrix ports {shlex.quote(found.asked.shown)} --free")
    return "\n".join(lines) + _blind(found.looked)


def headline(found: Finding) -> str:
    """The verdict: free, held, or not this user's to bind."""
    port, where = found.asked.port, found.asked.where
    if found.free:
        return f"port {port} is free on {where}"
    if found.denied:
        return f"you may not bind port {port} on {where}: {found.denied}. Nothing visible holds it"
    return f"port {port} is HELD on {where}"


def beside(found: Finding) -> list[str]:
    """What else would be in the way of a server on all addresses."""
    lines = []
    for wide in found.asked.wider:
        rows = found.beside(wide)
        if found.can_bind([wide]) or not (rows or found.free):
            continue  # it starts, or it is refused for the same reasons as the address itself
        server = (
            "a server on [::] that also takes IPv4" if ALL_IPV6 in found.asked.hosts else f"a server on all addresses ({wide})"
        )
        lines.append(
            f"  but {server} would be refused:" if found.free else f"  {server} would also be refused because of these:"
        )
        lines += [f"    {said}" for said in dict.fromkeys(_holds(found, row) for row in rows)] or [
            "    the socket in its way is not visible"
        ]
    return lines


def _in_way(found: Finding) -> list[str]:
    """What is in the way on the address itself, or could be: by process, then sockets that no process holds."""
    lines = []
    holding, connections = found.holding, found.connections
    holders = found.processes(holding)
    for holder in holders:
        lines += _holder(holder, [row for row in (*holding, *connections) if holder.pid in row.pids], found.free)
    for other in found.processes(connections):
        if other not in holders:
            lines += _talker(other, [row for row in connections if other.pid in row.pids], found.free)
    unseen = Counter((row.local, row.state, _nobody(row, bool(holding))) for row in (*holding, *connections) if not row.pids)
    for (local, state, why), count in unseen.items():
        often = f" {count} times" if count > 1 else ""
        lines.append(f"  {local} {state}{often}: {why}")
    if found.over:
        lines += _over(found, alone=not (holding or connections or found.suspects))
    if not (found.free or found.denied or holding or connections or found.over):
        lines.append("  No visible socket is in the way, and yet it cannot be bound.")
    if found.suspects:
        lines += [
            "  There is a hidden holder: this system lists no sockets that are bound and do not listen.",
            "  One of these processes may have it:",
        ]
        lines += [f"    pid {one.pid}: {cut(one.command or one.name)}" for one in found.suspects]
    return lines


def _holder(holder: HolderProcess, rows: Sequence[Row], free: bool) -> list[str]:
    lines = [
        f"  {'also bound' if free else 'held'} by pid {holder.pid}: {cut(holder.command or holder.name, MAX_OWN)}",
        f"    user {holder.user or 'unknown'}, since {clock(holder)}, child of pid {holder.parent}",
    ]
    if holder.orphan:
        lines += [
            f"    an orphan: {holder.orphan}.",
            "    It has an inherited listener, which keeps the port; restarting the server does not end it.",
        ]
    for row in rows:
        whom = "" if row.holds else f" with {row.remote}"
        others = [str(pid) for pid in row.pids if pid != holder.pid]
        shared = f" (shared with pid {', '.join(others)})" if others else ""
        lines.append(f"    {row.local} {row.state}{whom}{shared}")
    if free and all(row.state != "LISTEN" for row in rows):
        lines.append("    A server that sets SO_REUSEADDR starts anyway, since it does not listen.")
    return lines


def _talker(process: HolderProcess, rows: Sequence[Row], free: bool) -> list[str]:
    """A process that only has a connection there: the server's end, or a client that was given this port."""
    lines = [
        f"  pid {process.pid} has a connection {'there' if free else 'in the way'}: "
        f"{cut(process.command or process.name, MAX_OWN)}",
        *(f"    {row.local} {row.state} with {row.remote}" for row in rows),
    ]
    if free:
        return lines
    return [
        *lines,
        "    It may be a client that the system gave this port: --free does not end it. The port becomes free",
        "    when the connection ends.",
    ]


def _nobody(row: Row, listens: bool) -> str:
    """Why a socket has no process next to it."""
    if row.inode != "0":
        return f"{HIDDEN} (owned by {f'user {row.user}' if row.user else 'another user'})"
    if listens and row.state in ("ESTABLISHED", "CLOSE_WAIT", "SYN_RECV"):
        return "in the backlog: no process has accepted it yet"
    return "an unfinished close: no process holds it, and the system is still closing it"


def _over(found: Finding, alone: bool) -> list[str]:
    left = max((row.seconds_left or 0.0) for row in found.over)
    lines = [
        f"  {len(found.over)} lingering connection(s) (TIME_WAIT), for {left:.0f} s more: closed; no process holds them.",
        "    The system keeps them so that late packets do not reach a new connection.",
    ]
    if found.free:
        return [
            *lines,
            "    A server that sets SO_REUSEADDR, as nearly all do on Unix, starts anyway; one that does not",
            "    has to wait.",
        ]
    return (
        [*lines, "    The program that opened them did not set SO_REUSEADDR, so every server has to wait."] if alone else lines
    )


def _holds(found: Finding, row: Row) -> str:
    """One socket in a sentence: who holds it, and what it is."""
    if row.over:
        return f"{row.local} has lingering connections (TIME_WAIT)"
    if not row.pids:
        return f"{row.local} {row.state}: {_nobody(row, listens=False)}"
    who = " and ".join(f"pid {holder.pid} ({cut(holder.command or holder.name)})" for holder in found.processes([row]))
    return f"{who} {'holds' if row.holds else 'has a connection on'} {row.local}"


def _tries(found: Finding) -> list[str]:
    lines = []
    for host in dict.fromkeys(one.host for one in found.tried):
        every = f" ({EVERY[host]})" if host in EVERY else ""
        says = {one.reuse: "starts" if one.free else f"is refused: {one.error}" for one in found.tried if one.host == host}
        name = f"    {joined(host, found.asked.port)}{every}"
        if says[True] == says[False]:
            lines.append(f"{name}: a server {says[True]}")
        else:
            lines.append(f"{name}: a server with SO_REUSEADDR {says[True]}; one without it {says[False]}")
    return lines


def _blind(looked: Look) -> str:
    if not looked.hidden:
        return ""
    hidden = counted(looked.hidden, "process", "processes")
    return f"\n{hidden} of other users could not be inspected; run this as root to see all holders."


def clock(holder: HolderProcess) -> str:
    """When a process was started, in local time."""
    if not holder.created:
        return "an unknown time"
    return datetime.fromtimestamp(holder.created).astimezone().isoformat(" ", "seconds")[:19]


def cut(command: str, most: int = MAX_COMMAND) -> str:
    """A command on one line, shortened if it is long."""
    command = " ".join(command.split())
    return command if len(command) <= most else command[: most - 1] + "…"

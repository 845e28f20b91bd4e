"""What the ports command says of all ports and of one: a table like netstat's, an explanation in words, and JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from ..machine.socket_table import HIDDEN
from .address import EVERY, joined
from .channels import HolderProcess, Look
from .diagnosis import Finding
from .sockets import ALL_IPV6, Row

QUIET = ("ESTABLISHED", "SYN_SENT")  # a conversation: it holds no port that a server wants, and only --all shows it
MAX_COMMAND = 70
MAX_OWN = 500  # of a command that has a line of its own
COLUMNS = ("proto", "local address", "foreign address", "state", "pid", "user", "since", "command")


def listing(looked: Look, everything: bool) -> str:
    """A line for each socket and holder: listening ones and those that linger; with ``everything``, conversations too."""
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
    """Who holds an address, what will happen to a server that binds there, and to one on all addresses."""
    lines = [headline(found), *_in_way(found), *beside(found)]
    for row in found.elsewhere:
        lines.append(f"  not in the way: {_holds(found, row)}")
    if any(not row.tcp for row in found.looked.sockets):
        lines.append("  A UDP socket has the same number, which does not matter: UDP's ports are others than TCP's.")
    lines += ["  tried just now, by binding:", *_tries(found)]
    if not found.free and found.processes(found.holding):
        lines.append(f"  to end what holds it:  server-matrix ports {found.asked.shown} --free")
    return "\n".join(lines) + _blind(found.looked)


def headline(found: Finding) -> str:
    """The verdict: free, held, or not this user's to bind."""
    port, where = found.asked.port, found.asked.where
    if found.free:
        return f"port {port} is free on {where}"
    if found.denied:
        return f"port {port} on {where} cannot be bound by you: {found.denied}. Nothing that can be seen holds it"
    return f"port {port} is HELD on {where}"


def beside(found: Finding) -> list[str]:
    """What else a server on all addresses would meet."""
    lines = []
    for wide in found.asked.wider:
        rows = found.beside(wide)
        if found.can_bind([wide]) or not (rows or found.free):
            continue  # it starts; or it is refused for the same reasons as the address itself
        server = (
            "a server on [::] that takes IPv4, too," if ALL_IPV6 in found.asked.hosts else f"a server on all addresses ({wide})"
        )
        lines.append(
            f"  but {server} would be refused:" if found.free else f"  {server} would be refused because of these, too:"
        )
        lines += [f"    {said}" for said in dict.fromkeys(_holds(found, row) for row in rows)] or [
            "    the socket that stands in its way cannot be seen"
        ]
    return lines


def _in_way(found: Finding) -> list[str]:
    """What stands in the way on the address itself, or could: by process, then what no process has."""
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
        lines.append("  No socket that can be seen is in the way, and yet it cannot be bound.")
    if found.suspects:
        lines.append("  A socket that is bound and does not listen is in no table of this system. One of these may have it:")
        lines += [f"    pid {one.pid}: {cut(one.command or one.name)}" for one in found.suspects]
    return lines


def _holder(holder: HolderProcess, rows: Sequence[Row], free: bool) -> list[str]:
    lines = [
        f"  {'also bound' if free else 'held'} by pid {holder.pid}: {cut(holder.command or holder.name, MAX_OWN)}",
        f"    of {holder.user or 'a user that cannot be seen'}, since {clock(holder)}, child of pid {holder.parent}",
    ]
    if holder.orphan:
        lines += [
            f"    an orphan: {holder.orphan}.",
            "    It inherited the socket and keeps the port; starting the server again does not end it.",
        ]
    for row in rows:
        whom = "" if row.holds else f" with {row.remote}"
        others = [str(pid) for pid in row.pids if pid != holder.pid]
        shared = f" (shared with pid {', '.join(others)})" if others else ""
        lines.append(f"    {row.local} {row.state}{whom}{shared}")
    if free and all(row.state != "LISTEN" for row in rows):
        lines.append("    A server that sets SO_REUSEADDR starts beside it, since it does not listen.")
    return lines


def _talker(process: HolderProcess, rows: Sequence[Row], free: bool) -> list[str]:
    """A process that has a connection there and holds nothing: the server's own end, or a client's that got this port."""
    lines = [
        f"  pid {process.pid} has a connection {'there' if free else 'in the way'}: "
        f"{cut(process.command or process.name, MAX_OWN)}",
        *(f"    {row.local} {row.state} with {row.remote}" for row in rows),
    ]
    if free:
        return lines
    return [
        *lines,
        "    It may be a client, to which the system gave this port: --free does not end it. The port comes free",
        "    when the connection is over.",
    ]


def _nobody(row: Row, listens: bool) -> str:
    """Why no process is named beside a socket."""
    if row.inode != "0":
        return f"{HIDDEN} (of {f'user {row.user}' if row.user else 'another user'})"
    if listens and row.state in ("ESTABLISHED", "CLOSE_WAIT", "SYN_RECV"):
        return "in the backlog: no process has accepted it yet"
    return "no process has it, the system is still closing it"


def _over(found: Finding, alone: bool) -> list[str]:
    left = max((row.seconds_left or 0.0) for row in found.over)
    lines = [
        f"  {len(found.over)} connection(s) in TIME_WAIT, for {left:.0f} s more: they are over; no process holds them.",
        "    The system keeps them so that late packets reach nobody else.",
    ]
    if found.free:
        return [
            *lines,
            "    A server that sets SO_REUSEADDR, as nearly all do on Unix, starts beside them; one that does not",
            "    has to wait.",
        ]
    return [*lines, "    The program that had them did not set SO_REUSEADDR, so every server has to wait."] if alone else lines


def _holds(found: Finding, row: Row) -> str:
    """One socket in a sentence: who has it, and what it is."""
    if row.over:
        return f"connections of {row.local} are in TIME_WAIT"
    if not row.pids:
        return f"{row.local} {row.state}: {_nobody(row, listens=False)}"
    who = " and ".join(f"pid {holder.pid} ({cut(holder.command or holder.name)})" for holder in found.processes([row]))
    return f"{who} {'holds' if row.holds else 'has a connection of'} {row.local}"


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
    return f"\n{looked.hidden} processes of other users could not be looked into; as root all holders can be named."


def clock(holder: HolderProcess) -> str:
    """When a process was started, in local time."""
    if not holder.created:
        return "an unknown time"
    return datetime.fromtimestamp(holder.created).astimezone().isoformat(" ", "seconds")[:19]


def cut(command: str, most: int = MAX_COMMAND) -> str:
    """A command line in one line, not too long."""
    command = " ".join(command.split())
    return command if len(command) <= most else command[: most - 1] + "…"

"""What the ports command says: a table like netstat's, an explanation in words, and JSON."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from ..model import Json
from ..socket_table import HIDDEN, Socket
from .look import HolderProcess, Look
from .tries import ALL_IPV4, ALL_IPV6, Try

QUIET = ("ESTABLISHED", "SYN_SENT")  # a conversation: it holds no port that a server wants, and only --all shows it
MAX_COMMAND = 70
COLUMNS = ("proto", "local address", "foreign address", "state", "pid", "user", "since", "command")
FORMAT = 1


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
            lines.append((*where, str(holder.pid), holder.user, _clock(holder), _cut(holder.command or holder.name) + note))
        if not sock.pids:
            lines.append((*where, "-", "", "", "" if sock.state == "TIME_WAIT" else HIDDEN))
    widths = [max(len(line[column]) for line in lines) for column in range(len(COLUMNS) - 1)] + [0]
    table = "\n".join("  ".join(f"{word:{width}}" for word, width in zip(line, widths, strict=True)).rstrip() for line in lines)
    return table + _blind(looked)


def explanation(port: int, looked: Look, tried: tuple[Try, ...], suspects: list[HolderProcess]) -> str:
    """Who holds a port, and what will happen to a server that binds there."""
    tcp = [sock for sock in looked.sockets if sock.protocol.startswith("tcp")]
    lines = [f"port {port}: {'free' if is_free(tried) else 'HELD'}"]
    for pid in sorted({pid for sock in tcp for pid in sock.pids}):
        lines += _holder(looked.holders[pid], [sock for sock in tcp if pid in sock.pids])
    unseen = Counter((sock.local, sock.state) for sock in tcp if not sock.pids and sock.state != "TIME_WAIT")
    for (local, state), count in unseen.items():
        often = f" {count} times" if count > 1 else ""
        lines.append(f"  {local} {state}{often}: {HIDDEN} (of another user, or the kernel is still closing it)")
    over = [sock for sock in tcp if sock.state == "TIME_WAIT"]
    if over:
        left = max((sock.seconds_left or 0.0) for sock in over)
        lines += [f"  {len(over)} connection(s) in TIME_WAIT, for {left:.0f} s more: they are over; no process holds them.",
                  "    The system keeps them so that late packets reach nobody else. A server that sets SO_REUSEADDR, as",
                  "    nearly all do on Unix, starts beside them; one that does not has to wait."]
    if len(tcp) < len(looked.sockets):
        lines.append("  a UDP socket has the same number, which does not matter: UDP's ports are others than TCP's.")
    if not is_free(tried) and not [sock for sock in tcp if sock.state == "LISTEN"] and not over:
        lines.append("  No socket of the table has it, and yet it cannot be bound: a socket that is bound and does not listen "
                     "is in no table.")
        lines += [f"    it may be that of pid {s.pid}: {_cut(s.command or s.name)}" for s in suspects]
    lines += ["  tried just now, by binding:", *_tries(port, tried)]
    if not is_free(tried) and looked.holders:
        lines.append(f"  to end what holds it:  python -m harness ports --free {port}")
    return "\n".join(lines) + _blind(looked)


def is_free(tried: tuple[Try, ...]) -> bool:
    """Whether a server that sets SO_REUSEADDR starts on loopback and on all addresses of IPv4."""
    asked = [one.free for one in tried if one.reuse and one.host in ("127.0.0.1", ALL_IPV4)]
    return bool(asked) and all(asked)


def as_json(port: int | None, looked: Look, tried: tuple[Try, ...], suspects: list[HolderProcess]) -> Json:
    """The same for programs; ``format`` changes when a key changes its meaning."""
    found: Json = {
        "format": FORMAT, "processes_not_visible": looked.hidden,
        "sockets": [{"protocol": s.protocol, "local": s.local, "foreign": s.remote, "state": s.state, "pids": list(s.pids),
                     "seconds_left": s.seconds_left} for s in looked.sockets],
        "holders": [_process(holder) for holder in looked.holders.values()],
    }
    if port is not None:
        found |= {"port": port, "free": is_free(tried), "suspects": [_process(s) for s in suspects],
                  "tries": [{"host": t.host, "so_reuseaddr": t.reuse, "free": t.free, "error": t.error} for t in tried]}
    return found


def _process(holder: HolderProcess) -> Json:
    return {"pid": holder.pid, "name": holder.name, "user": holder.user, "since": holder.since, "command": holder.command,
            "parent": holder.parent, "orphan": holder.orphan}


def _holder(holder: HolderProcess, sockets: list[Socket]) -> list[str]:
    lines = [f"  held by pid {holder.pid}: {holder.command or holder.name}",
             f"    of {holder.user or 'a user that cannot be seen'}, since {_clock(holder)}, child of pid {holder.parent}"]
    if holder.orphan:
        lines += [f"    an orphan: {holder.orphan}.",
                  "    It inherited the socket and keeps the port; starting the server again does not end it."]
    for sock in sockets:
        whom = "" if sock.state == "LISTEN" else f" with {sock.remote}"
        others = [str(pid) for pid in sock.pids if pid != holder.pid]
        shared = f" (shared with pid {', '.join(others)})" if others else ""
        lines.append(f"    {sock.local} {sock.state}{whom}{shared}")
    return lines


def _tries(port: int, tried: tuple[Try, ...]) -> list[str]:
    lines = []
    for host in dict.fromkeys(one.host for one in tried):
        name = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        every = {ALL_IPV4: " (all of IPv4)", ALL_IPV6: " (all of IPv6)"}.get(host, "")
        says = {one.reuse: "starts" if one.free else f"is refused: {one.error}" for one in tried if one.host == host}
        if says[True] == says[False]:
            lines.append(f"    {name}{every}: a server {says[True]}")
        else:
            lines.append(f"    {name}{every}: a server with SO_REUSEADDR {says[True]}; one without it {says[False]}")
    return lines


def _blind(looked: Look) -> str:
    if not looked.hidden:
        return ""
    return f"\n{looked.hidden} processes of other users could not be looked into; as root all holders can be named."


def _clock(holder: HolderProcess) -> str:
    if not holder.created:
        return "an unknown time"
    return datetime.fromtimestamp(holder.created).astimezone().isoformat(" ", "seconds")[:19]


def _cut(command: str) -> str:
    return command if len(command) <= MAX_COMMAND else command[:MAX_COMMAND - 1] + "…"

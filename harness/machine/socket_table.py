"""The socket table: the existing sockets, their states, and the processes that hold them.

On Linux from the kernel, which needs no privileges and shows TIME_WAIT: over netlink (``socket_diag``), or from /proc/net
where a sandbox forbids that. Elsewhere from psutil.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from ..model.values import Json
from . import socket_diag
from .socket_diag import addresses

ORPHAN = "orphan"  # the role of a process whose server is gone, and that no step expects
HIDDEN = "holder not visible"

#: /proc/net/tcp, column "st" (include/net/tcp_states.h).
TCP_STATES = {
    "01": "ESTABLISHED",
    "02": "SYN_SENT",
    "03": "SYN_RECV",
    "04": "FIN_WAIT1",
    "05": "FIN_WAIT2",
    "06": "TIME_WAIT",
    "07": "CLOSE",
    "08": "CLOSE_WAIT",
    "09": "LAST_ACK",
    "0A": "LISTEN",
    "0B": "CLOSING",
    "0C": "NEW_SYN_RECV",
}
FAMILIES = {"tcp": socket.AF_INET, "tcp6": socket.AF_INET6}
TICKS = 100  # a second, in /proc/net/tcp's timers: USER_HZ, the same on every architecture that CPython supports
TIME_WAIT_TIMER = "03"  # column "tr": the active timer is TIME_WAIT's (Documentation/networking/proc_net_tcp.rst)


@dataclass(frozen=True, slots=True)
class Socket:
    """One row of the socket table; ``pids`` are all processes that hold it, as far as visible.

    ``seconds_left`` is the rest of TIME_WAIT, if the system reports it.
    """

    local: str
    remote: str
    state: str
    pids: tuple[int, ...]
    protocol: str = "tcp"
    seconds_left: float | None = None

    @property
    def port(self) -> int:
        """The local port."""
        return int(self.local.rpartition(":")[2])

    @property
    def host(self) -> str:
        """The local address, without the brackets of IPv6."""
        return self.local.rpartition(":")[0].strip("[]")


def is_over(sock: Socket) -> bool:
    """Whether a socket is in TIME_WAIT (as the kernel spells it, or psutil): no process holds it."""
    return sock.state in ("TIME_WAIT", "TIME-WAIT")


def source() -> str:
    """Where this process reads the sockets: "netlink", "/proc/net" with the reason why not netlink, or "psutil"."""
    if not Path("/proc/net/tcp").exists():
        return "psutil"
    reason = socket_diag.why_not()
    return f"/proc/net ({reason})" if reason else "netlink"


def table(
    hosts: Iterable[str] | None,
    pids: Iterable[int],
    protocols: tuple[str, ...] = ("tcp", "tcp6"),
    *,
    listening: bool = False,
) -> list[Socket]:
    """Return the sockets whose local address is one of ``hosts`` (None: all of them).

    Holders are searched among ``pids``, and all are listed: a socket inherited by a child has two.
    Outside Linux, only the sockets of those processes are visible (psutil), which needs no privileges.
    With ``listening``, only sockets that listen: the kernel need not go through the connections for them.
    """
    wanted = None if hosts is None else set(hosts)
    if source() == "psutil":
        found = _table_by_process(wanted, pids, protocols)
        return [sock for sock in found if sock.state == "LISTEN"] if listening else found
    states = socket_diag.LISTENING if listening else socket_diag.IN_PROC
    rows = []
    for protocol in protocols:
        for sock, inode in _kernel_rows(protocol, states, wanted):
            if (wanted is None or sock.host in wanted) and not (listening and sock.state != "LISTEN"):
                rows.append((sock, inode))
    inodes = {inode for _, inode in rows} - {"0"}
    holders = _holders(inodes, pids) if inodes else {}
    return [replace(sock, pids=tuple(holders.get(inode, ()))) for sock, inode in rows]


def _kernel_rows(
    protocol: str, states: int, hosts: set[str] | None, ports: range | None = None
) -> Iterator[tuple[Socket, str]]:
    """The sockets and their inodes, selected as far as the source can; UDP is asked for seldom, and is read from /proc."""
    if protocol not in FAMILIES or socket_diag.why_not():
        yield from proc_rows((protocol,), hosts)
        return
    for local, remote, number, left, inode in socket_diag.rows(FAMILIES[protocol], states, hosts, ports):
        state = f"{number:02X}"
        yield Socket(local, remote, TCP_STATES.get(state, state), (), protocol, left), inode


def _table_by_process(hosts: set[str] | None, pids: Iterable[int], protocols: tuple[str, ...]) -> list[Socket]:
    held: dict[tuple[str, str, str, str], list[int]] = {}
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            for c in psutil.Process(pid).net_connections("inet"):
                protocol = ("tcp" if c.type == socket.SOCK_STREAM else "udp") + ("6" if c.family == socket.AF_INET6 else "")
                if c.laddr and (hosts is None or c.laddr.ip in hosts) and protocol in protocols:
                    remote = _joined(c.raddr.ip, c.raddr.port) if c.raddr else "0.0.0.0:0"
                    key = (_joined(c.laddr.ip, c.laddr.port), remote, "" if c.status == "NONE" else c.status, protocol)
                    held.setdefault(key, []).append(pid)
    return [
        Socket(local, remote, state, tuple(holders), protocol) for (local, remote, state, protocol), holders in held.items()
    ]


def _joined(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def proc_rows(protocols: tuple[str, ...] = ("tcp", "tcp6"), hosts: set[str] | None = None) -> Iterator[tuple[Socket, str]]:
    """Each socket in this network namespace, without its holders yet, and its inode ("0": no process holds it).

    Only those on some local addresses, if they are given.
    """
    for protocol in protocols:
        file = Path("/proc/net") / protocol
        if file.exists():
            yield from parse_rows(file.read_text("ascii"), protocol, hosts)


def parse_rows(text: str, protocol: str, hosts: set[str] | None = None) -> Iterator[tuple[Socket, str]]:
    """Read one of the kernel's tables, each socket once.

    The kernel returns one page at a time, and restarts a page if sockets came or went meanwhile, so lines can be repeated.
    A socket is identified by its two addresses and its inode.
    """
    seen = set()
    wanted = None if hosts is None else {_in_proc(raw) for family in FAMILIES.values() for raw in addresses(family, hosts)}
    for line in text.splitlines()[1:]:
        if wanted is not None and line.split(":", 2)[1].strip() not in wanted:
            continue
        words = line.split()
        known = (words[1], words[2], words[9])
        if known in seen:
            continue
        seen.add(known)
        timer, _, when = words[5].partition(":")
        left = int(when, 16) / TICKS if timer == TIME_WAIT_TIMER else None
        state = TCP_STATES.get(words[3], words[3]) if protocol.startswith("tcp") else ""
        yield Socket(_address(words[1]), _address(words[2]), state, (), protocol, left), words[9]


def states(host: str, ports: range) -> dict[str, int]:
    """The number of TCP sockets by state, on some ports of an IPv4 address; cheap enough to call often.

    {} if only psutil is available.
    """
    found: dict[str, int] = {}
    if source() != "psutil":
        for sock, _ in _kernel_rows("tcp", socket_diag.IN_PROC, {host}, ports):
            if sock.host == host and sock.port in ports:
                found[sock.state] = found.get(sock.state, 0) + 1
    return found


def _address(text: str) -> str:
    """ "0100007F:1F90" is 127.0.0.1:8080: words of four bytes in the machine's order, the port in hexadecimal."""
    address, _, port = text.partition(":")
    raw = b"".join(int(address[i : i + 8], 16).to_bytes(4, sys.byteorder) for i in range(0, len(address), 8))
    if len(raw) == 4:
        return f"{socket.inet_ntoa(raw)}:{int(port, 16)}"
    return f"[{socket.inet_ntop(socket.AF_INET6, raw)}]:{int(port, 16)}"


def _in_proc(raw: bytes) -> str:
    """An address as the kernel's tables write it: the reverse of ``_address``."""
    return "".join(f"{int.from_bytes(raw[i : i + 4], sys.byteorder):08X}" for i in range(0, len(raw), 4))


def _holders(inodes: set[str], pids: Iterable[int]) -> dict[str, list[int]]:
    wanted = {f"socket:[{inode}]": inode for inode in inodes}
    found: dict[str, list[int]] = {}
    for pid in pids:
        try:
            names = os.listdir(f"/proc/{pid}/fd")
        except OSError:
            continue  # it has ended
        for name in names:
            with contextlib.suppress(OSError):  # closed meanwhile; in our own process, the descriptor used for listing
                inode = wanted.get(os.readlink(f"/proc/{pid}/fd/{name}"))
                if inode is not None and pid not in found.setdefault(inode, []):
                    found[inode].append(pid)
    return found


def row(sock: Socket, roles: dict[int, str]) -> Json:
    """A socket as recorded, with the role of each holder; a listener always has one, visible or not."""
    holders = list(dict.fromkeys(roles.get(pid, ORPHAN) for pid in sock.pids))
    if sock.state == "LISTEN" and not holders:
        holders = [HIDDEN]
    return {"local": sock.local, "remote": sock.remote, "state": sock.state, "pids": list(sock.pids), "holders": holders}

"""Every channel of this machine, and the processes that hold it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import psutil

from ..machine import socket_table
from ..model.printable import plain
from . import bound_sockets
from .sockets import BOUND, Row

PROTOCOLS = ("tcp", "tcp6", "udp", "udp6")


@dataclass(frozen=True, slots=True)
class HolderProcess:
    """A process that holds a socket; fields that this user may not read are empty.

    ``created`` is in seconds since the epoch. ``orphan`` says why it is one; "" while its parent lives.
    """

    pid: int
    name: str = ""
    user: str = ""
    created: float = 0.0
    command: str = ""
    parent: int = 0
    orphan: str = ""

    @property
    def since(self) -> str:
        """When it was started: ISO 8601, in UTC."""
        return datetime.fromtimestamp(self.created, UTC).isoformat(timespec="seconds") if self.created else ""


@dataclass(frozen=True, slots=True)
class Look:
    """The sockets at one moment, their holders by pid, and how many processes could not be inspected.

    ``complete``: sockets that are bound and do not listen are included.
    """

    sockets: tuple[Row, ...]
    holders: dict[int, HolderProcess]
    hidden: int
    complete: bool = False

    def at(self, port: int) -> Look:
        """The sockets with this local port, and their holders."""
        sockets = tuple(sock for sock in self.sockets if sock.port == port)
        pids = {pid for sock in sockets for pid in sock.pids}
        return replace(self, sockets=sockets, holders={pid: one for pid, one in self.holders.items() if pid in pids})


def look(port: int | None = None) -> Look:
    """Read the socket table and all holders that this user can see, of every socket or of those on one port."""
    pids = psutil.pids()
    if Path("/proc/net/tcp").exists():
        rows, complete = _of_linux(pids)
    else:
        fields = [asdict(sock) for sock in socket_table.table(None, pids, PROTOCOLS)]
        rows, complete = [Row(**sock) for sock in fields], False
    holders = {pid: holder(pid) for pid in sorted({pid for row in rows if port in (None, row.port) for pid in row.pids})}
    return Look(tuple(rows), holders, sum(not _readable(pid) for pid in pids), complete)


def _of_linux(pids: list[int]) -> tuple[list[Row], bool]:
    """The kernel's table, with what netlink adds: who owns a listener, and sockets that are only bound."""
    found, complete = bound_sockets.holding()
    added = {row.inode: row for row in found}
    rows = []
    for sock, inode in socket_table.proc_rows(PROTOCOLS):
        more = added.pop(inode, None)
        rows.append(Row(**asdict(sock), inode=inode, v6_only=more.v6_only if more else None, user=more.user if more else ""))
    rows += [row for row in added.values() if row.state == BOUND]
    held: dict[str, list[int]] = {}
    for pid in pids:
        for inode in {inode for inode, _ in _descriptors(pid)}:
            held.setdefault(inode, []).append(pid)
    return [replace(row, pids=tuple(held.get(row.inode, ()))) for row in rows], complete


def holder(pid: int) -> HolderProcess:
    """What can be read of a process; it may have ended meanwhile."""
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            name, created, parent = process.name(), process.create_time(), process.ppid()
    except psutil.Error:
        return HolderProcess(pid)
    user = command = ""
    with contextlib.suppress(psutil.Error, KeyError):  # a user id without a name, in a container
        user = process.username()
    with contextlib.suppress(psutil.Error):
        command = " ".join(process.cmdline())
    return HolderProcess(pid, plain(name), plain(user), created, plain(command), parent, orphan(process))


def orphan(process: psutil.Process) -> str:
    """Why a process is an orphan, or "".

    A fork keeps its parent's session, and only setsid() makes a new one, led by the caller (POSIX, setsid). So a
    process that is in a different session from its parent, and does not lead its own, was left by a parent that has
    ended. A daemon that forked twice looks the same, and the description fits it, too.
    """
    try:
        parent = process.parent()
        if parent is None:
            return "its parent has ended"
        if (
            not hasattr(os, "getsid")
            or os.getsid(process.pid) == process.pid
            or os.getsid(parent.pid) == os.getsid(process.pid)
        ):
            return ""
        return f"its parent has ended, and pid {parent.pid} adopted it (it is in session {os.getsid(process.pid)})"
    except (psutil.Error, OSError):
        return ""


def suspects(looked: Look) -> list[HolderProcess]:
    """Processes with a TCP socket that is in no table, which may be one that is bound and does not listen.

    Empty where the table is complete, and on any system other than Linux, which cannot show them.
    """
    if looked.complete or not Path("/proc/net/tcp").exists():
        return []
    listed = {row.inode for row in looked.sockets}
    return [
        looked.holders.get(pid) or holder(pid)
        for pid in psutil.pids()
        if any(inode not in listed and _is_tcp(file) for inode, file in _descriptors(pid))
    ]


def _descriptors(pid: int) -> Iterator[tuple[str, str]]:
    """The sockets of a process that we may inspect: the inode and the file of each descriptor."""
    with contextlib.suppress(OSError):  # it has ended, or is another user's, which `hidden` counts
        for name in os.listdir(f"/proc/{pid}/fd"):
            file = f"/proc/{pid}/fd/{name}"
            with contextlib.suppress(OSError):  # closed meanwhile
                target = os.readlink(file)
                if target.startswith("socket:["):
                    yield target[8:-1], file


def _is_tcp(file: str) -> bool:
    """Whether a descriptor is a TCP socket; the kernel gives a socket's protocol as an extended attribute."""
    with contextlib.suppress(OSError):
        return os.getxattr(file, "system.sockprotoname").rstrip(b"\0") in (b"TCP", b"TCPv6")
    return False


def _readable(pid: int) -> bool:
    """Whether we may see a process's descriptors."""
    if Path("/proc/self/fd").is_dir():
        return os.access(f"/proc/{pid}/fd", os.R_OK | os.X_OK) or not Path(f"/proc/{pid}").exists()
    try:
        psutil.Process(pid).net_connections("inet")
    except psutil.AccessDenied:
        return False
    except psutil.Error:
        return True
    return True

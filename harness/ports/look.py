"""What is there: every channel of this machine, and the processes that hold each of them."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from .. import socket_table
from ..plain import plain
from ..socket_table import Socket

PROTOCOLS = ("tcp", "tcp6", "udp", "udp6")


@dataclass(frozen=True, slots=True)
class HolderProcess:
    """A process that holds a socket; what this user may not read of it is empty.

    ``created`` is in seconds since the epoch. ``orphan`` says why it is one, "" where its parent lives.
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
    """The sockets of one moment, their holders by pid, and how many processes could not be looked into."""

    sockets: tuple[Socket, ...]
    holders: dict[int, HolderProcess]
    hidden: int

    def at(self, port: int) -> Look:
        """What concerns one port: sockets whose local port it is."""
        sockets = tuple(sock for sock in self.sockets if sock.port == port)
        pids = {pid for sock in sockets for pid in sock.pids}
        return Look(sockets, {pid: process for pid, process in self.holders.items() if pid in pids}, self.hidden)


def look() -> Look:
    """Take the socket table and all holders that this user can see."""
    pids = psutil.pids()
    sockets = tuple(socket_table.table(None, pids, PROTOCOLS))
    holders = {pid: holder(pid) for pid in sorted({pid for sock in sockets for pid in sock.pids})}
    return Look(sockets, holders, sum(not _readable(pid) for pid in pids))


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

    A fork keeps its parent's session, and only setsid() makes a new one, whose leader the caller is (POSIX, setsid). So
    who is in another session than its parent, and does not lead its own, was left by a parent that has ended. A
    daemon that forked twice looks the same: what is said here is true of it, too.
    """
    try:
        parent = process.parent()
        if parent is None:
            return "its parent has ended"
        if not hasattr(os, "getsid") or os.getsid(process.pid) == process.pid or \
                os.getsid(parent.pid) == os.getsid(process.pid):
            return ""
        return f"its parent has ended, and pid {parent.pid} adopted it (it is of session {os.getsid(process.pid)})"
    except (psutil.Error, OSError):
        return ""


def suspects(looked: Look) -> list[HolderProcess]:
    """Processes that have a TCP socket which is in no table: one that is bound and does not listen is such a socket.

    Linux only: elsewhere nothing tells them, and the list is empty.
    """
    listed = {inode for _, inode in socket_table.proc_rows()} if Path("/proc/net/tcp").exists() else set()
    found = []
    for pid in psutil.pids() if listed else ():
        with contextlib.suppress(OSError):
            if any(_unlisted(f"/proc/{pid}/fd/{name}", listed) for name in os.listdir(f"/proc/{pid}/fd")):
                found.append(looked.holders.get(pid) or holder(pid))
    return found


def _unlisted(descriptor: str, listed: set[str]) -> bool:
    """Whether a descriptor is a TCP socket of no table; the kernel names a socket's protocol as an attribute of it."""
    with contextlib.suppress(OSError):
        target = os.readlink(descriptor)
        if target.startswith("socket:[") and target[8:-1] not in listed:
            return os.getxattr(descriptor, "system.sockprotoname").rstrip(b"\0") in (b"TCP", b"TCPv6")
    return False


def _readable(pid: int) -> bool:
    """Whether we may see which descriptors a process has."""
    if Path("/proc/self/fd").is_dir():
        return os.access(f"/proc/{pid}/fd", os.R_OK | os.X_OK) or not Path(f"/proc/{pid}").exists()
    try:
        psutil.Process(pid).net_connections("inet")
    except psutil.AccessDenied:
        return False
    except psutil.Error:
        return True
    return True

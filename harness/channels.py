"""Loopback addresses and ports: claiming them, who holds them, and whether they can be bound."""

from __future__ import annotations

import contextlib
import errno
import os
import random
import socket
import ssl
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from .model import Json

PORT = 8080  # the paper's
DEFAULT_HOST = "127.0.0.1"
ORPHAN = "orphan"  # the role of a process whose server is gone, and that no step asked for
WIDE_HOSTS = ("0.0.0.0", "::", "::1")  # noqa: S104 (looked for, and not bound)
CLAIM_PORT = 8079  # a UDP port: holding it on an address claims that address among all runs
BLOCK = range(21000, 29000, 10)  # where only 127.0.0.1 exists: ports of ten, the first of each claimed by UDP

#: /proc/net/tcp, column "st" (include/net/tcp_states.h).
TCP_STATES = {
    "01": "ESTABLISHED", "02": "SYN_SENT", "03": "SYN_RECV", "04": "FIN_WAIT1", "05": "FIN_WAIT2", "06": "TIME_WAIT",
    "07": "CLOSE", "08": "CLOSE_WAIT", "09": "LAST_ACK", "0A": "LISTEN", "0B": "CLOSING", "0C": "NEW_SYN_RECV",
}


@dataclass(frozen=True, slots=True)
class Socket:
    """One line of the socket table; ``pids`` are all processes that hold it, as far as they can be seen."""

    local: str
    remote: str
    state: str
    pids: tuple[int, ...]

    @property
    def port(self) -> int:
        """The local port."""
        return int(self.local.rpartition(":")[2])


class Claim:
    """A channel of a cell's own: no other cell of any run on this machine has it until ``close``.

    The claim is a bound UDP socket, so the kernel gives it back when the process dies.
    """

    def __init__(self, host: str, port: int, lock: socket.socket) -> None:
        self.host = host
        self.port = port
        self._lock = lock

    def close(self) -> None:
        """Give the channel back."""
        self._lock.close()


def has_loopback_range() -> bool:
    """Whether addresses beside 127.0.0.1 can be bound (Linux and Windows; not macOS)."""
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        try:
            probe.bind(("127.83.71.2", 0))
        except OSError:
            return False
    return True


def _lock(host: str, port: int) -> socket.socket | None:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.bind((host, port))
    except OSError:
        sock.close()
        return None
    return sock


def claim_own(loopback_range: bool, tries: int = 200) -> Claim:
    """Claim a channel that no other cell has; raises RuntimeError when none is found."""
    chance = random.SystemRandom()
    for _ in range(tries):
        if loopback_range:
            host, port = f"127.{chance.randrange(1, 255)}.{chance.randrange(256)}.{chance.randrange(1, 255)}", PORT
            lock = _lock(host, CLAIM_PORT)
        else:
            host, port = DEFAULT_HOST, chance.choice(BLOCK) + 1
            lock = _lock(host, port - 1)
        if lock is None:
            continue
        if bind_state(host, port) == "free":
            return Claim(host, port, lock)
        lock.close()
    raise RuntimeError(f"no free channel was found in {tries} tries; see `python -m harness doctor`")


def claim_default() -> Claim | None:
    """Claim 127.0.0.1:8080, which cells take in turns; None while another one has it."""
    lock = _lock(DEFAULT_HOST, CLAIM_PORT)
    return None if lock is None else Claim(DEFAULT_HOST, PORT, lock)


def bind_state(host: str, port: int, reuse: bool = True) -> str:
    """Try to bind: "free" or "held"; without ``reuse`` a port in TIME_WAIT is held too."""
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        if reuse and os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return "held"
            raise
    return "free"


def lingers(host: str, port: int) -> bool:
    """Whether nothing but connections in TIME_WAIT is left on a port: no process holds it, and it frees itself."""
    rows = [sock for sock in table([host], ()) if sock.port == port]
    return bool(rows) and all(sock.state == "TIME_WAIT" for sock in rows)


def is_over(sock: Socket) -> bool:
    """Whether a socket is in TIME_WAIT (as the kernel spells it, or psutil): no process holds it."""
    return sock.state in ("TIME_WAIT", "TIME-WAIT")


def connects(host: str, port: int, seconds: float = 1.0) -> str:
    """Try to connect: "accepted", "refused" or "no answer"."""
    try:
        with contextlib.closing(socket.create_connection((host, port), seconds)):
            return "accepted"
    except ConnectionRefusedError:
        return "refused"
    except OSError:
        return "no answer"


def answers(host: str, port: int, seconds: float = 1.0, context: ssl.SSLContext | None = None) -> bool:
    """Whether a request is answered, with whatever status: a server may listen long before it serves."""
    try:
        with contextlib.ExitStack() as stack:
            sock: socket.socket = stack.enter_context(contextlib.closing(socket.create_connection((host, port), seconds)))
            if context is not None:
                sock = stack.enter_context(contextlib.closing(context.wrap_socket(sock, server_hostname=host)))
            sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return bool(sock.recv(1))
    except OSError:
        return False


def table(hosts: Iterable[str], pids: Iterable[int]) -> list[Socket]:
    """Return the TCP sockets whose local address is one of ``hosts``.

    Holders are looked for among ``pids``, and all of them are named: a socket that a child inherited has two.
    Elsewhere than on Linux only the sockets of those processes can be seen (psutil), which needs no privileges.
    """
    wanted = set(hosts)
    if not Path("/proc/net/tcp").exists():
        return _table_by_process(wanted, pids)
    rows = [row for row in _proc_rows() if row[0].rpartition(":")[0].strip("[]") in wanted]
    inodes = {row[3] for row in rows} - {"0"}
    holders = _holders(inodes, pids) if inodes else {}
    return [Socket(local, remote, state, tuple(holders.get(inode, ()))) for local, remote, state, inode in rows]


def _table_by_process(hosts: set[str], pids: Iterable[int]) -> list[Socket]:
    held: dict[tuple[str, str, str], list[int]] = {}
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            for c in psutil.Process(pid).net_connections("tcp"):
                if c.laddr and c.laddr.ip in hosts:
                    remote = f"{c.raddr.ip}:{c.raddr.port}" if c.raddr else "0.0.0.0:0"
                    held.setdefault((f"{c.laddr.ip}:{c.laddr.port}", remote, c.status), []).append(pid)
    return [Socket(local, remote, state, tuple(holders)) for (local, remote, state), holders in held.items()]


def _proc_rows() -> Iterator[tuple[str, str, str, str]]:
    """(local, remote, state, inode) of each TCP socket of this network namespace."""
    for name in ("tcp", "tcp6"):
        file = Path("/proc/net") / name
        for line in file.read_text("ascii").splitlines()[1:] if file.exists() else ():
            words = line.split()
            yield _address(words[1]), _address(words[2]), TCP_STATES.get(words[3], words[3]), words[9]


def _address(text: str) -> str:
    """"0100007F:1F90" is 127.0.0.1:8080: words of four bytes in the machine's order, the port in hexadecimal."""
    address, _, port = text.partition(":")
    raw = b"".join(int(address[i:i + 8], 16).to_bytes(4, sys.byteorder) for i in range(0, len(address), 8))
    if len(raw) == 4:
        return f"{socket.inet_ntoa(raw)}:{int(port, 16)}"
    return f"[{socket.inet_ntop(socket.AF_INET6, raw)}]:{int(port, 16)}"


def _holders(inodes: set[str], pids: Iterable[int]) -> dict[str, list[int]]:
    wanted = {f"socket:[{inode}]": inode for inode in inodes}
    found: dict[str, list[int]] = {}
    for pid in pids:
        try:
            names = os.listdir(f"/proc/{pid}/fd")
        except OSError:
            continue  # it has ended
        for name in names:
            with contextlib.suppress(OSError):  # closed meanwhile: of ourselves, the one by which we listed
                inode = wanted.get(os.readlink(f"/proc/{pid}/fd/{name}"))
                if inode is not None and pid not in found.setdefault(inode, []):
                    found[inode].append(pid)
    return found


def row(sock: Socket, roles: dict[int, str]) -> Json:
    """A socket as it is recorded: with the role of each holder; a listener always has one, seen or not."""
    holders = list(dict.fromkeys(roles.get(pid, ORPHAN) for pid in sock.pids))
    if sock.state == "LISTEN" and not holders:
        holders = ["holder not visible"]
    return {"local": sock.local, "remote": sock.remote, "state": sock.state, "pids": list(sock.pids), "holders": holders}

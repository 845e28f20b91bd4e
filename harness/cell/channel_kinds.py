"""Where the servers of a cell listen, by the kind of channel, and what a launch gets for it. Standard library only.

A channel is a port of the cell's address, unless the scenario's ``channel`` says otherwise: "unix" is a socket in the file
system, "system-port" a port that the system chooses (the server is told 0), and "handed-over" a socket on which the harness
listens and that the server gets as descriptor 3, in the way of systemd (sd_listen_fds(3)); "handed-over-unix" is a Unix socket.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ..machine.connecting import family

UNIX = ("unix", "handed-over-unix")  # those with a path in place of a port
HANDED = ("handed-over", "handed-over-unix")
LONGEST_PATH = 90  # of a Unix socket: some systems take 104 bytes, and servers add to it
HANDED_BACKLOG = 128
OWN = 9  # the channel of which a server is told that gets its socket handed over: nobody has to listen there
#: What runs first in the new process: LISTEN_PID can only be known there. argv: the descriptor, and the server's command line.
HAND_OVER = (
    "import os, sys\n"
    "number, argv = int(sys.argv[1]), sys.argv[2:]\n"
    "if number != 3:\n"
    "    os.dup2(number, 3)\n"
    "    os.close(number)\n"
    "os.environ.setdefault('LISTEN_PID', str(os.getpid()))\n"
    "os.execv(argv[0], argv)\n"
)


@dataclass(frozen=True, slots=True)
class Handed:
    """What a launch gets for its channel: values of its arguments, and what the process inherits."""

    values: dict[str, str]
    before: tuple[str, ...] = ()  # of the command line, after the interpreter
    inherits: tuple[int, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)


class Channels:
    """The channels of one cell, numbered from 1; ``folder`` is where its Unix sockets are."""

    def __init__(self, kind: str, host: str, base: int, folder: Path) -> None:
        self.kind = kind
        self.host = host
        self.base = base
        self._found: dict[int, int] = {}  # the ports that the system has chosen
        self._handed: dict[int, socket.socket] = {}
        self._short = ""
        if kind in UNIX and len(str(folder)) > LONGEST_PATH - len("/server9.sock"):
            self._short = tempfile.mkdtemp(prefix="cell-")
            Path(self._short, "c").symlink_to(folder.absolute())
        self.folder = f"{self._short}/c" if self._short else str(folder.absolute())

    def values(self) -> dict[str, str]:
        """The {names} of a scenario; in a URL and a Host field, an IPv6 address has brackets."""
        found = {"host": f"[{self.host}]" if ":" in self.host else self.host, "port": str(self.base)}
        found.update({f"port{n}": str(self.base + n - 1) for n in range(2, OWN + 1)})
        return {**found, "socket": self.path(1)} if self.kind in UNIX else found

    def path(self, number: int) -> str:
        """The path of a Unix socket."""
        return f"{self.folder}/server{number if number > 1 else ''}.sock"

    def port(self, number: int) -> int:
        """The port of a channel."""
        return self._found.get(number, self.base + number - 1)

    def at(self, number: int) -> tuple[str, int]:
        """Where clients connect: a host and its port, or a path and 0. What is handed over is never on OWN."""
        return (self.path(number), 0) if self._has_path(number) else (self.host, self.port(number))

    def _has_path(self, number: int) -> bool:
        return self.kind == "unix" or (self.kind in UNIX and number != OWN)

    def launch(self, number: int) -> Handed:
        """What the next launch on a channel gets."""
        values = {"host": self.host, "port": str(self.port(number)), "socket": self.path(number)}
        if self.kind == "system-port":
            self._found.pop(number, None)
            values["port"] = "0"
        if self.kind not in HANDED or number == OWN:
            return Handed(values)
        values["port"] = str(self.port(OWN))
        shared = self._handed.get(number) or self._listen(number)
        descriptor = shared.fileno()
        return Handed(values, ("-c", HAND_OVER, str(descriptor)), (descriptor,), {"LISTEN_FDS": "1"})

    def _listen(self, number: int) -> socket.socket:
        """Listen as a service manager does; raises OSError if the address is in use."""
        host, port = self.at(number)
        made = socket.socket(socket.AF_UNIX if self._has_path(number) else family(host), socket.SOCK_STREAM)
        try:
            if not self._has_path(number):
                made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind(host if self._has_path(number) else (host, port))
            made.listen(HANDED_BACKLOG)
        except OSError:
            made.close()
            raise
        self._handed[number] = made
        return made

    @property
    def handed(self) -> tuple[int, ...]:
        """The channels on which the harness itself listens."""
        return tuple(self._handed)

    def is_open(self, number: int) -> bool:
        """Whether a port is known: one that the system chooses is not, until it was found."""
        return self.kind != "system-port" or number in self._found

    def found(self, number: int, port: int) -> dict[str, str]:
        """Note the port that the system chose; return the values that change by it."""
        self._found[number] = port
        return {f"port{number}" if number > 1 else "port": str(port)}

    def close(self) -> None:
        """Close what was handed over, and remove what the harness has made."""
        for shared in self._handed.values():
            shared.close()
        self._handed.clear()
        if self._short:
            shutil.rmtree(self._short, ignore_errors=True)


def bound_port(pattern: str, log: str) -> int | None:
    """The port that a log line says: the first group of the subject's pattern; None until one does."""
    for line in log.splitlines() if pattern else ():
        if match := re.search(pattern[1:-1], line):
            return int(match[1])
    return None


def unix_listeners(path: str, pids: Iterable[int]) -> list[int]:
    """The processes among ``pids`` that hold a listening Unix socket of this name (Linux: /proc/net/unix)."""
    try:
        with open("/proc/net/unix", encoding="utf-8", errors="replace") as table:
            rows = [line.split(None, 7) for line in table.read().splitlines()[1:]]
    except OSError:
        return []
    listens = 0x10000  # __SO_ACCEPTCON, include/linux/net.h
    inodes = {f"socket:[{row[6]}]" for row in rows if len(row) == 8 and row[7] == path and int(row[3], 16) & listens}
    found = []
    for pid in pids:
        with contextlib.suppress(OSError):
            for name in os.listdir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    if os.readlink(f"/proc/{pid}/fd/{name}") in inodes and pid not in found:
                        found.append(pid)
    return found

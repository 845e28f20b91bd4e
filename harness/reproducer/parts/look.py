"""What the system shows: our descendants, their processor time, and sockets with their holders."""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h: orphans among our descendants come to us
STATES = {
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
WIDE = ("0.0.0.0", "::", "::1")  # noqa: S104 (looked for, and not bound)
LINUX = sys.platform == "linux"


def become_subreaper() -> None:
    """Adopt the children of a killed server, so that none is lost (Linux)."""
    if LINUX:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def parents() -> dict[int, int]:
    """The parent of each living process; zombies do not count."""
    if not LINUX:
        done = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True)
        rows = [line.split() for line in done.stdout.splitlines()]
        return {int(pid): int(parent) for pid, parent, state in rows if not state.startswith("Z")}
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
            state, parent = file.read().rpartition(")")[2].split()[:2]
            if state not in ("Z", "X"):
                found[int(name)] = int(parent)
    return found


def reap_orphans(own: set[int]) -> None:
    """Reap orphans that came to us, so that no zombies remain; ``own`` are left to their Popen (Linux)."""
    for name in filter(str.isdigit, os.listdir("/proc") if LINUX else []):
        with contextlib.suppress(OSError), open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
            state, parent = file.read().rpartition(")")[2].split()[:2]
            if state == "Z" and int(parent) == os.getpid() and int(name) not in own:
                os.waitpid(int(name), os.WNOHANG)


def descendants(pid: int) -> list[int]:
    """All descendants of a process."""
    of = parents()
    found, new = [], [pid]
    while new:
        new = [child for child, parent in of.items() if parent in new and child not in found and child != os.getpid()]
        found += new
    return found


def command_of(pid: int) -> str:
    """A process's command line."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:
        return file.read().replace(b"\0", b" ").decode("utf-8", "replace").strip()
    return ""


def socket_table(host: str, ports: Collection[int], pids: list[int]) -> list[dict[str, object]]:
    """The kernel's TCP sockets on an address and some ports, each with those of ``pids`` that hold it (empty outside Linux)."""
    held: dict[str, list[int]] = {}
    for pid in pids if LINUX else []:
        with contextlib.suppress(OSError):
            for name in os.listdir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    held.setdefault(os.readlink(f"/proc/{pid}/fd/{name}"), []).append(pid)
    rows: dict[tuple[str, str, str], dict[str, object]] = {}  # the kernel may list a line twice
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError), open(table, encoding="ascii") as file:
            for line in file.read().splitlines()[1:]:
                words = line.split()
                address, port = _address(words[1])
                if address in (host, *WIDE) and port in ports:
                    rows[words[1], words[2], words[9]] = {
                        "local": f"{address}:{port}",
                        "remote": ":".join(map(str, _address(words[2]))),
                        "state": STATES.get(words[3], words[3]),
                        "port": port,
                        "pids": list(dict.fromkeys(held.get(f"socket:[{words[9]}]", []))),
                    }
    return list(rows.values())


def _address(text: str) -> tuple[str, int]:
    """ "0100007F:1F90" is 127.0.0.1 and 8080: words of four bytes in the machine's order, the port in hexadecimal."""
    host, _, port = text.partition(":")
    raw = b"".join(int(host[i : i + 8], 16).to_bytes(4, sys.byteorder) for i in range(0, len(host), 8))
    return socket.inet_ntop(socket.AF_INET if len(raw) == 4 else socket.AF_INET6, raw), int(port, 16)


def ticks(pid: int) -> int:
    """The processor time of a process, in the kernel's ticks (Linux); 0 if it has ended."""
    with contextlib.suppress(OSError):
        words = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        return int(words[11]) + int(words[12])
    return 0

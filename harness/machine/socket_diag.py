"""TCP sockets straight from the kernel: sock_diag(7) over netlink, which filters them itself. Standard library only.

/proc/net/tcp writes every socket of the machine as text. Here the kernel returns only those on the wanted addresses, in
binary, and a machine with thousands of connections in TIME_WAIT costs next to nothing more. The structures and numbers are
those of linux/netlink.h, linux/sock_diag.h and linux/inet_diag.h; words are in the machine's order, ports and addresses
in the network's.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import socket
import struct
import sys
from collections.abc import Iterable, Iterator
from typing import NamedTuple

NETLINK_SOCK_DIAG = 4
SOCK_DIAG_BY_FAMILY = 20
REQUEST_DUMP = 0x301  # NLM_F_REQUEST | NLM_F_DUMP
DUMP_INTERRUPTED = 0x10  # NLM_F_DUMP_INTR: the table changed between two parts
ERROR, DONE, OVERRUN = 2, 3, 4  # NLMSG_*
REQ_BYTECODE = 1  # INET_DIAG_REQ_BYTECODE
JUMP, PORT_FROM, PORT_TO, ADDRESS = 1, 2, 3, 7  # INET_DIAG_BC_JMP, _S_GE, _S_LE, _S_COND
TIME_WAIT_TIMER = 3
LISTENING = 1 << 10  # TCP_LISTEN (include/net/tcp_states.h)
IN_PROC = (1 << 13) - 2  # ESTABLISHED to NEW_SYN_RECV: what /proc shows; not BOUND_INACTIVE, which came after them

SECONDS = 2.0  # the kernel answers at once, or never
ATTEMPTS = 3  # at a dump that is interrupted; the last is taken as it is, as a reader of /proc always must
SEQUENCE = 1
PART = 65536  # bytes; the kernel's parts have at most 32 KiB (net/netlink/af_netlink.c)

_HEADER = struct.Struct("=IHHII")  # struct nlmsghdr: length, type, flags, sequence, port
_REQUEST = struct.Struct("=BBBxI48x")  # struct inet_diag_req_v2: family, protocol, extensions, states, no addresses
_ATTRIBUTE = struct.Struct("=HH")  # struct rtattr: length, type
_OPERATION = struct.Struct("=BBH")  # struct inet_diag_bc_op: code, and how far to go if it holds, and if not
_CONDITION = struct.Struct("=BBxxi")  # struct inet_diag_hostcond: family, bits of the address, port; the address follows
#: struct inet_diag_msg: family, state, timer; ports and addresses (local, remote); milliseconds left; inode.
_ANSWER = struct.Struct("=BBBx2s2s16s16s12xI12xI")


class Row(NamedTuple):
    """A socket as the kernel describes it; ``state`` is its number, and the inode "0" means that no process holds it."""

    local: str
    remote: str
    state: int
    seconds_left: float | None
    inode: str


@functools.cache
def why_not() -> str:
    """Why this process cannot ask the kernel, in its own words; "" if it can. Found out once, by asking."""
    try:
        for family in (socket.AF_INET, socket.AF_INET6):
            rows(family, LISTENING, ("127.0.0.1", "::1"), range(1, 2))
    except (OSError, AttributeError) as problem:  # forbidden in a sandbox, or no such kernel; no AF_NETLINK in Python
        return str(problem) or type(problem).__name__
    return ""


def rows(
    family: int,
    states: int = IN_PROC,
    hosts: Iterable[str] | None = None,
    ports: range | None = None,
) -> list[Row]:
    """Return the TCP sockets of a family, in some states (a mask), on some local addresses and ports; None means all.

    Each socket is there once: like a page of /proc, a part can repeat one if others came or went meanwhile.
    """
    raw = None if hosts is None else addresses(family, hosts)
    if raw is not None and not raw:
        return []  # no address of this family is wanted
    found = [parse(message) for message in ask(family, states, bytecode(family, raw, ports))]
    return list({(row.local, row.remote, row.inode): row for row in found}.values())


def addresses(family: int, hosts: Iterable[str]) -> list[bytes]:
    """The addresses of one family as bytes; a text that is none of this family matches no socket of it."""
    found = []
    for host in hosts:
        with contextlib.suppress(OSError):
            found.append(socket.inet_pton(family, host))
    return found


def bytecode(family: int, raw: list[bytes] | None, ports: range | None) -> bytes:
    """A program for the kernel's filter: any of the addresses, and a port in the range.

    It accepts a socket when it arrives exactly at its end, and rejects it by a jump four bytes beyond. Every operation must
    be reached by the steps of those that hold (valid_cc in net/ipv4/inet_diag.c), so "or" is a jump after each condition.
    """
    code = b""
    if ports is not None:  # written from the end, because each operation says how far it is
        for operation, port in ((PORT_TO, ports[-1]), (PORT_FROM, ports[0])):
            code = _OPERATION.pack(operation, 8, 8 + len(code) + 4) + _OPERATION.pack(0, 0, port) + code
    after = len(code)
    for number, address in enumerate(reversed(raw or [])):
        condition = _CONDITION.pack(family, 8 * len(address), -1) + address
        size = _OPERATION.size + len(condition)
        if number:
            code = _OPERATION.pack(JUMP, 4, 4 + len(code) - after) + code
        beyond = size + 4 if number else size + len(code) + 4  # the next condition; after the last one, reject
        code = _OPERATION.pack(ADDRESS, size, beyond) + condition + code
    return code


def ask(family: int, states: int, code: bytes = b"") -> list[bytes]:
    """Return struct inet_diag_msg, and the attributes after it, of each socket that passes; raises OSError if refused."""
    body = _REQUEST.pack(family, socket.IPPROTO_TCP, 0, states)
    if code:
        body += _ATTRIBUTE.pack(_ATTRIBUTE.size + len(code), REQ_BYTECODE) + code
    request = _HEADER.pack(_HEADER.size + len(body), SOCK_DIAG_BY_FAMILY, REQUEST_DUMP, SEQUENCE, 0) + body
    found: list[bytes] = []
    for _ in range(ATTEMPTS):
        with contextlib.closing(socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, NETLINK_SOCK_DIAG)) as kernel:
            kernel.settimeout(SECONDS)  # Python itself goes on after EINTR (PEP 475)
            kernel.send(request)
            found, whole = read(_parts(kernel))
        if whole:
            break
    return found


def _parts(kernel: socket.socket) -> Iterator[bytes]:
    while True:
        data, _, flags, _ = kernel.recvmsg(PART)
        if flags & socket.MSG_TRUNC:
            raise OSError(errno.EMSGSIZE, "a part of the kernel's answer was cut")
        yield data


def read(parts: Iterable[bytes]) -> tuple[list[bytes], bool]:
    """Collect the messages of a dump up to its end; and whether the table held still while it was made."""
    found: list[bytes] = []
    whole = True
    for part in parts:
        for kind, flags, message in messages(part):
            whole = whole and not flags & DUMP_INTERRUPTED
            if kind in (DONE, ERROR):
                _raise_if_refused(message)
                if kind == DONE:
                    return found, whole
            elif kind == OVERRUN:
                raise OSError(errno.EOVERFLOW, os.strerror(errno.EOVERFLOW))
            elif kind == SOCK_DIAG_BY_FAMILY:
                found.append(message)
    raise OSError(errno.EBADMSG, "the kernel's answer has no end")


def _raise_if_refused(message: bytes) -> None:
    """Raise what an error, or the end of a dump, reports: a negative number of errno, or 0."""
    number = int.from_bytes(message[:4], sys.byteorder, signed=True)
    if number < 0:
        raise OSError(-number, os.strerror(-number))


def messages(part: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Each message of a part: its type, its flags, and what follows its header; raises OSError if a length is wrong."""
    at = 0
    while at < len(part):
        if len(part) - at < _HEADER.size:
            raise OSError(errno.EBADMSG, "a message of the kernel has no whole header")
        length, kind, flags, sequence, _ = _HEADER.unpack_from(part, at)
        if not _HEADER.size <= length <= len(part) - at:
            raise OSError(errno.EBADMSG, f"a message of the kernel has {length} bytes, of which {len(part) - at} are there")
        if sequence == SEQUENCE:
            yield kind, flags, part[at + _HEADER.size : at + length]
        at += (length + 3) & ~3


def parse(message: bytes) -> Row:
    """Read struct inet_diag_msg; raises OSError if it is too short, or of a family that was not asked for."""
    if len(message) < _ANSWER.size:
        raise OSError(errno.EBADMSG, f"a socket's description has {len(message)} bytes and not {_ANSWER.size}")
    family, state, timer, sport, dport, source, destination, left, inode = _ANSWER.unpack_from(message)
    if family not in (socket.AF_INET, socket.AF_INET6):
        raise OSError(errno.EBADMSG, f"a socket of family {family}")
    return Row(
        text(family, source, sport),
        text(family, destination, dport),
        state,
        left / 1000 if timer == TIME_WAIT_TIMER else None,
        str(inode),
    )


def text(family: int, address: bytes, port: bytes) -> str:
    """An address and a port as a person writes them: 127.0.0.1:8080, [::1]:8080."""
    if family == socket.AF_INET:
        return f"{socket.inet_ntop(family, address[:4])}:{int.from_bytes(port, 'big')}"
    return f"[{socket.inet_ntop(family, address)}]:{int.from_bytes(port, 'big')}"

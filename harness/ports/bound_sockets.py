"""What Linux reports about TCP sockets that hold a port, beyond its table: user, IPV6_V6ONLY, and those that do not listen.

The query goes over netlink (sock_diag(7)), which needs no privileges. Linux 6.8 and newer show sockets that are bound
and do not listen; whether this kernel does is checked with a socket of our own.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
from collections.abc import Iterator

from ..machine.socket_table import TCP_STATES
from .sockets import BOUND, Row

NETLINK_SOCK_DIAG = 4
SOCK_DIAG_BY_FAMILY = 20
REQUEST_DUMP = 0x301  # NLM_F_REQUEST | NLM_F_DUMP
ERROR, DONE = 2, 3
STATES = 1 << 10 | 1 << 13  # TCP_LISTEN, TCP_BOUND_INACTIVE (include/net/tcp_states.h)
V6_ONLY = 11  # INET_DIAG_SKV6ONLY
SECONDS = 2.0  # the kernel answers at once, or never

_HEADER = struct.Struct("=IHHII")
_REQUEST = struct.Struct("=BBBxI48x")  # struct inet_diag_req_v2
_ANSWER = struct.Struct("=BBxx2s2s16s16x12x4x4x4xII")  # struct inet_diag_msg: state, port, address, user, inode
_ATTRIBUTE = struct.Struct("=HH")


def holding() -> tuple[list[Row], bool]:
    """The sockets that listen or are bound, without their processes; and whether the bound ones are included.

    No sockets, and False, where the system does not support the query.
    """
    found: list[Row] = []
    try:
        with contextlib.closing(socket.socket()) as mine:
            mine.bind(("127.0.0.1", 0))
            for family, protocol in ((socket.AF_INET, "tcp"), (socket.AF_INET6, "tcp6")):
                found += _dump(family, protocol)
            own = str(os.fstat(mine.fileno()).st_ino)
    except (OSError, AttributeError):  # no AF_NETLINK here; or the kernel has no sock_diag, or it is forbidden in a sandbox
        return [], False
    return [row for row in found if row.inode != own], own in {row.inode for row in found}


def _dump(family: int, protocol: str) -> list[Row]:
    body = _REQUEST.pack(family, socket.IPPROTO_TCP, 0, STATES)
    with contextlib.closing(socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, NETLINK_SOCK_DIAG)) as kernel:
        kernel.settimeout(SECONDS)
        kernel.send(_HEADER.pack(_HEADER.size + len(body), SOCK_DIAG_BY_FAMILY, REQUEST_DUMP, 1, 0) + body)
        rows: list[Row] = []
        while True:
            for kind, message in _messages(kernel.recv(65536)):
                if kind == DONE:
                    return rows
                if kind == ERROR:
                    number = -int(struct.unpack_from("=i", message)[0])
                    raise OSError(number, os.strerror(number))
                rows.append(parse(message, protocol))


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    while len(data) >= _HEADER.size:
        length, kind, *_ = _HEADER.unpack_from(data)
        yield kind, data[_HEADER.size : length]
        data = data[(length + 3) & ~3 :]


def parse(message: bytes, protocol: str) -> Row:
    """Parse one socket: struct inet_diag_msg, and the attributes after it."""
    family, state, port, _, address, user, inode = _ANSWER.unpack_from(message)
    attributes, rest = {}, message[_ANSWER.size :]
    while len(rest) >= _ATTRIBUTE.size:
        length, kind = _ATTRIBUTE.unpack_from(rest)
        attributes[kind] = rest[_ATTRIBUTE.size : length]
        rest = rest[(max(length, _ATTRIBUTE.size) + 3) & ~3 :]
    four = family == socket.AF_INET
    host = socket.inet_ntop(family, address[:4] if four else address)
    name = TCP_STATES.get(f"{state:02X}", str(state))
    return Row(
        local=f"{host if four else f'[{host}]'}:{int.from_bytes(port)}",
        remote="0.0.0.0:0" if four else "[::]:0",
        state=BOUND if name == "CLOSE" else name,
        pids=(),
        protocol=protocol,
        inode=str(inode),
        v6_only=attributes[V6_ONLY] != b"\0" if V6_ONLY in attributes else None,
        user=_name(user),
    )


def _name(user: int) -> str:
    import pwd  # not on Windows, which never gets here

    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)

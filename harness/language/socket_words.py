"""The words for ports, sockets and their holders: what a step may say of them."""

from __future__ import annotations

HOLDERS = (
    "listen",
    "bound",
    "backlog-full",
    "reuseaddr",
    "reuseport",
    "wildcard",
    "other-family",
    "dual-stack",
    "udp",
    "time-wait",
)
WIDE_HOLDERS = ("wildcard", "other-family", "dual-stack")  # these hold a port on addresses that other cells use
PORT_STATES = ("free", "listening")
#: What ``sockets`` and ``hold`` can observe of a port.
CLOSED = {"bind": ("free", "held"), "connect": ("accepted", "refused", "no answer")}
#: The socket states that Linux can report.
SOCKET_STATES = (
    "ESTABLISHED",
    "SYN_SENT",
    "SYN_RECV",
    "FIN_WAIT1",
    "FIN_WAIT2",
    "TIME_WAIT",
    "CLOSE",
    "CLOSE_WAIT",
    "LAST_ACK",
    "LISTEN",
    "CLOSING",
    "NEW_SYN_RECV",
)

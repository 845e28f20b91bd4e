"""Sockets as this command sees them, and the addresses that each can keep a server from."""

from __future__ import annotations

from dataclasses import dataclass

from ..machine.socket_table import Socket, is_over

ALL_IPV4, ALL_IPV6 = "0.0.0.0", "::"  # noqa: S104 (compared, and bound for a moment without listening)
MAPPED = "::ffff:"  # an IPv4 address on an IPv6 socket
BOUND = "BOUND"  # our own name: the kernel calls it CLOSE, with a port
HOLDING = ("LISTEN", BOUND, "CLOSE")
#: For an IPv6 connection whose socket was not IPv6-only: Linux refuses a bind to all of IPv4, but to no single address.
NO_ONE_OF_IPV4 = "no one address of IPv4"


@dataclass(frozen=True, slots=True)
class Row(Socket):
    """One socket of the machine; ``inode`` is "0" where no process has it, and "" where the system has no inodes.

    ``v6_only`` is whether an IPv6 socket leaves IPv4 alone, None where the system does not say. ``user`` is the owner of
    a socket that holds its port, as far as the system says.
    """

    inode: str = ""
    v6_only: bool | None = None
    user: str = ""

    @property
    def tcp(self) -> bool:
        """Whether it is a TCP socket: UDP ports are separate."""
        return self.protocol.startswith("tcp")

    @property
    def holds(self) -> bool:
        """Whether it is bound as a server's socket: it listens, or may do so later."""
        return self.tcp and self.state in HOLDING

    @property
    def over(self) -> bool:
        """Whether it is in TIME_WAIT."""
        return is_over(self)


def conflicts(host: str, row: Row) -> bool:
    """Whether a socket can keep a server from a numeric address with the same port; ``::`` means IPv6 only.

    It can, but need not: with SO_REUSEADDR on both sides a server can bind unless the other socket listens.
    """
    if not row.tcp:
        return False
    four, six = _covered(row)
    if ":" in host:
        return _meet(host.partition("%")[0], six, ALL_IPV6)
    return _meet(host, four, ALL_IPV4)


def _covered(row: Row) -> tuple[str, str]:
    """The IPv4 address and the IPv6 address that a socket occupies; "" for none."""
    if ":" not in row.host:
        return row.host, ""
    if row.host.startswith(MAPPED):
        return row.host.removeprefix(MAPPED), ""
    if row.v6_only:
        return "", row.host
    if row.host == ALL_IPV6:
        return ALL_IPV4, row.host
    return "" if row.holds else NO_ONE_OF_IPV4, row.host  # binding a single IPv6 address makes a socket IPv6-only


def _meet(asked: str, covered: str, every: str) -> bool:
    return bool(covered) and (asked == covered or every in (asked, covered))

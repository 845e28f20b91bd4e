"""Sockets as this command sees them, and which addresses each of them can keep a server from."""

from __future__ import annotations

from dataclasses import dataclass

from ..machine.socket_table import Socket, is_over

ALL_IPV4, ALL_IPV6 = "0.0.0.0", "::"  # noqa: S104 (compared, and bound for a moment without listening)
MAPPED = "::ffff:"  # an IPv4 address of a socket of IPv6
BOUND = "BOUND"  # a name of our own: the kernel's is CLOSE, with a port
HOLDING = ("LISTEN", BOUND, "CLOSE")
#: For a connection of IPv6 whose socket was not IPv6's alone: Linux refuses all of IPv4 beside it, and no one address.
NO_ONE_OF_IPV4 = "no one address of IPv4"


@dataclass(frozen=True, slots=True)
class Row(Socket):
    """One socket of the machine; ``inode`` is "0" where no process has it, and "" where the system has no such number.

    ``v6_only`` is whether a socket of IPv6 leaves IPv4 alone, None where the system does not tell. ``user`` is the owner
    of one that holds its port, as far as the system tells.
    """

    inode: str = ""
    v6_only: bool | None = None
    user: str = ""

    @property
    def tcp(self) -> bool:
        """Whether it is a socket of TCP: the ports of UDP are other ports."""
        return self.protocol.startswith("tcp")

    @property
    def holds(self) -> bool:
        """Whether it was bound to be a server's: it listens, or has not yet done so."""
        return self.tcp and self.state in HOLDING

    @property
    def over(self) -> bool:
        """Whether it is in TIME_WAIT."""
        return is_over(self)


def conflicts(host: str, row: Row) -> bool:
    """Whether a socket can keep a server from a numeric address with the same port; ``::`` is meant without IPv4.

    It can, and need not: with SO_REUSEADDR on both sides a server binds beside everything that does not listen.
    """
    if not row.tcp:
        return False
    four, six = _covered(row)
    if ":" in host:
        return _meet(host.partition("%")[0], six, ALL_IPV6)
    return _meet(host, four, ALL_IPV4)


def _covered(row: Row) -> tuple[str, str]:
    """The address of IPv4 and that of IPv6 that a socket occupies; "" for none."""
    if ":" not in row.host:
        return row.host, ""
    if row.host.startswith(MAPPED):
        return row.host.removeprefix(MAPPED), ""
    if row.v6_only:
        return "", row.host
    if row.host == ALL_IPV6:
        return ALL_IPV4, row.host
    return "" if row.holds else NO_ONE_OF_IPV4, row.host  # to bind one address of IPv6 makes a socket IPv6's alone


def _meet(asked: str, covered: str, every: str) -> bool:
    return bool(covered) and (asked == covered or every in (asked, covered))

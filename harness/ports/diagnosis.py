"""The verdict on one address: whether a server starts there, and which sockets are in its way. It looks at nothing itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from .address import Asked
from .bind_trials import Try
from .channels import HolderProcess, Look
from .sockets import ALL_IPV4, ALL_IPV6, Row, conflicts


@dataclass(frozen=True, slots=True)
class Finding:
    """The address in question, the sockets on its port, the binds that were tried, and processes that may hold it unseen."""

    asked: Asked
    looked: Look
    tried: tuple[Try, ...]
    suspects: tuple[HolderProcess, ...] = ()

    def can_bind(self, hosts: Iterable[str]) -> bool:
        """Whether a server that sets SO_REUSEADDR starts on these addresses, as far as this machine has them."""
        tried = [one.free for one in self.tried if one.reuse and one.host in hosts]
        return bool(tried) and all(tried)

    @property
    def free(self) -> bool:
        """Whether such a server starts on the address in question."""
        return self.can_bind(self.asked.hosts)

    @property
    def denied(self) -> str:
        """The system's message if this user may not bind the port at all and nothing visible holds it; otherwise ""."""
        words = [one.error for one in self.tried if one.denied and one.host in self.asked.hosts]
        return words[0] if words and not self.holding else ""

    @property
    def rows(self) -> tuple[Row, ...]:
        """The sockets, with ``v6_only`` worked out where the system does not report it.

        A socket on all of IPv6 also has IPv4 only where IPv4 cannot be bound and nothing else holds it. IPv6 connections
        are like the socket that accepted them, if that still exists.
        """
        ipv4 = any(row.holds and ":" not in row.host for row in self.looked.sockets) or self.can_bind([ALL_IPV4])
        listeners = [
            replace(row, v6_only=ipv4) if row.v6_only is None and row.host == ALL_IPV6 else row
            for row in self.looked.sockets
            if row.holds
        ]
        own = any(row.v6_only or row.host != ALL_IPV6 for row in listeners if ":" in row.host)
        rest = [replace(row, v6_only=own) if ":" in row.host else row for row in self.looked.sockets if not row.holds]
        return (*listeners, *rest)

    def in_way_of(self, hosts: Iterable[str]) -> list[Row]:
        """The sockets that can keep a server from one of these addresses."""
        wanted = tuple(hosts)
        return [row for row in self.rows if any(conflicts(host, row) for host in wanted)]

    @property
    def holding(self) -> list[Row]:
        """The sockets that hold the address: they listen or are bound, listeners first."""
        return sorted((row for row in self.in_way_of(self.asked.hosts) if row.holds), key=lambda row: row.state != "LISTEN")

    @property
    def connections(self) -> list[Row]:
        """What else is in the way and not over: open connections, whose process may be a client."""
        return [row for row in self.in_way_of(self.asked.hosts) if not row.holds and not row.over]

    @property
    def over(self) -> list[Row]:
        """Connections in TIME_WAIT on the address."""
        return [row for row in self.in_way_of(self.asked.hosts) if row.over]

    def beside(self, wide: str) -> list[Row]:
        """What is in the way of a server on all addresses, but not on the address in question.

        If a socket holds it, connections are left out; if a connection is open, so are those that are over.
        """
        own = self.in_way_of(self.asked.hosts)
        rows = [row for row in self.in_way_of([wide]) if row not in own]
        return [row for row in rows if row.holds] or [row for row in rows if not row.over] or rows

    @property
    def elsewhere(self) -> list[Row]:
        """Sockets that hold the same port and are in no server's way here."""
        near = self.in_way_of((*self.asked.hosts, *self.asked.wider))
        return [row for row in self.rows if row.holds and row not in near]

    def processes(self, rows: Iterable[Row]) -> list[HolderProcess]:
        """The processes of some sockets, each once, in the sockets' order."""
        return [self.looked.holders[pid] for pid in dict.fromkeys(pid for row in rows for pid in row.pids)]

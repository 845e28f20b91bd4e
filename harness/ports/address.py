"""The address in question: PORT, HOST:PORT or [IPv6]:PORT, parsed and resolved."""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass

from ..model.refusal import Refusal
from .sockets import ALL_IPV4, ALL_IPV6

DEFAULT = "127.0.0.1"  # where the bundled server and CherryPy listen by default
FORMS = "write PORT, HOST:PORT or [IPv6]:PORT, such as 8080, 0.0.0.0:8080 or [::1]:8080"
EVERY = {ALL_IPV4: "all IPv4 addresses", ALL_IPV6: "all IPv6 addresses"}
_WRITTEN = re.compile(r"(?:(?:\[(?P<six>[^\[\]]+)\]|(?P<host>[^:\[\]]+)):)?(?P<port>[^:\[\]]+)")
_BARE_IPV6 = re.compile(r"[0-9a-fA-F:.]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")


@dataclass(frozen=True, slots=True)
class Asked:
    """A port on an address: the host as written, and the numeric addresses it stands for."""

    name: str
    port: int
    hosts: tuple[str, ...]

    @property
    def shown(self) -> str:
        """As written on the command line."""
        return joined(self.name, self.port)

    @property
    def where(self) -> str:
        """The address in words."""
        if self.hosts == (self.name,):
            return f"{self.name} ({EVERY[self.name]})" if self.name in EVERY else self.name
        return f"{self.name} ({' and '.join(self.hosts)})"

    @property
    def wider(self) -> tuple[str, ...]:
        """What a server on all addresses would bind: it may be refused even where one on these addresses starts."""
        four = any(":" not in host for host in self.hosts) or ALL_IPV6 in self.hosts
        six = any(":" in host for host in self.hosts)
        return tuple(host for host, needed in ((ALL_IPV4, four), (ALL_IPV6, six)) if needed and host not in self.hosts)


def joined(host: str, port: int) -> str:
    """An address and a port as one word."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def read(text: str) -> Asked:
    """Parse an address with a port; raises Refusal for anything else."""
    written = _WRITTEN.fullmatch(text)
    if written is None:
        what = "an IPv6 address must be in brackets" if _BARE_IPV6.fullmatch(text) else "this is not an address with a port"
        raise Refusal(f"{text}: {what}; {FORMS}")
    port = written["port"]
    if not (port.isascii() and port.isdecimal() and len(port) <= 5 and 0 < int(port) < 65536):
        raise Refusal(f"{text}: {port!r} is not a port number from 1 to 65535; {FORMS}")
    name = written["six"] or written["host"] or DEFAULT
    return Asked(name, int(port), _hosts(text, name, written["six"] is not None))


def _hosts(text: str, name: str, brackets: bool) -> tuple[str, ...]:
    try:
        found = socket.getaddrinfo(
            name,
            None,
            family=socket.AF_INET6 if brackets else socket.AF_UNSPEC,
            type=socket.SOCK_STREAM,
            flags=socket.AI_NUMERICHOST if brackets else 0,
        )
    except (OSError, ValueError) as error:  # ValueError: a name that IDNA cannot encode
        why = "is not an IPv6 address" if brackets else f"cannot be resolved ({getattr(error, 'strerror', None) or error})"
        raise Refusal(f"{text}: the host {name!r} {why}; {FORMS}") from error
    return tuple(dict.fromkeys(_host(text, address) for *_, address in found))


def _host(text: str, address: tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]) -> str:
    """A resolved address as a word, with its interface if it has one."""
    host = str(address[0])
    number = ipaddress.ip_address(host)
    if isinstance(number, ipaddress.IPv6Address) and number.ipv4_mapped:
        return str(number.ipv4_mapped)
    if number.is_multicast or host == "255.255.255.255":
        raise Refusal(f"{text}: {host} is a multicast or broadcast address, on which no TCP server can listen; {FORMS}")
    scope = address[3] if len(address) == 4 else 0
    if scope:
        return f"{host}%{socket.if_indextoname(scope)}"
    if number.version == 6 and number.is_link_local:
        raise Refusal(f"{text}: {host} is a link-local address; add its interface, such as [{host}%eth0]:8080")
    return host

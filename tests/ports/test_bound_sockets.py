"""What the kernel reports about real sockets beyond its table; and a system that does not report it."""

import errno
import os
import pwd
import socket

import pytest

from harness.ports import bound_sockets
from harness.ports.sockets import BOUND


def at(port):
    rows, _ = bound_sockets.holding()
    return [row for row in rows if row.port == port]


@pytest.mark.parametrize(("host", "only", "seen"), [
    ("127.0.0.1", None, None), ("::", True, True), ("::", False, False), ("::ffff:127.0.0.1", False, False),
])
def test_a_listener_is_seen_with_its_user_and_whether_it_has_ipv4_too(host, only, seen, port):
    with socket.socket(socket.AF_INET if only is None else socket.AF_INET6) as sock:
        if only is not None:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only)
        sock.bind((host, port))
        assert [row.state for row in at(port)] == ([BOUND] if bound_sockets.holding()[1] else [])
        sock.listen(1)
        (row,) = at(port)
        assert (row.host, row.state, row.v6_only, row.user) == (host, "LISTEN", seen, pwd.getpwuid(os.getuid()).pw_name)
        assert row.inode == str(os.fstat(sock.fileno()).st_ino)
    assert at(port) == []


def test_its_own_probe_is_not_listed():
    before, after = bound_sockets.holding()[0], bound_sockets.holding()[0]
    assert {row.local for row in after if row.state == BOUND} <= {row.local for row in before}


@pytest.mark.parametrize("error", [OSError(errno.EPERM, "forbidden"), AttributeError("AF_NETLINK")])
def test_a_system_that_does_not_report_them_shows_less(error, monkeypatch):
    def refuse(*_):
        raise error

    monkeypatch.setattr(bound_sockets, "_dump", refuse)
    assert bound_sockets.holding() == ([], False)

"""The kernel's answers over netlink: the same sockets as in /proc/net, in every state that can be made here."""

import contextlib
import errno
import os
import socket
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.machine import addresses, socket_diag, socket_table
from harness.machine.deadlines import Deadline
from harness.machine.socket_diag import (
    DONE,
    DUMP_INTERRUPTED,
    ERROR,
    OVERRUN,
    SEQUENCE,
    SOCK_DIAG_BY_FAMILY,
    messages,
    parse,
    read,
)

pytestmark = pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="not Linux")
HEAD = struct.Struct("=IHHII")


@pytest.fixture
def claim():
    with contextlib.closing(addresses.claim_own(addresses.has_loopback_range())) as own:
        yield own


@pytest.fixture
def both_ways(monkeypatch):
    """The rows of a host over netlink and from /proc, once they agree; the time that is left may differ a little."""
    def looked(hosts):
        found = []
        for reason in ("", "forbidden"):
            monkeypatch.setattr(socket_diag, "why_not", lambda reason=reason: reason)
            rows = socket_table.table(hosts, [os.getpid()])
            found.append(sorted((r.local, r.remote, r.state, r.pids, r.protocol, r.seconds_left is not None) for r in rows))
        return found

    def compared(hosts):
        assert Deadline(5).wait(lambda: (pair := looked(hosts))[0] == pair[1]), looked(hosts)
        return looked(hosts)[0]

    return compared


def test_this_kernel_can_be_asked():
    socket_diag.why_not.cache_clear()
    assert socket_diag.why_not() == "", "where a sandbox forbids it, /proc is read instead, and the matrix is slower"
    assert socket_table.source() == "netlink"


def test_sockets_in_all_states_that_can_be_made_are_the_same_as_in_proc(claim, both_ways):
    with contextlib.ExitStack() as stack:
        def opened(*args):
            return stack.enter_context(contextlib.closing(socket.socket(*args)))

        listener = opened()
        listener.bind((claim.host, claim.port))
        listener.listen(8)
        pairs = []
        for _ in range(4):
            client = opened()
            client.bind((claim.host, 0))  # or its end would be on 127.0.0.1
            client.connect((claim.host, claim.port))
            pairs.append((client, stack.enter_context(contextlib.closing(listener.accept()[0]))))
        pairs[0][0].shutdown(socket.SHUT_WR)  # FIN_WAIT2 and CLOSE_WAIT
        pairs[1][1].close()
        pairs[1][0].close()  # TIME_WAIT
        full = opened()
        full.bind((claim.host, claim.port + 1))
        full.listen(0)
        for _ in range(4):  # the backlog overflows: SYN_SENT
            waiting = opened()
            waiting.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                waiting.connect((claim.host, claim.port + 1))
        rows = both_ways([claim.host])
        assert {"LISTEN", "ESTABLISHED", "FIN_WAIT2", "CLOSE_WAIT", "TIME_WAIT"} <= {state for _, _, state, *_ in rows}
        assert {left for *_, state, _, _, left in rows if state == "TIME_WAIT"} == {True}


def test_ipv6_and_addresses_that_both_families_share(both_ways):
    with contextlib.closing(socket.socket(socket.AF_INET6)) as listener:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind(("::", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with contextlib.closing(socket.create_connection(("127.0.0.1", port))), contextlib.closing(socket.create_connection(("::1", port))):
            rows = [row for row in both_ways(["::", "::1", "::ffff:127.0.0.1", "127.0.0.1"]) if f":{port}" in row[0] + row[1]]
            assert {row[4] for row in rows} == {"tcp", "tcp6"}
            assert f"[::]:{port}" in {row[0] for row in rows}
            assert any("ffff:127.0.0.1" in row[0] for row in rows)


def test_the_kernel_selects_by_address_port_and_state(claim):
    with contextlib.ExitStack() as stack:
        for number in range(3):
            listener = stack.enter_context(contextlib.closing(socket.create_server((claim.host, claim.port + number))))
            stack.enter_context(contextlib.closing(socket.create_connection(listener.getsockname())))
        other = stack.enter_context(contextlib.closing(addresses.claim_own(addresses.has_loopback_range())))
        stack.enter_context(contextlib.closing(socket.create_server((other.host, other.port))))

        def local(states=socket_diag.IN_PROC, hosts=(claim.host,), ports=None):
            return sorted(row.local for row in socket_diag.rows(socket.AF_INET, states, hosts, ports))

        listening = [f"{claim.host}:{claim.port + number}" for number in range(3)]
        assert local(socket_diag.LISTENING) == listening
        assert local(socket_diag.LISTENING, ports=range(claim.port + 1, claim.port + 3)) == listening[1:]
        assert local(socket_diag.LISTENING, ports=range(claim.port, claim.port + 1)) == listening[:1]
        assert len(local()) == 6, "and the servers' ends of the connections; the clients' ends are on 127.0.0.1"
        assert f"{other.host}:{other.port}" in local(socket_diag.LISTENING, (claim.host, other.host))
        assert local(hosts=("::1", "no address")) == []
        assert set(listening) <= set(local(hosts=None))


@given(hosts=st.lists(st.ip_addresses(v=4).map(str), max_size=5), family=st.sampled_from([socket.AF_INET, socket.AF_INET6]),
       start=st.none() | st.integers(1, 60000))
def test_the_kernel_takes_any_filter(hosts, family, start):
    """A program that jumps beyond its end, or into the middle of an operation, is refused with EINVAL."""
    raw = [os.urandom(4 if family == socket.AF_INET else 16) for _ in hosts]
    socket_diag.ask(family, socket_diag.LISTENING, socket_diag.bytecode(family, raw or None, None if start is None else range(start, start + 9)))


def message(kind, body=b"", flags=0, sequence=SEQUENCE):
    return HEAD.pack(HEAD.size + len(body), kind, flags, sequence, 0) + body + b"\0" * (-len(body) % 4)


END = message(DONE, b"\0\0\0\0")


@pytest.mark.parametrize(("parts", "found"), [
    ([message(SOCK_DIAG_BY_FAMILY, b"one") + message(SOCK_DIAG_BY_FAMILY, b"two"), END], ([b"one", b"two"], True)),
    ([message(SOCK_DIAG_BY_FAMILY, b"one", DUMP_INTERRUPTED), END], ([b"one"], False)),
    ([message(SOCK_DIAG_BY_FAMILY, b"x", sequence=9) + END], ([], True)),
    ([message(77, b"x") + END], ([], True)), ([message(ERROR, b"\0\0\0\0"), END], ([], True)),
])
def test_a_dump_has_parts_and_an_end(parts, found):
    assert read(parts) == found


@pytest.mark.parametrize(("parts", "number"), [
    ([], errno.EBADMSG), ([message(SOCK_DIAG_BY_FAMILY, b"one")], errno.EBADMSG), ([END[:7]], errno.EBADMSG),
    ([HEAD.pack(5, DONE, 0, SEQUENCE, 0)], errno.EBADMSG), ([HEAD.pack(99, DONE, 0, SEQUENCE, 0)], errno.EBADMSG),
    ([message(ERROR, struct.pack("=i", -errno.EPERM))], errno.EPERM), ([message(DONE, struct.pack("=i", -errno.EINVAL))], errno.EINVAL),
    ([message(OVERRUN)], errno.EOVERFLOW),
])
def test_an_answer_that_is_refused_or_cut_is_no_empty_table(parts, number):
    with pytest.raises(OSError, match=r".") as refused:
        read(parts)
    assert refused.value.errno == number


@given(st.binary(max_size=200))
def test_junk_is_refused_or_read_and_never_breaks(junk):
    with contextlib.suppress(OSError):
        for *_, body in messages(junk):
            parse(body)


def test_a_dump_that_is_interrupted_is_made_again_and_the_last_is_taken(monkeypatch):
    answers = [([b"1"], False), ([b"2"], False), ([b"3"], True)]
    monkeypatch.setattr(socket_diag, "read", lambda parts: answers.pop(0))
    assert socket_diag.ask(socket.AF_INET, socket_diag.LISTENING) == [b"3"]
    answers += [([b"1"], False)] * socket_diag.ATTEMPTS
    assert socket_diag.ask(socket.AF_INET, socket_diag.LISTENING) == [b"1"]


@pytest.mark.parametrize("problem", [PermissionError(errno.EPERM, "forbidden"), AttributeError("AF_NETLINK")])
def test_where_it_is_forbidden_proc_is_read_and_that_is_said(monkeypatch, claim, problem):
    def refuse(*_):
        raise problem

    socket_diag.why_not.cache_clear()
    try:
        monkeypatch.setattr(socket_diag, "rows", refuse)
        assert socket_table.source().startswith("/proc/net (")
        with contextlib.closing(socket.create_server((claim.host, claim.port))):
            assert [row.state for row in socket_table.table([claim.host], [])] == ["LISTEN"]
            assert socket_table.states(claim.host, range(claim.port, claim.port + 1)) == {"LISTEN": 1}
    finally:
        socket_diag.why_not.cache_clear()

"""Against the kernel itself: real sockets, its own table, and a bind where the table shows nothing."""

import contextlib
import os
import signal
import socket
import threading

import psutil
import pytest

from harness import channels
from harness.deadlines import Deadline
from harness.holders import Holder


@pytest.fixture
def claim():
    with contextlib.closing(channels.claim_own(channels.has_loopback_range())) as own:
        yield own


def test_a_claim_is_nobody_else_s(claim):
    assert channels._lock(claim.host, channels.CLAIM_PORT) is None
    claim.close()
    again = channels._lock(claim.host, channels.CLAIM_PORT)
    assert again is not None
    again.close()


def test_many_claims_do_not_meet():
    claims = [channels.claim_own(channels.has_loopback_range()) for _ in range(50)]
    assert len({(c.host, c.port) for c in claims}) == 50
    for one in claims:
        one.close()


def test_claims_where_there_is_one_address_only():
    claims = [channels.claim_own(False) for _ in range(20)]
    assert {c.host for c in claims} == {"127.0.0.1"}
    assert len({c.port for c in claims}) == 20
    for one in claims:
        one.close()


def test_the_default_channel_goes_to_one_at_a_time():
    first = channels.claim_default()
    if first is None:
        pytest.fail("127.0.0.1:8079/udp is held on this machine: a matrix runs, or another program has it")
    assert channels.claim_default() is None
    first.close()


def test_a_holder_accepts_as_often_as_it_is_asked_and_leaves_nothing(claim):
    with contextlib.closing(Holder(claim.host, claim.port, "listen")):
        assert {channels.connects(claim.host, claim.port) for _ in range(60)} == {"accepted"}
    assert channels.table([claim.host], []) == []
    assert channels.bind_state(claim.host, claim.port, reuse=False) == "free"


def test_a_listener_whose_holder_cannot_be_seen_is_not_a_port_without_listeners(claim):
    with contextlib.closing(Holder(claim.host, claim.port, "listen")):
        (unseen,) = channels.table([claim.host], [])
        assert channels.row(unseen, {})["holders"] == ["holder not visible"]
        (seen,) = channels.table([claim.host], [os.getpid()])
        assert channels.row(seen, {os.getpid(): "harness"})["holders"] == ["harness"]
        assert channels.row(seen, {})["holders"] == ["orphan"]


def test_all_holders_of_an_inherited_socket_are_named(claim):
    with contextlib.closing(Holder(claim.host, claim.port, "listen")):
        child = os.fork()
        if not child:
            signal.pause()
        try:
            rows = [s for s in channels.table([claim.host], [os.getpid(), child]) if s.state == "LISTEN"]
            assert sorted(rows[0].pids) == sorted([os.getpid(), child])
        finally:
            os.kill(child, 9)
            os.waitpid(child, 0)


@pytest.mark.parametrize("server_reuses", [True, False])
def test_time_wait_is_told_apart(claim, server_reuses):
    """Linux lets SO_REUSEADDR pass by TIME_WAIT only where the old socket had it, too."""
    with contextlib.closing(socket.socket()) as listener:
        if server_reuses:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((claim.host, claim.port))
        listener.listen(1)
        client = socket.create_connection((claim.host, claim.port))
        server_side, _ = listener.accept()
        server_side.close()  # the side that closes first lingers
        assert client.recv(1) == b""
        client.close()
    assert channels.bind_state(claim.host, claim.port) == ("free" if server_reuses else "held")
    assert channels.bind_state(claim.host, claim.port, reuse=False) == "held"
    assert channels.lingers(claim.host, claim.port)
    assert [s.state for s in channels.table([claim.host], [])] == ["TIME_WAIT"]


def test_the_table_agrees_with_psutil(claim):
    with contextlib.closing(Holder(claim.host, claim.port, "listen")), \
            contextlib.closing(socket.create_connection((claim.host, claim.port))):

        def agree():
            """The connection may be accepted between two looks, so they are compared until they settle."""
            ours = set(channels.table([claim.host], [os.getpid()]))
            theirs = {(f"{c.laddr.ip}:{c.laddr.port}", c.status)
                      for c in psutil.net_connections("tcp4") if c.laddr.ip == claim.host}
            elsewhere = set(channels._table_by_process({claim.host}, [os.getpid()]))
            return len(ours) == 2 and {(s.local, s.state) for s in ours} == theirs and ours == elsewhere

        assert Deadline(5).wait(agree)


def test_answering_is_more_than_accepting(claim):
    """A socket listens, and its backlog accepts, long before a server serves."""
    with contextlib.closing(socket.socket()) as listener:
        listener.bind((claim.host, claim.port))
        listener.listen(8)
        assert channels.connects(claim.host, claim.port) == "accepted"
        assert not channels.answers(claim.host, claim.port, 0.2)

        def serve():
            for _ in range(2):  # the first in the queue is the client that gave up
                connection, _ = listener.accept()
                with contextlib.suppress(OSError), contextlib.closing(connection):
                    connection.recv(100)
                    connection.sendall(b"HTTP/1.0 404 Not Found\r\n\r\n")

        # two connections of before stand in the backlog: connects() and the one that was not answered
        listener.accept()[0].close()
        thread = threading.Thread(target=serve)
        thread.start()
        assert channels.answers(claim.host, claim.port, 5.0)
        thread.join(5)


def test_the_table_has_both_families(claim):
    with contextlib.closing(socket.socket(socket.AF_INET6)) as listener:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(("::1", 0))
        listener.listen(1)
        port = listener.getsockname()[1]
        (row,) = [s for s in channels.table(["::1"], [os.getpid()]) if s.port == port]
        assert (row.local, row.state, row.pids) == (f"[::1]:{port}", "LISTEN", (os.getpid(),))


def test_a_descriptor_that_closes_meanwhile_hides_no_other(claim):
    """Listing our own descriptors opens one more: those above it were once not looked at."""
    gap = os.open(os.devnull, os.O_RDONLY)
    with contextlib.closing(Holder(claim.host, claim.port, "listen")):
        os.close(gap)  # the lowest free number, below the holder's: the listing will take it
        assert [s.pids for s in channels.table([claim.host], [os.getpid()])] == [(os.getpid(),)]

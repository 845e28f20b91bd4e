"""Against the kernel itself: real sockets, its own table, and a bind where the table shows nothing."""

import contextlib
import socket
import threading

import pytest

from harness.cell.port_holders import Holder
from harness.machine import addresses, port_probes, socket_table


@pytest.fixture
def claim():
    with contextlib.closing(addresses.claim_own(addresses.has_loopback_range())) as own:
        yield own


def test_a_claim_is_nobody_else_s(claim):
    assert addresses._lock(claim.host, addresses.CLAIM_PORT) is None
    claim.close()
    again = addresses._lock(claim.host, addresses.CLAIM_PORT)
    assert again is not None
    again.close()


def test_many_claims_do_not_meet():
    claims = [addresses.claim_own(addresses.has_loopback_range()) for _ in range(50)]
    assert len({(c.host, c.port) for c in claims}) == 50
    for one in claims:
        one.close()


def test_claims_where_there_is_one_address_only():
    claims = [addresses.claim_own(False) for _ in range(20)]
    assert {c.host for c in claims} == {"127.0.0.1"}
    assert len({c.port for c in claims}) == 20
    for one in claims:
        one.close()


def test_a_claimed_port_has_no_connection_of_an_earlier_cell(monkeypatch):
    """The wildcard holder has no SO_REUSEADDR, and once met a TIME_WAIT on the port that it was given."""
    with contextlib.closing(addresses.claim_own(False)) as used:
        block, port = used.port - 1, used.port
        with contextlib.closing(Holder("127.0.0.1", port, "time-wait")):
            assert addresses.lingers("127.0.0.1", port)
    monkeypatch.setattr(addresses, "BLOCK", [block])
    assert port_probes.bind_state("127.0.0.1", port) == "free"
    with pytest.raises(RuntimeError, match="no free port"):
        addresses.claim_own(False, tries=3)


def test_a_port_lingers_where_nothing_else_is_on_it(claim):
    assert not addresses.lingers(claim.host, claim.port), "nothing at all is on it"
    with contextlib.closing(socket.socket()) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((claim.host, claim.port))
        listener.listen(1)
        with contextlib.closing(socket.create_connection((claim.host, claim.port))) as client:
            listener.accept()[0].close()
            assert client.recv(1) == b""
        assert not addresses.lingers(claim.host, claim.port), "a process listens beside what is over"
    assert addresses.lingers(claim.host, claim.port)


def test_an_address_whose_port_somebody_has_is_not_claimed(claim, monkeypatch):
    class Chance:
        """Always the address of the claim."""

        def __init__(self):
            self.numbers = iter(map(int, claim.host.split(".")[1:] * 3))

        def randrange(self, *_):
            return next(self.numbers)

    if not addresses.has_loopback_range():
        pytest.skip("127.0.0.1 is the only address here")
    with contextlib.closing(Holder(claim.host, claim.port, "listen")):
        claim.close()
        monkeypatch.setattr(addresses.random, "SystemRandom", Chance)
        with pytest.raises(RuntimeError, match=r"port 8080 was taken on each of 3 addresses of 127\.0\.0\.0/8: a server that listens on 0\.0\.0\.0:8080"):
            addresses.claim_own(True, tries=3)


def test_an_address_that_is_not_here_is_not_held():
    with pytest.raises(OSError, match="assign requested address"):
        port_probes.bind_state("192.0.2.1", 8080)  # RFC 5737: nobody's


def test_the_default_channel_goes_to_one_at_a_time():
    first = addresses.claim_default()
    if first is None:
        pytest.fail("127.0.0.1:8079/udp is held on this machine: a matrix runs, or another program has it")
    assert addresses.claim_default() is None
    first.close()


def test_a_holder_accepts_as_often_as_it_is_asked_and_leaves_nothing(claim):
    with contextlib.closing(Holder(claim.host, claim.port, "listen")):
        assert {port_probes.connects(claim.host, claim.port) for _ in range(60)} == {"accepted"}
    assert socket_table.table([claim.host], []) == []
    assert port_probes.bind_state(claim.host, claim.port, reuse=False) == "free"


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
    assert port_probes.bind_state(claim.host, claim.port) == ("free" if server_reuses else "held")
    assert port_probes.bind_state(claim.host, claim.port, reuse=False) == "held"
    assert addresses.lingers(claim.host, claim.port)
    assert [s.state for s in socket_table.table([claim.host], [])] == ["TIME_WAIT"]


def test_answering_is_more_than_accepting(claim):
    """A socket listens, and its backlog accepts, long before a server serves."""
    with contextlib.closing(socket.socket()) as listener:
        listener.bind((claim.host, claim.port))
        listener.listen(8)
        assert port_probes.connects(claim.host, claim.port) == "accepted"
        assert not port_probes.answers(claim.host, claim.port, 0.2)

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
        assert port_probes.answers(claim.host, claim.port, 5.0)
        thread.join(5)


def test_a_server_that_closes_without_a_word_does_not_answer(claim):
    with contextlib.closing(socket.socket()) as listener:
        listener.bind((claim.host, claim.port))
        listener.listen(8)
        thread = threading.Thread(target=lambda: listener.accept()[0].close())
        thread.start()
        assert not port_probes.answers(claim.host, claim.port, 5.0)
        thread.join(5)

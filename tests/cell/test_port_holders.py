"""Each holder against the kernel itself: its own table, and a bind where the table shows nothing."""

import contextlib
import os
import socket
import time

import pytest

from harness.cell import port_holders
from harness.cell.port_holders import HOW, Holder
from harness.language.socket_words import HOLDERS, WIDE_HOLDERS
from harness.machine import addresses, port_probes, socket_table
from harness.machine.deadlines import Deadline

#: how -> (a server's bind with SO_REUSEADDR, a connect, states in the kernel's table that this process holds)
SEEN = {
    "listen": ("held", "accepted", {"LISTEN"}),
    "bound": ("held", "refused", set()),
    "backlog-full": ("held", "no answer", {"LISTEN"}),
    "reuseaddr": ("free", "refused", set()),
    "reuseport": ("held", "accepted", {"LISTEN"}),
    "wildcard": ("held", "accepted", {"LISTEN"}),
    "other-family": ("free", "refused", {"LISTEN"}),
    "dual-stack": ("held", "accepted", {"LISTEN"}),
    "udp": ("free", "refused", set()),
    "time-wait": ("free", "refused", set()),
}


@pytest.fixture
def claim():
    one = addresses.claim_own(False)
    yield one
    one.close()


def test_the_language_and_the_holders_name_the_same():
    assert set(HOLDERS) == set(HOW) == set(SEEN)
    assert set(WIDE_HOLDERS) == {name for name, how in HOW.items() if how.wide}
    assert all(HOW[name].host for name in WIDE_HOLDERS)


@pytest.mark.parametrize("how", HOLDERS)
def test_a_holder_is_what_it_says(claim, how):
    bind, connect, states = SEEN[how]
    with contextlib.closing(Holder(claim.host, claim.port, how)) as holder:
        assert holder.taken(), "its own address must be in use: the kernel's word"
        hosts = [claim.host, *addresses.WIDE_HOSTS]
        mine = [s for s in socket_table.table(hosts, [os.getpid()]) if s.port == claim.port and os.getpid() in s.pids]
        assert {s.state for s in mine if s.state == "LISTEN"} == states
        assert port_probes.bind_state(claim.host, claim.port) == bind
        assert port_probes.connects(claim.host, claim.port, 0.3) == connect
    assert port_probes.bind_state(claim.host, claim.port) == "free"


def test_what_lingers_is_held_without_reuse_only(claim):
    with contextlib.closing(Holder(claim.host, claim.port, "time-wait")):
        assert addresses.lingers(claim.host, claim.port)
        assert port_probes.bind_state(claim.host, claim.port, reuse=False) == "held"


def test_beside_reuseaddr_a_server_listens_and_the_holder_finds_out(claim):
    """What makes it dangerous: both bind, the second listens, and the first learns of it when it listens itself."""
    with contextlib.closing(Holder(claim.host, claim.port, "reuseaddr")) as holder, \
            contextlib.closing(socket.socket()) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((claim.host, claim.port))
        server.listen(1)
        with pytest.raises(OSError, match="in use"):
            holder._socket.listen(1)


def test_a_holder_lets_go_after_its_time(claim):
    with contextlib.closing(Holder(claim.host, claim.port, "listen")) as holder:
        began = time.monotonic()
        holder.release_after(0.3)
        assert port_probes.bind_state(claim.host, claim.port) == "held"
        assert Deadline(5).wait(lambda: port_probes.bind_state(claim.host, claim.port) == "free")
        assert time.monotonic() - began >= 0.3


def test_a_backlog_that_does_not_fill_is_no_holder(claim, monkeypatch):
    monkeypatch.setattr(port_holders, "MAX_FILL", 1)
    with pytest.raises(OSError, match="1 connections did not fill the backlog"):
        Holder(claim.host, claim.port, "backlog-full")
    assert port_probes.bind_state(claim.host, claim.port) == "free", "and it lets go of what it had taken"


def test_a_port_that_is_held_cannot_be_taken_twice(claim):
    with contextlib.closing(Holder(claim.host, claim.port, "listen")), pytest.raises(OSError, match="in use"):
        Holder(claim.host, claim.port, "bound")
    assert port_probes.bind_state(claim.host, claim.port) == "free"

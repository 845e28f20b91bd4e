"""Against the kernel's own table, and psutil's: real sockets, and all that hold them."""

import contextlib
import os
import signal
import socket

import psutil
import pytest

from harness.cell.port_holders import Holder
from harness.machine import addresses, socket_table
from harness.machine.deadlines import Deadline


@pytest.fixture
def claim():
    with contextlib.closing(addresses.claim_own(addresses.has_loopback_range())) as own:
        yield own


def test_a_listener_whose_holder_cannot_be_seen_is_not_a_port_without_listeners(claim):
    with contextlib.closing(Holder(claim.host, claim.port, "listen")):
        (unseen,) = socket_table.table([claim.host], [])
        assert socket_table.row(unseen, {})["holders"] == ["holder not visible"]
        (seen,) = socket_table.table([claim.host], [os.getpid()])
        assert socket_table.row(seen, {os.getpid(): "harness"})["holders"] == ["harness"]
        assert socket_table.row(seen, {})["holders"] == ["orphan"]


def test_all_holders_of_an_inherited_socket_are_named(claim):
    with contextlib.closing(Holder(claim.host, claim.port, "listen")):
        child = os.fork()
        if not child:
            signal.pause()
        try:
            rows = [s for s in socket_table.table([claim.host], [os.getpid(), child]) if s.state == "LISTEN"]
            assert sorted(rows[0].pids) == sorted([os.getpid(), child])
        finally:
            os.kill(child, 9)
            os.waitpid(child, 0)


def test_the_table_agrees_with_psutil(claim):
    with contextlib.closing(Holder(claim.host, claim.port, "listen")), \
            contextlib.closing(socket.create_connection((claim.host, claim.port))):

        def agree():
            """The connection may be accepted between two looks, so they are compared until they settle."""
            ours = set(socket_table.table([claim.host], [os.getpid()]))
            theirs = {(f"{c.laddr.ip}:{c.laddr.port}", c.status)
                      for c in psutil.net_connections("tcp4") if c.laddr.ip == claim.host}
            elsewhere = set(socket_table._table_by_process({claim.host}, [os.getpid()], ("tcp",)))
            return len(ours) == 2 and {(s.local, s.state) for s in ours} == theirs and ours == elsewhere

        assert Deadline(5).wait(agree)


@pytest.mark.parametrize(("state", "over"), [("TIME_WAIT", True), ("TIME-WAIT", True), ("CLOSE_WAIT", False), ("LISTEN", False)])
def test_what_is_over_has_two_spellings(state, over):
    assert socket_table.is_over(socket_table.Socket("127.0.0.1:1", "127.0.0.1:2", state, ())) is over


def test_a_connection_that_its_client_closed_and_the_server_did_not_is_the_server_s(claim):
    with contextlib.closing(socket.socket()) as listener:
        listener.bind((claim.host, claim.port))
        listener.listen(1)
        client = socket.create_connection((claim.host, claim.port), source_address=(claim.host, 0))
        served, _ = listener.accept()
        with contextlib.closing(served):
            client.close()

            def seen():
                rows = socket_table.table([claim.host], [os.getpid()])
                return sorted((s.state, s.pids) for s in rows if s.state != "LISTEN") == [
                    ("CLOSE_WAIT", (os.getpid(),)), ("FIN_WAIT2", ())]

            assert Deadline(20).wait(seen)


def test_the_table_has_both_families(claim):
    with contextlib.closing(socket.socket(socket.AF_INET6)) as listener:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(("::1", 0))
        listener.listen(1)
        port = listener.getsockname()[1]
        (row,) = [s for s in socket_table.table(["::1"], [os.getpid()]) if s.port == port]
        assert (row.local, row.state, row.pids) == (f"[::1]:{port}", "LISTEN", (os.getpid(),))


def test_a_descriptor_that_closes_meanwhile_hides_no_other(claim):
    """Listing our own descriptors opens one more: those above it were once not looked at."""
    gap = os.open(os.devnull, os.O_RDONLY)
    with contextlib.closing(Holder(claim.host, claim.port, "listen")):
        os.close(gap)  # the lowest free number, below the holder's: the listing will take it
        assert [s.pids for s in socket_table.table([claim.host], [os.getpid()])] == [(os.getpid(),)]


def test_time_wait_says_how_long_it_lasts(claim):
    """Linux keeps a connection in TIME_WAIT for 60 s (TCP_TIMEWAIT_LEN, include/net/tcp.h)."""
    with contextlib.closing(Holder(claim.host, claim.port, "time-wait")):
        (row,) = socket_table.table([claim.host], [])
        assert row.state == "TIME_WAIT"
        assert 50 < row.seconds_left <= 60


def test_udp_is_shown_where_it_is_asked_for(claim):
    with contextlib.closing(Holder(claim.host, claim.port, "udp")):
        assert socket_table.table([claim.host], [os.getpid()]) == []
        rows = socket_table.table([claim.host], [os.getpid()], ("udp",))
        assert (f"{claim.host}:{claim.port}", "udp", (os.getpid(),)) in [(s.local, s.protocol, s.pids) for s in rows]


LINE = ("   {n}: 0100007F:1F90 {remote} {state} 00000000:00000000 00:00000000 00000000     0        0 {inode} 1 "
        "0000000000000000 20 4 0 10 -1")


def test_a_line_that_the_kernel_gives_twice_is_one_socket():
    """Seen when other cells' sockets came and went while it was read: three clients were five."""
    lines = [("header", "", ""), ("00000000:0000", "0A", "11"), ("0100007F:9838", "01", "12"), ("0100007F:9839", "01", "13"),
             ("0100007F:9839", "01", "13"), ("0100007F:9839", "01", "13"), ("00000000:0000", "0A", "14")]
    text = "\n".join(
        LINE.format(n=n, remote=remote, state=state, inode=inode) for n, (remote, state, inode) in enumerate(lines))
    found = [(sock.remote, sock.state, inode) for sock, inode in socket_table.parse_rows(text, "tcp")]
    assert found == [("0.0.0.0:0", "LISTEN", "11"), ("127.0.0.1:38968", "ESTABLISHED", "12"),
                     ("127.0.0.1:38969", "ESTABLISHED", "13"), ("0.0.0.0:0", "LISTEN", "14")], "two listeners are two"


def test_states_are_counted_on_the_ports_that_are_asked_for(claim):
    with contextlib.closing(Holder(claim.host, claim.port, "listen")), \
            contextlib.closing(socket.create_connection((claim.host, claim.port))):
        assert Deadline(5).wait(lambda: socket_table.states(claim.host, range(claim.port, claim.port + 1)) == {
            "LISTEN": 1, "ESTABLISHED": 1})
        assert socket_table.states(claim.host, range(claim.port + 1, claim.port + 9)) == {}


@pytest.mark.parametrize(("state", "pids", "holders"), [
    ("LISTEN", (), ["holder not visible"]), ("TIME_WAIT", (), []), ("FIN_WAIT2", (), []), ("ESTABLISHED", (), []),
    ("LISTEN", (7,), ["main"]), ("LISTEN", (7, 8, 9), ["main", "orphan"]), ("CLOSE_WAIT", (8,), ["orphan"]),
])
def test_who_holds_a_socket_by_role(state, pids, holders):
    row = socket_table.row(socket_table.Socket("127.0.0.1:8080", "127.0.0.1:9", state, pids), {7: "main"})
    assert row == {"local": "127.0.0.1:8080", "remote": "127.0.0.1:9", "state": state, "pids": list(pids), "holders": holders}

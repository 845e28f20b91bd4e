"""What the machine shows of real processes: holders, those that share a socket, orphans, and sockets in no table."""

import contextlib
import os
import socket

import psutil

from harness.ports.look import holder, look, suspects


def test_a_listener_is_seen_with_its_process(port, holding):
    process, _ = holding()
    here = look().at(port)
    assert [(s.local, s.state, s.pids) for s in here.sockets] == [(f"127.0.0.1:{port}", "LISTEN", (process.pid,))]
    seen = here.holders[process.pid]
    assert (seen.user, seen.parent, seen.orphan) == (psutil.Process().username(), os.getpid(), "")
    assert str(port) in seen.command
    assert seen.since.startswith("20")


def test_all_that_share_a_socket_are_seen_and_the_one_that_is_left_is_an_orphan(port, holding):
    process, child = holding("fork")
    assert look().at(port).sockets[0].pids == tuple(sorted((process.pid, child)))
    assert {p.orphan for p in look().at(port).holders.values()} == {""}
    process.kill()
    process.wait()
    (left,) = look().at(port).holders.values()
    assert left.pid == child
    assert "its parent has ended" in left.orphan


def test_a_process_that_has_ended_is_a_bare_pid():
    gone = 2 ** 22 + 1  # above the largest pid that Linux gives
    assert holder(gone).name == ""


def test_a_bound_socket_is_in_no_table_and_its_process_is_suspected(port):
    with contextlib.closing(socket.socket()) as bound:
        bound.bind(("127.0.0.1", port))
        looked = look()
        assert looked.at(port).sockets == ()
        assert os.getpid() in [process.pid for process in suspects(looked)]
    assert os.getpid() not in [process.pid for process in suspects(look())]

"""What the machine shows of real processes: holders, shared sockets, orphans, and sockets in no table."""

import contextlib
import os
import socket
from dataclasses import replace

import psutil

from harness.ports import bound_sockets
from harness.ports.channels import holder, look, suspects


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


def test_a_bound_socket_is_seen_where_the_kernel_shows_it(port):
    with contextlib.closing(socket.socket()) as bound:
        bound.bind(("127.0.0.1", port))
        looked = look(port)
        seen = [(row.local, row.state, row.pids) for row in looked.at(port).sockets]
        assert seen == ([(f"127.0.0.1:{port}", "BOUND", (os.getpid(),))] if looked.complete else [])


def test_where_it_does_not_the_process_is_suspected(port, monkeypatch):
    monkeypatch.setattr(bound_sockets, "holding", lambda: ([], False))
    with contextlib.closing(socket.socket()) as bound:
        bound.bind(("127.0.0.1", port))
        looked = look()
        assert looked.at(port).sockets == ()
        assert os.getpid() in [process.pid for process in suspects(looked)]
        assert suspects(replace(looked, complete=True)) == []
    assert os.getpid() not in [process.pid for process in suspects(look())]


def test_a_look_at_one_port_knows_its_processes_alone(port, holding):
    process, _ = holding()
    assert list(look(port).holders) == [process.pid]

"""A running cell: who is who in it, which sockets are its own, and what it launches."""

import contextlib
import os
import socket
from dataclasses import replace

import pytest

from harness.cell.port_holders import Holder
from harness.cell.running_cell import Background, Unable
from harness.machine import addresses, socket_table
from harness.machine.deadlines import Deadline
from harness.machine.socket_table import Socket

from ..scripted import cell as made
from ..scripted import said, up


def test_its_ports_are_nine_in_a_row_and_are_values(scripted):
    cell = scripted()
    assert [cell.port(n) for n in (1, 2, 9)] == [cell.base_port, cell.base_port + 1, cell.base_port + 8]
    assert cell.values == {"host": cell.host, "port": str(cell.port(1)), **{f"port{n}": str(cell.port(n)) for n in range(2, 10)}}


def test_a_process_is_known_by_what_saved_it_and_no_port_is_a_process(scripted):
    cell = scripted()
    server = up(cell, does="say('child', child()); say('other', child())")
    (child,), (other,) = said(server, "child"), said(server, "other")
    cell.values.update(child=child, body="hello")
    assert cell.roles() == {os.getpid(): "harness", server.pid: "main", int(child): "child", int(other): "descendant"}


def test_workers_are_their_server_while_it_lives(scripted):
    cell = scripted(capabilities=("fork-workers",))
    server = up(cell, does="say('worker', child())")
    (worker,) = said(server, "worker")
    assert cell.roles()[int(worker)] == "main"
    server.send("KILL")
    assert Deadline(30).wait(lambda: not server.running)
    assert int(worker) not in cell.roles(), "it is an orphan then"
    assert [p.pid for p in cell.family()] == [int(worker)]


def test_of_two_servers_each_has_its_own_children(scripted):
    cell = scripted()
    servers = [up(cell, name, channel, "say('child', child())") for channel, name in enumerate(("main", "other"), 1)]
    cell.subject = replace(cell.subject, capabilities=("fork-workers",))
    for server in servers:
        assert cell.roles()[int(said(server, "child")[0])] == server.name


def test_sockets_on_127_0_0_1_are_those_on_its_ports(tmp_path, monkeypatch):
    with contextlib.closing(addresses.claim_own(False)) as claim:
        cell = made(tmp_path, claim)
        asked = []

        def table(hosts, pids):
            asked.append((set(hosts), set(pids)))
            return [Socket(f"127.0.0.1:{claim.port + n}", "0.0.0.0:0", "LISTEN", ()) for n in (-1, 0, 8, 9)]

        monkeypatch.setattr(socket_table, "table", table)
        assert [sock.port - claim.port for sock in cell.sockets()] == [0, 8]
        assert asked == [({"127.0.0.1", "0.0.0.0", "::", "::1"}, {os.getpid()})]


def test_sockets_are_those_of_its_address_whoever_holds_them(scripted):
    cell = scripted()
    up(cell)
    orphaned = up(cell, "other", 2, "child(listener)")
    orphaned.send("KILL")
    assert Deadline(30).wait(lambda: not orphaned.running)
    rows = [socket_table.row(sock, cell.roles()) for sock in cell.sockets()]
    assert sorted((row["local"], row["holders"]) for row in rows) == [
        (f"{cell.host}:{cell.port(1)}", ["main"]), (f"{cell.host}:{cell.port(2)}", ["orphan"])]


def test_a_server_serves_where_the_listening_socket_is_its_own(scripted):
    cell = scripted()
    main, other = up(cell), up(cell, "other", 2, "child(listener); listener.close()")
    assert cell.serves(main)
    assert cell.serves(other), "its worker's"
    gone = up(cell, "gone", 3, "listener.close()")
    assert not cell.serves(gone)
    with contextlib.closing(Holder(cell.host, cell.port(3), "listen")):
        assert not cell.serves(gone), "another holder's"
    main.channel = 2
    assert not cell.serves(main), "another server's"


def test_a_server_is_launched_once_and_again_when_it_has_ended(scripted):
    cell = scripted()
    first = up(cell, does="say('one')")
    with pytest.raises(Unable, match="'main' is already running"):
        cell.launch("main", 1, "", {})
    first.stop(10)
    second = up(cell, does="say('two')")
    assert cell.server("main") is second
    assert [(launch.number, launch.server, launch.process) for launch in cell.launches] == [(1, "main", first), (2, "main", second)]
    assert (first.text().split(), second.text(0).split(), second.text().split()) == (["one", "up", "two", "up"], ["one", "up", "two", "up"], ["two", "up"])
    with pytest.raises(Unable, match="'other' was not started"):
        cell.server("other")


def test_a_server_s_environment_is_the_cell_s_own(scripted, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "s3cret")
    cell = scripted()
    server = up(cell, does="say('run', os.environ['HARNESS_RUN']); say('cell', os.environ['HARNESS_CELL']); say('left', 'SECRET_TOKEN' in os.environ)")
    assert [said(server, word) for word in ("run", "cell", "left")] == [["run"], ["a.b@script@x"], ["False"]]


def test_closing_the_clients_closes_each_and_waits_for_the_background(scripted):
    class Client:
        closed = False

        def close(self):
            self.closed = True

    cell, clients, done = scripted(), [Client(), Client()], []
    cell.clients.update(one=clients[0], two=clients[1])
    background = Background(clients[0], lambda: done.append(Deadline(10).wait(lambda: clients[1].closed)) or {"status": 1}, None, "x")
    cell.backgrounds["x"] = background
    background.thread.start()
    cell.close_clients()
    assert ([client.closed for client in clients], done, background.seen(), cell.clients) == ([True, True], [True], {"status": 1}, {})


def test_what_goes_wrong_in_the_background_is_raised_where_it_is_asked_for():
    background = Background(None, lambda: 1 / 0, None, "x")
    background.thread.start()
    background.thread.join()
    with pytest.raises(ZeroDivisionError):
        background.seen()


def test_holders_are_given_back(scripted):
    cell = scripted()
    cell.holders.update({n: Holder(cell.host, cell.port(n), "listen") for n in (1, 2)})
    cell.release_holders()
    assert cell.holders == {}
    for n in (1, 2):
        socket.create_server((cell.host, cell.port(n))).close()

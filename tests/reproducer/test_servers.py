"""The reproducer's verbs about processes and sockets, against a scripted server: as in tests/cell/test_server_verbs.py."""

import contextlib
import socket

import pytest

from harness.cell.port_holders import Holder
from harness.reproducer.parts.run import acts
from harness.reproducer.parts.server import Late, Unable

from ..scripted import NEVER
from .conftest import does, step

ECHO = "signal.signal(signal.SIGUSR1, lambda *_: say('again'))"


@pytest.fixture
def cell(reproducing):
    return reproducing()


def perform(cell, one):
    return acts()[one["act"]](cell, one, one["args"])


def up(cell, name="main", channel=1, code=""):
    assert perform(cell, does(code, server=name, channel=channel))["ready"] is True
    return cell.servers[name]


def act(cell, name, **changes):
    return perform(cell, step(name, **changes))


def late(cell, name, **changes):
    with pytest.raises(Late) as caught:
        act(cell, name, within=NEVER, **changes)
    return str(caught.value)


def said(server, word):
    return [line.split()[1] for line in server.text().splitlines() if line.split()[0] == word]


def test_what_is_waited_for(cell):
    server = up(cell, code=ECHO)
    assert act(cell, "wait", log=["/^up$/"])
    assert late(cell, "wait", log="/never/") == "a log line /never/"
    with contextlib.closing(Holder(cell.host, cell.port(2), "bound")):
        assert late(cell, "wait", port="free", channel=2)
        assert late(cell, "wait", port="listening", channel=2)
    assert act(cell, "wait", port="free", channel=2)
    assert act(cell, "wait", port="listening")
    assert late(cell, "wait", exit=True)
    assert act(cell, "wait", within=NEVER, exit=True, late="kill")["forced"] is True
    assert server.signals == ["KILL"]
    with pytest.raises(Late):
        act(cell, "wait", log="/never/")
    assert act(cell, "wait", log="/^up$/")["exit"] == -9


def test_states_are_all_those_of_the_port(cell):
    up(cell, code="serve()")
    up(cell, "other", 2, "serve()")
    assert act(cell, "wait", states=["LISTEN"])
    with contextlib.closing(socket.create_connection((cell.host, cell.port(1)))):
        assert act(cell, "wait", states=["LISTEN", "ESTABLISHED"])
        assert late(cell, "wait", states=["LISTEN"])
        assert late(cell, "wait", states=["LISTEN", "ESTABLISHED", "CLOSE_WAIT"])
        assert act(cell, "wait", states=["LISTEN"], channel=2)
    assert act(cell, "wait", states=["LISTEN"])
    assert act(cell, "wait", states=[], channel=3)


def test_the_sockets_of_a_port_are_its_own(cell):
    up(cell, code="say('child', child(listener)); serve()")
    up(cell, "other", 2, "serve()")
    assert all(act(cell, "wait", states=["LISTEN"], channel=channel) for channel in (1, 2))
    with contextlib.closing(socket.create_connection((cell.host, cell.port(2)))):
        first, second, third = (act(cell, "sockets", channel=n) for n in (1, 2, 3))
    assert (first["listeners"], first["established"], first["bind"], first["connect"]) == (["descendant", "main"], 0, "held", "accepted")
    assert (second["listeners"], second["established"]) == (["other"], 1)
    assert (third["listeners"], third["established"], third["bind"], third["connect"]) == ([], 0, "free", "refused")


def test_processes_and_the_signals_that_they_get(cell):
    server, other = up(cell, code="say('child', child())"), up(cell, "other", 2)
    (child,) = said(server, "child")
    seen = act(cell, "processes")
    assert (seen["roles"], seen["running"]) == (["descendant", "main", "other"], ["main", "other"])
    cell.values["child"] = child
    assert act(cell, "processes")["roles"] == ["child", "main", "other"]
    assert act(cell, "signal", signal="TERM", pid=str(other.popen.pid))["sent"]
    assert (other.signals, server.signals) == (["TERM"], [])
    assert act(cell, "wait", server="other", exit=True)["exit"] == -15
    assert act(cell, "signal", server="other", signal="HUP")["sent"] is False
    assert act(cell, "kill")["exit"] == -9
    assert act(cell, "processes")["roles"] == ["child"]
    assert late(cell, "wait", gone=child)
    assert act(cell, "signal", signal="KILL", pid=child)["sent"]
    assert act(cell, "wait", gone=child)
    with pytest.raises(Unable, match=f"pid {child} is not a live process"):
        act(cell, "signal", signal="HUP", pid=child)
    for name in ("kill", "stop"):
        with pytest.raises(Unable, match="already ended"):
            act(cell, name)


def test_a_stop_is_forced_where_sigterm_does_not_help(cell):
    up(cell)
    up(cell, "deaf", 2, "signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    seen = act(cell, "stop"), act(cell, "stop", server="deaf", within=NEVER)
    assert [(one["exit"], one["forced"]) for one in seen] == [(-15, False), (-9, True)]


def test_a_start_is_ready_when_it_says_so_and_the_socket_is_its_own(cell):
    assert act(cell, "start", server="failing", environment={"DOES": "sys.exit(70)"})["ready"] is False
    with pytest.raises(Late):
        act(cell, "start", server="closed", channel=2, within=3.0, environment={"DOES": "listener.close()"})
    with contextlib.closing(Holder(cell.host, cell.port(2), "listen")), pytest.raises(Late):
        act(cell, "wait", server="closed", ready=True, within=NEVER)
    assert act(cell, "start", server="later", channel=3, background=True) == {
        "pid": cell.servers["later"].popen.pid, "running": True, "ready": None, "exit": None}
    with pytest.raises(Unable, match="is already running"):
        up(cell, "later")
    assert act(cell, "wait", server="later", ready=True)["ready"] is True


def test_each_launch_has_its_own_log_and_is_counted(cell):
    up(cell, code="say('first')")
    act(cell, "stop")
    up(cell, code="say('second')")
    assert cell.servers["main"].text() == "second\nup\n"
    cell.look(3)
    act(cell, "kill")
    cell.look(4)
    assert [(end["server"], end["exit"], end["step"], end["signals"]) for end in cell.ends()] == [("main", -15, 3, ["TERM"]), ("main", -9, 4, ["KILL"])]

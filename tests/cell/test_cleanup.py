"""The end of a cell, with real processes and sockets: what its servers leave is found, whichever of them left it."""

import contextlib
import socket

import pytest

from harness.cell import cleanup
from harness.cell.cleanup import clean_up
from harness.cell.port_holders import Holder
from harness.cell.server_watch import Watch
from harness.machine import server_process
from harness.machine.deadlines import Deadline
from harness.machine.socket_table import Socket

from ..scripted import said, up


@pytest.fixture
def end():
    """Clean a cell up, as the driver does after its last step."""
    def end(cell, step=1):
        watch = Watch(cell)
        watch.look(step)
        record = clean_up(cell, watch)
        assert server_process.descendants() == []
        return record
    return end


def sockets(record):
    return sorted((row["state"], *row["holders"]) for row in record["sockets"])


def test_of_two_servers_both_are_stopped_and_both_ports_are_tried(scripted, end):
    cell = scripted()
    up(cell)
    up(cell, "other", 3)
    record = end(cell)
    assert [(stop["server"], stop["exit"], stop["forced"]) for stop in record["stopped"]] == [("main", -15, False), ("other", -15, False)]
    assert [(one["server"], one["exit"], one["step"], one["signals"]) for one in record["ends"]] == [
        ("main", -15, 0, ["TERM"]), ("other", -15, 0, ["TERM"])]
    assert record["bind"] == {f"{cell.host}:{cell.port(n)}": "free" for n in (1, 3)}
    assert (record["processes"], record["removed"], record["sockets"], record["tracebacks"]) == ([], [], [], [])
    assert {row["holders"][0] for row in record["sockets_before"]} == {"main", "other"}


def test_of_two_servers_the_second_alone_may_leave_something(scripted, end):
    cell = scripted()
    up(cell)
    other = up(cell, "other", 2, "say('child', child(listener))")
    record = end(cell)
    assert [one.split()[:2] for one in record["processes"]] == [["orphan:", said(other, "child")[0]]]
    assert [(row["local"], row["state"], row["holders"]) for row in record["sockets"]] == [
        (f"{cell.host}:{cell.port(2)}", "LISTEN", ["orphan"])]
    assert set(record["bind"].values()) == {"free"}, "what was left is ended, and then the port is tried"


def test_a_connection_that_a_child_keeps_is_left_in_close_wait(scripted, end):
    cell = scripted()
    server = cell.launch("main", 1, "", {"DOES": "say('listens'); connection = listener.accept()[0]; child(connection)"})
    assert Deadline(30).wait(lambda: "listens" in server.text())
    with contextlib.closing(socket.create_connection((cell.host, cell.port(1)))):
        assert Deadline(30).wait(lambda: "up" in server.text())
    record = end(cell)
    assert sockets(record) == [("CLOSE_WAIT", "orphan")]
    assert len(record["processes"]) == 1


def test_a_child_that_was_declared_excuses_no_other(scripted, end):
    cell = scripted(leaves=("child",))
    server = up(cell, does="say('child', child(listener)); say('other', child())")
    (cell.values["child"],), (other,) = said(server, "child"), said(server, "other")
    record = end(cell)
    assert [one.split()[:2] for one in record["processes"]] == [["orphan:", other]]
    assert [one.split()[:2] for one in record["removed"]] == [["child:", cell.values["child"]]]
    assert record["sockets"] == [], "what was declared may keep its sockets until it is removed"


@pytest.mark.parametrize(("how", "bind", "without_reuse"), [("bound", "held", "held"), ("time-wait", "free", "TIME_WAIT")])
@pytest.mark.parametrize("channel", [1, 2])
def test_what_holds_a_port_is_told_from_what_lingers_on_it(scripted, end, how, bind, without_reuse, channel):
    cell = scripted()
    for name, place in (("main", 1), ("other", 2)):
        up(cell, name, place).stop(10)
    with contextlib.closing(Holder(cell.host, cell.port(channel), how)):
        record = end(cell)
    free = {f"{cell.host}:{cell.port(n)}": "free" for n in (1, 2)}
    held = f"{cell.host}:{cell.port(channel)}"
    assert record["bind"] == {**free, held: bind}
    assert record["bind_without_reuse"] == {**free, held: without_reuse}
    assert record["sockets"] == []


def test_what_the_harness_holds_is_given_back_first(scripted, end):
    cell = scripted()
    cell.holders[1] = Holder(cell.host, cell.port(1), "listen")
    record = end(cell)
    assert ([row["holders"] for row in record["sockets_before"]], record["sockets"], cell.holders) == ([["harness"]], [], {})
    assert record["bind"] == {f"{cell.host}:{cell.port(1)}": "free"}, "without a server the cell's own port is tried"


@pytest.mark.parametrize(("state", "left"), [("CLOSE_WAIT", 1), ("FIN_WAIT2", 1), ("ESTABLISHED", 1), ("TIME_WAIT", 0), ("TIME-WAIT", 0)])
def test_every_socket_counts_but_one_that_is_over(scripted, end, monkeypatch, state, left):
    cell = scripted()
    monkeypatch.setattr(cleanup, "VANISH_SECONDS", 0.0)
    cell.sockets = lambda: [Socket(f"{cell.host}:8080", "127.0.0.1:5", state, ())]
    assert len(end(cell)["sockets"]) == left


def test_sockets_that_go_by_themselves_are_waited_for(scripted, end):
    cell, looks = scripted(), []

    def vanish():
        looks.append(1)
        return [Socket(f"{cell.host}:8080", "127.0.0.1:5", "LAST_ACK", ())] if len(looks) < 5 else []

    cell.sockets = vanish
    assert end(cell)["sockets"] == []


def test_a_process_that_goes_by_itself_is_waited_for(scripted, end):
    cell = scripted()
    cell.launch("main", 1, "", {"DOES": "listener.close(); os.fork() or (time.sleep(0.5), os._exit(0)); os._exit(0)"})
    assert Deadline(30).wait(lambda: not cell.servers["main"].running)
    record = end(cell)
    assert (record["processes"], record["removed"]) == ([], [])


SLOW_EXIT = "signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.5), os._exit(0)))"


def test_a_server_that_was_told_to_end_is_not_told_again_and_its_end_is_the_last_step_s(scripted, end):
    cell = scripted()
    up(cell, does=SLOW_EXIT).send("TERM")
    record = end(cell, step=4)
    assert record["stopped"] == []
    assert [(one["exit"], one["step"], one["signals"]) for one in record["ends"]] == [(0, 4, ["TERM"])]


@pytest.mark.parametrize(("patterns", "takes", "signals"), [
    ({"bus-exiting": "/^EXITING {port}$/", "bus-started": "/^up$/"}, 0.5, []), ({"bus-exiting": "/^EXITING {port}$/"}, 60, ["TERM"]),
    ({"bus-exiting": "/^EXITING 1$/", "bus-started": "/^up$/"}, 60, ["TERM"])])
def test_a_server_that_says_that_it_ends_is_waited_for(scripted, end, patterns, takes, signals):
    cell = scripted(patterns=patterns)
    server = up(cell, does=f"say('up'); say('EXITING', sys.argv[2]); time.sleep({takes}); os._exit(0)")
    assert Deadline(30).wait(lambda: "EXITING" in server.text())
    assert end(cell)["ends"][0]["signals"] == signals


def test_a_server_that_does_not_end_is_killed_and_said(scripted, end, monkeypatch):
    monkeypatch.setattr(cleanup, "STOP_SECONDS", 2.0)
    cell = scripted()
    up(cell, does="signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    up(cell, "other", 2)
    record = end(cell)
    assert [(stop["server"], stop["forced"]) for stop in record["stopped"]] == [("main", True), ("other", False)]
    assert [(one["exit"], one["signals"]) for one in record["ends"]] == [(-9, ["TERM", "KILL"]), (-15, ["TERM"])]


def test_every_launch_of_a_name_is_recorded(scripted, end):
    cell = scripted()
    first = up(cell)
    first.send("KILL")
    assert Deadline(30).wait(lambda: not first.running)
    up(cell)
    record = end(cell, step=2)
    assert [(one["launch"], one["exit"], one["step"], one["signals"]) for one in record["ends"]] == [
        (1, -9, 2, ["KILL"]), (2, -15, 0, ["TERM"])]


def test_what_servers_log_at_their_end_is_of_the_end(scripted, end):
    cell = scripted()
    trace = "print('Traceback (most recent call last):\\n  x\\nKeyError:', %r, flush=True)"
    for name, channel in (("main", 1), ("other", 2)):
        up(cell, name, channel, f"signal.signal(signal.SIGTERM, lambda *_: ({trace % name}, os._exit(0)))")
    assert [(one["step"], one["server"], one["said"]) for one in end(cell)["tracebacks"]] == [
        (0, "main", "KeyError: main"), (0, "other", "KeyError: other")]


def test_clients_are_closed_before_the_servers_are_stopped(scripted, end):
    cell = scripted()
    up(cell)
    closed = []
    cell.close_clients = lambda: closed.append(cell.servers["main"].running)
    end(cell)
    assert closed == [True]


@pytest.mark.parametrize(("leaves", "child", "looks"), [((), "", 1), (("child",), "", 1), ((), "say('child', child())", 2)])
def test_sockets_are_looked_for_again_where_something_had_to_be_ended(scripted, end, monkeypatch, leaves, child, looks):
    """A process that is ended may have handed its socket on; where nothing was left, one look is enough."""
    seen = []

    def lasting(cell):
        seen.append(cell)
        return [{"state": "LISTEN", "holders": [str(len(seen))]}] if len(seen) == looks else []

    monkeypatch.setattr(cleanup, "_lasting_sockets", lasting)
    cell = scripted(leaves=leaves)
    server = up(cell, "main", 1, child)
    if leaves:
        cell.values["child"] = str(server.pid)
    assert sockets(end(cell)) == [("LISTEN", str(looks))]
    assert len(seen) == looks

"""The output of the ports command, from a recorded look."""

import json

import pytest

from harness.ports import output
from harness.ports.address import Asked
from harness.ports.as_json import as_json
from harness.ports.bind_trials import Try
from harness.ports.channels import HolderProcess, Look
from harness.ports.diagnosis import Finding
from harness.ports.sockets import Row

IN_USE = "[Errno 98] Address already in use"
HERE = Asked("127.0.0.1", 8080, ("127.0.0.1",))
FREE = tuple(Try(host, reuse, "") for host in ("127.0.0.1", "0.0.0.0") for reuse in (True, False))
HELD = tuple(Try(one.host, one.reuse, IN_USE) for one in FREE)
WAITS = tuple(Try(one.host, one.reuse, "" if one.reuse else IN_USE) for one in FREE)
NARROW = tuple(Try(one.host, one.reuse, "" if one.host == "127.0.0.1" else IN_USE) for one in FREE)
DENIED = tuple(Try(one.host, one.reuse, "[Errno 13] Permission denied", denied=True) for one in FREE)
LISTENS = Row("127.0.0.1:8080", "0.0.0.0:0", "LISTEN", (7, 8))
ELSEWHERE = Row("127.5.5.5:8080", "0.0.0.0:0", "LISTEN", (7,))
SIX = Row("[::1]:8080", "[::]:0", "LISTEN", (8,), "tcp6", v6_only=True)
BOUND = Row("127.0.0.1:8080", "0.0.0.0:0", "BOUND", (7,))
TALKS = Row("127.0.0.1:8080", "127.0.0.1:5000", "ESTABLISHED", (7,))
WAITING = Row("127.0.0.1:8080", "127.0.0.1:5000", "ESTABLISHED", (), inode="0")
CLOSING = Row("127.0.0.1:8080", "127.0.0.1:5000", "FIN_WAIT2", (), inode="0")
OVER = Row("127.0.0.1:8080", "127.0.0.1:5001", "TIME_WAIT", (), "tcp", 41.5)
FOREIGN = Row("127.0.0.1:8080", "0.0.0.0:0", "LISTEN", (), inode="5", user="www")
UDP = Row("127.0.0.1:8080", "0.0.0.0:0", "", (7,), "udp")
SERVER = HolderProcess(7, "python", "me", 1.7e9, "python server.py\nwith two lines", 1)
ORPHAN = HolderProcess(8, "python", "me", 1.7e9, "python server.py", 1, "its parent has ended")


def looked(*sockets, hidden=0, complete=True):
    pids = {pid for sock in sockets for pid in sock.pids}
    return Look(sockets, {p.pid: p for p in (SERVER, ORPHAN) if p.pid in pids}, hidden, complete)


@pytest.mark.parametrize(("look", "tried", "said", "unsaid"), [
    (looked(), FREE, ["port 8080 is free on 127.0.0.1", "127.0.0.1:8080: a server starts"], ["--free", "HELD"]),
    (looked(LISTENS), HELD, ["port 8080 is HELD on 127.0.0.1", "held by pid 7: python server.py with two lines",
                             "held by pid 8", "an orphan: its parent has ended", "shared with pid 8",
                             "is refused: [Errno 98]", "ports 127.0.0.1:8080 --free"],
     ["TIME_WAIT", "because of these", "would be refused"]),
    (looked(ELSEWHERE, SIX), NARROW, [
        "port 8080 is free on 127.0.0.1", "but a server on all addresses (0.0.0.0) would be refused:",
        "    pid 7 (python server.py with two lines) holds 127.5.5.5:8080",
        "  not in the way: pid 8 (python server.py) holds [::1]:8080"], ["held by", "--free"]),
    (looked(), NARROW, ["the socket in its way is not visible"], ["HELD"]),
    (looked(LISTENS, ELSEWHERE), HELD, ["would also be refused because of these:\n    pid 7 ("], []),
    (looked(OVER), WAITS, ["port 8080 is free", "lingering connection(s) (TIME_WAIT), for 42 s", "with SO_REUSEADDR starts; one without it is refused",
                           "starts anyway"], ["--free", "held by"]),
    (looked(OVER), HELD, ["HELD", "did not set SO_REUSEADDR"], ["starts anyway", "--free"]),
    (looked(OVER, LISTENS), HELD, ["HELD"], ["starts anyway", "did not set SO_REUSEADDR"]),
    (looked(FOREIGN, hidden=3), HELD, ["LISTEN: holder not visible (owned by user www)", "3 processes of other users"], ["--free"]),
    (looked(), HELD, ["No visible socket is in the way, and yet it cannot be bound"], ["hidden holder", "--free"]),
    (looked(complete=False), HELD, ["There is a hidden holder", "    pid 7: python server.py"], ["--free"]),
    (looked(), DENIED, ["you may not bind port 8080 on 127.0.0.1: [Errno 13]"], ["HELD", "is free", "No visible socket"]),
    (looked(LISTENS), DENIED, ["HELD"], ["you may not bind"]),
    (looked(BOUND), WAITS, ["is free", "also bound by pid 7", "since it does not listen"], ["held by"]),
    (looked(BOUND), HELD, ["held by pid 7", "127.0.0.1:8080 BOUND", "--free"], ["also bound"]),
    (looked(TALKS), HELD, ["pid 7 has a connection in the way", "It may be a client"], ["held by", "to end the holder"]),
    (looked(TALKS), WAITS, ["pid 7 has a connection there"], ["held by", "in the way"]),
    (looked(WAITING, FOREIGN), HELD, ["ESTABLISHED: in the backlog: no process has accepted it yet"], []),
    (looked(CLOSING), HELD, ["FIN_WAIT2: an unfinished close: no process holds it, and the system is still closing it"], ["not visible", "--free"]),
    (looked(UDP), FREE, ["does not matter", "free"], ["held by"]),
])
def test_each_state_is_explained(look, tried, said, unsaid):
    shown = output.explanation(Finding(HERE, look, tried, () if look.complete else (SERVER,)))
    assert [word for word in said if word not in shown] == []
    assert [word for word in unsaid if word in shown] == []


def test_a_list_has_a_line_for_each_holder_and_leaves_open_connections_out():
    short, everything = (output.listing(looked(LISTENS, TALKS, OVER, FOREIGN, UDP), all_) for all_ in (False, True))
    assert "ESTABLISHED" not in short
    assert "ESTABLISHED" in everything
    assert len(short.splitlines()) == 1 + 2 + 1 + 1 + 1
    assert "(orphan)" in short
    assert "TIME_WAIT 42s" in short


def test_json_has_everything():
    found = json.loads(json.dumps(as_json(looked(LISTENS, OVER), Finding(HERE, looked(LISTENS, OVER), HELD))))
    assert (found["host"], found["addresses"], found["port"], found["free"]) == ("127.0.0.1", ["127.0.0.1"], 8080, False)
    assert (found["holders"][1]["orphan"], found["others"]) == ("its parent has ended", [])
    assert [(one["state"], one["seconds_left"], one["conflicts"]) for one in found["sockets"]] == [
        ("LISTEN", None, True), ("TIME_WAIT", 41.5, True)]
    assert found["tries"][0] == {"host": "127.0.0.1", "so_reuseaddr": True, "free": False, "error": IN_USE}


def test_json_of_all_ports_has_all_holders_and_no_verdict():
    found = as_json(looked(LISTENS, ELSEWHERE, TALKS))
    assert [one["pid"] for one in found["holders"]] == [7, 8]
    assert "free" not in found


def test_json_names_only_those_that_hold_the_address_as_holders():
    sockets = looked(ELSEWHERE, SIX, UDP)
    found = as_json(sockets, Finding(HERE, sockets, NARROW))
    assert (found["free"], found["holders"], [one["pid"] for one in found["others"]]) == (True, [], [7, 8])
    assert {one["conflicts"] for one in found["sockets"]} == {False}

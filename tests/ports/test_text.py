"""What is said, from a look that was written down."""

import json

import pytest

from harness.ports import text
from harness.ports.look import HolderProcess, Look
from harness.ports.tries import Try
from harness.socket_table import Socket

FREE = tuple(Try(host, reuse, "") for host in ("127.0.0.1", "0.0.0.0") for reuse in (True, False))
HELD = tuple(Try(one.host, one.reuse, "[Errno 98] Address already in use") for one in FREE)
WAITS = tuple(Try(one.host, one.reuse, "" if one.reuse else "[Errno 98] Address already in use") for one in FREE)
LISTENS = Socket("127.0.0.1:8080", "0.0.0.0:0", "LISTEN", (7, 8))
TALKS = Socket("127.0.0.1:8080", "127.0.0.1:5000", "ESTABLISHED", (7,))
OVER = Socket("127.0.0.1:8080", "127.0.0.1:5001", "TIME_WAIT", (), "tcp", 41.5)
FOREIGN = Socket("127.0.0.1:8080", "0.0.0.0:0", "LISTEN", ())
UDP = Socket("127.0.0.1:8080", "0.0.0.0:0", "", (7,), "udp")
SERVER = HolderProcess(7, "python", "me", 1.7e9, "python server.py", 1)
ORPHAN = HolderProcess(8, "python", "me", 1.7e9, "python server.py", 1, "its parent has ended")


def looked(*sockets, hidden=0):
    pids = {pid for sock in sockets for pid in sock.pids}
    return Look(sockets, {p.pid: p for p in (SERVER, ORPHAN) if p.pid in pids}, hidden)


@pytest.mark.parametrize(("look", "tried", "said", "unsaid"), [
    (looked(), FREE, ["port 8080: free", "127.0.0.1:8080: a server starts"], ["--free", "HELD"]),
    (looked(LISTENS), HELD, ["HELD", "held by pid 7", "held by pid 8", "an orphan: its parent has ended", "shared with pid 8",
                             "is refused: [Errno 98]", "ports --free 8080"], ["TIME_WAIT"]),
    (looked(OVER), WAITS, ["port 8080: free", "TIME_WAIT, for 42 s", "with SO_REUSEADDR starts; one without it is refused"],
     ["--free", "held by"]),
    (looked(FOREIGN, hidden=3), HELD, ["LISTEN: holder not visible", "3 processes of other users"], ["--free"]),
    (looked(), HELD, ["No socket of the table has it", "may be that of pid 7"], ["--free"]),
    (looked(UDP), FREE, ["does not matter", "free"], ["held by"]),
])
def test_each_state_is_explained(look, tried, said, unsaid):
    shown = text.explanation(8080, look, tried, [SERVER] if not look.sockets and tried is HELD else [])
    assert [word for word in said if word not in shown] == []
    assert [word for word in unsaid if word in shown] == []


def test_a_port_of_which_nothing_could_be_tried_is_not_called_free():
    assert not text.is_free(())
    assert text.is_free(FREE)


def test_a_list_has_a_line_for_each_holder_and_leaves_conversations_out():
    short, everything = (text.listing(looked(LISTENS, TALKS, OVER, FOREIGN, UDP), all_) for all_ in (False, True))
    assert "ESTABLISHED" not in short
    assert "ESTABLISHED" in everything
    assert len(short.splitlines()) == 1 + 2 + 1 + 1 + 1
    assert "(orphan)" in short
    assert "TIME_WAIT 42s" in short


def test_json_says_all_of_it():
    found = json.loads(json.dumps(text.as_json(8080, looked(LISTENS, OVER), HELD, [])))
    assert (found["port"], found["free"], found["holders"][1]["orphan"]) == (8080, False, "its parent has ended")
    assert found["sockets"][1]["seconds_left"] == 41.5
    assert found["tries"][0] == {"host": "127.0.0.1", "so_reuseaddr": True, "free": False,
                                 "error": "[Errno 98] Address already in use"}

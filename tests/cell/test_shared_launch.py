"""Several cells on one launch, with a real process: what is recorded of each, and what one does to the others."""

import os

import pytest

from harness.cell import play_cell, shared_launch
from harness.cell.job import CellJob
from harness.cell.shared_launch import SharedLaunch
from harness.language.parse_scenario import parse
from harness.machine import server_process
from harness.machine.process_tree import descendant_pids
from harness.verdict.judge import judge

from ..scripted import TARGET, subject

#: A server that does, for each path, what the path says.
SERVER = '''
import os, socket, sys, threading, time

TRACE = "Traceback (most recent call last):\\n  File \\"x\\", line 1, in <module>\\nValueError: odd"
listener = socket.create_server((sys.argv[1], int(sys.argv[2])))
answering = True


def one(connection):
    global answering
    head = connection.recv(65536)
    path = head.split(b" ")[1].decode() if head else ""
    print("asked", path, flush=True)
    if path == "/die":
        os._exit(3)
    if path == "/hang":
        answering = False
    if path == "/trace":
        print(TRACE, flush=True)
    if path == "/child" and not os.fork():
        os.setsid()
        listener.close()
        connection.close()
        time.sleep(60)
    connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\nConnection: close\\r\\n\\r\\n%b" % (len(path), path.encode()))
    connection.close()


print("up", flush=True)
while True:
    connection, _ = listener.accept()
    if answering:
        one(connection)
'''


@pytest.fixture
def launched(tmp_path, monkeypatch):
    """Play cells, each of which asks for some paths; return their histories and results by name, and those to be played again."""
    assert server_process.become_subreaper()
    monkeypatch.setattr(play_cell, "ANSWER_SECONDS", 0.5)

    def play(cells, server=SERVER, **changes):
        served = subject(tmp_path, **changes)
        (tmp_path / "script.py").write_text(server, "utf-8")
        jobs = []
        for name, paths in cells.items():
            steps = [{"act": "request", "path": path, "within": "2s", "expect": {"status": 200, "body": path}} for path in paths]
            scenario = parse({"format": 1, "id": f"a.{name}", "title": "t", "paper": "unexposed", "launch": "shared",
                              "step": [{"act": "start", "save": {"it": "pid"}}, *steps]}, "f.toml")
            jobs.append(CellJob(name, scenario, TARGET, served, "run", tmp_path / "cells" / name, tmp_path, False))
        played = SharedLaunch(jobs, tmp_path / "launches" / "l-1").play()
        results = {one.cell: judge(next(job.scenario for job in jobs if job.cell == one.cell), one, served.dialect) for one in played.histories}
        assert descendant_pids(os.getpid()) == [], "nothing is left"
        assert list(tmp_path.glob("launch-*")) == [], "its folder is removed"
        return {one.cell: one for one in played.histories}, results, [job.cell for job in played.again]

    yield play
    server_process.become_subreaper(False)


def test_cells_ask_one_server_in_turn_and_each_has_a_history_of_its_own(launched):
    histories, results, again = launched({"one": ["/1"], "two": ["/2", "/3"], "three": ["/4"]})
    assert {name: result.word for name, result in results.items()} == dict.fromkeys(("one", "two", "three"), "pass")
    assert again == []
    assert len({history.values["it"] for history in histories.values()}) == 1, "one process answered all"
    assert [o.step for o in histories["two"].observations] == [1, 2, 3]
    assert [(name, history.shared) for name, history in histories.items()] == [
        ("one", {"launch": "l-1", "after": []}), ("two", {"launch": "l-1", "after": ["one"]}), ("three", {"launch": "l-1", "after": ["one", "two"]})]
    assert [history.logs["main"] for history in histories.values()] == [
        "up\nasked \n" + own for own in ("asked /1\n", "asked /2\nasked /3\n", "asked /4\n")], (
        "of the log, what was written for the cell, and not the question whether the server still answers")
    assert {history.cleanup["stopped"][0]["exit"] for history in histories.values()} == {-15}


def test_what_does_not_hold_is_a_failure_of_the_cell_alone(launched):
    _, results, again = launched({"one": ["/1"], "two": ["/2"]}, SERVER.replace("len(path), path.encode()", "4, b'/1xx'[:4]"))
    assert {name: result.word for name, result in results.items()} == {"one": "fail", "two": "fail"}
    assert results["one"].behaviour.failures[0].key == "body"
    assert again == []


@pytest.mark.parametrize(("path", "key", "observed"), [("/die", "answers", "it has ended, with exit code 3"),
                                                       ("/hang", "answers", "no answer to GET / within 0.5 s")])
def test_a_cell_that_the_server_does_not_survive_says_so_and_the_others_are_played_again(launched, path, key, observed):
    histories, results, again = launched({"one": ["/1"], "two": [path], "three": ["/3"]})
    assert again == ["one", "three"]
    assert list(histories) == ["two"]
    assert results["two"].word == "fail"
    assert (key, observed) in [(failure.key, failure.observed) for failure in results["two"].cleanup.failures]


def test_a_traceback_belongs_to_the_cell_whose_request_it_follows(launched):
    _, results, _ = launched({"one": ["/1"], "two": ["/2", "/trace"], "three": ["/3"]})
    assert {name: result.word for name, result in results.items()} == {"one": "pass", "two": "fail", "three": "pass"}
    assert "after step 3" in results["two"].cleanup.failures[0].observed


def test_what_the_server_leaves_at_its_end_is_every_cell_s(launched):
    _, results, again = launched({"one": ["/child"], "two": ["/2"]})
    assert {name: {f.key for f in result.cleanup.failures} for name, result in results.items()} == {"one": {"processes"}, "two": {"processes"}}
    assert again == []


@pytest.mark.parametrize("server", ["raise SystemExit('no')", "import time\ntime.sleep(60)"], ids=["ends", "hangs"])
def test_a_server_that_does_not_get_ready_is_left_to_the_cells(launched, monkeypatch, server):
    monkeypatch.setattr(shared_launch, "until_ready", lambda cell, server, deadline: _late(cell, server))
    histories, _, again = launched({"one": ["/1"], "two": ["/2"]}, server)
    assert (histories, again) == ({}, ["one", "two"])


def _late(cell, server):
    from harness.cell.server_verbs import until_ready
    from harness.machine.deadlines import Deadline
    return until_ready(cell, server, Deadline(1.0))


def test_an_error_of_the_harness_is_recorded_and_ends_the_launch(launched, monkeypatch):
    done = []

    def broken(cell, *rest):
        done.append(cell.cell)
        raise LookupError("the steps broke")

    monkeypatch.setattr(shared_launch, "do_steps", broken)
    histories, results, again = launched({"one": ["/1"], "two": ["/2"]})
    assert (done, again, results["one"].word) == (["one"], ["two"], "error")
    assert "the steps broke" in histories["one"].error


def test_an_address_is_given_back(launched, monkeypatch):
    claims = []
    real = shared_launch.claim_channel
    monkeypatch.setattr(shared_launch, "claim_channel", lambda scenario: claims.append(real(scenario)) or claims[-1])
    launched({"one": ["/1"], "two": ["/2"]})
    assert [claim._lock.fileno() for claim in claims] == [-1]


def test_a_cell_has_its_values_for_itself(launched):
    histories, _, _ = launched({"one": ["/1"], "two": ["/2"]})
    first, second = (history.values for history in histories.values())
    assert first == second
    assert first is not second


def test_the_server_has_one_certificate_which_every_cell_trusts(tmp_path):
    scenario = parse({"format": 1, "id": "a.b", "title": "t", "paper": "unexposed", "tls": True, "step": [{"act": "start"}]}, "f.toml")
    claim = shared_launch.claim_channel(scenario)
    try:
        jobs = [CellJob(name, scenario, TARGET, subject(tmp_path), "run", tmp_path / name, tmp_path, False) for name in "ab"]
        first, second = (shared_launch.CellRun(job, claim, tmp_path) for job in jobs)
        made = first.certificate
        before = made.certificate.read_bytes()
        second.adopt(first)
        assert second.certificate is made
        assert made.certificate.read_bytes() == before
    finally:
        claim.close()

import base64
import gzip
import json
from pathlib import Path

from harness.model import CellResult, Failure, History, Observation, Target, Verdict
from harness.report.cells import MAX_SCREEN, between, cell, pack, scenario_pack
from harness.report.text import Redactor

TARGET = Target("s@1", "s", "1")
RECIPES = {"targets": {"s@1": {"implementation": "cpython", "version": "3.13.1", "requires": []}}, "files": {"s": ""}}
SCENARIO = {"id": "a.b", "title": "t", "app": "", "channel": "own", "tls": False, "reload": False, "leaves": []}


def step(number, note=""):
    return {"number": number, "act": "request", "args": {}, "expect": {}, "within": 1.0, "server": "main", "note": note,
            "save": {}, "observe": {"what": "body"}, "id": ""}


def history(*notes, body="hello"):
    observations = tuple(Observation(n, "request", 0.0, 0.1, seen={"body": body, "log": "l"}, wire=({"text": "GET"},))
                         for n, _ in enumerate(notes, 1))
    return History("a.b@s@1", "h", "127.1.1.1", 8080, observations, {}, {"main": "log"}, "off", "", 1.0,
                   steps=tuple(step(n, note) for n, note in enumerate(notes, 1)))


def result(*failures):
    behaviour = Verdict("fail", "x", failures) if failures else Verdict("pass")
    return CellResult("a.b@s@1", "ran", "", behaviour, Verdict("pass"), 1.0)


def test_a_cell_without_a_history_says_why():
    assert cell(CellResult("a.b@s@1", "missing", "no such Python"), None, {}) == \
        {"coverage": "off", "seconds": 0.0, "reason": "no such Python"}


def test_a_long_answer_is_cut_and_the_cut_is_shown():
    seen = cell(result(), history("", body="x" * (MAX_SCREEN + 7)), {})["observations"][0]["seen"]
    assert seen["body"].endswith("\n[… 7 characters cut …]")
    assert len(seen["body"]) < MAX_SCREEN + 40
    assert "log" not in seen, "the page has the whole log"


def test_turns_in_the_middle_of_a_repeat_keep_no_bytes_unless_they_failed():
    whole = history("1 of 4", "2 of 4", "3 of 4", "4 of 4")
    drawn = cell(result(Failure(3, "status", "200", "500")), whole, {})
    assert [bool(item["wire"]) for item in drawn["observations"]] == [True, False, True, True]
    assert ["body" in item["seen"] for item in drawn["observations"]] == [True, False, True, True]
    assert all(item["observed"] == {"what": "hello"} for item in drawn["observations"])
    assert not between("as in 2 of 3")


def unpacked(text):
    return json.loads(gzip.decompress(base64.b64decode(text)))


def packed(one, told, past=None):
    redactor = Redactor(Path("/somewhere/private"))
    return unpacked(scenario_pack(
        redactor, SCENARIO, (TARGET,), {"a.b@s@1": one}, lambda _: told, lambda _: past or {}, RECIPES))


def test_a_pack_has_its_cells_and_their_reproducers():
    found = packed(result(), history(""), {"past": [{"run": "1", "word": "pass", "seconds": 1.0}], "flaky": [0, 1]})
    assert found["cells"]["a.b@s@1"]["past"] == [{"run": "1", "word": "pass", "seconds": 1.0}]
    assert found["cells"]["a.b@s@1"]["flaky"] == [0, 1]
    top = found["reproducers"]["a.b@s@1"]
    assert top["subject"] == "s"
    assert top["sections"][0] == "deadlines"
    assert top["about"].startswith('"""Reproduces a.b@s@1: t.')


def test_what_is_private_is_in_neither():
    failure = Failure(1, "body", "x", "in /somewhere/private/file")
    found = packed(result(failure), history("", body="at /somewhere/private/file \x1b[31mred"))
    assert "/somewhere/private" not in json.dumps(found)
    run = found["reproducers"]["a.b@s@1"]["about"].partition('RUN = "')[2].partition('"')[0]
    assert json.loads(base64.b64decode(run))["failures"] == [[1, "body", "in <repository>/file"]]
    assert found["cells"]["a.b@s@1"]["observations"][0]["seen"]["body"] == "at <repository>/file red"


def test_a_cell_that_did_not_run_has_no_reproducer():
    assert packed(CellResult("a.b@s@1", "missing", "no"), None)["reproducers"] == {}


def test_the_same_is_always_the_same_pack():
    assert pack("text") == pack("text")

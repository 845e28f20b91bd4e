import base64
import gzip
import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.model.values import CellResult, Failure, History, Observation, Target, Verdict
from harness.report.cells import MAX_SCREEN, between, cell, pack, scenario_pack
from harness.report.publishable import Redactor

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
    view = SimpleNamespace(redactor=redactor, targets=(TARGET,), results={"a.b@s@1": one}, history=lambda _: told,
                           past=SimpleNamespace(tell=lambda _: past or {}))
    return unpacked(scenario_pack(view, SCENARIO, RECIPES))


def test_a_pack_has_its_cells_and_their_reproducers():
    found = packed(result(), history(""), {"past": [{"run": "1", "word": "pass", "seconds": 1.0}], "flaky": [0, 1]})
    assert found["cells"]["a.b@s@1"]["past"] == [{"run": "1", "word": "pass", "seconds": 1.0}]
    assert found["cells"]["a.b@s@1"]["flaky"] == [0, 1]
    top = found["reproducers"]["a.b@s@1"]
    assert top["subject"] == "s"
    assert top["sections"][0] == "deadlines"
    assert top["about"].startswith('"""Reproduces a.b@s@1: t.')


def test_neither_contains_anything_private():
    failure = Failure(1, "body", "x", "in /somewhere/private/file")
    found = packed(result(failure), history("", body="at /somewhere/private/file \x1b[31mred"))
    assert "/somewhere/private" not in json.dumps(found)
    run = found["reproducers"]["a.b@s@1"]["about"].partition('RUN = "')[2].partition('"')[0]
    assert json.loads(base64.b64decode(run))["failures"] == [[1, "body", "in <repository>/file"]]
    assert found["cells"]["a.b@s@1"]["observations"][0]["seen"]["body"] == "at <repository>/file red"


def test_a_cell_that_did_not_run_has_no_reproducer():
    assert packed(CellResult("a.b@s@1", "missing", "no"), None)["reproducers"] == {}


def test_the_same_text_always_gives_the_same_pack():
    assert pack("text") == pack("text")


def test_what_a_step_saw_is_shown_as_it_was_recorded():
    told = replace(
        history(""), host="127.3.2.1", port=8081, logs={"second": "its log"}, cleanup={"ports": {}}, ledger=({"at": 0.1},),
        coverage_note="not measured", error="broke", steps=(
            {**step(1, "a note"), "act": "raw", "args": {"send": "x"}, "expect": {"status": 200}, "within": 2.5, "server": "second",
             "save": {"x": "body"}, "observe": {"how long": "seconds", "its words": "log:/b/"}},),
        observations=(Observation(
            1, "raw", 1.25, 0.5, "second", {"seconds": 0.4, "received": "y" * (MAX_SCREEN + 1), "log": "a\nb"},
            ({"at": 0.1, "sent": "x"},), timeout=True, unable="it had ended"),))
    shown = cell(result(), told, {})
    (observation,) = shown["observations"]
    seen = observation.pop("seen")
    assert observation == {
        "step": 1, "act": "raw", "at": 1.25, "seconds": 0.5, "server": "second", "timeout": True, "unable": "it had ended",
        "wire": ({"at": 0.1, "sent": "x"},), "observed": {"how long": 0.4, "its words": "b"}}
    assert (seen["seconds"], len(seen["received"]) < MAX_SCREEN + 40) == (0.4, True)
    assert seen["received"].endswith("\n[… 1 characters cut …]")
    assert shown["steps"] == [{"number": 1, "act": "raw", "args": {"send": "x"}, "expect": {"status": 200}, "within": 2.5,
                               "server": "second", "note": "a note", "save": {"x": "body"}}]
    assert {name: shown[name] for name in ("host", "port", "after", "logs", "ledger", "coverage_note", "error")} == {
        "host": "127.3.2.1", "port": 8081, "after": {"ports": {}}, "logs": {"second": "its log"}, "ledger": ({"at": 0.1},),
        "coverage_note": "not measured", "error": "broke"}


def test_both_verdicts_are_shown_each_with_its_own_failures():
    left = Failure(0, "sockets", "no socket is left", "one", items=("x",))
    shown = cell(CellResult("a.b@s@1", "ran", "", Verdict("pass"), Verdict("fail", "left", (left,)), 1.0), None, {"flaky": [1, 2]})
    assert json.loads(json.dumps(shown)) == {
        "coverage": "off", "seconds": 1.0, "flaky": [1, 2], "behaviour": {"outcome": "pass"}, "cleanup_verdict": {
            "outcome": "fail", "reason": "left", "failures": [
                {"step": 0, "key": "sockets", "expected": "no socket is left", "observed": "one", "kind": "fail", "items": ["x"],
                 "note": ""}]}}


@pytest.mark.parametrize(("note", "middle"), [
    ("1 of 3", False), ("2 of 3", True), ("3 of 3", False), ("1 of 1", False), ("1 of 2", False), ("2 of 2", False),
    ("9 of 10", True), ("10 of 10", False), ("2 of 3, again", True), ("", False),
])
def test_which_turns_of_a_repeat_are_in_the_middle(note, middle):
    assert between(note) is middle

import re

import pytest

from harness.language.files import load_all
from harness.language.paper_claims import CLAIMS, EVIDENCE, PROBLEMS, STATED
from harness.model.values import CellResult, History, Observation, Target, Verdict
from harness.report.claims import verdicts, where

from ..conftest import ROOT

TARGET = Target("s@1", "s", "1")
PYTHONS = ("2.7", "3.6", "3.7", "3.8")
TARGETS = tuple(Target(f"{name}@{python}", name, python) for name in ("one", "two") for python in PYTHONS)
LOG = """\
[29/Nov/2026:10:41:13] ENGINE Error in 'start' listener <bound method Server.start of <Server object at 0x7f3>>
Traceback (most recent call last):
  File "servers.py", line 210, in start
    raise OSError("Port %s not free on %r" % (port, host))
OSError: Port 8080 not free on '127.3.2.1'
"""


def scenario(name, shows="reproduced", claim="unexposed", steps=()):
    numbered = [{"number": number, "act": act, "args": args} for number, (act, args) in enumerate(steps, 1)]
    return {"id": name, "paper": [claim], "shows": shows, "steps": numbered}


def result(word, cell="c", reason=""):
    if word in ("pass", "fail", "known"):
        return CellResult(cell, "ran", reason, Verdict(word), Verdict("pass"))
    return CellResult(cell, word, reason)


def history(*seen, host="127.3.2.1"):
    """Each of ``seen`` is what a step saw, beginning with the first."""
    return History(cell="", scenario_hash="", host=host, port=8080, cleanup={}, logs={}, coverage="off", coverage_note="", seconds=0,
                   observations=tuple(Observation(number, "", 0, 0, seen=one) for number, one in enumerate(seen, 1)))


def line(claim, scenarios, targets, results, histories=(), others=()):
    return next(one for one in verdicts(scenarios, targets, results, dict(histories).get, others) if one["id"] == claim)


def found(claim, one, seen, targets=TARGETS, words=(), **more):
    """The answers to the questions of a claim; ``seen`` has what the second step of a target's cell saw."""
    results = {f"{one['id']}@{target}": result("pass", f"{one['id']}@{target}") for target in seen}
    results |= {f"{one['id']}@{target}": given for target, given in words}
    histories = {f"{one['id']}@{target}": history({}, value, **more) for target, value in seen.items()}
    return line(claim, [one], targets, results, histories)


@pytest.mark.parametrize(("cells", "verdict"), [
    ([("reproduced", "pass")], "reproduced"), ([("not reproduced", "pass")], "not reproduced"),
    ([("reproduced", "pass"), ("not reproduced", "pass")], "in part"),
    ([("reproduced", "missing")], None), ([], None),
    ([("reproduced", "pass"), ("reproduced", "fail")], "open: its cells failed"),
    ([("reproduced", "known")], "open: its failures are known"),
    ([("reproduced", "pass"), ("reproduced", "known")], "open: its failures are known"),
    ([("reproduced", "known"), ("reproduced", "fail")], "open: its cells failed"), ([("reproduced", "not-run")], "open: its cells failed"),
    ([("reproduced", "pass"), ("not reproduced", "unsupported")], "reproduced"),
])
def test_a_verdict_is_what_the_cells_say(cells, verdict):
    scenarios = [scenario(f"a.{n}", shows) for n, (shows, _) in enumerate(cells)]
    results = {f"a.{n}@s@1": result(word) for n, (_, word) in enumerate(cells)}
    said = line("unexposed", scenarios, (TARGET,), results)["verdicts"]
    assert said == ([{"verdict": verdict, "where": ["s on 1"]}] if verdict else [])


@pytest.mark.parametrize(("some", "words"), [
    (["one@2.7", "one@3.6", "one@3.7", "one@3.8"], ["one on 2.7 to 3.8"]),
    (["one@2.7", "one@3.7", "one@3.8", "two@3.6"], ["one on 2.7, 3.7, 3.8", "two on 3.6"]),
    (["one@3.6", "two@3.6"], ["one and two on 3.6"]),
    ([], []),
])
def test_servers_with_the_same_pythons_are_said_once(some, words):
    assert where([target for target in TARGETS if target.id in some], TARGETS) == words


def test_an_edition_is_a_server_of_its_own():
    targets = (*TARGETS, Target("one+2.0@3.8", "one", "3.8"))
    assert where([targets[3], targets[-1]], targets) == ["one and one+2.0 on 3.8"]


def test_what_was_found_differs_where_the_cells_differ():
    hidden = scenario("dispatch.unexposed-method", steps=[("start", {}), ("request", {"path": "/hidden"})])
    ok, no = {"status": 404, "reason": "Not Found"}, {"status": 500, "reason": "Internal Server Error"}
    seen = {target.id: no if target.id == "two@2.7" else ok for target in TARGETS}
    assert found("unexposed", hidden, seen)["found"] == [
        {"question": "a method that is not exposed", "scenario": "dispatch.unexposed-method", "answers": [
            {"value": "404 Not Found", "where": ["one on 2.7 to 3.8", "two on 3.6 to 3.8"]},
            {"value": "500 Internal Server Error", "where": ["two on 2.7"]}]}]


@pytest.mark.parametrize(("claim", "name", "steps", "seen", "told"), [
    ("port-not-free", "channel.port-held", [("hold", {}), ("start", {})], {"ready": False, "exit": 70, "log": LOG},
     "does not start, exit 70, “OSError: Port PORT not free on 'HOST'”"),
    ("port-not-free", "channel.port-held", [("hold", {}), ("start", {})], {"ready": True, "exit": None, "log": ""}, "starts"),
    ("leaked-channel", "sockets.child-fork", [("start", {}), ("sockets", {})], {"listeners": ["child"]}, "the child"),
    ("leaked-channel", "sockets.child-fork", [("start", {}), ("sockets", {})], {"listeners": []}, "nobody"),
    ("netstat", "sockets.server-and-child-share", [("start", {}), ("sockets", {})], {"listeners": ["child", "main"]},
     "the child and the server"),
    ("post-created", "methods.post-created", [("start", {}), ("request", {"path": "/photos", "form": "title=1"})],
     {"status": 201, "reason": "Created", "headers": {"Location": "http://127.3.2.1:8080/photos/3"}},
     "201 Created, Location: http://HOST:PORT/photos/3"),
    ("post-created", "methods.post-created", [("start", {}), ("request", {"path": "/photos", "form": "title=1"})],
     {"status": 201, "reason": None, "headers": None}, "201, no Location"),
    ("bad-parameters", "parameters.repeated", [("start", {}), ("request", {"path": "/repeated?a=1&a=2"})],
     {"status": 200, "reason": "OK", "body": "list 1,2"}, '200 OK, body "list 1,2"'),
    ("unexposed", "dispatch.unexposed-method", [("start", {}), ("request", {"path": "/hidden"})],
     {"status": None, "reason": None, "error": "RemoteDisconnected"}, "the server closed the connection without an answer"),
])
def test_an_answer_is_what_its_step_saw(claim, name, steps, seen, told):
    said = found(claim, scenario(name, claim=claim, steps=steps), {"s@1": seen}, (TARGET,))["found"]
    assert [answer["value"] for question in said for answer in question["answers"]] == [told]


def test_the_papers_own_address_is_said():
    one = scenario("channel.default-channel", claim="default-channel", steps=[("touch", {}), ("start", {})])
    seen = {"s@1": {"log": "[29/Nov/2026:10:36:10] ENGINE Serving on http://127.0.0.1:8080\n"}}
    said = found("default-channel", one, seen, (TARGET,), host="127.0.0.1")["found"]
    assert said[0]["answers"] == [{"value": "“ENGINE Serving on http://127.0.0.1:8080”", "where": ["s on 1"]}]


def test_a_long_answer_is_cut():
    one = scenario("parameters.repeated", claim="bad-parameters", steps=[("start", {}), ("request", {"path": "/repeated?a=1&a=2"})])
    said = found("bad-parameters", one, {"s@1": {"status": 200, "reason": "x" * 500, "body": ""}}, (TARGET,))["found"]
    assert len(said[0]["answers"][0]["value"]) == 120


def test_why_a_claim_was_not_tried_is_said_in_the_words_of_its_cells():
    one = scenario("dispatch.unexposed-method", steps=[("start", {}), ("request", {"path": "/hidden"})])
    lacks = "two does not declare: object-dispatch"
    words = [(target.id, result("unsupported", reason=lacks)) for target in TARGETS if target.subject == "two"]
    said = found("unexposed", one, {target.id: {"status": 404} for target in TARGETS if target.subject == "one"}, words=words)
    assert said["notTried"] == [{"reason": "does not declare: object-dispatch", "where": ["two on 2.7 to 3.8"]}]


@pytest.mark.parametrize(("absent", "reasons"), [(("3.7",), ["does not declare: it"]), (PYTHONS, ["no interpreter 3 on this machine"])])
def test_that_a_python_is_missing_is_said_only_where_it_is_all_that_there_is(absent, reasons):
    targets = tuple(Target(f"one@{python}", "one", python, reason="no" if python in absent else "") for python in PYTHONS)
    cells = {f"a@{target.id}": result("missing", reason="no interpreter 3 on this machine") if target.reason
             else result("unsupported", reason="one does not declare: it") for target in targets}
    assert [left["reason"] for left in line("unexposed", [scenario("a")], targets, cells)["notTried"]] == reasons


def test_a_scenario_of_an_older_run_without_the_step_answers_nothing():
    one = scenario("dispatch.unexposed-method", steps=[("start", {}), ("request", {"path": "/other"})])
    assert found("unexposed", one, {"s@1": {"status": 404}}, (TARGET,))["found"] == []


def test_every_scenario_names_claims_that_exist():
    for one in load_all(ROOT / "scenarios"):
        assert set(one.paper) <= set(CLAIMS), one.file
        for issue in one.issues:
            assert re.fullmatch(r"[\w.-]+/[\w.-]+#\d+", issue), one.file


def test_each_claim_has_evidence_from_the_paper_or_says_that_there_is_none():
    assert EVIDENCE.keys() <= CLAIMS.keys()
    lines = {one["id"]: one for one in verdicts([], (), {}, {}.get)}
    assert "LISTENING" in lines["netstat"]["evidence"]
    assert lines["reboot"]["evidence"] == STATED
    assert lines["reboot"]["remark"]


def test_the_page_knows_which_claims_are_problems():
    assert {one["id"] for one in verdicts([], (), {}, {}.get) if one["problem"]} == PROBLEMS <= CLAIMS.keys()


def test_a_claim_whose_scenarios_were_not_selected_has_them_all_the_same():
    bundled = ["dispatch.unexposed-method", "dispatch.unexposed-beside-default", "dispatch.exposed-not-callable"]
    here, left, other = scenario("dispatch.unexposed-method"), scenario("a.left"), scenario("a.other", claim="threads")
    assert line("unexposed", [here], (TARGET,), {}, others=[left, other])["unselected"] == ["a.left", *bundled[1:]]
    assert line("unexposed", [], (TARGET,), {})["unselected"] == bundled, "the bundled ones exist, in a run without them, too"
    assert line("unexposed", [scenario(name) for name in bundled], (TARGET,), {})["unselected"] == []
    assert line("reboot", [], (TARGET,), {})["unselected"] == []

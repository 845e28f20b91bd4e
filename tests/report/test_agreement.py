import pytest

from harness.model import History, Observation, Target
from harness.report.agreement import agreement

OURS = Target("ours@3.13", "ours", "3.13", oracle="theirs")
THEIRS = Target("theirs@3.13", "theirs", "3.13")
SCENARIO = {"id": "dispatch.a", "family": "dispatch", "differs": "", "known": []}
STEP = {"number": 2, "args": {"path": "/x"}}


def history(cell, status, body, headers=None):
    error = "ConnectionRefusedError" if status is None else ""
    seen = {"status": status, "body": body, "headers": headers or {}, "error": error}
    return History(cell=cell, scenario_hash="", host="", port=0, cleanup={}, logs={}, coverage="off", coverage_note="",
                   seconds=0, observations=(Observation(2, "request", 0, 0, seen=seen),), steps=(STEP,))


def lines(ours, theirs, scenario=SCENARIO):
    stored = {"dispatch.a@ours@3.13": ours and history("c", *ours),
              "dispatch.a@theirs@3.13": theirs and history("c", *theirs)}
    return agreement([scenario], (OURS, THEIRS), stored.get)


@pytest.mark.parametrize(("ours", "theirs", "agree"), [
    ((404, "<h2>x</h2><p>Missing: b</p>"), (404, "<html><p>Missing: b</p><pre>trace</pre></html>"), True),
    ((404, "<p>a</p>"), (404, "<p>b</p>"), False), ((404, "<p>a</p>"), (400, "<p>a</p>"), False),
    ((200, "hello"), (200, "hello"), True), ((200, "hello"), (200, "hello!"), False),
    ((404, "<p>Unexpected query string parameters: a, z</p>"), (404, "<p>Unexpected query string parameters: z, a</p>"), True),
    ((303, "x", {"Location": "http://127.1.1.1:8080/p"}), (303, "y", {"location": "http://127.2.2.2:8080/p"}), True),
    ((303, "x", {"Location": "http://h/p"}), (303, "x", {"Location": "http://h/q"}), False),
    ((None, None), (None, None), True), ((None, None), (500, ""), False),
])
def test_answers_are_compared_by_status_and_message(ours, theirs, agree):
    (line,) = lines(ours, theirs)
    assert (line["request"], line["answers"][0]["agree"]) == ("GET /x", agree)


def test_a_reason_comes_from_the_scenario_or_its_known_failure():
    known = {**SCENARIO, "known": [{"step": 2, "why": "up#1"}, {"step": 3, "why": "other"}]}
    assert lines((200, "a"), (200, "b"), known)[0]["reason"] == "up#1"
    assert lines((200, "a"), (200, "b"), {**known, "differs": "said"})[0]["reason"] == "said"


def test_what_did_not_run_on_both_is_not_compared():
    assert lines((200, "a"), None) == []
    assert lines((200, "a"), (200, "a"), {**SCENARIO, "family": "lifecycle"}) == []


def test_of_several_editions_of_the_oracle_the_locked_release_is_compared():
    other = Target("theirs+1.2@3.13", "theirs", "3.13")
    stored = {"dispatch.a@ours@3.13": history("c", 200, "a"), "dispatch.a@theirs@3.13": history("c", 200, "a"),
              "dispatch.a@theirs+1.2@3.13": history("c", 500, "b")}
    (line,) = agreement([SCENARIO], (OURS, other, THEIRS), stored.get)
    assert [(answer["oracle"], answer["agree"]) for answer in line["answers"]] == [("theirs", True)]
    (line,) = agreement([SCENARIO], (OURS, other), stored.get)
    assert [(answer["oracle"], answer["agree"]) for answer in line["answers"]] == [("theirs+1.2", False)]

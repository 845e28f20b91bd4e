"""What a server answered to a check, in few words."""

import pytest

from harness.language.dialect import Dialect
from harness.language.scenario import Scenario, Step
from harness.model.values import History, Observation
from harness.verdict.answers import MOST, answer, observed
from harness.verdict.wording import in_words, short

DIALECT = Dialect(patterns={"up": "/ready/"})
START = Step(1, "start", {}, {"ready": True}, 30.0)
STARTED = Observation(1, "start", 0, 0, seen={"ready": True, "log": ""})


def told(step, seen, table="w.t", timeout=False, unable="", error=""):
    scenario = Scenario("w.t.c", "t", "f", "w", "h", (START, step), table=table)
    done = Observation(2, step.act, 0, 0, seen=seen, timeout=timeout, unable=unable)
    return answer(scenario, History("w.t.c@s@3.13", "h", "127.3.2.1", 8080, (STARTED, done), {}, {}, "off", "", 0.0, error), DIALECT)


def raw(expect=None, either=(), until="probe", **observe):
    return Step(2, "raw", {"send": "", "until": until}, expect or {}, 5.0, either=tuple(either), observe=observe)


def seen(*statuses, closed=False, error="", **other):
    return {"statuses": list(statuses), "status": statuses[0] if statuses else None, "closed": closed, "error": error,
            "headers": None, "body": None, "interim": [], "log": "", "seconds": 0.123, **other}


@pytest.mark.parametrize(("step", "what", "text"), [
    (raw({"status": 400}), seen(400, closed=True), "400, closed"),
    (raw({"status": 400}), seen(200, 404), "200, then 404, kept open"),
    (raw({"status": 400}), seen(closed=True), "no answer, closed"),
    (raw({"status": 400}), seen(closed=True, error="ConnectionResetError"), "no answer, the connection was reset, closed"),
    (raw({"status": 400}), seen(closed=True, error="Strange"), "no answer, Strange, closed"),
    (raw({"status": 400}, until="response"), seen(400, closed=True), "400"),
    (raw({"status": 400, "closed": True}, until="response"), seen(400, closed=True), "400, closed"),
    (raw({"json": {"/a/b": 1, "/c": "absent"}}), seen(200, body='{"a": {"b": 2}}'), "200, kept open, /a/b 2, no /c"),
    (raw({"json": {"/a": None}}), seen(200, body='{"a": null}'), "200, kept open, no /a"),
    (raw({"json": {"/a": 1}}), seen(200, body="no json"), "200, kept open, no /a"),
    (raw({"json": {"/a": 1}, "headers": {"X": "y"}}), seen(), "no answer, kept open"),
    (raw({"headers": {"Date": "/GMT/", "X-A": "b"}}), seen(200, headers={"date": "Sun, 29 Nov 2026 12:32:46 GMT"}),
     "200, kept open, Date: TIME, no X-A"),
    (raw({"interim": [100]}), seen(200, interim=[]), "200, kept open, no interim answer"),
    (raw({"interim": []}), seen(200, interim=[100, 103]), "200, kept open, interim 100, 103"),
    (raw({"responses": 1}), seen(200, responses=1), "200, kept open, 1 answer"),
    (raw({"log": "@up"}), seen(200, log="x\nready\n"), "200, kept open, logged @up"),
    (raw({"log": "/never/"}), seen(200, log="x\n"), "200, kept open, did not log /never/"),
    (raw({"log_absent": "/never/"}), seen(200, log="x\n"), "200, kept open, did not log /never/"),
    (raw({"log_absent": "/x/"}), seen(200, log="x\n"), "200, kept open, logged /x/"),
    (raw({"seconds": "<1s"}), seen(200), "200, kept open, in <1s"),
    (raw({"seconds": ">1s"}), seen(200), "200, kept open, not in >1s"),
    (raw(statuses="statuses", body="body"), seen(200, body='at 127.3.2.1:8080 "q"\x00\n'),
     '200, kept open, body "at HOST:PORT "q"\\x00\\n"'),
    (raw(either=[{"status": 400, "as": "refused"}, {"status": 200, "json": {"/a": 1}}]), seen(200, body='{"a": 1}'),
     "200, kept open, /a 1"),
    (raw(either=[{"status": 400, "as": "refused"}, {"status": 200, "json": {"/a": 1}}]), seen(400, closed=True), "400, closed, no /a"),
])
def test_an_answer_is_what_the_check_asks_about(step, what, text):
    assert told(step, what) == text


def test_a_request_and_other_acts():
    request = Step(2, "request", {"path": "/"}, {"status": 200}, 5.0)
    assert told(request, {"status": 500, "error": "", "closed": True}) == "500"
    assert told(request, {"status": None, "error": "TimeoutError"}, timeout=True) == "no answer, no complete answer in time"
    stop = Step(2, "stop", {}, {"forced": False, "exit": 0}, 5.0)
    assert told(stop, {"forced": True, "exit": -9}) == "had to be killed, exit -9"
    wait = Step(2, "wait", {"exit": True}, {"exit": 0}, 5.0)
    assert told(wait, {}, timeout=True) == "wait: it did not happen"
    assert told(Step(2, "signal", {"signal": "HUP"}, {"sent": True}, 5.0), {"sent": True}) == ""
    assert told(Step(2, "signal", {"signal": "HUP"}, {"sent": True}, 5.0), {}, unable="no process") == "signal: no process"
    assert told(raw({"status": 1}, until="response"), seen(), timeout=True) == "no answer, timed out"


def test_only_a_check_has_an_answer():
    assert told(raw({"status": 400}), seen(400), table="") == ""
    assert told(raw({"status": 400}), seen(400), error="the harness broke") == ""


def test_a_start_that_failed_is_the_answer():
    scenario = Scenario("w.t.c", "t", "f", "w", "h", (START, raw({"status": 1})), table="w.t")
    failed = Observation(1, "start", 0, 0, seen={}, timeout=True)
    assert answer(scenario, History("c", "h", "", 0, (failed,), {}, {}, "off", "", 0.0), DIALECT) == "start: it did not happen"


def test_long_answers_are_cut_and_stay_apart():
    one, two = (told(raw(body="body"), seen(200, body="x" * 500 + end)) for end in "ab")
    assert one != two
    assert len(one) < 220
    assert "… (501 characters" in one
    many = told(raw(**{f"q{n}": "body" for n in range(99)}), seen(200, body="y" * 50))
    assert len(many) == MOST + 1
    assert many.endswith("…")
    assert short("x" * 120) == "x" * 120


def test_what_is_expected_is_said_in_the_same_words():
    assert in_words({"closed": True, "statuses": [400]}) == "400, closed"
    assert in_words({"statuses": [], "closed": True}) == "no answer, closed"
    assert in_words({"json": {"/a": "/^b/", "/c": "absent"}, "status": 200}) == '200, /a "/^b/", no /c'
    assert in_words({"log": ["/a/", "/b/"], "log_absent": "/c/", "seconds": "<2s"}) == "logged /a/ and /b/, did not log /c/, in <2s"
    assert in_words({"error": "", "ready": False}) == "not ready"


def test_a_step_answers_a_question():
    assert observed({"log": "one\nAddress in use\n"}, "log:/in use/") == "Address in use"
    assert observed({"exit": 3}, "exit") == 3

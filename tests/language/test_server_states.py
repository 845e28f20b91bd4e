"""A step that counts on what earlier steps have ended is refused; one whose expectation can hold is not."""

import pytest

from harness.language.parse_scenario import parse
from harness.model.refusal import Refusal

from .test_files import changed, in_background, waited

START = {"act": "start"}
STOP, KILL = {"act": "stop"}, {"act": "kill"}
EXIT = {"act": "wait", "exit": True}
ASK = {"act": "request", "path": "/", "expect": {"status": 200}}
CASE = {"where": {"else": True}}
SECOND = {"act": "start", "server": "second", "channel": 2}
HOLD, RELEASE = {"act": "hold", "how": "listen"}, {"act": "release"}
SWEEP = {"act": "sweep", "signal": "TERM", "points": 3}
SAVE = {**ASK, "save": {"child": "json:/pid"}}


def ask(**expect):
    return {**ASK, "expect": expect}


def raw(send="x", expect=None, **more):
    return {"act": "raw", "send": send, "expect": expect or {"status": 200}, **more}


def volley(**expect):
    return {"act": "volley", "path": "/", "requests": 3, "expect": expect}


NOBODY = 'no server can answer: \'main\' has ended in step 2 ({}). Start it first, or expect error = "ConnectionRefusedError"'
SILENT = "send: nothing is sent on a new connection, so nothing is asked"
BAD = [
    # Nobody is there to answer.
    ([ASK, START], "step 1 (request): expect: status: no server can answer: 'main' is started only in step 2. Start it first"),
    *(([START, end, ASK], "step 3 (request): expect: status: " + NOBODY.format(end["act"])) for end in (STOP, KILL, EXIT)),
    ([SWEEP, ASK], "'main' has ended in step 1 (sweep)"), ([START | {"expect": {"ready": False}}, ASK], "'main' has ended in step 1 (start)"),
    ([START | {"expect": {"exit": 1}}, ASK], "'main' has ended in step 1 (start)"),
    *(([START, STOP, raw(expect=expect)], f"step 3 (raw): expect: {next(iter(expect))}: {NOBODY.format('stop')}") for expect in (
        {"statuses": [200]}, {"responses": 1}, {"received": "x"}, {"closed": False}, {"interim": [100]}, {"error": ""}, {"error": "IncompleteRead"}, {"body": "x"})),
    *(([START, STOP, ask(**expect)], f"expect: {next(iter(expect))}: no server can answer") for expect in (
        {"body": "x"}, {"headers": {"A": "b"}}, {"json": {"/a": 1}}, {"closed": True}, {"error": ""}, {"error": "/^Bad/"}, {"reason": "OK"})),
    *(([START, STOP, volley(**expect)], "expect refused = …") for expect in ({"answered": 3}, {"answered": ">0"}, {"statuses": [200]}, {"bodies": ">=1"})),
    ([START, STOP, ask() | {"case": [{**CASE, "expect": {"status": 200}}]}], "step 3 (request): case 1: expect: status: no server can answer"),
    ([START, STOP, {**ASK, "expect": {}, "either": [{"status": 200}, {"error": ""}]}], "step 3 (request): either: no server can answer"),
    ([START, STOP, ASK | {"keep": "a"}], "no server can answer"), ([START, ASK | {"keep": "a"}, STOP, ASK | {"keep": "a"}], "step 4 (request): expect: status"),
    ([START, STOP, in_background(), START, waited()], "step 5 (wait): expect: status: when it was asked, no server could answer"),
    ([START, SECOND, STOP, ASK], "step 4 (request)"), ([START, SECOND, STOP, ASK | {"channel": 1, "server": "second"}], "step 4 (request)"),
    ([SECOND, STOP | {"server": "second"}, raw(channel=2)], "'second' has ended in step 2 (stop)"),
    # A process that is over.
    *(([START, KILL, step], f"step 3 ({step['act']}): server: 'main' has ended in step 2 (kill): start it again first, or omit this step") for step in (
        STOP, KILL, {"act": "sample"}, {"act": "wait", "idle": True}, {"act": "signal", "signal": "HUP"})),
    *(([START, KILL, {"act": act, "expect": {key: ["main"]}}], f"step 3 ({act}): expect: {key}: 'main' has ended in step 2 (kill), and is none of them")
      for act, key in (("sockets", "listeners"), ("processes", "running"), ("processes", "roles"))),
    ([START, KILL, {"act": "sockets", "case": [{**CASE, "expect": {"listeners": ["main"]}}]}], "case 1: expect: listeners: 'main' has ended"),
    # Holders.
    ([START, RELEASE], "step 2 (release): channel: nothing holds channel 1"), ([HOLD, RELEASE, RELEASE, START], "step 3 (release): channel: nothing holds channel 1"),
    ([HOLD, RELEASE | {"channel": 2}, START], "nothing holds channel 2"), ([HOLD, HOLD, START], "step 2 (hold): channel: the harness holds channel 1 already"),
    # Raw bytes that are none.
    *(([START, raw(send)], f"step 2 (raw): {SILENT}") for send in ("", [], [{"pause": "10ms"}], ["", {"pause": "1s"}])),
    *(([START, raw("", until=until)], SILENT) for until in ("interim", "probe")), ([START, raw([{"await": "response"}], until="close")], SILENT),
    ([START, raw("", keep="a")], SILENT), ([START, ASK | {"keep": "a"}, raw("", keep="b")], f"step 3 (raw): {SILENT}"),
]
GOOD = [
    *([START, STOP, step] for step in (
        ask(error="ConnectionRefusedError"), ask(error="/Refused|Reset/"), raw(expect={"error": "ConnectionRefusedError"}), raw(expect={"closed": True, "statuses": []}),
        raw(expect={"received": "", "responses": 0}), volley(refused=3), volley(answered=0), volley(statuses=[]), volley(answered="<=2"), {**ASK, "expect": {}, "observe": ["error"]},
        {**ASK, "expect": {}, "either": [{"status": 200}, {"error": "ConnectionRefusedError"}]})),
    [START, STOP, START, ASK], [START, SECOND, STOP, ASK | {"server": "second"}], [START, SECOND, STOP, ASK | {"channel": 2}], [START, ASK | {"channel": 3}],
    [ask(error="ConnectionRefusedError"), START], [START, START | {"server": "second", "expect": {"ready": False}}, ASK], [START, in_background(), STOP, waited()],
    [START, ASK | {"keep": "a"}, STOP, ASK | {"keep": "a", "expect": {"error": "ConnectionClosed"}}], [START, raw(keep="a"), STOP, raw("", keep="a")],
    [START, STOP, in_background(), START, waited(expect={"error": "ConnectionRefusedError"})],
    [START, SAVE, KILL, ASK, {"act": "signal", "signal": "TERM", "pid": "{child}"}], [START, SAVE, KILL, ASK, {"act": "wait", "gone": "{child}"}],
    [START, {"act": "signal", "signal": "TERM"}, ASK, EXIT], [START, KILL, {"act": "signal", "signal": "TERM", "expect": {"sent": False}}],
    [START, KILL, {"act": "sockets", "expect": {"listeners": []}}], [START, KILL, START, {"act": "sockets", "expect": {"listeners": ["main"]}}],
    [START, SAVE, KILL, {"act": "processes", "expect": {"roles": ["child"]}}],
    [HOLD, HOLD | {"channel": 2}, RELEASE, RELEASE | {"channel": 2}, START], [HOLD | {"lasts": "1s"}, RELEASE, HOLD, START],
    *([START, raw("", expect, until=until)] for until, expect in (("close", {"closed": True}), ("nothing", {"log": "/x/"}))),
    [START, raw([{"end": True}], {"closed": True})], [START, ASK | {"keep": "a"}, raw("", keep="a")], [START, raw([{"pause": "1s"}], {"received": ""}, until="nothing")],
]


@pytest.mark.parametrize(("steps", "problem"), BAD, ids=range(len(BAD)))
def test_what_is_surely_not_there_is_missed(steps, problem):
    with pytest.raises(Refusal) as caught:
        parse(changed(step=steps), "f.toml")
    assert problem in str(caught.value)


@pytest.mark.parametrize("steps", GOOD, ids=range(len(GOOD)))
def test_what_may_be_there_is_not(steps):
    assert len(parse(changed(step=steps), "f.toml").steps) == len(steps)


@pytest.mark.parametrize("more", [{"needs": ["fork-workers"]}, {"channel": "handed-over"}, {"leaves": ["child"]}])
def test_others_may_answer_for_a_server_that_has_ended(more):
    assert parse(changed(step=[START, SAVE, STOP, ASK], **more), "f.toml")
    with pytest.raises(Refusal, match="no server can answer"):
        parse(changed(step=[START, SAVE, STOP, ASK]), "f.toml")


ENDS = {"closed": True, "closure_alert": True}
KEPT = ASK | {"keep": "a"}


@pytest.mark.parametrize(("tls", "steps", "problem"), [
    (False, [START, KEPT, raw("", ENDS, keep="a", until="close")], "only a TLS session has one: the scenario needs tls = true"),
    (True, [START, raw("x", ENDS, until="close")], "a new connection of `raw` has no TLS session: use one that an earlier `request` has kept"),
    (True, [START, raw("x", keep="a"), KEPT, raw("", ENDS, keep="a", until="close")], "a new connection of `raw` has no TLS session"),
    (True, [START, KEPT, raw("x", {"closure_alert": False}, keep="b", until="close")], "a new connection of `raw` has no TLS session"),
    (True, [START, KEPT, raw("x", {"status": 200}, keep="b", observe=["closure_alert"])], "a new connection of `raw` has no TLS session"),
    *((True, [START, KEPT, raw("x", ENDS, keep="a", **more)], 'only a connection that is read to its end has one: until = "close"')
      for more in ({}, {"until": "response"}, {"until": "probe"})),
    (True, [START, KEPT, raw("x", {"log": "/x/"}, keep="a", until="nothing", observe={"how it ends": "closure_alert"})], 'read to its end has one: until = "close"'),
])
def test_a_closure_alert_is_that_of_a_tls_session_that_is_read_to_its_end(tls, steps, problem):
    with pytest.raises(Refusal) as caught:
        parse(changed(step=steps, tls=tls), "f.toml")
    assert f"step {len(steps)} (raw): closure_alert: " in str(caught.value)
    assert problem in str(caught.value)


def test_one_half_of_a_tls_session_cannot_be_closed():
    steps = [START, KEPT, raw([{"end": True}], {"closed": True}, keep="a", until="close")]
    with pytest.raises(Refusal, match=r"step 3 \(raw\): send: one half of a TLS session cannot be closed: leave out"):
        parse(changed(step=steps, tls=True), "f.toml")
    assert parse(changed(step=steps), "f.toml")
    assert parse(changed(step=[START, KEPT, raw(["x", {"end": True}], {"closed": True}, until="close")], tls=True), "f.toml")


def test_a_closure_alert_of_a_kept_session_may_be_expected_and_observed():
    for more in ({"expect": ENDS}, {"expect": {"closed": True}, "observe": ["closure_alert"]}):
        assert parse(changed(step=[START, KEPT, {"act": "raw", "send": "", "keep": "a", "until": "close", **more}], tls=True), "f.toml")


def test_a_closure_alert_is_an_answer_of_somebody():
    steps = [START, STOP, raw(expect=ENDS, until="close")]
    with pytest.raises(Refusal, match="closure_alert: no server can answer"):
        parse(changed(step=steps, tls=True), "f.toml")

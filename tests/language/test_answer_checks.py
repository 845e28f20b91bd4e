"""Expectations of one answer that cannot hold together are refused; those that can are not."""

import pytest

from harness.language.parse_scenario import parse
from harness.model.refusal import Refusal

from .test_files import in_background, with_step, with_steps

CASE = {"where": {"else": True}}


def ask(**expect):
    return with_step(act="request", path="/", expect=expect)


def raw(**expect):
    return with_step(act="raw", send="x", expect=expect)


NO_ANSWER = "says that no whole answer came, and without one there is no"
BAD = [
    *((ask(error=error, **{key: value}), f"expect: {key}: {error!r} {NO_ANSWER} {key}: omit one of them")
      for error in ("IncompleteRead", "/Refused|Closed/", "ConnectionRefusedError", "RemoteDisconnected", "UnaskedAnswer", "TimeoutError")
      for key, value in (("status", 200), ("reason", "OK"), ("headers", {"X": "1"}), ("body", "x"), ("json", {"/a": 1}), ("closed", True))),
    (with_steps(in_background(), {"act": "wait", "response": "slow", "expect": {"error": "BadChunk", "status": 200}}), f"step 3 (wait): expect: status: 'BadChunk' {NO_ANSWER}"),
    (with_step(act="request", path="/", expect={"error": "BadHeader"}, case=[{**CASE, "expect": {"status": 200}}]), "case 1: expect: status: 'BadHeader'"),
    (with_step(act="request", path="/", either=[{"status": 500}, {"status": 200, "error": "BadHeader"}]), "either 2: status: 'BadHeader'"),
    (ask(error="IncompletRead"), "step 2 (request): expect: error: unknown error 'IncompletRead'. Did you mean 'IncompleteRead'?"),
    (ask(error="/Incomplet$/"), "error: '/Incomplet$/' matches no error of a client"),
    (raw(error="RemoteDisconnected"), "expect: error: unknown error 'RemoteDisconnected'"),
    (ask(status=204, body="x"), "body: a 204 has no body"), (ask(status=304, body="/x+/"), "body: a 304 has no body"), (raw(status=204, body={"some_line": "x"}), "a 204 has no"),
    (ask(status=204, json={"/a": 1}), "json: a 204 has no body"),
    *((raw(**nothing, **{key: value}), f"expect: {key}: {told} says that no whole answer came")
      for nothing, told in (({"responses": 0}, "responses = 0"), ({"statuses": []}, "statuses = []"), ({"received": ""}, 'received = ""'),
                            ({"error": "ConnectionRefusedError"}, "error = 'ConnectionRefusedError'"))
      for key, value in (("status", 200), ("body", "x"), ("headers", {"X": "1"}))),
    (raw(received="", responses=1), 'responses: received = "" says that no whole answer came'), (raw(error="FileNotFoundError", statuses=[200]), "statuses: error = 'FileNotFoundError'"),
    (raw(statuses=[200], responses=2), "responses: 2 contradicts statuses = [200], which are those of 1"), (raw(statuses=[], responses=1), "responses: 1 contradicts"),
    (raw(statuses=[200, 400], status=400), "status: 400 contradicts statuses = [200, 400]: it is that of the first answer"),
]


@pytest.mark.parametrize(("data", "problem"), BAD, ids=range(len(BAD)))
def test_what_cannot_hold_together_is_refused(data, problem):
    with pytest.raises(Refusal) as caught:
        parse(data, "f.toml")
    assert problem in str(caught.value)


@pytest.mark.parametrize("data", [
    ask(status=200, error=""), ask(status=200, error="BadContentEncoding", body="x"), ask(status=200, error="/Bad|Unknown/"), ask(status=200, error="/^$|Incomplete/"),
    ask(error="IncompleteRead", interim=[100], seconds="<5s"), ask(error="IncompleteRead", log="/x/"), ask(error="{name}", status=200) | {"step": [
        {"act": "start"}, {"act": "request", "path": "/", "expect": {"status": 200}, "save": {"name": "body"}},
        {"act": "request", "path": "/", "expect": {"error": "{name}", "status": 200}}]},
    raw(status=200, error="IncompleteRead", responses=1), raw(statuses=[], error="IncompleteRead", received="x"), raw(received="", closed=True, responses=0, statuses=[]),
    raw(status=200, statuses=[200, 400], responses=2), raw(status=200, error="ConnectionResetError"), ask(status=204, headers={"X": "1"}), ask(status=304, body="/x*/", reason="x"),
])
def test_what_can_hold_together_is_accepted(data):
    assert parse(data, "f.toml")

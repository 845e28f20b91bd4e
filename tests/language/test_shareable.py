"""Which scenarios may share a launch: any other that says it does is refused, with the reason."""

import pytest

from harness.language.parse_scenario import parse
from harness.model.refusal import Refusal

ASK = {"act": "request", "path": "/", "expect": {"status": 200}}
START = {"act": "start"}
RAW = {"act": "raw", "send": "GET / HTTP/1.0\r\n\r\n", "expect": {"status": 200}}


def made(*steps, **more):
    return parse({"format": 1, "id": "a.b", "title": "t", "paper": "unexposed", "app": "life", "step": list(steps), **more}, "f.toml")


@pytest.mark.parametrize("steps", [
    (START, ASK), (START, RAW, ASK), ({**START, "expect": {"ready": True}, "save": {"it": "pid"}}, ASK),
    (START, {**ASK, "keep": "one"}, {**RAW, "keep": "one"}), (START, {"act": "repeat", "times": 3, "step": [ASK]})])
def test_scenarios_that_only_ask_may(steps):
    assert made(*steps, launch="shared").launch == "shared"
    assert made(*steps, launch="shared", tls=True).launch == "shared"


def test_a_scenario_that_says_nothing_has_a_launch_of_its_own_and_the_same_hash():
    assert made(START, ASK).launch == "own"
    assert made(START, ASK).hash == made(START, ASK, launch="shared").hash == made(START, ASK, launch="own").hash


@pytest.mark.parametrize(("steps", "more", "problem"), [
    ((START,), {}, "it asks nothing"),
    (({**ASK, "expect": {"error": "ConnectionRefusedError"}}, START), {}, "its first step must be a start without arguments"),
    (({**START, "environment": {"A": "1"}}, ASK), {}, "its first step must be a start without arguments"),
    (({**START, "channel": 2}, {**ASK, "channel": 2}), {}, "its first step must be a start without arguments"),
    ((START, ASK, {"act": "stop"}), {}, "step 3 is a stop"),
    ((START, {"act": "signal", "signal": "HUP"}, ASK), {}, "step 2 is a signal"),
    ((START, {"act": "wait", "idle": True}, ASK), {}, "step 2 is a wait"),
    ((START, {**ASK, "background": True, "id": "x", "expect": {}}, {"act": "wait", "response": "x", "expect": {"status": 200}}), {},
     "step 2 does not wait for its answer"),
    ((START, ASK), {"channel": "default"}, "channel = 'default' needs a server of its own"),
    ((START, ASK), {"channel": "ports"}, "channel = 'ports' needs a server of its own"),
    ((START, ASK), {"reload": True}, "a server that reloads its application is changed by it"),
    ((START, {**ASK, "save": {"child": "json:/pid"}}), {"leaves": ["child"]}, "what it leaves would be left to the next cell"),
])
def test_others_may_not(steps, more, problem):
    assert made(*steps, **more).launch == "own", "it is right, but for this"
    with pytest.raises(Refusal, match="launch: \"shared\" is for scenarios that only ask a server") as refused:
        made(*steps, launch="shared", **more)
    assert problem in str(refused.value)


def test_another_word_is_refused():
    with pytest.raises(Refusal, match="launch"):
        made(START, ASK, launch="both")

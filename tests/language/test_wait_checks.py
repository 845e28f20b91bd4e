"""A wait sees what belongs to what it waits for."""

import pytest

from harness.language.parse_scenario import parse
from harness.language.verbs import VERBS
from harness.language.wait_checks import SEES
from harness.model.refusal import Refusal

from .test_files import in_background, with_step, with_steps


@pytest.mark.parametrize(("wait", "expect", "problem"), [
    ({"log": "/x/"}, {"status": 200}, "expect: status: a wait for log does not see it; a wait for response does. It sees exit, seconds"),
    ({"exit": True}, {"ready": True}, "ready: a wait for exit does not see it; a wait for ready does"),
    ({"port": "free"}, {"exit": 0}, "exit: a wait for port does not see it; a wait for log or exit or idle or ready does. It sees seconds"),
    ({"states": []}, {"log": "/x/"}, "log: a wait for states does not see it"), ({"response": "slow"}, {"log": "/x/"}, "log: a wait for response does not see it"),
    ({"response": "slow"}, {"exit": 0}, "exit: a wait for response does not see it")])
def test_what_it_does_not_see_is_refused(wait, expect, problem):
    steps = [in_background()] if "response" in wait else []
    with pytest.raises(Refusal) as caught:
        parse(with_steps(*steps, {"act": "wait", **wait, "expect": expect}), "f.toml")
    assert problem in str(caught.value)


def test_what_it_sees_is_accepted():
    assert parse(with_step(act="wait", exit=True, expect={"exit": 0, "seconds": "<5s", "log": "/x/"}), "f.toml")
    assert parse(with_step(act="wait", ready=True, expect={"ready": True}), "f.toml")


def test_each_kind_of_wait_is_in_the_table():
    assert {*SEES, "volley"} == set(VERBS["wait"].one_of)
    assert {key for keys in SEES.values() for key in keys} <= set(VERBS["wait"].expects)

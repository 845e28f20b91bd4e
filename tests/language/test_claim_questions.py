"""The questions about the paper's claims are answered by steps that the bundled scenarios have."""

import pytest

from harness.language.claim_questions import QUESTIONS, names
from harness.language.files import load_all
from harness.language.observations import SEEN
from harness.language.paper_claims import CLAIMS, REMARKS

from ..conftest import ROOT

SCENARIOS = {one.id: one for one in load_all(ROOT / "scenarios")}
ASKED = [(claim, question) for claim, questions in QUESTIONS.items() for question in questions]


@pytest.mark.parametrize(("claim", "question"), ASKED, ids=[f"{claim}: {question.words}" for claim, question in ASKED])
def test_a_question_is_answered_by_a_step(claim, question):
    steps = {step.number: step for step in SCENARIOS[question.scenario].steps}
    number = names([{"number": n, "act": step.act, "args": step.args} for n, step in steps.items()])[question.step]
    keys = set().union(*(table.__annotations__ for table in SEEN[steps[number].act]))
    assert {value.partition(":")[0].replace("header", "headers") for value in question.values} <= keys


def test_each_claim_has_a_question_or_says_why_it_has_none():
    assert QUESTIONS.keys() <= CLAIMS.keys()
    assert CLAIMS.keys() - QUESTIONS.keys() <= REMARKS.keys()
    for claim, questions in QUESTIONS.items():
        assert any(claim in SCENARIOS[question.scenario].paper for question in questions), claim


@pytest.mark.parametrize(("steps", "expected"), [
    ([("start", {}), ("start", {})], ["start", "start #2"]),
    ([("request", {"path": "/a?b=1"}), ("request", {"path": "/a", "form": "b=1"}), ("request", {"path": "/a", "method": "PUT", "body": ""})],
     ["GET /a?b=1", "POST /a", "PUT /a"]),
    ([("request", {"path": "/a", "headers": {"Accept": "text/json"}}), ("request", {"path": "/a"})], ["GET /a, Accept: text/json", "GET /a"]),
    ([("wait", {"response": "slow"}), ("wait", {"exit": True}), ("wait", {"port": "free"})], ["wait response", "wait", "wait #2"]),
])
def test_a_step_is_named_by_what_it_does(steps, expected):
    assert names([{"number": n, "act": act, "args": args} for n, (act, args) in enumerate(steps, 1)]) == {
        name: n for n, name in enumerate(expected, 1)}

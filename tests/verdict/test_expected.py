"""Verdicts beside what an adopter expects: exactly what is listed is known, and what is listed and holds is fixed."""

from dataclasses import replace

import pytest

from harness.language.expected_failures import ExpectedFailure
from harness.language.parse_scenario import parse
from harness.language.scenario import Known
from harness.model.values import CellResult, Failure, Verdict
from harness.verdict.expected import weigh

STEPS = [{"act": "start"}, {"act": "request", "path": "/", "expect": {"status": 200, "body": "x"}}]
SCENARIO = parse({"format": 1, "id": "a.b", "title": "t", "source": ["x"], "app": "life", "step": STEPS}, "f.toml")
STATUS, BODY = Failure(2, "status", "200", "500"), Failure(2, "body", "x", "y")
LEFT = Failure(0, "processes", "no process is left", "orphan: 7 sleep")
PASS = Verdict("pass")


def cell(*failures, cleanup=PASS, outcome="fail"):
    behaviour = Verdict(outcome, "it failed", failures) if failures else PASS
    return CellResult("a.b@mine@3.13", "ran", behaviour.reason, behaviour, cleanup)


def entry(**changes):
    return ExpectedFailure(**{"scenario": "a.b", "targets": ("mine",), "why": "ours", **changes})


@pytest.mark.parametrize(("result", "entries", "word"), [
    (cell(STATUS), [entry()], "known"), (cell(STATUS, BODY), [entry()], "known"), (cell(STATUS), [entry(step=2, key="status")], "known"),
    (cell(STATUS, BODY), [entry(step=2, key="status")], "fail"), (cell(STATUS, BODY), [entry(key="status"), entry(key="body")], "known"),
    (cell(STATUS), [entry(key="status"), entry(key="body")], "fixed"), (cell(STATUS, BODY), [entry(key="status"), entry(key="processes")], "fail"),
    (cell(cleanup=Verdict("fail", "left", (LEFT,))), [entry(key="processes"), entry(key="body")], "fixed"),
    (cell(STATUS), [entry(step=1)], "fail"), (cell(STATUS), [entry(targets=("other",))], "fail"), (cell(STATUS), [entry(scenario="a.c")], "fail"),
    (cell(STATUS), [], "fail"), (cell(STATUS, outcome="timeout"), [entry()], "known"), (cell(), [entry()], "fixed"), (cell(), [entry(targets=("other",))], "pass"),
    (cell(cleanup=Verdict("fail", "left", (LEFT,))), [entry(key="processes")], "known"),
    (cell(STATUS, cleanup=Verdict("fail", "left", (LEFT,))), [entry(step=2)], "fail"),
    (cell(STATUS, cleanup=Verdict("fail", "left", (LEFT,))), [entry(step=2), entry(key="processes")], "known"),
    (cell(), [entry(sometimes=True)], "pass"), (cell(STATUS), [entry(sometimes=True)], "known"),
    (cell(BODY), [entry(sometimes=True, key="status")], "fail"), (cell(), [entry(sometimes=True, key="status"), entry(key="body")], "fixed"),
])
def test_what_is_listed_and_fails_that_way_is_known_and_nothing_else(result, entries, word):
    assert weigh(result, SCENARIO, entries).word == word


def test_a_known_cell_says_why_and_keeps_its_failures():
    found = weigh(cell(STATUS), SCENARIO, [entry(link="https://x/1")])
    assert (found.reason, found.behaviour.failures) == ("ours (https://x/1)", (STATUS,))


def test_a_fixed_cell_says_which_entry_to_remove():
    found = weigh(cell(), SCENARIO, [entry()])
    assert (found.behaviour.outcome, found.reason) == ("fixed", "known failure no longer occurs: ours; remove the entry from known.toml")


def test_what_the_scenario_knows_and_what_the_adopter_expects_are_known_together():
    scenario = replace(SCENARIO, known=(Known({}, "behaviour", 2, "status", "500", "theirs"),))
    assert weigh(cell(STATUS, BODY), scenario, [entry(key="body")]).word == "known"
    assert weigh(cell(STATUS, BODY), SCENARIO, [entry(key="body")]).word == "fail"


@pytest.mark.parametrize("status", ["error", "broken", "not-run"])
def test_what_did_not_run_is_not_excused(status):
    result = CellResult("a.b@mine@3.13", status, "why")
    assert weigh(result, SCENARIO, [entry()]) == result

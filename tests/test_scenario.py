import copy

import pytest

from harness.scenario import ScenarioError, for_target, holds
from harness.scenario_parse import parse

from .test_scenario_files import target, with_step

CASES = with_step(act="stop", case=[
    {"where": {"python": "<3"}, "expect": {"exit": 1}}, {"where": {"else": True}, "expect": {"exit": 0}}])


@pytest.mark.parametrize(("python", "code"), [("2.7.18", 1), ("3.6.0", 0), ("3.15.0a2", 0)])
def test_exactly_one_case_is_chosen(python, code):
    assert for_target(parse(CASES, "f"), target(python)).steps[1].expect == {"exit": code}


def test_no_case_or_two_are_an_error_when_planning():
    data = copy.deepcopy(CASES)
    data["step"][1]["case"].pop()
    with pytest.raises(ScenarioError, match="0 cases match"):
        for_target(parse(data, "f"), target("3.13.0"))
    data["step"][1]["case"].append({"where": {"subject": "enginebus"}, "expect": {"exit": 0}})
    with pytest.raises(ScenarioError, match="2 cases match"):
        for_target(parse(data, "f"), target("2.7.18"))


@pytest.mark.parametrize(("where", "expected"), [
    ({}, True), ({"subject": "enginebus, cherrypy"}, True), ({"subject": "cherrypy"}, False), ({"python": ">=3.13"}, True),
    ({"python": "<3.4"}, False), ({"version": "<2"}, True), ({"version": ">=2"}, False), ({"implementation": "pypy"}, False),
    ({"build": "gil"}, True), ({"python": ">=3", "subject": "waitress"}, False),
])
def test_where(where, expected):
    assert holds(where, target()) is expected


def test_a_preview_counts_as_its_release():
    assert holds({"python": ">=3.15"}, target("3.15.0a2"))

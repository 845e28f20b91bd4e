"""Two scenarios that do the same are a mistake; what makes them different, and what does not."""

import argparse

import pytest

from harness import check
from harness.model import Refusal
from harness.scenario import Mistakes
from harness.scenario_parse import parse

STEPS = [{"act": "start"}, {"act": "request", "path": "/", "expect": {"status": 200}, "save": {"child": "json:/pid"}}]
ONE = {"format": 1, "id": "a.one", "title": "One", "paper": "unexposed", "app": "life", "step": STEPS}


def doubles(**changes):
    mistakes = Mistakes("")
    first, second = parse(ONE, "a/one.toml"), parse({**ONE, "id": "a.two", **changes}, "a/two.toml")
    check._check_doubles([first, second], mistakes)
    return mistakes.found


@pytest.mark.parametrize("changes", [
    {}, {"title": "Another"}, {"why": "because"}, {"paper": "netstat"}, {"coverage": False},
    {"step": [{**step, "note": "said otherwise"} for step in STEPS]},
])
def test_prose_makes_no_difference(changes):
    assert doubles(**changes) == ["a/two.toml: does and expects the same as a/one.toml: keep one of them"]


@pytest.mark.parametrize("changes", [
    {"app": "failing"}, {"needs": ["threads"]}, {"python": ">=3.6"}, {"tls": True}, {"reload": True},
    {"leaves": ["child"]}, {"step": [*STEPS, {"act": "stop"}]}, {"step": [STEPS[0], {**STEPS[1], "within": "3s"}]},
    {"step": [STEPS[0], {**STEPS[1], "expect": {"status": 201}}]}, {"channel": "default", "needs": ["default-channel"]},
])
def test_what_it_does_and_expects_does(changes):
    assert doubles(**changes) == []


def test_what_there_is_nothing_of_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "empty", tmp_path / "nowhere.toml"):
        with pytest.raises(Refusal, match="there is no such file, or no"):
            check.run(argparse.Namespace(file=[path], scenarios=tmp_path), print)

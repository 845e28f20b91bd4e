"""The first page's sentence, its grid, and what was not tried."""

from types import SimpleNamespace

import pytest

from harness.model.values import CellResult, Failure, Plan, Target, Verdict
from harness.report.compare import Transition
from harness.report.overview import grid, not_tried, overview, sentence, state

ONE, TWO, OTHER = Target("one@2.7", "one", "2.7"), Target("one@3.13", "one", "3.13"), Target("two@3.13", "two", "3.13")
ABSENT = (Target("one@3.14", "one", "3.14", reason="no such interpreter here", status="missing"),
          Target("two@3.14", "two", "3.14", reason="no such interpreter here", status="missing"))
TARGETS = (ONE, TWO, ABSENT[0], Target("two@2.7", "two", "2.7", reason="not for 2.7", status="unsupported"), OTHER, ABSENT[1])
SCENARIOS = [{"id": name, "title": name, "issues": [], "steps": []} for name in ("a.x", "a.y")]


def cell(name, word, grade="must"):
    if word in ("missing", "unsupported", "error"):
        return CellResult(name, word, f"because {word}", grade=grade)
    failures = () if word in ("pass", "recorded") else (Failure(1, "status", "200", "500"),)
    return CellResult(name, "ran", f"because {word}", Verdict(word, f"because {word}", failures), Verdict("pass"), grade=grade)


def results(*pairs):
    return {name: cell(name, *words.split()) for name, words in pairs}


GREEN = (("a.x@one@2.7", "pass"), ("a.x@one@3.13", "pass"), ("a.x@two@3.13", "pass"), ("a.x@one@3.14", "missing"), ("a.x@two@3.14", "missing"),
         ("a.x@two@2.7", "unsupported"))


@pytest.mark.parametrize(("more", "said", "kind"), [
    ((), "2 servers on 2 Pythons: nothing is red; 1 Python is not here", "green"),
    ((("a.y@one@2.7", "known"),), "2 servers on 2 Pythons: nothing is red; 1 cell fails as known, with 1 finding; 1 Python is not here", "green"),
    ((("a.y@one@2.7", "known"), ("a.y@one@3.13", "known")), "2 servers on 2 Pythons: nothing is red; 2 cells fail as known, with 1 finding; 1 Python is not here", "green"),
    ((("a.y@one@2.7", "fail"), ("a.y@one@3.13", "fail")),
     "2 servers on 2 Pythons: 2 cells are red, with 1 finding; 1 Python is not here", "red"),
    ((("a.y@one@2.7", "fail should"), ("a.y@one@3.13", "fail may")),
     "2 servers on 2 Pythons: nothing is red; 2 cells miss a recommendation, with 1 finding; 1 Python is not here", "amber"),
    ((("a.y@one@2.7", "error"),), "2 servers on 2 Pythons: 1 cell is red, with 1 finding; 1 Python is not here", "red"),
    ((("a.y@one@2.7", "recorded"),), "2 servers on 2 Pythons: nothing is red; 1 Python is not here", "green"),
])
def test_the_verdict_is_a_sentence(more, said, kind):
    made = results(*GREEN, *more)
    told = overview(Plan("r", TARGETS, (), (), (), {"started": "2026-11-29T12:00", "commit": "abc"}, coverage=False), SCENARIOS, TARGETS, made, None)
    assert (told["sentence"], told["state"]) == (said, kind)
    assert (told["look"], told["commit"], told["changed"]) == ({"green": ("pass", "✓"), "amber": ("known", "◔"), "red": ("fail", "✗")}[kind], "abc", None)


def test_a_run_without_a_cell_is_not_green():
    made = results(("a.x@one@3.14", "missing"), ("a.x@two@2.7", "unsupported"))
    assert (sentence(TARGETS, made, []), state(made)) == ("No cell ran", "nothing")


def test_the_grid_counts_what_was_asked_and_leaves_out_what_is_not_here():
    made = results(*GREEN, ("a.y@one@2.7", "known"), ("a.y@one@3.13", "fail"), ("a.y@two@3.13", "recorded"))
    drawn = grid(TARGETS, made)
    assert drawn["pythons"] == ["2.7", "3.13"]
    one, two = drawn["servers"]
    assert (one["name"], two["name"]) == ("one", "two")
    assert one["cells"] == [{"passed": 1, "asked": 2, "known": 1, "red": 0, "unmet": 0, "word": "known"},
                            {"passed": 1, "asked": 2, "known": 0, "red": 1, "unmet": 0, "word": "fail"}]
    assert two["cells"] == [{"passed": 0, "asked": 0, "known": 0, "red": 0, "unmet": 0, "word": "unsupported"},
                            {"passed": 1, "asked": 1, "known": 0, "red": 0, "unmet": 0, "word": "pass"}]


def test_what_is_recommended_and_not_done_is_counted_and_what_is_only_allowed_is_not():
    made = results(("a.x@one@2.7", "fail should"), ("a.y@one@2.7", "timeout may"), ("a.x@one@3.13", "fail"), ("a.y@one@3.13", "fixed should"))
    (cells,) = [server["cells"] for server in grid((ONE, TWO), made)["servers"]]
    assert [(one["unmet"], one["red"]) for one in cells] == [(1, 0), (0, 2)]


def test_what_was_not_tried_is_told_with_its_reason():
    left = not_tried(TARGETS, results(*GREEN, ("a.y@two@2.7", "unsupported")))
    assert left == {"missing": ["3.14"], "unsupported": 2, "moreReasons": 0,
                    "reasons": [{"reason": "because unsupported", "cells": 2, "servers": "two on 2.7"}]}


def test_changes_are_counted_by_kind():
    compared = SimpleNamespace(transitions=[Transition("c", kind, "pass", "fail") for kind in ("new failure", "new failure", "fixed")])
    plan = Plan("r", TARGETS, (), (), (), {}, coverage=False)
    assert overview(plan, SCENARIOS, TARGETS, results(*GREEN), compared)["changed"] == {"new failure": 2, "fixed": 1}

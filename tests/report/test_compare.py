"""What changed: the kind of each transition, in a table; and a run compared with itself has none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.outcomes import RED, SEVERITY, WORDS
from harness.model.values import CellResult, Verdict
from harness.report.compare import KINDS, compare, regressions

CELL = "a.b@one@3.13"


def result(word, seconds=1.0, grade="must"):
    if word not in SEVERITY:
        return CellResult(CELL, word, grade=grade)
    return CellResult(CELL, "ran", "why", Verdict(word), Verdict("pass"), seconds, grade=grade)


def kinds(was, now, before="1", after="1"):
    found = compare({CELL: was} if was else {}, {CELL: now} if now else {}, {"a.b": before}, {"a.b": after})
    return [transition.kind for transition in found]


@pytest.mark.parametrize(("was", "now", "kind"), [
    ("pass", "fail", "new failure"), ("pass", "timeout", "new failure"), ("known", "fixed", "new failure"),
    ("missing", "error", "new failure"), ("fail", "pass", "fixed"), ("fail", "timeout", "changed"), ("error", "pass", "fixed"),
    *((red, "known", "now known") for red in RED if red != "not-run"), ("pass", "known", "now known"), ("missing", "known", "changed"),
    ("not-run", "known", "changed"),
    ("not-run", "pass", "changed"), ("fail", "recorded", "changed"), ("fixed", "pass", "fixed"), ("pass", "not-run", "new failure"), ("missing", "pass", "changed"),
    ("pass", "missing", "lost"), ("pass", "unsupported", "lost"), ("known", "missing", "lost"),
    ("known", "unsupported", "lost"),
    ("fail", "missing", "changed"), ("timeout", "unsupported", "changed"), ("not-run", "missing", "changed"),
    ("missing", "unsupported", "changed"),
])
def test_transitions(was, now, kind):
    assert kinds(result(was), result(now)) == [kind]


@pytest.mark.parametrize("grade", ["should", "may", "record"])
def test_what_a_source_only_recommends_is_no_new_failure_when_it_fails(grade):
    assert kinds(result("pass", grade=grade), result("fail", grade=grade)) == ["no longer met"]
    assert kinds(result("pass", grade=grade), result("error", grade=grade)) == ["new failure"]
    assert kinds(None, result("fail", grade=grade)) == ["appeared"]
    assert kinds(result("fail", grade=grade), result("pass", grade=grade)) == ["fixed"]


def test_a_cell_whose_expectation_changed_is_not_a_new_failure():
    assert kinds(result("pass"), result("fail"), after="2") == ["expectation changed"]
    assert kinds(result("pass"), result("pass"), after="2") == []
    assert kinds(result("pass"), result("unsupported"), after="2") == ["lost"], "a verdict that is gone comes first"
    assert kinds(result("fail", grade="should"), result("fail"), after="2") == ["expectation changed"], "amber then, red now"


@pytest.mark.parametrize(("was", "now", "slower"), [
    (1.0, 3.0, True), (1.0, 1.9, False), (0.1, 0.9, False), (10.0, 15.0, False)])
def test_slower(was, now, slower):
    assert kinds(result("pass", was), result("pass", now)) == (["slower"] if slower else [])


def test_cells_that_come_and_go():
    assert kinds(None, result("pass")) == ["appeared"]
    assert kinds(None, result("fail")) == ["new failure"], "a red cell that is new is red news"
    assert kinds(result("pass"), None) == ["vanished"]


@given(st.lists(st.sampled_from(WORDS), max_size=5))
def test_a_run_compared_with_itself_has_no_transitions_and_the_worst_come_first(words):
    run = {f"a.b@s{n}@3": result(word) for n, word in enumerate(words)}
    assert compare(run, run, {}, {}) == []
    order = [KINDS.index(t.kind) for t in compare(run, {cell: result("fail") for cell in run}, {}, {})]
    assert order == sorted(order)


def test_a_slower_cell_says_by_how_much():
    (found,) = compare({CELL: result("pass", 1.0)}, {CELL: result("pass", 4.5)}, {"a.b": "1"}, {"a.b": "1"})
    assert (found.kind, found.reason) == ("slower", "1.00 s then, 4.50 s now")


def red(result):
    return result.word in RED and not (result.grade == "should" and result.word == "fail")


@pytest.mark.parametrize(("was", "now", "fails"), [
    (result("pass"), result("fail"), True), (result("known"), result("fixed"), True), (None, result("fail"), True),
    (result("fail"), result("timeout"), False), (result("fail"), result("fail"), False), (None, result("pass"), False),
    (result("pass"), result("not-run"), True), (result("pass"), result("missing"), True),
    (result("pass"), result("unsupported"), True), (result("fail"), result("missing"), False),
    (result("pass"), result("known"), False), (result("fail"), result("known"), False), (result("fail"), result("pass"), False),
    (result("pass"), None, True), (result("fail"), None, True), (result("not-run"), None, True),
    (result("missing"), None, False), (result("unsupported"), None, False),
    (result("pass"), result("fail", grade="should"), False), (result("fail", grade="should"), result("error"), True),
])
@pytest.mark.parametrize("after", ["1", "2"])
def test_what_is_a_regression_whatever_its_kind(was, now, fails, after):
    before, present = ({CELL: one} if one else {} for one in (was, now))
    transitions = compare(before, present, {"a.b": "1"}, {"a.b": after})
    assert bool(regressions(transitions, before, present, red)) is fails

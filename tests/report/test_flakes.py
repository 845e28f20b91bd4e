"""How often a cell changed its word while nothing that it depends on did."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.outcomes import WORDS
from harness.report.flakes import NEVER_RAN, Told, flake, flakes

CELL = "a.b@s@1"


def told(*runs):
    """Runs of one cell, oldest first: a word, or a word and what the cell depends on ("" if that is not known)."""
    found = []
    for number, run in enumerate(runs):
        word, scenario, target = (*run, "1", "1")[:3] if isinstance(run, tuple) else (run, "1", "1")
        found.append(Told(str(number), {CELL: (word, 0.1)} if word else {}, {"a.b": scenario} if scenario else {},
                          {"s@1": target} if target else {}))
    return found


@pytest.mark.parametrize(("runs", "changes", "comparisons"), [
    (["pass", "pass"], 0, 1),
    (["pass", "fail"], 1, 1),
    (["pass", "fail", "pass", "pass"], 2, 3),
    (["fail", "timeout"], 1, 1),
    (["pass", "error"], 1, 1),  # a harness that breaks now and then is a flake, too
    # Runs in which it did not run are skipped.
    (["pass", "not-run", "pass"], 0, 1),
    (["pass", "missing", "fail"], 1, 1),
    (["pass", "unsupported"], 0, 0),
    (["pass", "", "fail"], 1, 1),
    (["pass"], 0, 0),
    ([], 0, 0),
    # Another scenario, another version: no comparison; the same again later: one.
    (["pass", ("fail", "2")], 0, 0),
    (["pass", ("fail", "1", "2")], 0, 0),
    (["pass", ("fail", "1", "2"), "pass"], 0, 1),
    (["pass", ("fail", "2"), ("pass", "2"), "fail"], 2, 2),
    # If it is not known what a cell depended on, something may have changed.
    ([("pass", "1", ""), ("fail", "1", "")], 0, 0),
    ([("pass", ""), ("fail", "")], 0, 0),
])
def test_changes_and_comparisons(runs, changes, comparisons):
    found = flake(CELL, told(*runs))
    assert (found.changes, found.comparisons) == (changes, comparisons)
    assert [one.cell for one in flakes(told(*runs))] == ([CELL] if changes else [])


def test_the_words_are_those_that_were_compared_oldest_first():
    assert flake(CELL, told("pass", ("error", "2"), "not-run", "fail", "pass")).words == ("pass", "fail", "pass")


def test_the_worst_come_first():
    runs = [Told(str(n), {f"a.b@s@{cell}": (words[n], 0.1) for cell, words in enumerate([
        ["pass", "pass", "pass", "pass"], ["pass", "fail", "pass", "fail"], ["pass", "fail", "fail", "fail"],
        ["not-run", "not-run", "pass", "fail"]])}, {"a.b": "1"}, {f"s@{cell}": "1" for cell in range(4)}) for n in range(4)]
    assert [(one.cell, one.changes, one.comparisons) for one in flakes(runs)] == [
        ("a.b@s@1", 3, 3), ("a.b@s@3", 1, 1), ("a.b@s@2", 1, 3)]


@given(st.lists(st.tuples(st.sampled_from([*WORDS, ""]), st.sampled_from("12"), st.sampled_from(["1", "2", ""])), max_size=8))
def test_no_more_changes_than_comparisons_and_none_without_two_words(runs):
    found = flake(CELL, told(*runs))
    assert 0 <= found.changes <= found.comparisons <= max(0, len(runs) - 1)
    assert len(set(found.words)) > 1 or not found.changes
    assert not set(found.words) & set(NEVER_RAN)

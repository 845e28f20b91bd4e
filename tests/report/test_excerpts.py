"""Texts that differ look different, however long they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.report.excerpts import apart, short


@pytest.mark.parametrize(("one", "two", "shown"), [
    ("a", "b", ("a", "b")),
    ("x" * 20, "x" * 20, ("x" * 10 + "…", "x" * 10 + "…")),
    ("x" * 10, "x" * 11, ("x" * 10, "x" * 10 + "…")),
    ("x" * 50 + "a", "x" * 50 + "b", ("[… 45 characters …]xxxxxa", "[… 45 characters …]xxxxxb")),
    ("x" * 50, "x" * 50 + "b", ("[… 45 characters …]xxxxx", "[… 45 characters …]xxxxxb")),
    ("", "x" * 11, ("", "x" * 10 + "…")),
])
def test_two_texts_are_shown_around_their_first_difference(one, two, shown):
    assert apart(one, two, 10) == shown


@given(st.lists(st.text(st.sampled_from("ab"), max_size=80), max_size=8), st.integers(4, 20))
def test_texts_that_differ_look_different_and_are_short(texts, most):
    shown = short(texts, most)
    assert len(set(shown.values())) == len(set(texts))
    assert all(len(text) <= most + 30 for text in shown.values())

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.matching import MAX_TEXT, Unmatchable, compile_pattern, matches

HOLDS = [
    ("int", 404, 404), ("bool", True, True), ("matcher", "hello", "hello"), ("matcher", "/^b/", "a\nb\nc"),
    ("log", ["/one/", "/two/"], "x one\ny\nz two"), ("log", "/one/", "one"), ("absent", "/three/", "one\ntwo"),
    ("matchers", {"Content-Length": "5", "x-absent": "absent"}, {"content-length": "5"}),
    ("exit", 70, 70), ("exit", "nonzero", 1), ("exit", "nonzero", -15), ("exit", "SIGKILL", -9),
    ("seconds", "<5s", 4.9), ("seconds", ">=500ms", 0.5), ("strings", ["a", "b"], ["b", "a"]),
]
HOLDS_NOT = [
    ("int", 404, 200), ("int", 1, True), ("int", 404, None), ("bool", True, 1), ("bool", False, None),
    ("matcher", "hello", "hello there"), ("matcher", "/^b$/", "abc"), ("matcher", "x", None), ("matcher", "/x/", None),
    ("log", ["/two/", "/one/"], "one\ntwo"), ("log", ["/one/", "/one/"], "only one line"), ("log", "/one/", None),
    ("absent", "/one/", "one"), ("absent", "/one/", None),
    ("matchers", {"A": "1"}, {}), ("matchers", {"A": "absent"}, {"a": ""}), ("matchers", {"A": "1"}, None),
    ("exit", 0, None), ("exit", 0, False), ("exit", "nonzero", 0), ("exit", "nonzero", None), ("exit", "SIGKILL", 9),
    ("seconds", "<5s", 5.0), ("seconds", "<5s", None), ("strings", ["a"], ["a", "a"]), ("strings", [], None),
]


@pytest.mark.parametrize(("kind", "expected", "observed"), HOLDS)
def test_holds(kind, expected, observed):
    assert matches(kind, expected, observed)


@pytest.mark.parametrize(("kind", "expected", "observed"), HOLDS_NOT)
def test_does_not_hold(kind, expected, observed):
    assert not matches(kind, expected, observed)


def test_a_pattern_that_takes_too_long_is_no_verdict():
    begin = time.monotonic()
    with pytest.raises(Unmatchable, match="took more than"):
        matches("matcher", "/^(a|aa|aaa)+$/", "a" * 200 + "b")
    assert time.monotonic() - begin < 30


def test_what_was_not_searched_is_not_called_absent():
    with pytest.raises(Unmatchable, match="could be searched"):
        matches("absent", "/needle/", "x" * MAX_TEXT + "needle")


def test_a_pattern_that_does_not_compile():
    with pytest.raises(ValueError, match="is not a regular expression"):
        compile_pattern("/(/")


@given(st.text())
def test_any_text_equals_itself_unless_it_is_a_pattern(text):
    if not (len(text) >= 2 and text.startswith("/") and text.endswith("/")):
        assert matches("matcher", text, text)


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=6), st.data())
def test_a_subsequence_of_a_log_matches_it(lines, data):
    keep = [line for line in lines if data.draw(st.booleans())] or lines[:1]
    assert matches("log", [f"/^{line}$/" for line in keep], "\n".join(lines))


@pytest.mark.parametrize(("bound", "value", "holds"), [
    ("<0.2", 0.19, True), ("<0.2", 0.2, False), ("<=0", 0, True), ("<=0", 1, False), ("> -1", 0, True), (">=3", 3, True),
    ("<1", None, False), ("<1", True, False), ("<1", "0", False),
])
def test_bounds_on_numbers(bound, value, holds):
    assert matches("bound", bound, value) is holds


def test_what_is_no_bound_is_said_and_not_passed():
    with pytest.raises(Unmatchable):
        matches("bound", "<{open}", 1)

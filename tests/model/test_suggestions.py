"""What a misspelt name may have been."""

import pytest

from harness.model.suggestions import MAX_LISTED as LISTED
from harness.model.suggestions import MAX_VALUE, nearest, perhaps, shown, unknown


@pytest.mark.parametrize(("name", "known", "found"), [
    ("cherypy", ["enginebus", "cherrypy", "cherrypy-3.2"], ["cherrypy", "cherrypy-3.2"]),
    ("cherrypy", ["enginebus", "cherrypy+18.9.0"], ["cherrypy+18.9.0"]),
    ("keep", ["http.keep-alive", "http.head"], ["http.keep-alive"]),
    ("CherryPy", ["cherrypy"], ["cherrypy"]),
    ("zzz", ["enginebus"], []),
    ("x", [], []),
])
def test_the_nearest_names(name, known, found):
    assert nearest(name, known) == found


def test_no_more_than_three_and_each_once():
    assert sorted(nearest("name1", ["name2", "name3", "name4", "name5", "name2"]))[0].startswith("name")
    assert len(set(nearest("name1", ["name2", "name3", "name4", "name5", "name2"]))) == 3


@pytest.mark.parametrize("size", [MAX_VALUE - 1, MAX_VALUE, MAX_VALUE + 1])
def test_a_value_is_shown_whole_where_it_is_short_enough(size):
    text = shown("x" * (size - 2))
    assert text == (repr("x" * (size - 2)) if size <= MAX_VALUE else f"'{'x' * (MAX_VALUE - 1)}… ({size} characters)")


@pytest.mark.parametrize(("count", "end"), [(0, "Available: none."), (1, "Available: n00."), (LISTED, f"n{LISTED - 1:02}."),
                                            (LISTED + 1, f"n{LISTED - 1:02}, … ({LISTED + 1} in all).")])
def test_what_there_is_is_listed_up_to_a_number(count, end):
    assert unknown("word", 7, [f"n{n:02}" for n in reversed(range(count))]).endswith(end)


def test_a_word_that_is_not_known_is_said_with_the_nearest_one():
    assert unknown("key", "stauts", ["status", "body"]) == "unknown key 'stauts'. Did you mean 'status'? Available: body, status."
    assert unknown("key", ["x"], ["status"]) == "unknown key ['x']. Available: status."
    assert unknown("key", "zzz", ["status"]) == "unknown key 'zzz'. Available: status."


def test_the_nearest_are_spelt_nearly_so_before_they_contain_the_word():
    assert nearest("port", ["my-port-number", "ports", "sport", "a-port"])[0] in ("ports", "sport")
    assert nearest("ort", ["my-port-number", "long-word-with-ort-in-it"]) == ["long-word-with-ort-in-it", "my-port-number"]
    assert nearest("", ["a", "b"]) == []


@pytest.mark.parametrize(("name", "known", "said"), [
    ("cherypy", ["enginebus", "cherrypy"], "Did you mean cherrypy?"),
    ("zzz", ["enginebus", "cherrypy"], "Available: cherrypy, enginebus."),
    ("zzz", [], "None are available."),
    ("zzz", [f"name{n:02}" for n in range(LISTED + 1)], f"Available ({LISTED + 1}): name00, "),
])
def test_a_sentence_for_the_end_of_a_message(name, known, said):
    assert perhaps(name, known).startswith(said)
    assert len(perhaps(name, known)) < 400

"""What a misspelt name may have been."""

import pytest

from harness.words import MAX_LISTED as LISTED
from harness.words import nearest, perhaps


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


@pytest.mark.parametrize(("name", "known", "said"), [
    ("cherypy", ["enginebus", "cherrypy"], "Did you mean cherrypy?"),
    ("zzz", ["enginebus", "cherrypy"], "There are: cherrypy, enginebus."),
    ("zzz", [], "There are none."),
    ("zzz", [f"name{n:02}" for n in range(LISTED + 1)], f"There are {LISTED + 1}: name00, "),
])
def test_a_sentence_for_the_end_of_a_message(name, known, said):
    assert perhaps(name, known).startswith(said)
    assert len(perhaps(name, known)) < 400

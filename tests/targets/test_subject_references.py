"""What steps count on in a server's description, and is not in it."""

from dataclasses import replace

import pytest

from harness.language.parse_scenario import parse
from harness.language.scenario import Mistakes
from harness.targets.load_subjects import BUNDLED
from harness.targets.subject_references import check_files, check_sweeps

WAITRESS, CHERRYPY, CHEROOT = map(BUNDLED.load, ("waitress", "cherrypy", "cheroot"))
TOP = {"format": 1, "id": "a.b", "title": "t", "paper": "unexposed", "app": "life"}


def said(check, *steps, able=(WAITRESS,)):
    mistakes = Mistakes("f.toml")
    check(parse({**TOP, "step": list(steps)}, "f.toml"), able, mistakes)
    return mistakes.found


def touched(file, *before):
    return said(check_files, {"act": "start"}, *before, {"act": "touch", "file": file, "until": "/x/"})


def test_a_file_that_no_application_has_is_refused_with_the_nearest():
    assert touched("treee.py") == ["f.toml: step 2 (touch): file: 'treee.py' is no file of an application of waitress. Did you mean 'tree.py' or 'pages_trees.py' or 'races.py'?"]
    for name in ("apps/tree.py", "tree", "tree.pyc"):
        assert len(touched(name)) == 1


@pytest.mark.parametrize(("file", "before"), [
    ("tree.py", ()), ("wsgi_life.py", ()), ("{name}", ({"act": "request", "path": "/", "expect": {"status": 200}, "save": {"name": "body"}},)),
    ("made_by_a_step.py", ({"act": "file", "path": "made_by_a_step.py", "make": "file"},)),
    ("made_by_the_app.py", ({"act": "request", "path": "/make?made_by_the_app", "expect": {"status": 200}},))])
def test_a_file_that_is_there_or_may_be_made_is_accepted(file, before):
    assert touched(file, *before) == []


def swept(able, points=6, **expect):
    return said(check_sweeps, {"act": "sweep", "signal": "TERM", "points": points, "expect": expect}, able=able)


@pytest.mark.parametrize("able", [WAITRESS, CHEROOT])
def test_a_sweep_tries_as_many_points_as_it_says_and_those_that_are_logged(able):
    one = replace(able, name="one", patterns={})
    assert swept([one], points_tried=6) == swept([one], late=6, held=0) == []
    assert swept([one], points_tried=7) == ["f.toml: step 1 (sweep): points_tried: 7 could never hold: one is tried at 6 moments: points = 6"]
    assert swept([one], held=7) == ["f.toml: step 1 (sweep): held: 7 could never hold: one is tried at 6 moments: points = 6"]
    two = replace(able, name="two", patterns={"serving": "/x/", "bus-started": "/y/", "traceback": "/z/"})
    assert swept([two], points_tried=8) == []
    assert swept([one, two], points_tried=6) == [
        "f.toml: step 1 (sweep): points_tried: 6 could never hold: two is tried at 8 moments: points = 6 and 2 that two logs"]


def test_the_moments_are_those_of_a_case_s_server():
    def case(subject, tried):
        return {"where": {"subject": subject}, "expect": {"points_tried": tried}}

    step = {"act": "sweep", "signal": "TERM", "points": 6, "case": [case("waitress", 6), case("cherrypy", 9)]}
    assert said(check_sweeps, step, able=(WAITRESS, CHERRYPY)) == []
    step["case"] = [case("waitress", 6), case("cherrypy", 6)]
    assert len(said(check_sweeps, step, able=(WAITRESS, CHERRYPY))) == 1

"""Which editions a citation is played on: their columns, their pins, and that no two share a name."""

from dataclasses import replace

import pytest

from harness.language.files import load_all
from harness.language.parse_scenario import parse
from harness.model.refusal import Refusal
from harness.model.values import Target
from harness.run.bugs import plays
from harness.run.plan import plan
from harness.targets.load_subjects import BUNDLED

from ...conftest import ROOT

STEPS = [{"act": "start"}]
WAITRESS = {"report": "words", "subject": "waitress", "broken": "1.4.2", "fixed": "1.4.3", "python": ["3.7", "3.8"]}
CHEROOT = {"report": "words", "subject": "cherrypy", "project": "cheroot", "broken": "8.5.1", "fixed": "8.5.2", "python": "3.8",
           "requires": ["CherryPy==18.6.0", "setuptools<81"]}


def scenario(*bugs, name="a.b"):
    return parse({"format": 1, "id": name, "title": "t", "paper": "unexposed", "step": STEPS, "bug": list(bugs)},
                 f"scenarios/{name}.toml")


def columns(*scenarios):
    return [(play.python, play.broken.column, play.fixed.column if play.fixed else None) for play in plays.collect(scenarios)]


def test_a_play_for_each_python():
    assert columns(scenario(WAITRESS)) == [
        ("3.7", "waitress+1.4.2", "waitress+1.4.3"), ("3.8", "waitress+1.4.2", "waitress+1.4.3")]
    first = plays.collect([scenario(WAITRESS)])[0]
    assert (first.broken.requirements, first.fixed.requirements) == (("waitress==1.4.2",), ("waitress==1.4.3",))
    assert first.cells == ("a.b@waitress+1.4.2@3.7", "a.b@waitress+1.4.3@3.7")


def test_what_no_release_has_fixed_is_played_on_the_broken_one_alone():
    bug = {key: value for key, value in WAITRESS.items() if key != "fixed"}
    assert columns(scenario(bug))[0] == ("3.7", "waitress+1.4.2", None)
    assert plays.collect([scenario(bug)])[0].cells == ("a.b@waitress+1.4.2@3.7",)


def test_a_fault_in_what_the_server_stands_on():
    (play,) = plays.collect([scenario(CHEROOT)])
    assert (play.broken.column, play.fixed.column) == ("cherrypy+18.6.0_cheroot8.5.1", "cherrypy+18.6.0_cheroot8.5.2")
    assert play.broken.requirements == ("CherryPy==18.6.0", "cheroot==8.5.1", "setuptools<81")
    assert play.broken.name == "cherrypy"


def test_a_dependency_under_whatever_version_of_the_server():
    (play,) = plays.collect([scenario({**CHEROOT, "requires": []})])
    assert play.broken.column == "cherrypy+cheroot8.5.1"
    assert play.broken.requirements == ("cherrypy", "cheroot==8.5.1")


def test_the_server_s_own_project_is_no_other_project():
    assert columns(scenario({**WAITRESS, "project": "Waitress", "python": "3.8"})) == [
        ("3.8", "waitress+1.4.2", "waitress+1.4.3")]


def test_pins_and_the_day_are_a_part_of_the_edition():
    pinned = {**WAITRESS, "requires": ["setuptools<81"], "before": "2020-01-05", "python": "3.8"}
    (play,) = plays.collect([scenario(pinned)])
    assert play.broken.requirements == ("waitress==1.4.2", "setuptools<81")
    assert (play.broken.before, play.fixed.before) == ("2020-01-05", "2020-01-05")


def test_one_version_with_other_pins_is_another_column_and_with_the_same_is_the_same():
    pinned = {**WAITRESS, "requires": ["setuptools<81"], "python": "3.8"}
    dated = {**WAITRESS, "before": "2020-01-05", "python": "3.8"}
    found = columns(
        scenario(WAITRESS), scenario(pinned, name="a.c"), scenario(dated, name="a.d"), scenario(WAITRESS, name="a.e"))
    assert [broken for python, broken, _ in found if python == "3.8"] == [
        "waitress+1.4.2", "waitress+1.4.2_2", "waitress+1.4.2_3", "waitress+1.4.2"]


def test_what_else_a_subject_needs_stays():
    (play,) = plays.collect([scenario({**WAITRESS, "subject": "gunicorn-gthread", "broken": "20.0.4", "fixed": "20.1.0",
                                       "python": "2.7"})])
    assert play.broken.requirements == ("gunicorn==20.0.4", "futures; python_version < '3'")


def test_a_server_without_releases_is_refused():
    with pytest.raises(Refusal, match=r"scenarios/a\.b\.toml: bug 1: subject: enginebus is not installed from releases"):
        plays.collect([scenario({**WAITRESS, "subject": "enginebus"})])


@pytest.mark.parametrize(("asked", "found"), [
    ({}, ["a.b@3.7", "a.b@3.8", "c.d@3.8"]),
    ({"pythons": ["3.8"]}, ["a.b@3.8", "c.d@3.8"]),
    ({"subjects": ["cherrypy"]}, ["c.d@3.8"]),
    ({"scenarios": ["a.b"]}, ["a.b@3.7", "a.b@3.8"]),
    ({"text": "A.B"}, ["a.b@3.7", "a.b@3.8"]),
    ({"text": "words"}, ["a.b@3.7", "a.b@3.8", "c.d@3.8"]),
    ({"text": "cheroot"}, ["c.d@3.8"]),
])
def test_narrowing(asked, found):
    both = plays.collect([scenario(WAITRESS), scenario(CHEROOT, name="c.d")])
    assert [f"{play.scenario.id}@{play.python}" for play in plays.narrow(both, **asked)] == found


def test_a_scenario_that_cites_nothing_is_refused_by_name():
    both = plays.collect([scenario(WAITRESS)])
    with pytest.raises(Refusal, match=r"--scenario a\.x: .*Did you mean 'a\.b'\?"):
        plays.narrow(both, scenarios=["a.x"])
    with pytest.raises(Refusal, match=r"--subject waitres: .*Did you mean 'waitress'\?"):
        plays.narrow(both, subjects=["waitres"])
    with pytest.raises(Refusal, match=r"--python three: .* 3\.7, 3\.8"):
        plays.narrow(both, pythons=["three"])
    with pytest.raises(Refusal, match=r"-k 'nothing like it': selects none of 2 citations"):
        plays.narrow(both, "nothing like it")
    assert plays.narrow((), "nothing like it") == (), "where there is no citation at all, the words are not at fault"


def test_to_the_matrix_a_scenario_with_a_citation_is_one_like_any_other():
    target = Target(id="waitress@3.8", subject="waitress", interpreter_id="3.8")
    citing, plain = scenario(WAITRESS), replace(scenario(WAITRESS), bugs=())
    assert citing.bugs
    assert citing.hash == plain.hash
    planned = [plan([one], [target], {"waitress": BUNDLED.load("waitress")}) for one in (citing, plain)]
    assert planned[0] == planned[1]
    assert [cell.status for cell in planned[0]] == ["planned"]


def test_the_repository_s_citations_can_be_made_into_editions():
    found = plays.collect(load_all(ROOT / "scenarios"))
    assert len(found) == sum(len(bug.python) for one in load_all(ROOT / "scenarios") for bug in one.bugs)

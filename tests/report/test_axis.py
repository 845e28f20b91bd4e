"""The statement that separates failing from passing targets is computed; if nothing separates them, there is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.values import CellResult, Interpreter, Target, Verdict
from harness.report.axis import FAILING, MOST_SAID, TIE, explain, separating

PYTHONS = {"2.7": "2.7.18", "3.6": "3.6.15", "3.9": "3.9.18", "3.13": "3.13.0"}
VERSIONS = {("web", "2.7"): "1.0", ("web", "3.6"): "2.0", ("web", "3.9"): "3.1", ("web", "3.13"): "3.1"}


def target(subject, python, implementation="cpython"):
    return Target(f"{subject}@{python}", subject, python, VERSIONS.get((subject, python), "1.0"),
                  Interpreter(python, implementation, PYTHONS[python], "gil", "/p"))


TARGETS = tuple(target(subject, python) for subject in ("bus", "cherry", "web") for python in PYTHONS)


def results(bad, word="fail", out=()):
    return {f"s@{t.id}": CellResult(f"s@{t.id}", "missing") if t.id in out else
            CellResult(f"s@{t.id}", "ran", "", Verdict(word if t.id in bad else "pass"), Verdict("pass")) for t in TARGETS}


def every(*subjects, pythons=tuple(PYTHONS)):
    return {f"{subject}@{python}" for subject in subjects for python in pythons}


@pytest.mark.parametrize(("bad", "said"), [
    (every("cherry"), "cherry only"),
    (every("bus", "cherry", "web", pythons=["2.7"]), "Python ≤ 2.7"),
    (every("bus", "cherry", "web", pythons=["2.7", "3.6"]), "Python ≤ 3.6"),
    (every("bus", "cherry", "web", pythons=["3.9", "3.13"]), "Python ≥ 3.9"),
    (every("cherry", pythons=["2.7"]), "cherry on Python ≤ 2.7"),
    (every("web", pythons=["3.9", "3.13"]), f"web on Python ≥ 3.9, or web ≥ 3.1{TIE}"),
    (every("web", pythons=["2.7"]), f"web on Python ≤ 2.7, or web ≤ 1.0{TIE}"),
    (every("web", pythons=["3.6", "3.9"]), "web on Python ≤ 3.9, Python ≥ 3.6"),
    (every("bus", "cherry"), "bus and cherry only"),
    (every("bus", "cherry", pythons=["2.7"]), "bus and cherry on Python ≤ 2.7"),
    (every("bus", "cherry", "web", pythons=["3.6", "3.9"]), "Python ≤ 3.9, Python ≥ 3.6"),
    (every("cherry", pythons=["3.6", "3.9"]), "cherry on Python ≤ 3.9, Python ≥ 3.6"),
    ({"bus@2.7", "cherry@3.9", "web@3.6"}, ""),
    (set(), ""),
    ({t.id for t in TARGETS}, ""),
])
def test_the_smallest_statement(bad, said):
    assert explain("s", TARGETS, results(bad)) == said


def test_a_known_failure_is_explained_too_and_cells_that_did_not_run_are_ignored():
    assert explain("s", TARGETS, results(every("cherry"), "known")) == "cherry only"
    silent = every("bus", pythons=["2.7", "3.9", "3.13"])
    assert explain("s", TARGETS, results(every("bus", pythons=["3.6"]), out=silent)) == "bus only"


def test_another_implementation():
    odd = (*TARGETS, Target("bus@pypy", "bus", "pypy", "1.0", Interpreter("pypy", "pypy", "3.9.18", "gil", "/p")))
    found = {**results(set()), "s@bus@pypy": CellResult("s@bus@pypy", "ran", "", Verdict("fail"), Verdict("pass"))}
    assert explain("s", odd, found) == "pypy only"


def column(subject, *rows):
    """Targets of one server: (Python's id, its version, the server's version, implementation, build, whether it fails)."""
    targets = tuple(Target(f"{subject}@{name}", subject, name, version, Interpreter(name, implementation, python, build, "/p"))
                    for name, python, version, implementation, build, _ in rows)
    found = {f"s@{subject}@{row[0]}": CellResult(f"s@{subject}@{row[0]}", "ran", "", Verdict("fail" if row[-1] else "pass"),
                                                Verdict("pass")) for row in rows}
    return targets, found


def said(*columns):
    targets = tuple(target for some, _ in columns for target in some)
    return explain("s", targets, {cell: result for _, found in columns for cell, result in found.items()})


OLD, NEW = ("2.7", "2.7.18", "17.4.2", "cpython", "gil"), ("3.6", "3.6.15", "18.10.0", "cpython", "gil")
NEWER, PYPY = ("3.13", "3.13.0", "18.10.0", "cpython", "gil"), ("pypy3.11", "3.11.9", "18.10.0", "pypy", "gil")
FREE = ("3.13t", "3.13.0", "18.10.0", "cpython", "free-threaded")


@pytest.mark.parametrize(("columns", "text"), [
    # If a server's version goes with the Python, either may be the cause.
    ([column("cherrypy", (*OLD, False), (*NEW, True), (*NEWER, True))],
     f"Python ≥ 3.6, or cherrypy ≥ 18.10.0{TIE}"),
    ([column("cherrypy", (*OLD, True), (*NEW, False), (*NEWER, False))],
     f"Python ≤ 2.7, or cherrypy ≤ 17.4.2{TIE}"),
    # Another server that passes on the same Pythons rules out only one of the two.
    ([column("cherrypy", (*OLD, False), (*NEW, True)), column("bus", (*OLD, False), (*NEW, False))],
     f"cherrypy on Python ≥ 3.6, or cherrypy ≥ 18.10.0{TIE}"),
    # The same version on both rules out the other.
    ([column("cherrypy", (*NEW, False), (*NEWER, True))], "Python ≥ 3.13"),
    # One server that fails everywhere: its name is enough; its versions and Pythons are not separate statements.
    ([column("cherrypy", (*OLD, True), (*NEW, True)), column("bus", (*OLD, False), (*NEW, False))], "cherrypy only"),
    # An implementation and a build that only one target has.
    ([column("cherrypy", (*NEW, False), (*PYPY, True))], f"Python ≥ 3.11, or pypy only{TIE}"),
    ([column("cherrypy", (*NEWER, False), (*FREE, True))], "free-threaded only"),
    ([column("cherrypy", (*OLD, True), (*PYPY, False))],
     f"Python ≤ 2.7, or cpython only, or cherrypy ≤ 17.4.2{TIE}"),
    # One Python: only servers and their versions can differ.
    ([column("one", (*NEWER, True)), column("two", (*NEWER, False))], "one only"),
    ([column("one", (*NEWER, True)), column("two", (*NEWER, True)), column("three", (*NEWER, False))], "one and two only"),
    # An invalid version is ignored, and breaks nothing.
    ([column("odd", ("2.7", "2.7.18", "unknown", "cpython", "gil", True), ("3.6", "3.6.15", "?", "cpython", "gil", False))],
     "Python ≤ 2.7"),
])
def test_ties_are_named_as_ties(columns, text):
    assert said(*columns) == text


def test_more_than_three_are_cut():
    old = ("2.7", "2.7.18", "17.4.2", "cpython", "debug")
    text = said(column("cherrypy", (*old, True), (*PYPY, False)))
    assert text == f"Python ≤ 2.7, or cpython only, or debug only, or …{TIE}"
    assert text.count(", or ") == MOST_SAID


@given(st.sets(st.sampled_from([t.id for t in TARGETS])))
def test_a_statement_holds_for_each_failing_target_and_for_no_other(bad):
    outcome = results(bad)
    failing = [t for t in TARGETS if outcome[f"s@{t.id}"].word in FAILING]
    passing = [t for t in TARGETS if t not in failing]
    found = separating(failing, passing) if failing and passing else []
    for statement in found:
        assert {t.id for t in TARGETS if statement.holds(t)} == bad
    assert bool(explain("s", TARGETS, outcome)) == bool(found)
    assert not any(one.parts < other.parts for one in found for other in found), "of a statement and a narrower one, the first"


@pytest.mark.parametrize(("count", "text"), [(1, "s0 only"), (4, "s0 and s1 and s2 and s3 only"), (5, "")])
def test_a_list_of_too_many_servers_explains_nothing(count, text):
    row = ("3.13", "3.13.0", "1.0", "cpython", "gil")
    assert said(*(column(f"s{number}", (*row, True)) for number in range(count)), column("good", (*row, False))) == text

"""The statement that separates failing from passing targets is computed; where nothing separates them, nothing is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model import CellResult, Interpreter, Target, Verdict
from harness.report.axis import FAILING, explain, statements

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
    (every("web", pythons=["3.9", "3.13"]), "web ≥ 3.1"),
    (every("web", pythons=["2.7"]), "web ≤ 1.0"),
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


def test_a_known_failure_is_explained_too_and_what_did_not_run_says_nothing():
    assert explain("s", TARGETS, results(every("cherry"), "known")) == "cherry only"
    silent = every("bus", pythons=["2.7", "3.9", "3.13"])
    assert explain("s", TARGETS, results(every("bus", pythons=["3.6"]), out=silent)) == "bus only"


def test_another_implementation():
    odd = (*TARGETS, Target("bus@pypy", "bus", "pypy", "1.0", Interpreter("pypy", "pypy", "3.9.18", "gil", "/p")))
    found = {**results(set()), "s@bus@pypy": CellResult("s@bus@pypy", "ran", "", Verdict("fail"), Verdict("pass"))}
    assert explain("s", odd, found) == "pypy only"


@given(st.sets(st.sampled_from([t.id for t in TARGETS])))
def test_what_is_said_is_true_of_each_failing_target_and_of_no_other(bad):
    outcome = results(bad)
    said = explain("s", TARGETS, outcome)
    if said:
        failing = [t for t in TARGETS if outcome[f"s@{t.id}"].word in FAILING]
        (statement,) = [s for s in statements(failing) if s.text == said][:1]
        assert {t.id for t in TARGETS if statement.holds(t)} == bad

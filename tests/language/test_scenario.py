import copy

import pytest

from harness.language.parse_scenario import parse
from harness.language.scenario import MAX_MISTAKE, MOST_MISTAKES, Mistakes, ScenarioError, Undecidable, for_target, holds
from harness.model.refusal import Refusal
from harness.model.values import Target

from .test_files import changed, known, target, with_step, with_steps

CASES = with_step(act="stop", case=[
    {"where": {"python": "<3"}, "expect": {"exit": 1}}, {"where": {"else": True}, "expect": {"exit": 0}}])


@pytest.mark.parametrize(("python", "code"), [("2.7.18", 1), ("3.6.0", 0), ("3.15.0a2", 0)])
def test_exactly_one_case_is_chosen(python, code):
    assert for_target(parse(CASES, "f"), target(python)).steps[1].expect == {"exit": code}


def test_no_case_or_two_are_an_error_when_planning():
    data = copy.deepcopy(CASES)
    data["step"][1]["case"].pop()
    with pytest.raises(ScenarioError, match="0 cases match"):
        for_target(parse(data, "f"), target("3.13.0"))
    data["step"][1]["case"].append({"where": {"subject": "enginebus"}, "expect": {"exit": 0}})
    with pytest.raises(ScenarioError, match="2 cases match"):
        for_target(parse(data, "f"), target("2.7.18"))


@pytest.mark.parametrize(("where", "expected"), [
    ({}, True), ({"subject": "enginebus, cherrypy"}, True), ({"subject": "cherrypy"}, False), ({"python": ">=3.13"}, True),
    ({"python": "<3.4"}, False), ({"version": "<2"}, True), ({"version": ">=2"}, False), ({"implementation": "pypy"}, False),
    ({"build": "gil"}, True), ({"python": ">=3", "subject": "waitress"}, False), ({"build": "free-threaded"}, False), ({"implementation": "cpython"}, True),
    ({"subject": "enginebus2"}, False), ({"subject": "xenginebus, y"}, False), ({"subject": "cherrypy,enginebus"}, True), ({"subject": "Enginebus"}, False),
    ({"python": ">3.13"}, False), ({"python": "<=3.13"}, True), ({"python": "==3.13.*"}, True), ({"python": ">=3.13.1"}, False), ({"version": "==1"}, True),
    ({"version": ">1"}, False), ({"version": "<1"}, False), ({"build": "gil", "implementation": "pypy"}, False),
    ({"subject": "enginebus", "version": "<2", "python": ">=3", "implementation": "cpython", "build": "gil"}, True),
    *(({"subject": "enginebus", "version": "<2", "python": ">=3", "implementation": "cpython", "build": "gil", key: value}, False) for key, value in (
        ("subject", "waitress"), ("version", ">=2"), ("python", "<3"), ("implementation", "pypy"), ("build", "debug"))),
])
def test_where(where, expected):
    assert holds(where, target()) is expected


def test_a_target_without_an_interpreter_or_a_version_is_in_no_range():
    bare = Target("enginebus@x", "enginebus", "x")
    assert holds({"subject": "enginebus"}, bare)
    for where in ({"python": ">=2"}, {"version": ">=0"}, {"implementation": "cpython"}, {"build": "gil"}):
        assert not holds(where, bare)


def test_a_version_that_is_none_is_said():
    with pytest.raises(Undecidable, match="'main-3' is not a PEP 440 version"):
        holds({"version": "<2"}, target(version="main-3"))


def test_a_case_adds_to_what_is_expected_everywhere_and_wins():
    scenario = parse(with_step(act="stop", expect={"forced": False, "exit": 0}, case=[
        {"where": {"python": "<3"}, "expect": {"exit": 1}}, {"where": {"else": True}, "expect": {"log": "/x/"}}]), "f")
    assert for_target(scenario, target("2.7.18")).steps[1].expect == {"forced": False, "exit": 1}
    found = for_target(scenario, target("3.13.0")).steps[1]
    assert (found.expect, found.cases) == ({"forced": False, "exit": 0, "log": "/x/"}, ())


def test_an_else_is_for_those_that_no_case_names_and_two_are_too_many():
    where = [{"subject": "enginebus"}, {"python": "<3"}, {"else": True}]
    scenario = parse(with_step(act="stop", case=[{"where": one, "expect": {"exit": n}} for n, one in enumerate(where)]), "f")
    assert [for_target(scenario, one).steps[1].expect["exit"] for one in (target(), target("2.7.18", "waitress"), target(subject="waitress"))] == [0, 1, 2]
    with pytest.raises(Refusal, match="case 2: comes after the else"):
        parse(with_step(act="stop", case=[{"where": {"else": True}, "expect": {"exit": n}} for n in (0, 1)]), "f")


def test_each_step_has_its_own_cases():
    steps = [{"act": "stop", "case": [{"where": {"python": "<3"}, "expect": {"exit": n}}, {"where": {"else": True}, "expect": {"exit": n + 10}}]}
             for n in (1, 2)]
    scenario = parse(with_steps(steps[0], {"act": "start"}, steps[1]), "f")
    assert [step.expect.get("exit") for step in for_target(scenario, target("3.8.0")).steps] == [None, 11, None, 12]


def test_known_failures_are_those_of_the_target():
    entries = [known(where=where, key="status", observed=str(n))["known"][0] for n, where in enumerate(
        ({"subject": "enginebus"}, {"python": "<3"}, {"subject": "enginebus", "python": ">=3"}, {"subject": "waitress"}))]
    scenario = parse(changed(known=entries), "f")
    assert [entry.observed for entry in for_target(scenario, target()).known] == ["0", "2"]
    assert [entry.observed for entry in for_target(scenario, target("2.7.18")).known] == ["0", "1"]


def test_mistakes_are_said_once_and_a_long_list_is_counted():
    mistakes = Mistakes("f.toml")
    mistakes.raise_any()
    for number in (1, 2, 1):
        mistakes.add("here", f"wrong {number}")
    with mistakes.collected():
        raise Refusal("a: x\nb: y")
    with pytest.raises(Refusal, match=r"^f\.toml: here: wrong 1\nf\.toml: here: wrong 2\na: x\nb: y$"):
        mistakes.raise_any()
    many = Mistakes("")
    for number in range(MOST_MISTAKES):
        with many.collected():
            raise Refusal(f"f{number}.toml: wrong {number}")
    with pytest.raises(Refusal, match=f"wrong {MOST_MISTAKES - 1}$"):
        many.raise_any()
    with many.collected():
        raise Refusal("another.toml: one more")
    with pytest.raises(Refusal, match=r"… and 1 more mistake$"):
        many.raise_any()


def test_what_is_said_of_one_file_is_bounded_and_the_rest_is_counted():
    mistakes, other = Mistakes("f.toml"), Mistakes("g.toml")
    for number in range(40):
        mistakes.add(f"step {number}", "is wrong in some way that takes a whole line to say")
    other.add("id", "is wrong")
    with pytest.raises(Refusal) as caught:
        mistakes.raise_any()
    lines = str(caught.value).splitlines()
    assert len(str(caught.value)) <= MAX_MISTAKE
    assert lines[-1] == f"f.toml: … and {40 - len(lines) + 1} more mistakes"
    both = Mistakes("")
    for one in (mistakes, other):
        with both.collected():
            one.raise_any()
    with pytest.raises(Refusal) as again:
        both.raise_any()
    assert set(str(again.value).splitlines()) == {*lines, "g.toml: id: is wrong"}, "one file's mistakes hide no other's"


@pytest.mark.parametrize("size", [10, 500, 601, 70_000])
def test_a_mistake_is_cut_where_it_is_too_long(size):
    text = str(ScenarioError("f", "", "x" * size))
    assert len(text) <= MAX_MISTAKE
    assert text.endswith("…") == (size > 600)


def test_a_preview_counts_as_its_release():
    assert holds({"python": ">=3.15"}, target("3.15.0a2"))

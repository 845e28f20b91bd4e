"""Which scenarios are played against a mutant, and in which order."""

import pytest

from .generate import of_module
from .reach import OTHERS, Ground, Reach
from .source import Source

TEXT = """LIMIT = 5
UNUSED = 6

def first(a, b=3):
    if a > LIMIT:
        return 1
    return 2

class Thing:
    size = 7
    def grow(self):
        self.size += 1
"""
IMPORTED = (1, 2, 4, 9, 10, 11)
NAMES = [f"x{number:02}" for number in range(40)]


def ground(**more):
    lines = {line: frozenset(["a", "b", "c", *NAMES]) for line in IMPORTED}
    lines.update({5: frozenset("ab"), 6: frozenset("a"), 7: frozenset("b"), 12: frozenset("c")})
    seconds = {"a": 1.0, "b": 2.0, "c": 0.5, **{name: 3.0 + place for place, name in enumerate(NAMES)}}
    return Ground({"m.py": lines}, seconds, **more)


@pytest.fixture
def sources():
    return {"m.py": Source(TEXT)}


def at(sources, line, operator="number"):
    return next(mutant for mutant in of_module("m.py", sources["m.py"]) if mutant.line == line and mutant.operator == operator)


def test_a_line_of_a_function_is_reached_by_those_that_ran_it(sources):
    reached = Reach(sources, ground()).of(at(sources, 6))
    assert (reached.scenarios, reached.others, reached.at_import) == (frozenset("a"), (), False)


@pytest.mark.parametrize(("line", "users"), [(1, "ab"), (4, "ab"), (10, "c")])
def test_a_line_of_an_import_is_told_by_what_uses_it(sources, line, users):
    reached = Reach(sources, ground()).of(at(sources, line))
    assert reached.scenarios == frozenset(users)
    assert reached.at_import
    assert len(reached.others) == OTHERS
    assert not set(reached.others) & set(users)
    assert len(Reach(sources, ground()).of(at(sources, line), everything=True).others) == 43 - len(users)


def test_what_nothing_uses_is_tried_by_all(sources):
    reached = Reach(sources, ground()).of(at(sources, 2))
    assert not reached.scenarios
    assert set(reached.others) == {"a", "b", "c", *NAMES}


def test_a_line_that_nothing_reaches(sources):
    empty = ground()
    empty.lines["m.py"][6] = frozenset()
    reached = Reach(sources, empty).of(at(sources, 6))
    assert not reached.scenarios
    assert not reached.others


def test_what_is_red_without_a_mutant_is_not_asked(sources):
    seen = ground()
    del seen.seconds["a"]
    assert Reach(sources, seen).of(at(sources, 5, "compare")).scenarios == frozenset("b")


def test_those_that_cannot_tell_all_are_asked_of_what_most_reach_and_of_files_that_they_run(sources):
    assert Reach(sources, ground(blind=frozenset(NAMES[-1:]))).of(at(sources, 6)).others == ()
    assert NAMES[-1] in Reach(sources, ground(blind=frozenset(NAMES[-1:]))).of(at(sources, 1)).others
    assert Reach(sources, ground(blind=frozenset("b"))).of(at(sources, 6)).others == ("b",)


def test_the_quick_and_the_special_come_first(sources):
    reach = Reach(sources, ground())
    mutant = at(sources, 5, "compare")
    assert reach.order(mutant, reach.of(mutant)) == ["a", "b"]
    for _ in range(3):
        reach.learn(mutant, ["b"], "b")
    assert reach.order(mutant, reach.of(mutant)) == ["b", "a"]

"""What the cells of a run, and the driver, mean for its exit code."""

import pytest

from harness.model.outcomes import RED, SEVERITY, WORDS
from harness.model.values import CellResult, Verdict
from harness.run.exit_code import CRASHED, exit_code, is_red
from harness.run.guardian import LEFT_OVER


def result(word, grade="must"):
    if word in SEVERITY:
        return CellResult("a.b@s@1", "ran", "", Verdict(word), Verdict("pass"), grade=grade)
    return CellResult("a.b@s@1", word, grade=grade)


def code(*words, driver_code=0, strict=False, strict_should=False, grade="must"):
    results = {str(number): result(word, grade) for number, word in enumerate(words)}
    return exit_code(results, driver_code, strict, strict_should)


@pytest.mark.parametrize("word", WORDS)
def test_each_word_beside_one_that_passes(word):
    red = ("fail", "timeout", "error", "broken", "not-run", "fixed")
    assert set(red) == set(RED)
    assert code("pass", word) == ((1, "1 red cell") if word in red else (0, ""))


@pytest.mark.parametrize("words", [(), ("missing",), ("unsupported", "missing")])
def test_a_run_in_which_no_cell_ran_is_a_failure(words):
    assert code(*words) == (1, "no cell ran")


@pytest.mark.parametrize(("words", "strict", "expected"), [
    (("pass", "missing"), False, 0), (("pass", "missing"), True, 1), (("pass", "pass"), True, 0), (("pass", "unsupported"), True, 0),
])
def test_an_interpreter_that_is_missing_is_an_error_only_with_strict(words, strict, expected):
    number, reason = code(*words, strict=strict, strict_should=not strict)
    assert (number, "--strict was given" in reason) == (expected, bool(expected))


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("strict_should", [False, True])
def test_only_a_should_that_fails_is_forgiven(word, strict_should):
    forgiven = word in ("fail", "timeout") and not strict_should
    assert is_red(result(word, "should"), strict_should) is (word in RED and not forgiven)
    assert is_red(result(word), strict_should) is (word in RED)
    assert code("pass", word, strict_should=strict_should, strict=False, grade="should")[0] == int(word in RED and not forgiven)


@pytest.mark.parametrize(("driver_code", "expected", "reason"), [
    (CRASHED, 1, "the harness crashed"),
    (LEFT_OVER, 1, "processes of the run were left behind, or the guardian was killed"),
    (0, 0, ""), (2, 0, ""),  # interrupted: the cells that did not run say so themselves
])
def test_what_the_driver_and_the_guardian_say_comes_first(driver_code, expected, reason):
    assert code("pass", driver_code=driver_code) == (expected, reason)
    if reason:
        assert code("fail", driver_code=driver_code) == (expected, reason)

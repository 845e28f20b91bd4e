import pytest

from harness.cell.step_verbs import ACTS
from harness.language import verbs
from harness.language.matching import MATCHERS


def test_every_verb_has_an_act_and_every_act_a_verb():
    assert set(ACTS) == set(verbs.VERBS)


@pytest.mark.parametrize("name", sorted(verbs.VERBS))
def test_a_verb_is_described_in_kinds_that_exist(name):
    verb = verbs.VERBS[name]
    assert set(verb.args.values()) <= set(verbs.KINDS)
    assert set(verb.expects.values()) <= set(MATCHERS), "every expectation must have a matcher"
    assert set(verb.required) | set(verb.one_of) | set(verb.choices) <= set(verb.args)
    assert set(verb.default) <= set(verb.expects)
    assert not set(verb.args) & verbs.COMMON
    assert verbs.seconds(verb.within) > 0


@pytest.mark.parametrize(("text", "seconds"), [("500ms", 0.5), ("10s", 10.0), ("1.5s", 1.5), ("2m", 120.0)])
def test_durations(text, seconds):
    assert verbs.seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "10", "s", "-1s", "1h", "1 s", "1e3s"])
def test_what_is_no_duration(text):
    with pytest.raises(ValueError, match=r".*"):
        verbs.seconds(text)

"""What a scenario can expect of a verb is something that the verb's observation has a key for."""

import pytest

from harness.cell.step_verbs import ACTS
from harness.language.observations import SEEN
from harness.language.verbs import ABOUT, VERBS


@pytest.mark.parametrize("verb", VERBS)
def test_what_can_be_expected_is_seen(verb):
    keys = {key for kind in SEEN[verb] for key in kind.__annotations__}
    assert {ABOUT.get(key, key) for key in VERBS[verb].expects} <= keys


def test_every_verb_has_a_row_in_each_table():
    assert set(SEEN) == set(VERBS) == set(ACTS)

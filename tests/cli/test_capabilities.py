"""What a server can promise, and what each undeclared capability would unlock."""

import json

import pytest

from harness.cli import capabilities
from harness.language.capabilities import CAPABILITIES, NOBODY_S
from harness.language.files import load_all
from harness.machine.places import SCENARIOS
from harness.model.refusal import Refusal
from harness.targets.load_subjects import BUNDLED
from harness.targets.references import supports

from .given import given_by


def shown(*words):
    lines = []
    assert capabilities.run(given_by("capabilities", *words), lines.append) == 0
    return "\n".join(lines)


def test_every_capability_is_shown_with_what_it_promises_and_how_many_need_it():
    found = json.loads(shown("--json"))
    assert set(found) == set(CAPABILITIES)
    needing = [scenario.id for scenario in load_all(SCENARIOS) if "keep-alive" in scenario.needs]
    assert found["keep-alive"] == {"promises": CAPABILITIES["keep-alive"], "scenarios": needing}
    text = shown()
    for name, promise in CAPABILITIES.items():
        assert name in text
        assert promise.split()[0] in text


def test_a_server_s_own_and_what_the_others_would_unlock():
    found = json.loads(shown("waitress", "--json"))
    subject, scenarios = BUNDLED.load("waitress"), load_all(SCENARIOS)
    assert found["declares"] == sorted(subject.capabilities)
    assert found["scenarios"] == sum(supports(scenario, subject) for scenario in scenarios)
    assert NOBODY_S not in found["would_unlock"]
    assert set(found["would_unlock"]).isdisjoint(found["declares"])
    by_id = {scenario.id: scenario for scenario in scenarios}
    for name, ids in found["would_unlock"].items():
        for one in ids:
            assert name in by_id[one].needs
            assert not supports(by_id[one], subject)
    assert any(found["would_unlock"].values()), "something would be unlocked"


def test_a_server_that_is_not_there_is_refused_with_the_nearest():
    with pytest.raises(Refusal, match="Did you mean 'waitress'"):
        shown("waitres")

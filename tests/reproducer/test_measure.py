"""The reproducer measures as the harness does, and its measuring verbs work."""

import itertools
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.cell.growth_verbs import LEAST, WARM_UP
from harness.cell.growth_verbs import growth as harness_growth
from harness.cell.running_cell import Unable as HarnessUnable
from harness.language.verbs import GROWING
from harness.reproducer.parts import measure
from harness.reproducer.parts.measure import growth, sample, sweep
from harness.reproducer.parts.run import do
from harness.reproducer.parts.server import Unable

from .conftest import does, step


@given(st.lists(st.tuples(*[st.integers(0, 50)] * len(GROWING)), max_size=WARM_UP + LEAST + 12))
def test_growth_is_what_the_harness_sees(samples):
    cell = SimpleNamespace(samples={"s": [dict(zip(GROWING, one, strict=True)) for one in samples]})
    try:
        theirs = harness_growth(cell, None, {"of": "s"})
    except HarnessUnable:
        with pytest.raises(Unable, match="too few samples"):
            growth(cell, {}, {"of": "s"})
        return
    assert growth(cell, {}, {"of": "s"}) == {name: theirs[name] for name in GROWING}


def test_a_sample_counts_a_family_and_the_sockets_of_its_port(reproducing):
    cell = reproducing()
    for one in (does("serve(); say('child', child())"), does("serve()", 2, "other", 2)):
        assert do(cell, one)[1:] == ([], True)
    first, second = (sample(cell, step("sample", server=name, id="s"), {}) for name in ("main", "other"))
    assert (first["children"], second["children"], first["sockets"] >= 1, second["sockets"] >= 1) == (1, 0, True, True)
    assert first["threads"] >= 3 > second["threads"] >= 2
    assert first["descriptors"] > second["descriptors"] >= 4
    assert [taken["children"] for taken in cell.samples["s"]] == [1, 0]
    cell.servers["other"].kill()
    with pytest.raises(Unable, match="already ended"):
        sample(cell, step("sample", server="other"), {})


def test_a_sweep_says_at_which_points_a_signal_was_late_or_lost(reproducing, monkeypatch):
    monkeypatch.setattr(measure, "LIVES_ON_SECONDS", 0.2)
    cell = reproducing(patterns={"serving": "/^up$/"}, exits={"stop": [0, -15]})
    launches = itertools.count(1)
    real = cell.launch

    def launch(name, channel, app, extra):
        deaf = "signal.signal(signal.SIGINT, signal.SIG_IGN)"
        return real(name, channel, app, {"DOES": deaf if next(launches) == 4 else "signal.signal(signal.SIGINT, lambda *_: os._exit(0))"})

    monkeypatch.setattr(cell, "launch", launch)
    seen = sweep(cell, step("sweep"), {"signal": "INT", "points": 2})
    assert (seen["points_tried"], seen["held"], seen["late"]) == (3, 0, 0)
    assert [(point["at"], point["lives_on"], point["exit"]) for point in seen["points"]][-1] == ("serving", True, -15)
    assert seen["lives_on"] >= 1

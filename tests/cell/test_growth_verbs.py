"""The slope that tells a leak from a flat line, and real counts of a real server."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.cell.growth_verbs import LEAST, WARM_UP, counts, growth, slope
from harness.cell.running_cell import Unable
from harness.language.verbs import GROWING
from harness.machine.socket_table import Socket

from ..scripted import do, up

START = '[[step]]\nact="start"\n'
SAMPLE = '[[step.step]]\nact="sample"\nid="s"\n'


@pytest.mark.parametrize(("values", "low", "high"), [
    ([9] * 9, 0, 0),
    ([9, 9, 9, 50, 9, 9, 9, 9, 9], 0, 0),                     # one sample stands out
    ([9, 10, 11, 12, 13, 14, 15, 16, 17], 1, 1),              # one each time
    ([9, 9, 10, 10, 10, 11, 11, 11, 12], 0.25, 0.5),          # one at every third
    ([9, 8, 9, 8, 9, 8, 9, 8, 9], -0.1, 0.1),                 # up and down
    ([6, 7, 8, 9, 10, 11, 12, 4, 5, 6, 7, 8, 9, 10, 11, 12, 4, 5, 6, 7, 8, 9, 10, 11], -1, 0.1),  # the garbage collector's saw
    ([8, 9, 9, 10, 11, 11, 12, 13, 4, 5, 5], -1, 0.1),        # werkzeug's, as it was seen
])
def test_slopes(values, low, high):
    assert low <= slope(values) <= high


def sockets(*states):
    return [Socket("127.0.0.1:1", "0.0.0.0:0", state, ()) for state in states]


def test_sockets_are_counted_by_state_and_those_that_are_over_apart():
    found = counts(2 ** 22 + 1, sockets("LISTEN", "TIME_WAIT", "ESTABLISHED", "CLOSE_WAIT", "ESTABLISHED", "TIME_WAIT"))
    assert found == {"descriptors": 0, "threads": 0, "children": 0, "rss_kib": 0, "sockets": 4,
                     "states": {"LISTEN": 1, "ESTABLISHED": 2, "CLOSE_WAIT": 1}, "over": 2}
    assert counts(2 ** 22 + 1, [])["sockets"] == 0


def test_a_family_is_counted_and_only_the_sockets_of_its_channel(scripted):
    cell = scripted()
    alone = up(cell, "alone", 2)
    one = do(cell, "sample", server="alone", step_id="one")
    up(cell, does="say('child', child(listener)); threading.Thread(target=time.sleep, args=(60,), daemon=True).start()")
    many = do(cell, "sample", step_id="many")
    assert (one["children"], many["children"], one["threads"], many["threads"]) == (0, 1, 1, 3)
    assert many["descriptors"] > one["descriptors"] >= 4
    assert many["rss_kib"] > one["rss_kib"] > 1000
    assert (one["sockets"], one["states"], one["pid"]) == (1, {"LISTEN": 1}, alone.pid)
    assert {name: len(taken) for name, taken in cell.samples.items()} == {"one": 1, "many": 1}
    with pytest.raises(Unable, match="'nobody' was not started"):
        do(cell, "sample", server="nobody")
    alone.stop(10)
    with pytest.raises(Unable, match="already ended"):
        do(cell, "sample", server="alone")


def grown(*values):
    """What growth says of samples with so many descriptors each."""
    cell = SimpleNamespace(samples={"s": [{**dict.fromkeys(GROWING, 1), "descriptors": value} for value in values], "other": []})
    return growth(cell, None, {"of": "s"})


@pytest.mark.parametrize(("values", "slope"), [
    ([100, 50, 20, *[9] * LEAST], 0), ([1, 1, 1, *[9] * LEAST], 0), ([9] * WARM_UP + list(range(9, 9 + LEAST)), 1)])
def test_the_warm_up_is_not_judged(values, slope):
    seen = grown(*values)
    assert (seen["descriptors"], seen["threads"], seen["samples"], seen["warm_up"]) == (slope, 0, len(values), WARM_UP)
    assert seen["series"]["descriptors"] == values


@pytest.mark.parametrize("count", [0, LEAST, WARM_UP + LEAST - 1])
def test_so_few_samples_say_nothing(count):
    with pytest.raises(Unable, match=f"^{count} samples 's' were taken, but a slope needs at least {WARM_UP + LEAST}"):
        grown(*[9] * count)


@given(st.floats(-5, 5), st.integers(0, 100), st.integers(LEAST, 20))
def test_a_straight_line_has_its_own_slope(grows, first, count):
    assert slope([first + grows * number for number in range(count)]) == pytest.approx(grows)


def test_a_flat_server_is_flat_and_its_counts_are_real(run_cell):
    history, result = run_cell(
        START + f'[[step]]\nact="repeat"\ntimes={WARM_UP + LEAST}\n' + SAMPLE +
        '[[step]]\nact="growth"\nof="s"\nexpect={descriptors="<0.2", threads="<0.2", children="<=0"}\n')
    assert result.word == "pass", result.reason
    seen = history.observations[1].seen
    assert seen["descriptors"] >= 4  # standard streams and a listening socket
    assert seen["threads"] >= 2
    assert seen["states"]["LISTEN"] == 1


def test_children_that_stay_are_seen_to_grow(run_cell):
    _, result = run_cell(
        START + f'[[step]]\nact="repeat"\ntimes={WARM_UP + LEAST}\n'
        '[[step.step]]\nact="request"\npath="/spawn/popen"\nexpect={status=200}\n' + SAMPLE +
        '[[step]]\nact="growth"\nof="s"\nexpect={children="<0.2"}\n')
    assert result.behaviour.outcome == "fail"
    assert "children: expected <0.2, observed 1" in result.reason


def test_too_few_samples_say_nothing(run_cell):
    _, result = run_cell(START + '[[step]]\nact="repeat"\ntimes=2\n' + SAMPLE +
                         '[[step]]\nact="growth"\nof="s"\nexpect={threads="<1"}\n')
    assert result.word == "fail"
    assert "2 samples" in result.reason

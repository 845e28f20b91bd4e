"""The slope that tells a leak from a flat line, and real counts of a real server."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measure import LEAST, WARM_UP, slope

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

"""A deadline: asked at least once, and what is seen after it counts or does not."""

from __future__ import annotations

import pytest

from harness.machine import deadlines
from harness.machine.deadlines import Deadline


class Clock:
    """Time that passes only when somebody sleeps, or is slow to answer."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(deadlines, "time", clock)
    return clock


@pytest.mark.parametrize(("true_from", "takes", "late", "held"), [
    (0.0, 0.0, False, True), (0.0, 9.0, False, True),   # the first answer counts, however long it took
    (0.5, 0.0, True, True), (0.5, 0.0, False, True),
    (1.0, 0.0, True, True), (1.0, 0.0, False, False),   # at the deadline itself
    (0.9, 0.3, True, True), (0.9, 0.3, False, False),   # asked before it, answered after it
    (2.0, 0.0, True, False), (2.0, 0.0, False, False), (2.0, 0.7, True, True),  # once more at the end
])
def test_what_is_seen_after_the_deadline(clock, true_from, takes, late, held):
    def ask() -> bool:
        clock.now += takes
        return clock.now >= true_from

    assert Deadline(1).wait(ask, 0.1, late=late) is held


def test_one_that_is_over_is_asked_once_or_twice(clock):
    asked = []
    assert not Deadline(0).wait(lambda: bool(asked.append(1)))
    assert 1 <= len(asked) <= 2
    assert clock.now == 0.0

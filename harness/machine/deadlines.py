"""Waiting with a deadline: the only place in the driver that sleeps, unless an event is to end the pause."""

from __future__ import annotations

import time
from collections.abc import Callable

NET_SECONDS = 0.1  # between two checks that no event has caused


class Deadline:
    """A moment by which something must have happened, on the monotonic clock."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """The seconds left, never below 0."""
        return max(0.0, self._end - time.monotonic())

    @property
    def passed(self) -> bool:
        """Whether the deadline has passed."""
        return self.left == 0.0

    def wait(
        self,
        condition: Callable[[], bool],
        interval: float = 0.01,
        *,
        late: bool = True,
        pause: Callable[[float], object] | None = None,
    ) -> bool:
        """Check ``condition`` every ``interval`` seconds until it holds; False if the deadline passes first.

        The condition is checked at least once, and once more at the end. With ``late`` False, a result after the deadline
        counts only if it is the first check: it may have come about by other means in the meantime.

        With ``pause``, checks come when that returns: it waits for an event, for at most the seconds that it is given. These
        are NET_SECONDS then, for what happens without an event.
        """
        if condition():
            return True
        rest, most = (time.sleep, interval) if pause is None else (pause, NET_SECONDS)
        while not self.passed:
            rest(min(most, self.left))
            if condition():
                return late or not self.passed
        return late and condition()

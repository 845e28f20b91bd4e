"""What a server did while its port was in use, from recorded histories."""

import pytest

from harness.model.values import History, Observation, Target
from harness.report.ports_held import conduct, holders

HOLD = ("hold", {"how": "listen"}, {"taken": True})
LASTS = ("hold", {"how": "listen", "lasts": "3s"}, {"taken": True})
FREE = ("start", {}, {"ready": True, "seconds": 0.3, "exit": None})
REFUSED = ("start", {}, {"ready": False, "seconds": 0.5, "exit": 1})
WAITED = ("start", {}, {"ready": False, "seconds": 5.2, "exit": 70})
SLOW = ("start", {}, {"ready": True, "seconds": 2.9, "exit": None})
BACKGROUND = ("start", {}, {"ready": None, "exit": None})
RELEASE = ("release", {}, {})
ORPHAN = ("sockets", {}, {"listeners": ["child"]})
OWN = ("sockets", {}, {"listeners": ["main"]})


def history(*steps, cell="a.b@one@3.13"):
    return History(
        cell=cell, scenario_hash="", host="", port=0, cleanup={}, logs={}, coverage="off", coverage_note="", seconds=0,
        observations=tuple(Observation(n, act, 0, 0, seen=seen) for n, (act, _, seen) in enumerate(steps, 1)),
        steps=tuple({"number": n, "act": act, "args": args} for n, (act, args, _) in enumerate(steps, 1)))


@pytest.mark.parametrize(("steps", "found"), [
    ((HOLD, REFUSED, RELEASE, FREE), ("listen", "refused, exit 1")),
    ((HOLD, WAITED, RELEASE, FREE), ("listen", "waited, then refused, exit 70")),
    ((HOLD, WAITED), ("listen", "waited, then refused, exit 70")),
    ((HOLD, FREE), ("listen", "started beside it")),
    ((LASTS, SLOW), ("listen, released after 3s", "waited, then started")),
    ((LASTS, REFUSED), ("listen, released after 3s", "refused, exit 1")),
    ((FREE, ORPHAN, REFUSED), ("orphan", "refused, exit 1")),
    ((FREE, OWN, REFUSED), None),
    ((HOLD, RELEASE, FREE), None),
    ((HOLD, BACKGROUND), None),
    ((FREE,), None),
    ((HOLD,), None),
])
def test_conduct(steps, found):
    assert conduct(history(*steps)) == found


def test_a_row_has_every_column_and_pythons_that_agree_are_grouped():
    targets = tuple(Target(f"{name}@{python}", name, python) for name in ("one", "two") for python in ("2.7", "3.13"))
    stored = {"a.b@one@2.7": history(HOLD, REFUSED), "a.b@one@3.13": history(HOLD, REFUSED), "a.b@two@2.7": history(HOLD, FREE)}
    (row,) = holders([{"id": "a.b"}, {"id": "a.c"}], targets, stored.get)
    assert row == {"holder": "listen", "scenario": "a.b", "answers": {
        "one": [{"value": "refused, exit 1", "on": ""}],
        "two": [{"value": "started beside it", "on": "2.7"}]}}

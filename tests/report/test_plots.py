import pytest

from harness.model.values import CellResult, History, Observation, Target, Verdict
from harness.report.plots import plots, summary

TARGETS = (Target("s@1", "s", "1"), Target("s@2", "s", "2"))
SCENARIOS = [{"id": "a.b"}]


def of(*observations, steps=()):
    history = History("a.b@s@1", "h", "127.1.1.1", 8080, observations, {}, {}, "off", "", 2.0, steps=steps)
    results = {"a.b@s@1": CellResult("a.b@s@1", "ran", "", Verdict("pass"), Verdict("pass"), 2.0),
               "a.b@s@2": CellResult("a.b@s@2", "missing", "no such Python")}
    return plots(SCENARIOS, TARGETS, results, lambda cell: history if cell == "a.b@s@1" else None)


def times(drawn):
    return {plot["name"]: [(row["target"], row["median"], row["count"]) for row in plot["targets"]] for plot in drawn["times"]}


def test_only_what_was_measured_is_drawn():
    assert times(of()) == {"cell": [("s@1", 2.0, 1)]}, "a missing target has no bar, and no zero"


@pytest.mark.parametrize(("act", "args", "seen", "name"), [
    ("start", {}, {"ready": True, "seconds": 0.5}, "ready"),
    ("start", {}, {"ready": False, "seconds": 5.0}, None),
    ("stop", {}, {"forced": False, "seconds": 0.5}, "stop"),
    ("stop", {}, {"forced": True, "seconds": 10.0}, None),
    ("wait", {"port": "free"}, {"seconds": 0.5}, "free"),
    ("wait", {"port": "listening"}, {"seconds": 0.5}, None),
])
def test_which_steps_measure_what(act, args, seen, name):
    drawn = times(of(Observation(1, act, 0.0, 0.5, seen=seen), steps=({"number": 1, "args": args},)))
    drawn.pop("cell")
    assert drawn == ({name: [("s@1", 0.5, 1)]} if name else {})


def test_a_late_step_measures_nothing():
    late = Observation(1, "stop", 0.0, 0.5, seen={"forced": False, "seconds": 0.5}, timeout=True)
    assert "stop" not in times(of(late))


def test_sweeps_and_growths():
    sweep = Observation(1, "sweep", 0.0, 0.5, seen={"signal": "TERM", "ready_seconds": 0.4, "points": [
        {"moment": 0.1, "seconds": 0.2, "exit": -15}]})
    growth = Observation(2, "growth", 0.0, 0.5, seen={"series": {"threads": [1, 2]}, "threads": 0.5, "samples": 2})
    drawn = of(sweep, growth)
    assert drawn["sweeps"] == [{"cell": "a.b@s@1", "signal": "TERM", "ready": 0.4, "points": [[0.1, 0.2, -15]]}]
    assert drawn["growths"] == [{"cell": "a.b@s@1", "values": {"threads": 0.5}}]


def test_five_numbers():
    assert summary([4.0, 1.0, 3.0, 2.0, 5.0]) == {"count": 5, "least": 1.0, "low": 2.0, "median": 3.0, "high": 4.0, "most": 5.0}
    assert summary([2.0]) == {"count": 1, "least": 2.0, "low": 2.0, "median": 2.0, "high": 2.0, "most": 2.0}

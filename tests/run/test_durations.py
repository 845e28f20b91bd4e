"""How long cells are expected to take: what is kept, what is estimated, and what a damaged file costs."""

import json
import time

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from harness.language.parse_scenario import parse
from harness.language.verbs import VERBS
from harness.run import durations
from harness.run.durations import AROUND, AROUND_SHARED, FILE, VERB_SECONDS, Durations, estimate

START, ASK = {"act": "start"}, {"act": "request", "path": "/", "expect": {"status": 200}}
STEPS = [START, ASK]


def scenario(name="a.b", steps=(), **top):
    return parse({"format": 1, "id": name, "title": "t", "paper": "unexposed", "app": "life", "step": [*STEPS, *steps], **top}, "f.toml")


ALONE = estimate(scenario())


@pytest.mark.parametrize(("known", "asked", "wanted"), [
    ({"a.b@s@3.9": 5.0, "a.b@s@3.8": 1.0}, "a.b@s@3.9", 5.0),  # its own
    ({"a.b@s@3.8": 1.0, "a.b@s@3.7": 2.0, "a.b@s@2.7": 9.0, "a.b@t@3.9": 50.0}, "a.b@s@3.9", 2.0),  # the server's median
    ({"a.b@s+lt2@3.8": 1.0, "a.b@t@3.9": 50.0}, "a.b@s@3.9", 1.0),  # another edition is the same server
    ({"a.b@t@3.8": 4.0, "a.b@u@3.9": 6.0}, "a.b@s@3.9", 5.0),  # any server's
    ({"a.c@s@3.9": 4.0, "a.bb@s@3.9": 4.0}, "a.b@s@3.9", ALONE),  # another scenario says nothing
    ({}, "a.b@s@3.9", ALONE),
])
def test_the_nearest_that_is_known(known, asked, wanted):
    assert Durations(known).expected(asked, scenario()) == wanted


def test_every_verb_has_an_estimate():
    assert set(VERB_SECONDS) == set(VERBS)


@pytest.mark.parametrize(("steps", "more"), [
    ([], 0), ([ASK, ASK], 0.04), ([{"act": "stop"}], 0.15), ([{"act": "wait", "log": "/x/"}], 0.1), ([{"act": "wait", "exit": True}], 1.0),
    ([{"act": "stop"}, START], 0.55), ([{"act": "sweep", "signal": "TERM", "points": 8}], 3.2),
    ([{"act": "hold", "how": "listen", "channel": 2}], 0.15), ([{"act": "hold", "how": "backlog-full", "channel": 2}], 1.4),
])
def test_an_estimate_is_the_sum_of_the_steps(steps, more):
    made = scenario(steps=steps) if steps[:1] != [{"act": "sweep", "signal": "TERM", "points": 8}] else \
        parse({"format": 1, "id": "a.b", "title": "t", "paper": "unexposed", "app": "life", "step": steps}, "f.toml")
    without = AROUND + 0.42 if made.steps[0].act == "start" else AROUND
    assert estimate(made) == pytest.approx(without + more)


def test_on_a_shared_launch_there_is_no_start():
    assert estimate(scenario(launch="shared")) == pytest.approx(AROUND_SHARED + 0.02)


def test_one_slow_run_counts_half():
    new = Durations({"a.b@s@1": 1.0}).updated({"a.b@s@1": 3.0, "a.b@s@2": 4.0})
    assert [new.expected(f"a.b@s@{python}", scenario()) for python in "12"] == [2.0, 4.0]


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan"), float("inf")])
def test_a_cell_that_did_not_run_took_no_time(seconds):
    assert Durations({"a.b@s@1": 1.0}).updated({"a.b@s@1": seconds}).expected("a.b@s@1", scenario()) == 1.0


@pytest.mark.parametrize("content", [
    b"", b"{", b"[]", b"\xff", b"[" * 100_000, b'{"x": ' + b"[" * 100_000, b'{"format": 1}', b'{"format": 2, "seconds": {"a.b@s@1": 9.0}}', b'{"format": 1, "seconds": {"a.b@s@1": -1}}',
    b'{"format": 1, "seconds": {"a.b@s@1": 0}}', b'{"format": 1, "seconds": {"a.b@s@1": "9"}}', b'{"format": 1, "seconds": {"a.b@s@1": 1e999}}', None,
])
def test_a_damaged_file_is_written_anew(tmp_path, content):
    if content is not None:
        (tmp_path / FILE).write_bytes(content)
    found = Durations.read(tmp_path)
    assert found.expected("a.b@s@1", scenario()) == ALONE
    found.updated({"a.b@s@1": 7.0}).write(tmp_path)
    assert Durations.read(tmp_path).expected("a.b@s@1", scenario()) == 7.0


def test_a_cache_that_is_not_there_is_made_and_one_that_cannot_be_is_not(tmp_path):
    Durations({}).updated({"a.b@s@1": 7.0}).write(tmp_path / "new" / "cache")
    assert Durations.read(tmp_path / "new" / "cache").expected("a.b@s@1", scenario()) == 7.0
    (tmp_path / "file").write_text("mine")
    Durations({}).updated({"a.b@s@1": 7.0}).write(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


def test_what_was_measured_comes_back_to_the_millisecond(tmp_path):
    Durations({}).updated({"a.b@s@1": 1.23456, "a.b@s@2": 0.0001}).write(tmp_path)
    assert [Durations.read(tmp_path).expected(f"a.b@s@{python}", scenario()) for python in "12"] == [1.235, 0.001]


def test_two_runs_that_end_at_once_lose_nothing(tmp_path):
    """Each has read the file before the other wrote it."""
    Durations({}).updated({"a.b@s@1": 1.0, "a.b@s@2": 1.0}).write(tmp_path)
    one, other = Durations.read(tmp_path), Durations.read(tmp_path)
    one.updated({"a.b@s@1": 3.0, "a.b@s@3": 3.0}).updated({"a.b@s@4": 4.0}).write(tmp_path)
    other.updated({"a.b@s@2": 5.0, "a.b@s@3": 7.0}).write(tmp_path)
    found = Durations.read(tmp_path)
    assert [found.expected(f"a.b@s@{python}", scenario()) for python in "1234"] == [2.0, 3.0, 7.0, 4.0]


def test_a_file_that_another_run_holds_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(durations, "LOCK_SECONDS", 0.05)
    with FileLock(str(tmp_path / FILE) + ".lock"):
        Durations({}).updated({"a.b@s@1": 3.0}).write(tmp_path)
    assert not (tmp_path / FILE).exists()


def test_of_too_many_the_oldest_are_dropped(tmp_path, monkeypatch):
    monkeypatch.setattr(durations, "MOST", 3)
    Durations({}).updated({f"a.b@s@{number}": 1.0 for number in range(3)}).write(tmp_path)
    Durations.read(tmp_path).updated({"a.b@s@0": 1.0, "a.b@s@9": 1.0}).write(tmp_path)
    assert list(json.loads((tmp_path / FILE).read_text())["seconds"]) == ["a.b@s@2", "a.b@s@0", "a.b@s@9"]


def test_a_hundred_thousand_cells_are_read_fast(tmp_path):
    cells = {f"family.scenario-{number // 100}@server{number % 10}@3.{number % 100 // 10}": 1.0 for number in range(100_000)}
    Durations({}).updated(cells).write(tmp_path)
    began = time.process_time()
    found = Durations.read(tmp_path)
    for number in range(1000):
        assert found.expected(f"family.scenario-{number}@server3@2.7", scenario(f"family.scenario-{number}")) == 1.0
    assert time.process_time() - began < 1.5, "0.3 s on an idle machine"


@given(st.dictionaries(st.sampled_from([f"a.b@{s}@{p}" for s in "st" for p in "123"]), st.floats(0.01, 1e4)), st.sampled_from("st"))
def test_what_is_expected_lies_within_what_was_measured(known, server):
    found = Durations(known).expected(f"a.b@{server}@9", scenario())
    some = [seconds for cell, seconds in known.items() if f"@{server}@" in cell] or list(known.values()) or [ALONE]
    assert min(some) <= found <= max(some)

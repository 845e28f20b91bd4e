"""known.toml: what its entries say, and what is refused in them."""

import datetime

import pytest

from harness.language import expected_failures
from harness.language.expected_failures import ExpectedFailure
from harness.language.parse_scenario import parse
from harness.model.refusal import Refusal

STEPS = [{"act": "start"}, {"act": "request", "path": "/", "expect": {"status": 200}, "save": {"child": "json:/pid"},
                             "either": [{"body": "a"}, {"body": "b"}]}]
SCENARIOS = {"http.head": parse({"format": 1, "id": "http.head", "title": "t", "source": ["x"], "app": "life", "step": STEPS}, "f.toml")}
SUBJECTS = ("mine", "waitress")
TODAY = datetime.date(2026, 11, 29)


def read(tmp_path, text):
    file = tmp_path / "known.toml"
    file.write_text(text, "utf-8")
    return expected_failures.read(file)


ENTRY = '[[known]]\nscenario = "http.head"\ntargets = ["mine@2.7", "waitress"]\nwhy = "old"\n'


def test_an_entry_is_read_whole(tmp_path):
    found = read(tmp_path, f'format = 1\n{ENTRY}step = 2\nkey = "status"\nlink = "https://x/1"\nuntil = 2027-01-31\nsometimes = true\n')
    assert found == (ExpectedFailure("http.head", ("mine@2.7", "waitress"), "old", 2, "status", "https://x/1", "2027-01-31", True),)
    assert found[0].reason == "old (https://x/1)"
    expected_failures.check(found, SCENARIOS, SUBJECTS, "known.toml", TODAY)


def test_a_file_without_entries_expects_nothing(tmp_path):
    assert read(tmp_path, "format = 1\n") == ()


@pytest.mark.parametrize(("cell", "is_meant"), [
    ("http.head@mine@2.7", True), ("http.head@mine@3.13", False), ("http.head@waitress@3.13", True), ("http.get@mine@2.7", False),
    ("http.head@waitress+lt2@3.13", False), ("http.head@mine2@2.7", False)])
def test_the_cells_that_an_entry_names(cell, is_meant):
    assert ExpectedFailure("http.head", ("mine@2.7", "waitress"), "old").names(cell) is is_meant


@pytest.mark.parametrize(("text", "said"), [
    ("", "format: must be 1"), ("format = 2\n", "format: must be 1, not 2"), ("format = true\n", "format: must be 1"),
    ("format = 1\nknow = []\n", "unknown key 'know'. Did you mean 'known'?"), ('format = 1\nknown = "x"\n', "known: must be a list of tables"),
    ("format = 1\n[[known]]\n", "known 1: scenario is missing"), (f"format = 1\n{ENTRY}wy = 1\n", "known 1: unknown key 'wy'. Did you mean 'why'?"),
    (f"format = 1\n{ENTRY}step = 'x'\n", "known 1: step: must be a whole number, not 'x'"), (f"format = 1\n{ENTRY}step = true\n", "step: must be a whole number"),
    (f"format = 1\n{ENTRY}step = 0\n", "steps are counted from 1"), (f"format = 1\n{ENTRY}until = '2027-01-31'\n", "until: must be a date such as"),
    (f"format = 1\n{ENTRY}until = 2027-01-31T10:00:00\n", "until: must be a date"),
    (f"format = 1\n{ENTRY}sometimes = 1\n", "sometimes: must be true or false, not 1"),
    ('format = 1\n[[known]]\nscenario = "http.head"\ntargets = []\nwhy = "x"\n', "targets: must be a list of servers, such as"),
    ('format = 1\n[[known]]\nscenario = "http.head"\ntargets = [1]\nwhy = "x"\n', "targets: must be a list of servers, such as"),
    ('format = 1\n[[known]]\nscenario = "http.head"\ntargets = "mine"\nwhy = "x"\n', "targets: must be a list of servers"),
    ('format = 1\n[[known]]\nscenario = "http.head"\ntargets = ["mine"]\nwhy = " "\n', "why: is empty"), ("format = [\n", "is not valid TOML"),
])
def test_a_file_that_says_what_cannot_be_is_refused(tmp_path, text, said):
    with pytest.raises(Refusal, match=r"^known\.toml: ") as caught:
        read(tmp_path, text)
    assert said in str(caught.value)


def entry(**changes):
    return ExpectedFailure(**{"scenario": "http.head", "targets": ("mine",), "why": "x", **changes})


@pytest.mark.parametrize(("wrong", "said"), [
    (entry(scenario="http.haed"), "known 1: scenario: unknown scenario 'http.haed'. Did you mean 'http.head'?"),
    (entry(targets=("mime",)), "known 1: targets: unknown server 'mime'. Did you mean 'mine'?"),
    (entry(targets=("mine@3.1",)), "known 1: targets: 'mine@3.1': unknown Python '3.1'. Did you mean"),
    (entry(targets=("mine@banana",)), "unknown Python 'banana'"), (entry(targets=("mine@",)), "unknown Python ''"),
    (entry(step=3), "step: http.head has steps 1 to 2, not 3"), (entry(step=2, key="stauts"), "key: step 2 of http.head cannot fail there: unknown key 'stauts'. Did you mean 'status'?"),
    (entry(step=1, key="status"), "unknown key 'status'"), (entry(key="nothing"), "unknown key 'nothing'"),
    (entry(targets=("mine", "mine")), "targets: names mine more than once"), (entry(targets=("mine", "mine@2.7")), "names mine@2.7 more than once"),
    (entry(until="2026-11-28"), "until: expired on 2026-11-28"),
])
def test_an_entry_that_names_nothing_or_has_expired_is_refused(wrong, said):
    with pytest.raises(Refusal) as caught:
        expected_failures.check([wrong], SCENARIOS, SUBJECTS, "known.toml", TODAY)
    assert said in str(caught.value)


@pytest.mark.parametrize("right", [
    entry(targets=("mine@pypy3.11", "mine@3.13t", "mine@2.7")), entry(until="2026-11-29"), entry(key="processes"), entry(step=2, key="save child"),
    entry(step=2, key="either"), entry(key="answers"),
    entry(step=2, key="request"), entry(targets=("waitress+lt2@3.13",))])
def test_an_entry_that_can_be_is_taken(right):
    expected_failures.check([right], SCENARIOS, SUBJECTS, "known.toml", TODAY)


def test_two_entries_that_say_the_same_are_refused():
    with pytest.raises(Refusal, match="known 2: repeats known 1 for mine: keep one of them"):
        expected_failures.check([entry(), entry(why="y")], SCENARIOS, SUBJECTS, "known.toml", TODAY)
    expected_failures.check([entry(step=2), entry()], SCENARIOS, SUBJECTS, "known.toml", TODAY)

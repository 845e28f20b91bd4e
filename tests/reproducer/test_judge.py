"""The reproducer judges as the harness does, and finds what its servers leave."""

from types import SimpleNamespace

import pytest

from harness.reproducer.parts import judge
from harness.reproducer.parts.judge import clean_up, holds
from harness.reproducer.parts.run import do, reproduce

from ..language.test_matching import HOLDS, HOLDS_NOT
from .conftest import does, step

EXITS = [(expected, observed, good) for table, good in ((HOLDS, True), (HOLDS_NOT, False)) for kind, expected, observed in table
         if kind == "exit" and not isinstance(observed, bool)]


@pytest.mark.parametrize(("expected", "observed", "good"), EXITS)
def test_exit_codes_are_judged_as_the_harness_judges_them(expected, observed, good):
    cell = SimpleNamespace(recipe={"exits": {"name": expected}})
    assert holds(cell, "exit", "@name" if isinstance(expected, list) else expected, {"exit": observed}) is good


@pytest.mark.parametrize(("log", "expected", "good"), [
    ("x\n", {"log": "/x/"}, True), ("y\n", {"log": "/x/"}, False), ("x\n", {"log_absent": "/x/"}, False), ("y\n", {"log_absent": "/x/"}, True),
    (None, {"log": "/x/"}, False), (None, {"log_absent": "/x/"}, False), ("a 8080\n", {"log": "@named"}, True), ("a 8081\n", {"log": "@named"}, False),
])
def test_a_log_is_judged_with_the_server_s_own_patterns(reproducing, log, expected, good):
    cell = reproducing(patterns={"named": "/^a {number}$/"})
    cell.values["number"] = "8080"
    ((key, wanted),) = expected.items()
    assert holds(cell, key, wanted, {"log": log}) is good


@pytest.mark.parametrize(("seen", "found"), [
    ({"statuses": [400], "closed": True}, []), ({"statuses": [200], "status": 200}, []),
    ({"statuses": [400], "closed": False, "status": 400}, [(2, "either", "statuses [400], closed False, status 400")]),
    ({}, [(2, "either", "statuses nothing, closed nothing, status nothing")]),
])
def test_one_alternative_must_hold_whole(reproducing, seen, found):
    one = {**step("raw", 2), "either": [{"statuses": [400], "closed": True, "as": "refused"}, {"status": 200}]}
    assert judge.neither(reproducing(), one, seen) == found
    assert judge.neither(reproducing(), step("raw", 2), seen) == []


@pytest.mark.parametrize(("key", "expected", "seen", "good"), [
    ("json", {"/a": 1}, {"body": '{"a": 1}'}, True), ("json", {"/a": 1}, {"body": '{"a": "1"}'}, False), ("json", {"/a": "absent"}, {"body": None}, False),
    ("statuses", [200, 400], {"statuses": [200, 400]}, True), ("statuses", [200, 400], {"statuses": [400, 200]}, False),
])
def test_what_checks_expect_is_judged_as_the_harness_judges_it(reproducing, key, expected, seen, good):
    assert holds(reproducing(), key, expected, seen) is good


def left(cell, *steps):
    """Do steps, which must hold, and return what was left."""
    for one in steps:
        seen, wrong, goes_on = do(cell, one)
        assert (wrong, goes_on) == ([], True)
        cell.seen[one["number"]] = seen
        cell.look(one["number"])
    return clean_up(cell)


def keys(found):
    return [key for step, key, _ in found if step == 0]


def test_two_servers_that_end_well_leave_nothing(reproducing):
    steps = [does(""), does("", 2, "other", 2)]
    cell = reproducing(*steps)
    assert left(cell, *steps) == []
    assert [(end["server"], end["exit"], end["step"], end["signals"]) for end in cell.ends()] == [
        ("main", -15, 0, ["TERM"]), ("other", -15, 0, ["TERM"])]


@pytest.mark.parametrize("asks", [True, False])
def test_a_server_that_was_only_asked_and_answers_nobody_is_found(reproducing, asks):
    steps = [does("")]  # it listens, and takes no connection
    cell = reproducing(*steps)
    cell.data["asks"] = asks
    assert keys(left(cell, *steps)) == ["answers"] * asks


def test_a_child_and_its_socket_are_found(reproducing):
    steps = [does(""), does("say('child', child(listener))", 2, "other", 2)]
    found = left(reproducing(*steps), *steps)
    assert keys(found) == ["processes", "sockets"]
    assert "LISTEN ['orphan']" in found[1][2]


def test_a_connection_in_close_wait_is_found(reproducing):
    take = "signal.signal(signal.SIGUSR1, lambda *_: (child(listener.accept()[0]), say('taken')))"
    steps = [does(take), step("raw", 2, send="x", keep="a", until="nothing"), step("signal", 3, signal="USR1", expect={"sent": True}),
             step("wait", 4, log="/taken/"), step("disconnect", 5)]
    found = left(reproducing(*steps), *steps)
    assert keys(found) == ["processes", "sockets"]
    assert "CLOSE_WAIT ['orphan']" in found[1][2]


def test_a_declared_process_is_not_a_failure_and_excuses_no_other(reproducing):
    steps = [does("say('child', child(listener)); say('other', child())")]
    cell = reproducing(*steps, leaves=["child"])
    assert do(cell, steps[0])[2]
    words = dict(line.split() for line in cell.servers["main"].text().splitlines() if " " in line)
    cell.values["child"] = words["child"]
    ((_, key, observed),) = clean_up(cell)
    assert (key, observed.split()[0]) == ("processes", words["other"])


@pytest.mark.parametrize("channel", [1, 2])
def test_a_held_port_is_found_whichever_it_is(reproducing, monkeypatch, channel):
    steps = [does(""), does("", 2, "other", 2)]
    cell = reproducing(*steps)
    monkeypatch.setattr(judge, "Deadline", lambda seconds: SimpleNamespace(wait=lambda ask, pause=0: ask()))
    monkeypatch.setattr(judge, "bind_state", lambda host, port: "held" if port == cell.port(channel) else "free")
    assert (0, "bind", f"port {cell.port(channel)} is held") in left(cell, *steps)


def test_ends_and_tracebacks_are_judged_as_the_harness_judges_them(reproducing):
    trace = "print('Traceback (most recent call last):\\n  x\\nKeyError: 1', flush=True)"
    steps = [does(f"signal.signal(signal.SIGUSR1, lambda *_: ({trace}, os._exit(3)))"), step("signal", 2, signal="USR1", expect={"sent": True}),
             step("wait", 3, port="free")]
    found = left(reproducing(*steps), *steps)
    assert keys(found) == ["exit", "log"]
    assert ("exit code 3" in found[0][2], "KeyError: 1" in found[1][2]) == (True, True)
    asked = [steps[0], {**steps[1], "traceback": True}, step("wait", 3, exit=True, expect={"exit": 3})]
    assert left(reproducing(*asked), *asked) == []
    by_habit = {"habits": [["/^up$/", "/^KeyError: 1$/"]], "exits": {"stop": [3]}}
    assert left(reproducing(*steps, **by_habit), *steps) == []
    assert keys(left(reproducing(*steps, **{**by_habit, "habits": [["/^up$/", "/^KeyError: 2$/"]]}), *steps)) == ["log"]


def test_a_server_that_does_not_end_on_sigterm_is_found(reproducing, monkeypatch):
    monkeypatch.setattr(judge, "STOP_SECONDS", 1.0)
    steps = [does("signal.signal(signal.SIGTERM, signal.SIG_IGN)"), does("", 2, "other", 2)]
    cell = reproducing(*steps)
    assert [(key, observed.partition(" after")[0]) for _, key, observed in left(cell, *steps)] == [("stop", "still running")]
    assert [end["signals"] for end in cell.ends()] == [["TERM", "KILL"], ["TERM"]]


def test_ports_that_its_steps_held_are_released(reproducing):
    steps = [step("hold", how="listen", channel=2, expect={"taken": True, "held": True, "connect": "accepted"})]
    assert reproduce(reproducing(*steps)) == []

"""A server that goes wrong by itself is red, whatever it answered: real processes that die as they are told."""

from pathlib import Path

import pytest

from harness.endings import is_habit, wrong_ends, wrong_tracebacks
from harness.matching import finder

SERVER = str(Path(__file__).with_name("dying_server.py"))
START = '[[step]]\nact="start"\n'
ASK = '[[step]]\nact="request"\npath="/go-wrong"\nexpect={status=200, body="hello"}\n'


@pytest.fixture
def run(run_cell):
    def run(steps, how="none", seconds="0", stop=(0,)):
        return run_cell(steps, entry=(SERVER,), args=("{host}", "{port}", how, seconds), ready=("/^serving$/",), coverage=(),
                        exits={"stop": stop, "interrupt": (-2, 1)}, patterns={})
    return run


@pytest.mark.parametrize(("how", "seconds", "observed"), [
    ("exit3", "0", "it ended by itself after step 2, with exit code 3|it ended by itself after the last step, with exit code 3|3"),
    ("segv", "0", "SIGSEGV|-11"), ("raise", "0", "exit code 3|3"), ("segv", "0.1", "SIGSEGV|-11"), ("exit3", "0.1", "exit code 3|3"),
])
def test_a_server_that_dies_after_its_last_answer_is_a_failure(run, how, seconds, observed):
    _, result = run(START + ASK, how, seconds, stop=(0, -15))
    assert (result.behaviour.outcome, result.cleanup.outcome, result.word) == ("pass", "fail", "fail")
    failure = next(f for f in result.cleanup.failures if f.key == "exit")
    assert any(part in failure.observed for part in observed.split("|")), failure


def test_one_that_does_not_die_passes(run):
    history, result = run(START + ASK)
    assert result.word == "pass", result.reason
    assert history.cleanup["ends"] == [{"launch": 1, "server": "main", "pid": history.cleanup["ends"][0]["pid"], "exit": 0,
                                        "step": 0, "signals": ["TERM"]}]
    assert history.cleanup["tracebacks"] == []


def test_an_end_that_a_step_judges_is_that_step_s(run):
    _, result = run(START + ASK + '[[step]]\nact="wait"\nexit=true\nexpect={exit=3}\n', "exit3")
    assert result.word == "pass", result.reason
    _, result = run(START + ASK + '[[step]]\nact="wait"\nexit=true\nexpect={exit=4}\n', "exit3")
    assert (result.behaviour.outcome, result.cleanup.outcome) == ("fail", "pass")


def test_an_end_that_a_step_only_waits_for_is_judged_by_the_cleanup(run):
    _, result = run(START + ASK + '[[step]]\nact="wait"\nexit=true\n', "exit3")
    assert (result.behaviour.outcome, result.cleanup.outcome) == ("pass", "fail")
    recorded = '[[step]]\nact="wait"\nexit=true\nobserve={"how it ended"="exit"}\n'
    assert run(START + ASK + recorded, "exit3")[1].word == "pass"
    assert run(START + ASK + recorded, "segv")[1].word == "fail", "a crash is never only recorded"


def test_every_launch_counts_and_not_only_the_last_one_of_a_name(run):
    again = START + ASK + '[[step]]\nact="wait"\nport="free"\n' + START + '[[step]]\nact="request"\npath="/"\nexpect={status=200}\n'
    _, result = run(again, "exit3")
    assert result.word == "fail"
    assert len(result.cleanup.failures) == 1
    assert result.cleanup.failures[0].observed in {f"it ended by itself after step {n}, with exit code 3" for n in (2, 3)}


def test_a_traceback_that_no_step_asks_for_is_a_failure(run):
    history, result = run(START + ASK, "traceback")
    assert result.word == "fail"
    assert [f.key for f in result.cleanup.failures] == ["log"]
    assert "ValueError: gone wrong on purpose" in result.reason
    assert history.cleanup["tracebacks"][0]["line"] == 2


@pytest.mark.parametrize("steps", [
    ASK + '[[step]]\nact="wait"\nlog="/^Traceback/"\n', ASK.replace("expect", "traceback=true\nexpect"),
    ASK + '[[step]]\nact="wait"\nlog=["/^Traceback/", "/^ValueError/"]\nnew=true\n',
])
def test_a_traceback_that_a_step_asks_for_is_none(run, steps):
    history, result = run(START + steps, "traceback")
    assert result.word == "pass", result.reason
    assert len(history.cleanup["tracebacks"]) == 1


def test_a_traceback_that_another_step_asks_for_excuses_no_other(run):
    other = '[[step]]\nact="request"\npath="/"\ntraceback=true\nexpect={status=200}\n'
    waited = ASK + '[[step]]\nact="wait"\nlog="/^ValueError/"\n' + other
    assert run(START + waited, "traceback")[1].word == "fail"


@pytest.mark.parametrize(("number", "stop", "word"), [("TERM", (0,), "pass"), ("TERM", (7,), "fail"), ("KILL", (7,), "pass")])
def test_a_signal_that_no_step_waits_for_is_judged_by_its_exit_code(run, number, stop, word):
    steps = f'[[step]]\nact="signal"\nsignal="{number}"\n[[step]]\nact="wait"\nport="free"\n'
    _, result = run(START + steps, stop=stop)
    assert result.word == word, result.reason


STEPS = [{"number": n, "act": act, "server": "main", "args": args, "expect": expect, "observe": {}, "traceback": may}
         for n, act, args, expect, may in (
             (1, "start", {}, {"ready": True}, False), (2, "request", {"path": "/"}, {"status": 500, "log": "/^Traceback/"}, False),
             (3, "wait", {"idle": True}, {}, False), (4, "request", {"path": "/"}, {"status": 200}, False),
             (5, "request", {"path": "/"}, {"status": 200}, True), (6, "request", {"path": "/"}, {"status": 200}, False),
             (7, "start", {}, {"ready": False}, False))]
SEEN = {step["number"]: {"ready": False} if step["number"] == 7 else {} for step in STEPS}


def logged(*places, said="ValueError: x", before=""):
    return [{"step": step, "server": server, "line": 1, "before": before, "said": said} for server, step in places]


@pytest.mark.parametrize(("places", "wrong"), [
    ([("main", 2)], 0), ([("main", 3)], 0), ([("main", 1)], 1), ([("main", 4)], 0), ([("main", 2), ("main", 4)], 1),
    ([("main", 2), ("main", 5)], 0), ([("main", 2), ("main", 6)], 0), ([("main", 2), ("main", 5), ("main", 6)], 1),
    ([("main", 2), ("main", 7), ("main", 0)], 1), ([("main", 2), ("main", 7)], 0), ([("main", 0)], 0), ([("main", 2), ("other", 2)], 1),
])
def test_a_traceback_belongs_to_the_episode_that_asked_for_it(places, wrong):
    found = list(wrong_tracebacks(logged(*places), STEPS, SEEN, lambda pattern: "Traceback" in pattern, lambda one: False))
    assert len(found) == wrong, found


@pytest.mark.parametrize(("before", "said", "habit"), [
    ("Exception ignored in: <x>", "OSError: 9", True), ("Exception ignored in: <x>", "OSError: 8", False), ("", "OSError: 9", False),
])
def test_a_habit_is_told_by_both_ends_of_a_traceback(before, said, habit):
    (one,) = logged(("main", 1), said=said, before=before)
    assert is_habit(one, [("/^Exception ignored/", "/^OSError: 9$/")], finder()) is habit


@pytest.mark.parametrize(("said", "habit"), [("OSError: 9", True), ("OSError: 8", False)])
def test_a_habit_without_the_line_before_is_told_by_the_last_line(said, habit):
    (one,) = logged(("main", 1), said=said, before="what another thread said")
    assert is_habit(one, [("", "/^OSError: 9$/")], finder()) is habit


EXITS = {"stop": (0,), "interrupt": (1,)}


@pytest.mark.parametrize(("end", "wrong"), [
    ({"exit": 3, "step": 2, "signals": []}, "it ended by itself after step 2, with exit code 3"),
    ({"exit": 0, "step": 2, "signals": []}, "it ended by itself after step 2, with exit code 0"),
    ({"exit": -11, "step": 2, "signals": ["TERM"]}, "it ended by itself after step 2, with SIGSEGV"),
    ({"exit": 0, "step": 2, "signals": ["TERM"]}, ""), ({"exit": -15, "step": 2, "signals": ["TERM"]}, ""),
    ({"exit": 5, "step": 2, "signals": ["TERM"]}, "exit code 5, after step 2"), ({"exit": 1, "step": 2, "signals": ["INT"]}, ""),
    ({"exit": -9, "step": 2, "signals": ["KILL"]}, ""), ({"exit": -9, "step": 2, "signals": []}, "it ended by itself after step 2, with SIGKILL"),
    ({"exit": -9, "step": 2, "signals": ["TERM"]}, "SIGKILL, after step 2"),
    ({"exit": 0, "step": 2, "signals": ["HUP"]}, ""), ({"exit": -1, "step": 2, "signals": ["HUP"]}, ""),
])
def test_an_end_that_no_step_looked_at(end, wrong):
    found = wrong_ends([{"launch": 1, "server": "main", "pid": 7, **end}], [], STEPS[1:2], {2: {}}, EXITS)
    assert [observed for _, _, observed in found] == ([wrong] if wrong else [])


def test_of_two_servers_each_end_is_judged():
    ends = [{"launch": n, "server": name, "pid": n, "exit": code, "step": 0, "signals": ["TERM"]}
            for n, name, code in ((1, "main", 0), (2, "other", 1))]
    stopped = [{"server": name, "forced": False, "seconds": 0.1} for name in ("main", "other")]
    assert wrong_ends(ends, stopped, STEPS, SEEN, EXITS) == [("exit", "server 'other' ends with [0]", "1")]
    forced = [{"server": "main", "forced": True, "seconds": 15.0}, stopped[1]]
    assert [key for key, _, _ in wrong_ends(ends, forced, STEPS, SEEN, EXITS)] == ["stop", "exit"]

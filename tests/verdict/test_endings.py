"""A server that goes wrong by itself is red, whatever it answered: real processes that die as they are told."""

import os
import subprocess
import sys

import pytest

from harness.cell import server_verbs
from harness.language.matching import finder
from harness.machine.deadlines import Deadline
from harness.verdict import endings
from harness.verdict.endings import let_end, says_that_it_ends, wrong_ends

START = '[[step]]\nact="start"\n'
ASK = '[[step]]\nact="request"\npath="/go-wrong"\nexpect={status=200, body="hello"}\n'


@pytest.fixture
def run(dying):
    return dying


@pytest.mark.parametrize(("how", "seconds", "observed"), [
    ("exit3", "0", "it ended unexpectedly after step 2, with exit code 3|it ended unexpectedly after the last step, with exit code 3|3"),
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


@pytest.mark.parametrize(("act", "more"), [("stop", ""), ("kill", ""), ("signal", 'signal="TERM"\n')])
@pytest.mark.parametrize("how", ["exit0", "TERM", "KILL"])
def test_who_dies_before_it_is_told_to_end_was_not_ended_by_us(run, how, act, more):
    last = f'[[step]]\nact="{act}"\n{more}[[step]]\nact="wait"\nexit=true\n'
    history, result = run(START + ASK + last, how, stop=(0, -15, -9))
    assert result.word == "fail"
    assert history.cleanup["ends"][0]["signals"] == []
    assert any(failure.step == 3 and failure.key == act for failure in result.behaviour.failures), result.reason


ASKED = '[[step]]\nact="request"\npath="/slow"\nbackground=true\nid="a"\n[[step]]\nact="wait"\nlog="/asked slowly/"\n'
ANSWERED = '[[step]]\nact="wait"\nresponse="a"\nobserve={"what came"="status"}\n'
KEPT = ('[[step]]\nact="raw"\nsend="GET /slow HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"\nuntil="nothing"\nkeep="k"\n'
        '[[step]]\nact="wait"\nlog="/asked slowly/"\n')


@pytest.mark.parametrize(("steps", "rests"), [
    (START + ASK, 1), (START, 1), (START.replace("\n", "\nbackground=true\n", 1), 0), (START + ASKED, 0), (START + KEPT, 0),
    (START + ASKED + ANSWERED, 1),  # besides once when it is ready, which in the background nobody waits for
])
def test_only_who_neither_starts_nor_owes_an_answer_is_let_rest_before_its_signal(run, monkeypatch, steps, rests):
    asked = []
    monkeypatch.setattr(server_verbs, "let_rest", lambda pid, running: asked.append(pid))
    later = ANSWERED if ASKED in steps and ANSWERED not in steps else ""
    history, _ = run(steps + '[[step]]\nact="stop"\n' + later, stop=(0, -15))
    assert history.error == ""
    assert len(asked) == rests + (0 if "background=true" in steps.partition('act="stop"')[0].partition("request")[0] else 1)


def test_every_launch_counts_and_not_only_the_last_one_of_a_name(run):
    again = START + ASK + '[[step]]\nact="wait"\nport="free"\n' + START + '[[step]]\nact="request"\npath="/"\nexpect={status=200}\n'
    _, result = run(again, "exit3")
    assert result.word == "fail"
    assert len(result.cleanup.failures) == 1
    assert result.cleanup.failures[0].observed in {f"it ended unexpectedly after step {n}, with exit code 3" for n in (2, 3)}


@pytest.mark.parametrize(("number", "stop", "word"), [("TERM", (0,), "pass"), ("TERM", (7,), "fail"), ("KILL", (7,), "pass")])
def test_a_signal_that_no_step_waits_for_is_judged_by_its_exit_code(run, number, stop, word):
    steps = f'[[step]]\nact="signal"\nsignal="{number}"\n[[step]]\nact="wait"\nport="free"\n'
    _, result = run(START + steps, stop=stop)
    assert result.word == word, result.reason


STEPS = [{"number": 2, "act": "request", "server": "main", "args": {"path": "/"}, "expect": {"status": 500}, "observe": {}}]
EXITS = {"stop": (0,), "interrupt": (1,)}


@pytest.mark.parametrize(("end", "wrong"), [
    ({"exit": 3, "step": 2, "signals": []}, "it ended unexpectedly after step 2, with exit code 3"),
    ({"exit": 0, "step": 2, "signals": []}, "it ended unexpectedly after step 2, with exit code 0"),
    ({"exit": -11, "step": 2, "signals": ["TERM"]}, "SIGSEGV, after step 2"), ({"exit": -11, "step": 2, "signals": []}, "it ended unexpectedly after step 2, with SIGSEGV"),
    ({"exit": 0, "step": 2, "signals": ["TERM"]}, ""), ({"exit": -15, "step": 2, "signals": ["TERM"]}, ""),
    ({"exit": 5, "step": 2, "signals": ["TERM"]}, "exit code 5, after step 2"), ({"exit": 1, "step": 2, "signals": ["INT"]}, ""),
    ({"exit": -9, "step": 2, "signals": ["KILL"]}, ""), ({"exit": -9, "step": 2, "signals": []}, "it ended unexpectedly after step 2, with SIGKILL"),
    ({"exit": -9, "step": 2, "signals": ["TERM"]}, "SIGKILL, after step 2"),
    ({"exit": 0, "step": 2, "signals": ["HUP"]}, ""), ({"exit": -1, "step": 2, "signals": ["HUP"]}, ""),
])
def test_an_end_that_no_step_looked_at(end, wrong):
    found = wrong_ends([{"launch": 1, "server": "main", "pid": 7, **end}], [], STEPS, {2: {}}, EXITS)
    assert [observed for _, _, observed in found] == ([wrong] if wrong else [])


def test_of_two_servers_each_end_is_judged():
    ends = [{"launch": n, "server": name, "pid": n, "exit": code, "step": 0, "signals": ["TERM"]}
            for n, name, code in ((1, "main", 0), (2, "other", 1))]
    stopped = [{"server": name, "forced": False, "seconds": 0.1} for name in ("main", "other")]
    assert wrong_ends(ends, stopped, STEPS, {2: {}}, EXITS) == [("exit", "server 'other' ends with [0]", "1")]
    forced = [{"server": "main", "forced": True, "seconds": 15.0}, stopped[1]]
    assert [key for key, _, _ in wrong_ends(ends, forced, STEPS, {2: {}}, EXITS)] == ["stop", "exit"]


def launch(number, server="main", code=0, step=0, signals=("TERM",)):
    return {"launch": number, "server": server, "pid": 100 + number, "exit": code, "step": step, "signals": list(signals)}


def stopping(server="main", forced=False):
    return {"server": server, "forced": forced, "seconds": 15.0 if forced else 0.1}


def looking(number, act="wait", server="main", expect=(), observe=()):
    return {"number": number, "act": act, "server": server, "args": {}, "expect": dict.fromkeys(expect, 3),
            "observe": dict.fromkeys(observe, "exit"), "traceback": False}


@pytest.mark.parametrize(("ends", "stopped", "wrong"), [
    # An earlier launch of a name is not excused by the stop of the last one, wherever it stands in the list.
    ([launch(1, code=3, step=2, signals=()), launch(2)], [stopping()], [("exit", "it ended unexpectedly after step 2, with exit code 3")]),
    ([launch(1, code=0, step=2, signals=()), launch(2)], [stopping()], [("exit", "it ended unexpectedly after step 2, with exit code 0")]),
    ([launch(1, code=-15, step=2), launch(2)], [stopping()], []),
    ([launch(1), launch(2, code=3, step=2, signals=())], [], [("exit", "it ended unexpectedly after step 2, with exit code 3")]),
    # One that had to be killed is told once, as such; each of several is.
    ([launch(1, code=-9, signals=("TERM", "KILL"))], [stopping(forced=True)], [("stop", "still running after 15.0 s; sent SIGKILL")]),
    ([launch(1, code=-9), launch(2, "other", -9)], [stopping(forced=True), stopping("other", forced=True)], [("stop", "still running after 15.0 s; sent SIGKILL")] * 2),
    ([launch(1, code=-9), launch(2, "other", 4)], [stopping(forced=True), stopping("other")], [("stop", "still running after 15.0 s; sent SIGKILL"), ("exit", "4")]),
    # At the end only the exit codes of a stop are good.
    ([launch(1, code=-15)], [stopping()], [("exit", "-15")]), ([launch(1, code=1)], [stopping()], [("exit", "1")]), ([launch(1)], [stopping()], []),
    # One that ended before it was stopped, after the last look.
    ([launch(1, code=3, signals=())], [], [("exit", "it ended unexpectedly after the last step, with exit code 3")]),
])
def test_each_launch_is_judged_by_its_own_end(ends, stopped, wrong):
    assert [(key, observed) for key, _, observed in wrong_ends(ends, stopped, [], {}, EXITS)] == wrong


CRASH = {"exit": -11, "pid": 101}


@pytest.mark.parametrize(("end", "step", "saw", "excused"), [
    (launch(1, code=3, step=2), looking(2, expect=["exit"]), {"exit": 3, "pid": 101}, True),
    (launch(1, code=3, step=2), looking(3, expect=["exit"]), {"exit": 3, "pid": 101}, True),
    (launch(1, code=3, step=2), looking(3, expect=["exit"], server="other"), {"exit": 3, "pid": 101}, False),
    (launch(1, code=3, step=2), looking(3, expect=["exit"]), {"exit": 3, "pid": 102}, False),    # another launch's end
    (launch(1, code=3, step=2), looking(3, expect=["exit"]), {"exit": 4, "pid": 101}, False),
    (launch(1, code=3, step=2), looking(3, expect=["exit"]), {"exit": None, "pid": 101}, False),  # it looked, and it still ran
    (launch(1, code=3, step=2), looking(1, expect=["exit"]), {"exit": 3, "pid": 101}, False),     # before it had ended
    (launch(1, code=3, step=2), looking(3, expect=["log"]), {"exit": 3, "pid": 101}, False),      # something else of it
    (launch(1, code=3, step=2), looking(3, expect=["ready"]), {"exit": 3, "pid": 101}, True),
    (launch(1, code=-11, step=2), looking(3, expect=["ready"]), CRASH, False),
    (launch(1, code=-11, step=2), looking(3, expect=["exit"]), CRASH, True),
    (launch(1, code=-11, step=2), looking(3, observe=["how it ended"]), CRASH, False),
    (launch(1, code=3, step=2), looking(3, observe=["how it ended"]), {"exit": 3, "pid": 101}, True),
    (launch(1, code=3, step=2), looking(2, "sweep"), {}, True), (launch(1, code=-6, step=2), looking(2, "sweep"), {}, False),
    (launch(1, code=3, step=0), looking(3, expect=["exit"]), {"exit": 3, "pid": 101}, False),
])
def test_a_step_excuses_only_the_very_end_that_it_looked_at(end, step, saw, excused):
    end = {**end, "signals": []}
    assert (wrong_ends([end], [], [step], {step["number"]: saw}, EXITS) == []) is excused


@pytest.mark.parametrize(("signals", "codes"), [
    ((), []), (("TERM",), [-15, 0]), (("INT",), [-2, 1]), (("HUP",), [-1, 0]), (("USR1",), [-10, 0]), (("KILL",), [-9]),
    (("INT", "TERM"), [-15, -2, 0, 1]), (("TERM", "KILL"), [-15, -9, 0]),
])
def test_the_exit_codes_that_signals_may_bring(signals, codes):
    good = [code for code in (*range(-15, 0), 0, 1, 2, 3, 70)
            if wrong_ends([launch(1, code=code, step=2, signals=signals)], [], [], {}, EXITS) == []]
    assert good == codes


@pytest.mark.parametrize(("lines", "ends"), [
    ("", False), ("x\n", False), ("STARTED\n", False), ("EXITING\n", True), ("STARTED\nEXITING\n", True), ("EXITING\nx\n", True),
    ("EXITING\nSTARTED\n", False), ("EXITING\nSTARTED\nx\n", False), ("EXITING\nSTARTED\nEXITING\n", True),
])
def test_a_log_says_that_a_server_ends_until_it_has_started_again(lines, ends):
    assert says_that_it_ends(lines, "/EXITING/", "/STARTED/", finder()) is ends


class Rest:
    """Whether a server rests, look by look; the last answer stays."""

    def __init__(self, *answers):
        self.answers, self.looks = answers, 0

    def __call__(self, pid):
        self.looks += 1
        return self.answers[min(self.looks, len(self.answers)) - 1]


@pytest.mark.parametrize(("answers", "looks"), [((True,), 2), ((False, True), 3), ((False, True, False, True), 5)])
def test_a_server_that_is_at_work_is_let_come_to_rest(monkeypatch, answers, looks):
    rest = Rest(*answers)
    monkeypatch.setattr(endings, "is_at_rest", rest)
    monkeypatch.setattr(endings, "SETTLE_SECONDS", 60.0)
    let_end(1, lambda: True, ["HUP"], {"stop": (0,)}, False)
    assert rest.looks == looks


@pytest.mark.parametrize(("signals", "says_so"), [(["TERM"], False), (["INT"], False), (["HUP", "QUIT"], False), ([], True)])
def test_a_server_that_is_ending_is_waited_for(monkeypatch, signals, says_so):
    monkeypatch.setattr(endings, "is_at_rest", lambda pid: True)
    monkeypatch.setattr(endings, "SETTLE_SECONDS", 0.0)
    left = iter([True] * 8 + [False])
    let_end(1, lambda: next(left), signals, {"stop": (0,)}, says_so)
    assert next(left, "it had ended") == "it had ended"


def test_who_asks_is_at_work_and_who_is_gone_is_not_at_rest():
    assert not endings.is_at_rest(os.getpid())
    assert not endings.is_at_rest(2 ** 22 + 1)
    with subprocess.Popen([sys.executable, "-c", "print(1, flush=True); input()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        assert Deadline(10).wait(lambda: endings.is_at_rest(process.pid))
        process.stdin.close()

"""The judge on histories written by hand: every outcome, and that nothing that is absent is green."""

from dataclasses import replace

import pytest

from harness.language.dialect import Dialect
from harness.language.parse_scenario import parse
from harness.language.scenario import Known
from harness.language.text_matching import CUT
from harness.model.stored_json import to_json
from harness.model.values import History, Observation
from harness.verdict.judge import fill, judge

SCENARIO = parse({
    "format": 1, "id": "a.b", "title": "t", "paper": "unexposed",
    "step": [{"act": "start"}, {"act": "request", "path": "/", "expect": {"status": 200, "log": "@named"},
                                "save": {"child": "json:/pid"}}],
}, "f.toml")
CLEAN = {"stopped": [{"server": "main", "exit": 0, "forced": False, "seconds": 0.1}], "processes": [], "removed": [],
         "sockets": [], "bind": {"127.0.0.1:1": "free"}, "bind_without_reuse": {}, "tracebacks": [], "logs": [], "unasked": [],
         "ends": [{"launch": 1, "server": "main", "pid": 9, "exit": 0, "step": 0, "signals": ["TERM"]}]}
PATTERNS = {"named": "/port {port}$/"}
EXITS = {"stop": (0,), "port-held": (70, 98)}
DIALECT = Dialect(PATTERNS, EXITS)


def seen(step, act, timeout=False, unable="", **values):
    return Observation(step=step, act=act, at=0, seconds=0, seen=values, timeout=timeout, unable=unable)


def history(*observations, cleanup=CLEAN, values=None, **more):
    return History(cell="a.b@s@p", scenario_hash="h", host="127.0.0.1", port=1, observations=observations, cleanup=cleanup,
                   logs={}, coverage="data", coverage_note="note", seconds=1.0,
                   values={"port": "80.0", "child": "7"} if values is None else values, **more)


GOOD = (seen(1, "start", ready=True), seen(2, "request", status=200, log="the port 80.0"))


def known(verdict="behaviour", step=2, key="status", observed="500"):
    return {"where": {}, "verdict": verdict, "step": step, "key": key, "observed": observed, "why": "up#1"}


def with_known(*entries):
    return replace(SCENARIO, known=tuple(Known(**entry) for entry in entries))


def word(scenario, past):
    return judge(scenario, past, DIALECT).word


def test_everything_as_expected():
    result = judge(SCENARIO, history(*GOOD), DIALECT)
    assert (result.word, result.behaviour.outcome, result.cleanup.outcome) == ("pass", "pass", "pass")


@pytest.mark.parametrize(("observations", "outcome", "reason"), [
    ((seen(1, "start", ready=False),), "fail", "step 1: ready: expected True, observed False"),
    ((seen(1, "start", ready=False, exit=70, log="a\nport held\n"),), "fail",
     "ready: expected True, observed False (the server ended with exit code 70; last log line: port held)"),
    ((seen(1, "start"),), "fail", "observed nothing"),
    ((seen(1, "start", timeout=True, waiting_for="it is ready", log="begins\n", exit=None),), "timeout",
     "it is ready within 30 s, observed it did not happen (last log line: begins)"),
    ((GOOD[0], seen(2, "request", status=None, error="IncompleteRead", log="the port 80.0")), "fail",
     "step 2: status: expected 200, observed nothing (IncompleteRead: the answer is incomplete)"),
    ((GOOD[0], seen(2, "request", status="200", log="the port 80.0")), "fail",
     "step 2: status: expected 200, observed 200 (with escapes: expected 200, observed '200')"),
    ((GOOD[0], seen(2, "request", status=200, log="x\n" + CUT)), "fail",
     "log: expected /port 80\\.0$/, observed a text of more than 1048576 bytes; the part that was kept does not decide"),
    ((GOOD[0], seen(2, "request", status=500, log="the port 80.0")), "fail", "step 2: status: expected 200, observed 500"),
    ((GOOD[0], seen(2, "request", status=200, log="port 80x0")), "fail", "log: expected /port 80\\.0$/"),
    ((GOOD[0], seen(2, "request", timeout=True, waiting_for="an answer")), "timeout", "an answer within 10 s"),
    ((GOOD[0], seen(2, "request", unable="server is gone")), "fail", "server is gone"),
])
def test_what_differs(observations, outcome, reason):
    result = judge(SCENARIO, history(*observations), DIALECT)
    assert result.word == outcome
    assert reason in result.reason


@pytest.mark.parametrize("past", [
    history(),
    history(GOOD[0]),
    history(*GOOD, cleanup={}),
    history(*GOOD, error="Traceback …"),
    replace(history(*GOOD), coverage="broken"),
])
def test_what_cannot_be_told_is_an_error_and_never_a_pass(past):
    result = judge(SCENARIO, past, DIALECT)
    assert result.status == "error"
    assert result.reason


def test_a_text_that_was_cut_loses_no_other_verdict():
    """What cannot be told of it is a failure; the other failures, and what is left at the end, are still said."""
    past = history(GOOD[0], seen(2, "request", status=500, log="x\n" + CUT), cleanup={**CLEAN, "processes": ["descendant: 7 sleep"]})
    result = judge(SCENARIO, past, DIALECT)
    assert (result.status, [failure.key for failure in result.behaviour.failures]) == ("ran", ["status", "log"])
    assert [failure.key for failure in result.cleanup.failures] == ["processes"]
    entry = known(key="log", observed="a text of more than 1048576 bytes; the part that was kept does not decide")
    assert judge(with_known(entry), history(GOOD[0], seen(2, "request", status=200, log="x\n" + CUT)), DIALECT).word == "known"


def test_what_a_reason_adds_is_no_part_of_what_known_failures_are_compared_with():
    past = history(GOOD[0], seen(2, "request", status=None, error="BadHeader", log="the port 80.0"))
    result = judge(with_known(known(observed="nothing")), past, DIALECT)
    assert result.word == "known"
    assert result.behaviour.failures[0].note == "BadHeader: a header line is malformed"


def test_a_pattern_that_takes_too_long_is_still_an_error():
    slow = {"named": "/(a|a|aa)+b$/"}
    past = history(GOOD[0], seen(2, "request", status=200, log="a" * 60))
    result = judge(SCENARIO, past, Dialect(slow, EXITS))
    assert (result.status, "took more than" in result.reason) == ("error", True)


def test_a_pattern_that_the_subject_does_not_spell_is_an_error():
    result = judge(SCENARIO, history(*GOOD), Dialect({}, EXITS))
    assert result.word == "error"
    assert "@named" in result.reason


def test_a_value_that_was_not_there_to_save():
    assert word(SCENARIO, history(*GOOD, values={"port": "80.0"})) == "fail"


@pytest.mark.parametrize(("change", "key"), [
    ({"stopped": [{"server": "main", "exit": None, "forced": True, "seconds": 15.0}]}, "stop"),
    ({"ends": [{"launch": 1, "server": "main", "pid": 9, "exit": 1, "step": 0, "signals": ["TERM"]}]}, "exit"),
    ({"processes": ["descendant: 7 sleep"]}, "processes"),
    ({"sockets": [{"local": "127.0.0.1:1"}]}, "sockets"),
    ({"bind": {"127.0.0.1:1": "held"}}, "bind"),
])
def test_cleanup(change, key):
    result = judge(SCENARIO, history(*GOOD, cleanup={**CLEAN, **change}), DIALECT)
    assert result.behaviour.outcome == "pass"
    assert result.cleanup.outcome == "fail"
    assert result.cleanup.failures[0].key == key
    assert result.word == "fail"


FAILED = (GOOD[0], seen(2, "request", status=500, log="the port 80.0"))


def test_exactly_the_known_failure_is_known():
    assert word(with_known(known()), history(*FAILED)) == "known"


@pytest.mark.parametrize("entry", [known(observed="/50[1-9]/"), known(key="log", observed="x"), known(step=1)])
def test_any_other_failure_is_a_fail(entry):
    assert word(with_known(entry), history(*FAILED)) == "fail"


def test_one_known_and_one_other_is_a_fail():
    past = history(GOOD[0], seen(2, "request", status=500, log="nothing"))
    assert word(with_known(known()), past) == "fail"


@pytest.mark.parametrize(("entries", "observations", "outcome"), [
    ([{}], FAILED, "known"), ([{}], GOOD, "pass"),
    ([{}, {"step": 1, "key": "ready", "observed": "False", "sometimes": False}], GOOD, "fixed"),
    ([{}, {"step": 1, "key": "ready", "observed": "False", "sometimes": False}], FAILED, "fail"),
    ([{}, {"key": "log", "observed": "/x/"}], FAILED, "known"),
    ([{"observed": "501"}], FAILED, "fail")])
def test_what_fails_sometimes_is_known_when_it_fails_and_nothing_is_fixed_when_it_does_not(entries, observations, outcome):
    assert word(with_known(*({**known(), "sometimes": True, **entry} for entry in entries)), history(*observations)) == outcome


def test_of_what_fails_sometimes_only_what_was_seen_is_told():
    other = {**known(key="log", observed="/x/"), "why": "not this time", "sometimes": True}
    assert judge(with_known(known(), other), history(*FAILED), DIALECT).reason == "up#1"


def test_two_known_of_which_one_is_gone_is_a_fail():
    assert word(with_known(known(), known(key="log", observed="/x/")), history(*FAILED)) == "fail"


LISTS = parse({
    "format": 1, "id": "a.b", "title": "t", "paper": "unexposed",
    "step": [{"act": "start"}, {"act": "sockets", "expect": {"listeners": ["main"], "bind": "held"}}],
}, "f.toml")


def listening(*listeners):
    return history(seen(1, "start", ready=True), seen(2, "sockets", listeners=list(listeners), bind="held"))


@pytest.mark.parametrize(("listeners", "observed", "outcome"), [
    (["child", "main"], ("/^child$/",), "known"), (["child", "main", "orphan"], ("/^child$/",), "fail"),
    (["child", "main", "orphan"], ("/^child$/", "/^orphan$/"), "known"), (["child"], ("/^child$/",), "fail"),
    (["child"], ("/^child$/", "/^no main$/"), "known"), (["child"], ("['child']",), "known"), (["main"], ("/^child$/",), "fixed"),
    (["child", "child", "main"], ("/^child$/",), "known"), (["child", "main"], ("/chil/", "/^orphan$/"), "fail"),
    (["main", "main"], ("/^main$/",), "known"), ([], ("/^no main$/",), "known"), ([], ("/^main$/",), "fail"),
])
def test_a_known_item_of_a_list_hides_no_other(listeners, observed, outcome):
    entries = tuple(Known(**known(key="listeners", observed=one)) for one in observed)
    assert word(replace(LISTS, known=entries), listening(*listeners)) == outcome


def left(**changes):
    return history(*GOOD, cleanup={**CLEAN, **changes})


SOCKETS = [{"local": "127.0.0.1:1", "state": state, "holders": ["orphan"]} for state in ("LISTEN", "CLOSE_WAIT")]
PROCESSES = ["child: 7 python -c from multiprocessing.resource_tracker import main", "orphan: 8 python worker"]


@pytest.mark.parametrize(("changes", "key", "observed", "outcome"), [
    ({"sockets": SOCKETS[:1]}, "sockets", "/LISTEN/", "known"), ({"sockets": SOCKETS}, "sockets", "/LISTEN/", "fail"),
    ({"sockets": SOCKETS}, "sockets", "/LISTEN|CLOSE_WAIT/", "known"),
    ({"processes": PROCESSES[:1]}, "processes", "/resource_tracker/", "known"),
    ({"processes": PROCESSES}, "processes", "/resource_tracker/", "fail"),
    ({"processes": PROCESSES, "sockets": SOCKETS[:1]}, "processes", "/./", "fail"),
])
def test_a_known_leak_hides_no_other(changes, key, observed, outcome):
    entry = known(verdict="cleanup", step=0, key=key, observed=observed)
    assert word(with_known(entry), left(**changes)) == outcome


def test_the_first_failing_step_leads_and_not_what_it_left_behind():
    past = history(GOOD[0], seen(2, "request", timeout=True, waiting_for="an answer"),
                   cleanup={**CLEAN, "processes": ["orphan: 8 python worker"]})
    result = judge(SCENARIO, past, DIALECT)
    assert result.word == "fail"
    assert result.reason.startswith("step 2: request: expected an answer within 10 s")


def test_a_history_without_a_record_of_ends_is_no_pass():
    past = history(*GOOD, cleanup={key: value for key, value in CLEAN.items() if key != "ends"})
    assert judge(SCENARIO, past, DIALECT).status == "error"


TWO = parse({
    "format": 1, "id": "a.b", "title": "t", "paper": "unexposed", "grade": "should",
    "step": [{"act": "start"}, {"act": "request", "path": "/", "expect": {"status": 200, "reason": "OK"}},
             {"act": "wait", "log": "/x/"}, {"act": "stop", "expect": {"log_absent": "/Traceback/"}}],
}, "f.toml")
STARTED, STOPPED = seen(1, "start", ready=True), seen(4, "stop", log="all is well")
ANSWERED, WAITED = seen(2, "request", status=200, reason="OK"), seen(3, "wait")
WRONG, LATE = seen(2, "request", status=500, reason="OK"), seen(3, "wait", timeout=True, waiting_for="a log line /x/")


@pytest.mark.parametrize(("observations", "outcome"), [
    ((STARTED, ANSWERED, WAITED, STOPPED), "pass"), ((STARTED, ANSWERED, LATE), "timeout"), ((STARTED, WRONG, WAITED, STOPPED), "fail"),
    ((STARTED, WRONG, LATE), "fail"), ((STARTED, ANSWERED, WAITED, seen(4, "stop", log="Traceback (most")), "fail"),
    ((STARTED, ANSWERED, WAITED, seen(4, "stop")), "fail"), ((STARTED, seen(2, "request", status=200), WAITED, STOPPED), "fail"),
])
def test_each_step_counts_and_a_late_one_makes_no_timeout_of_a_failure(observations, outcome):
    assert word(TWO, history(*observations)) == outcome


@pytest.mark.parametrize(("entries", "observations", "outcome"), [
    ([known()], (STARTED, WRONG, WAITED, STOPPED), "known"),
    ([known(key="reason", observed="/./")], (STARTED, WRONG, WAITED, STOPPED), "fail"),   # of another key of the same step
    ([known(step=3, key="status", observed="/./")], (STARTED, WRONG, WAITED, STOPPED), "fail"),
    ([known(verdict="cleanup")], (STARTED, WRONG, WAITED, STOPPED), "fail"),
    ([known(), known(step=4, key="log_absent", observed="500")], (STARTED, WRONG, WAITED, STOPPED), "fail"),  # the second is not seen
    ([known(), known(step=4, key="log_absent", observed="/x/")], (STARTED, WRONG, WAITED, seen(4, "stop", log="Traceback x")), "known"),
    ([known(observed="/^50[0-9]$/")], (STARTED, WRONG, WAITED, STOPPED), "known"), ([known(observed="50")], (STARTED, WRONG, WAITED, STOPPED), "fail"),
    ([known()], (STARTED, WRONG, LATE), "timeout"),                                       # what is new is late
    ([known(), known(step=3, key="wait", observed="it did not happen")], (STARTED, WRONG, LATE), "known"),
    ([known(), known(step=3, key="wait", observed="it did not happen")], (STARTED, ANSWERED, LATE), "timeout"),
    ([known(observed="/^50/"), known(key="reason", observed="No")], (STARTED, seen(2, "request", status=500, reason="No"), WAITED, STOPPED), "known"),
    ([known(observed="/^50/"), known(key="reason", observed="no")], (STARTED, seen(2, "request", status=500, reason="No"), WAITED, STOPPED), "fail"),
])
def test_a_known_entry_is_of_its_step_and_its_key(entries, observations, outcome):
    assert word(replace(TWO, known=tuple(Known(**entry) for entry in entries)), history(*observations)) == outcome


def test_the_grade_goes_with_every_result():
    assert judge(TWO, history(STARTED, ANSWERED, WAITED, STOPPED), DIALECT).grade == "should"
    broken = judge(TWO, history(error="Traceback …"), DIALECT)
    assert (broken.status, broken.grade) == ("error", "should")
    assert judge(SCENARIO, history(error="Traceback …"), DIALECT).grade == "must"


def test_every_failure_is_told_in_order_and_the_first_leads():
    past = history(STARTED, seen(2, "request", status=500, reason="No"), WAITED, seen(4, "stop", log="Traceback"))
    result = judge(TWO, past, DIALECT)
    assert [(f.step, f.key, f.expected, f.observed) for f in result.behaviour.failures] == [
        (2, "status", "200", "500"), (2, "reason", "OK", "No"), (4, "log_absent", "/Traceback/", "Traceback")]
    assert result.reason == "step 2: status: expected 200, observed 500"


def test_what_is_left_behind_leads_where_the_steps_held():
    result = judge(SCENARIO, history(*GOOD, cleanup={**CLEAN, "processes": ["orphan: 7 sleep"]}), DIALECT)
    assert result.reason == "processes: expected no process is left, observed orphan: 7 sleep"
    result = judge(with_known(known()), history(*FAILED, cleanup={**CLEAN, "processes": ["orphan: 7 sleep"]}), DIALECT)
    assert (result.word, result.behaviour.outcome, result.reason.partition(":")[0]) == ("fail", "known", "processes")


def test_the_reasons_of_all_that_is_known_are_said_once():
    entries = [Known(**{**known(key=key, observed=observed), "why": why}) for key, observed, why in (
        ("status", "500", "up#1"), ("reason", "No", "up#2"), ("status", "/5/", "up#1"))]
    past = history(STARTED, seen(2, "request", status=500, reason="No"), WAITED, STOPPED)
    result = judge(replace(TWO, known=tuple(entries)), past, DIALECT)
    assert (result.word, result.reason, len(result.behaviour.failures)) == ("known", "up#1; up#2", 2)
    fixed = judge(replace(TWO, known=tuple(entries)), history(STARTED, ANSWERED, WAITED, STOPPED), DIALECT)
    assert (fixed.word, "up#1" in fixed.reason) == ("fixed", True)


@pytest.mark.parametrize(("wanted", "observed", "good"), [
    (0, 0, True), (0, 70, False), ("nonzero", 70, True), ("nonzero", 0, False), ("SIGKILL", -9, True), ("SIGKILL", 0, False), ("@port-held", 98, True),
    ("@port-held", 0, False), ("@stop", 0, True), ("@stop", 70, False)])
def test_an_exit_is_a_code_a_name_or_one_of_the_subject_s(wanted, observed, good):
    scenario = parse({"format": 1, "id": "a.b", "title": "t", "paper": "unexposed", "step": [{"act": "start", "expect": {"exit": wanted}}]}, "f.toml")
    assert word(scenario, history(seen(1, "start", exit=observed))) == ("pass" if good else "fail")


def test_an_error_of_the_harness_is_one_although_all_steps_were_done():
    assert word(SCENARIO, history(*GOOD, error="Traceback …")) == "error"


@pytest.mark.parametrize(("size", "shown"), [(4096, "x" * 4096), (4097, "x" * 4096 + "… (4097 characters)")])
def test_a_long_value_is_cut_and_says_so(size, shown):
    result = judge(TWO, history(STARTED, seen(2, "request", status=200, reason="x" * size), WAITED, STOPPED), DIALECT)
    assert result.behaviour.failures[0].observed == shown


@pytest.mark.parametrize(("bind", "sockets", "keys"), [
    ({"127.0.0.1:1": "free", "127.0.0.1:2": "free"}, [], []),
    ({"127.0.0.1:1": "held", "127.0.0.1:2": "free"}, [], ["bind"]),
    ({"127.0.0.1:1": "free", "127.0.0.1:2": "held"}, [], ["bind"]),
    ({"127.0.0.1:1": "held", "127.0.0.1:2": "held"}, [], ["bind", "bind"]),
    ({"127.0.0.1:1": "TIME_WAIT"}, [], []),
    ({"127.0.0.1:1": "held"}, [{"local": "127.0.0.1:2", "state": "CLOSE_WAIT"}], ["sockets", "bind"]),
    ({"127.0.0.1:1": "free"}, [{"local": "127.0.0.1:1", "state": state, "holders": holders}
                               for state, holders in (("LISTEN", ["orphan"]), ("CLOSE_WAIT", []), ("FIN_WAIT1", []))], ["sockets"] * 3),
])
def test_each_port_and_each_socket_is_judged(bind, sockets, keys):
    result = judge(SCENARIO, history(*GOOD, cleanup={**CLEAN, "bind": bind, "sockets": sockets}), DIALECT)
    assert [failure.key for failure in result.cleanup.failures] == keys
    assert result.word == ("fail" if keys else "pass")


def test_what_is_left_is_told_whole_and_with_the_step_0():
    tracebacks = [{"step": step, "server": "main", "line": step, "before": "", "said": f"KeyError: {step}"} for step in (1, 2)]
    ends = [{"launch": 1, "server": "main", "pid": 9, "exit": 5, "step": 0, "signals": ["TERM"]}]
    rows = [{"local": "127.0.0.1:1", "state": "LISTEN", "holders": ["orphan", "child"]}, {"local": "127.0.0.1:2", "state": "FIN_WAIT2", "holders": []}]
    after = {**CLEAN, "ends": ends, "tracebacks": tracebacks, "processes": ["orphan: 7 a", "child: 8 b"], "sockets": rows,
             "bind": {"127.0.0.1:1": "held"}}
    found = judge(SCENARIO, history(*GOOD, cleanup=after, steps=tuple(map(to_json, SCENARIO.steps))), DIALECT).cleanup.failures
    assert {failure.step for failure in found} == {0}
    assert [(failure.key, failure.observed) for failure in found] == [
        ("exit", "5"), ("log", "after step 1, line 1 of the log of 'main': KeyError: 1"), ("log", "after step 2, line 2 of the log of 'main': KeyError: 2"),
        ("processes", "orphan: 7 a"), ("processes", "child: 8 b"), ("sockets", "inherited listener: 127.0.0.1:1 LISTEN held by orphan, child"),
        ("sockets", "unfinished close: 127.0.0.1:2 FIN_WAIT2 held by no process"), ("bind", "held")]
    (alone,) = judge(SCENARIO, history(*GOOD, cleanup={**CLEAN, "bind": {"127.0.0.1:1": "held"}}), DIALECT).cleanup.failures
    assert alone.observed == "held, holder not visible"


@pytest.mark.parametrize(("log", "excused"), [("@trace", True), ("/^Traceback/", True), (["/x/", "/Traceback/"], True), ("/x/", False), ("Traceback", False)])
def test_a_step_that_looks_for_a_traceback_asks_for_it(log, excused):
    """What a request's log is expected to have is filled in first; a word that is no pattern asks for nothing."""
    step = {"number": 2, "act": "request", "server": "main", "args": {}, "expect": {"log": log}, "observe": {}}
    after = {**CLEAN, "tracebacks": [{"step": 2, "server": "main", "line": 1, "before": "", "said": "KeyError: 1"}]}
    past = history(*GOOD, cleanup=after, steps=(step,))
    assert (judge(SCENARIO, past, Dialect({**PATTERNS, "trace": "/^Traceback/"}, EXITS)).cleanup.outcome == "pass") is excused


LOGGED = {"step": 1, "server": "main", "line": 3, "before": "Exception ignored in: <x>", "said": "OSError: 9"}


@pytest.mark.parametrize(("habits", "tracebacks", "outcome"), [
    ([("/^Exception ignored/", "/^OSError: 9$/")], [LOGGED], "pass"), ([], [LOGGED], "fail"), ([("/^Exception ignored/", "/^OSError: 8$/")], [LOGGED], "fail"),
    ([("/^Exception ignored/", "/^OSError: 9$/")], [LOGGED, {**LOGGED, "said": "KeyError: 1"}], "fail"),
    ([("/^x/", "/^y/"), ("/^Exception ignored/", "/^OSError: 9$/")], [LOGGED, LOGGED], "pass"),
])
def test_a_traceback_that_is_logged_by_habit_is_no_failure(habits, tracebacks, outcome):
    assert judge(SCENARIO, history(*GOOD, cleanup={**CLEAN, "tracebacks": tracebacks}, steps=tuple(map(to_json, SCENARIO.steps))),
                 Dialect(PATTERNS, EXITS, tuple(habits))).word == outcome


def test_of_two_servers_the_cleanup_judges_both():
    ends = [{"launch": n, "server": name, "pid": n, "exit": code, "step": 0, "signals": ["TERM"]}
            for n, name, code in ((1, "main", 0), (2, "other", 5))]
    stopped = [{"server": name, "exit": None, "forced": False, "seconds": 0.1} for name in ("main", "other")]
    result = judge(SCENARIO, history(*GOOD, cleanup={**CLEAN, "ends": ends, "stopped": stopped}), DIALECT)
    assert [(f.key, f.expected, f.observed) for f in result.cleanup.failures] == [("exit", "server 'other' ends with [0]", "5")]


def test_each_item_that_is_expected_and_missing_is_told():
    two = parse({"format": 1, "id": "a.b", "title": "t", "paper": "unexposed",
                 "step": [{"act": "start"}, {"act": "sockets", "expect": {"listeners": ["main", "descendant", "harness"]}}]}, "f.toml")
    past = history(seen(1, "start", ready=True), seen(2, "sockets", listeners=["harness", "orphan"]))
    (failure,) = judge(two, past, DIALECT).behaviour.failures
    assert failure.items == ("orphan", "no main", "no descendant")
    for observed, outcome in ((("/orphan/", "/no main/"), "fail"), (("/orphan/", "/no/"), "known"), (("/no/",), "fail")):
        entries = tuple(Known(**known(key="listeners", observed=one)) for one in observed)
        assert word(replace(two, known=entries), past) == outcome


def test_a_known_failure_that_held_is_fixed_and_red():
    assert word(with_known(known()), history(*GOOD)) == "fixed"


def test_values_are_escaped_inside_patterns_and_not_outside():
    assert fill("/a{port}/", {"port": "1.2"}, {}) == "/a1\\.2/"
    assert fill("a{port}{other}", {"port": "1.2"}, {}) == "a1.2{other}"
    assert fill({"k": ["{port}"]}, {"port": "/x/"}, {}, literal=True) == {"k": ["/x/"]}


@pytest.mark.parametrize(("observed", "word_seen"), [(70, "pass"), (98, "pass"), (1, "fail"), (None, "fail")])
def test_exit_codes_that_the_subject_names(observed, word_seen):
    scenario = parse({
        "format": 1, "id": "a.b", "title": "t", "paper": "unexposed",
        "step": [{"act": "start", "expect": {"ready": False, "exit": "@port-held"}}],
    }, "f.toml")
    assert word(scenario, history(seen(1, "start", ready=False, exit=observed))) == word_seen


def test_exit_codes_that_the_subject_does_not_name_are_an_error():
    scenario = parse({
        "format": 1, "id": "a.b", "title": "t", "paper": "unexposed", "step": [{"act": "start", "expect": {"exit": "@nap"}}],
    }, "f.toml")
    assert word(scenario, history(seen(1, "start", exit=0))) == "error"


def check(level="must", either=(), expect=None, **step):
    """A check of one step, on a shared table."""
    made = parse({"format": 1, "id": "a.b.c", "title": "t", "source": ["RFC"], "grade": level, "step": [
        {"act": "start", "level": "must"},
        {"act": "raw", "send": "x", "level": level, "until": "probe", **({"either": list(either)} if either else {}),
         **({"expect": expect} if expect else {}), **step}]}, "f.toml", ("must", "should", "may", "record"))
    return replace(made, table="a.b")


REFUSED, SERVED = {"statuses": [400], "closed": True, "as": "refused"}, {"status": 200}


@pytest.mark.parametrize(("values", "word_", "reason"), [
    ({"statuses": [400], "status": 400, "closed": True}, "pass", ""),
    ({"statuses": [200], "status": 200, "closed": False}, "pass", ""),
    ({"statuses": [400], "status": 400, "closed": False}, "fail",
     "step 2: either: expected refused: statuses [400], closed True; or status 200, observed statuses [400], closed False, status 400"),
    ({"statuses": [], "status": None, "closed": True, "error": "RemoteDisconnected"}, "fail",
     "step 2: either: expected refused: statuses [400], closed True; or status 200, observed statuses [], closed True, status nothing "
     "(RemoteDisconnected: the server closed the connection without an answer)"),
])
def test_one_alternative_must_hold_whole(values, word_, reason):
    result = judge(check(either=[REFUSED, SERVED]), history(seen(1, "start", ready=True), seen(2, "raw", **values), values={}), DIALECT)
    assert (result.word, result.reason) == (word_, reason)


@pytest.mark.parametrize(("level", "observations", "cleanup", "word_", "grade"), [
    ("should", (seen(1, "start", ready=True), seen(2, "raw", status=500)), CLEAN, "fail", "should"),
    ("may", (seen(1, "start", ready=True), seen(2, "raw", status=500)), CLEAN, "fail", "may"),
    ("may", (seen(1, "start", ready=False),), CLEAN, "fail", "must"),  # that it starts is no question of the check
    ("may", (seen(1, "start", ready=True), seen(2, "raw", status=200)), {**CLEAN, "processes": ["descendant x"]},
     "fail", "must"),  # nor is what it leaves behind
    ("may", (seen(1, "start", ready=True), seen(2, "raw", status=200)), CLEAN, "pass", "may"),
])
def test_a_failure_has_the_level_of_its_step(level, observations, cleanup, word_, grade):
    result = judge(check(level, expect={"status": 200}), history(*observations, cleanup=cleanup, values={}), DIALECT)
    assert (result.word, result.grade) == (word_, grade)


def test_what_is_recorded_is_no_pass():
    recorded = check("record", observe=["status"])
    good = history(seen(1, "start", ready=True), seen(2, "raw", status=500), values={})
    assert judge(recorded, good, DIALECT).word == "recorded"
    assert judge(recorded, history(seen(1, "start", ready=False), values={}), DIALECT).word == "fail"
    left = {**CLEAN, "processes": ["descendant x"]}
    result = judge(recorded, history(seen(1, "start", ready=True), seen(2, "raw", status=500), cleanup=left, values={}), DIALECT)
    assert (result.word, result.grade) == ("fail", "must")


def test_a_json_body_is_judged_at_its_places():
    asked = check(expect={"json": {"/a": 1, "/b": "absent"}})
    for body, word_ in (('{"a": 1}', "pass"), ('{"a": "1"}', "fail"), ('{"a": 1, "b": 0}', "fail"), ("a", "fail"), (None, "fail")):
        assert judge(asked, history(seen(1, "start", ready=True), seen(2, "raw", body=body), values={}), DIALECT).word == word_
    result = judge(asked, history(seen(1, "start", ready=True), seen(2, "raw", body='{"a": 2, "b": 0}'), values={}), DIALECT)
    assert result.behaviour.failures[0].note == "/a: 2; /b: 0"

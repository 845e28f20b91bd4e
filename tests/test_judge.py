"""The judge on histories written by hand: every outcome, and that nothing that is absent is green."""

from dataclasses import replace

import pytest

from harness.judge import fill, judge
from harness.model import History, Observation
from harness.scenario_parse import parse

SCENARIO = parse({
    "format": 1, "id": "a.b", "title": "t", "paper": "unexposed",
    "step": [{"act": "start"}, {"act": "request", "path": "/", "expect": {"status": 200, "log": "@named"},
                                "save": {"child": "json:/pid"}}],
}, "f.toml")
CLEAN = {"stopped": [{"server": "main", "exit": 0, "forced": False, "seconds": 0.1}], "processes": [], "removed": [],
         "sockets": [], "bind": {"127.0.0.1:1": "free"}, "bind_without_reuse": {}, "tracebacks": [],
         "ends": [{"launch": 1, "server": "main", "pid": 9, "exit": 0, "step": 0, "signals": ["TERM"]}]}
PATTERNS = {"named": "/port {port}$/"}
EXITS = {"stop": (0,), "port-held": (70, 98)}


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
    from harness.scenario import Known
    return replace(SCENARIO, known=tuple(Known(**entry) for entry in entries))


def word(scenario, past):
    return judge(scenario, past, PATTERNS, EXITS).word


def test_everything_as_expected():
    result = judge(SCENARIO, history(*GOOD), PATTERNS, EXITS)
    assert (result.word, result.behaviour.outcome, result.cleanup.outcome) == ("pass", "pass", "pass")


@pytest.mark.parametrize(("observations", "outcome", "reason"), [
    ((seen(1, "start", ready=False),), "fail", "step 1: ready: expected True, observed False"),
    ((seen(1, "start"),), "fail", "observed nothing"),
    ((GOOD[0], seen(2, "request", status=500, log="the port 80.0")), "fail", "step 2: status: expected 200, observed 500"),
    ((GOOD[0], seen(2, "request", status=200, log="port 80x0")), "fail", "log: expected /port 80\\.0$/"),
    ((GOOD[0], seen(2, "request", timeout=True, waiting_for="an answer")), "timeout", "an answer within 10 s"),
    ((GOOD[0], seen(2, "request", unable="server is gone")), "fail", "server is gone"),
])
def test_what_differs(observations, outcome, reason):
    result = judge(SCENARIO, history(*observations), PATTERNS, EXITS)
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
    result = judge(SCENARIO, past, PATTERNS, EXITS)
    assert result.status == "error"
    assert result.reason


def test_a_pattern_that_the_subject_does_not_spell_is_an_error():
    result = judge(SCENARIO, history(*GOOD), {}, EXITS)
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
    result = judge(SCENARIO, history(*GOOD, cleanup={**CLEAN, **change}), PATTERNS, EXITS)
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
])
def test_a_known_item_of_a_list_hides_no_other(listeners, observed, outcome):
    from harness.scenario import Known
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
    result = judge(SCENARIO, past, PATTERNS, EXITS)
    assert result.word == "fail"
    assert result.reason.startswith("step 2: request: expected an answer within 10 s")


def test_a_history_without_a_record_of_ends_is_no_pass():
    past = history(*GOOD, cleanup={key: value for key, value in CLEAN.items() if key != "ends"})
    assert judge(SCENARIO, past, PATTERNS, EXITS).status == "error"


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

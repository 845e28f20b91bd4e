"""What a server logs and sends that no step asks for is red: real processes, logs and connections."""

import pytest

from harness.language.matching import finder
from harness.language.text_matching import is_pattern
from harness.language.verbs import CLEANUP_KEYS
from harness.verdict.unasked import is_habit, wrong_bytes, wrong_tracebacks

START = '[[step]]\nact="start"\n'
ASK = '[[step]]\nact="request"\npath="/go-wrong"\nexpect={status=200, body="hello"}\n'


@pytest.fixture
def run(dying):
    return dying


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


STEPS = [{"number": n, "act": act, "server": "main", "args": args, "expect": expect, "observe": {}, "traceback": may}
         for n, act, args, expect, may in (
             (1, "start", {}, {"ready": True}, False), (2, "request", {"path": "/"}, {"status": 500, "log": "/^Traceback/"}, False),
             (3, "wait", {"idle": True}, {}, False), (4, "request", {"path": "/"}, {"status": 200}, False),
             (5, "request", {"path": "/"}, {"status": 200}, True), (6, "request", {"path": "/"}, {"status": 200}, False),
             (7, "start", {}, {"ready": False}, False))]
SEEN = {step["number"]: {"ready": False} if step["number"] == 7 else {} for step in STEPS}


def finds(pattern):
    return finder()(pattern, False) if is_pattern(pattern) else lambda line: False


def logged(*places, said="ValueError: x", before=""):
    return [{"step": step, "server": server, "line": 1, "before": before, "said": said, "chained": False} for server, step in places]


@pytest.mark.parametrize(("places", "wrong"), [
    ([("main", 2)], 0), ([("main", 3)], 0), ([("main", 1)], 1), ([("main", 4)], 0), ([("main", 2), ("main", 4)], 1),
    ([("main", 2), ("main", 5)], 0), ([("main", 2), ("main", 6)], 0), ([("main", 2), ("main", 5), ("main", 6)], 1),
    ([("main", 2), ("main", 7), ("main", 0)], 1), ([("main", 2), ("main", 7)], 0), ([("main", 0)], 0), ([("main", 2), ("other", 2)], 1),
])
def test_a_traceback_belongs_to_the_episode_that_asked_for_it(places, wrong):
    found = list(wrong_tracebacks(logged(*places), STEPS, SEEN, finds, lambda one: False))
    assert len(found) == wrong, found


@pytest.mark.parametrize(("expect", "saw", "excused"), [
    ({"ready": True}, {"ready": False}, True), ({"ready": False}, {"ready": False}, True), ({"ready": True}, {"ready": True}, False),
    ({}, {"ready": False}, False), ({"ready": True}, {}, False),
])
def test_why_a_start_fails_is_told_by_the_step_that_judges_it(expect, saw, excused):
    start = {"number": 1, "act": "start", "server": "main", "args": {}, "expect": expect, "observe": {}}
    assert (list(wrong_tracebacks(logged(("main", 1)), [start], {1: saw}, finds, lambda one: False)) == []) is excused


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


def expecting(log, said, chained=()):
    step = {**STEPS[1], "expect": {"status": 500, "log": log}}
    found = [{"step": 2, "server": "main", "line": 1, "before": "".join(said[:place][-1:]), "said": text, "chained": text in chained}
             for place, text in enumerate(said)]  # each follows the last line of the one before it
    return [observed.rpartition(": ")[2] for _, _, observed in wrong_tracebacks(found, [STEPS[0], step], SEEN, finds, lambda one: False)]


@pytest.mark.parametrize(("log", "said", "chained", "wrong"), [
    ("/^Traceback/", "ab", "", ""), (["/^Traceback/", "/^a/"], "a", "", ""), (["/^Traceback/", "/^a/"], "ab", "", "b"),
    (["/^Traceback/", "/^a/"], "ba", "", "b"), (["/^Traceback/", "/^a/", "/^b/"], "abc", "", "c"), (["/^Traceback/", "/^z/"], "ab", "", ""),
    (["/^Traceback/", "/^a/"], "ba", "b", ""), (["/^Traceback/", "/^b/"], "ba", "b", ""), (["/^Traceback/", "/^b/"], "bac", "b", "c"),
    ("/./", "a", "", "a"), ("/.*/", "a", "", "a"), ("/x*/", "a", "", "a"), ("Traceback (most recent call last):", "a", "", "a"),
])
def test_a_step_that_names_its_traceback_excuses_no_other(log, said, chained, wrong):
    assert "".join(expecting(log, said, chained)) == wrong


@pytest.mark.parametrize(("how", "problem"), [("rewrite", "truncated or overwritten"), ("remove", "removed")])
def test_a_log_that_does_not_only_grow_is_a_failure(run, how, problem):
    _, result = run(START + ASK + '[[step]]\nact="wait"\nport="listening"\n', how)
    assert [f.key for f in result.cleanup.failures] == ["log"]
    assert problem in result.reason


@pytest.mark.parametrize(("path", "expect", "observed"), [
    ("/garbage", "status=200", "BadStatusLine"), ("/twice", "status=200", "1 more than requests"), ("/", "status=200", ""),
    ("/empty-line", "status=200", ""),
])
def test_bytes_that_no_request_asked_for_are_a_failure(run, path, expect, observed):
    asks = f'[[step]]\nact="request"\npath="{path}"\nexpect={{{expect}}}\n'
    raw = f'[[step]]\nact="raw"\nsend="GET {path} HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n"\nuntil="close"\nexpect={{{expect}}}\n'
    for steps in (asks, asks.replace("path=", 'keep="k"\npath='), raw):
        _, result = run(START + steps)
        assert [f.key for f in result.cleanup.failures] == ["unasked"] * bool(observed), (steps, result.reason)
        assert observed in result.reason


@pytest.mark.parametrize(("path", "expect", "excused"), [
    ("/garbage", 'error="BadStatusLine"', True), ("/garbage", 'received="/(?s).*GARBAGE/"', True), ("/garbage", "responses=1", False),
    ("/twice", "responses=2", True), ("/twice", "closed=true", False),
])
def test_a_raw_step_may_judge_them_itself(run, path, expect, excused):
    _, result = run(START + f'[[step]]\nact="raw"\nsend="GET {path} HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n"\n'
                            f'until="close"\nexpect={{{expect}}}\n')
    assert result.behaviour.outcome == "pass", result.reason
    assert (result.cleanup.outcome == "pass") is excused


def test_an_answer_that_came_before_its_request_is_none(run):
    kept = '[[step]]\nact="request"\nkeep="k"\npath="{}"\nexpect={{status=200}}\n'
    _, result = run(START + kept.format("/twice") + kept.format("/"))
    assert [(f.step, f.key, f.observed) for f in result.behaviour.failures] == [(3, "status", "nothing")]
    history, _ = run(START + kept.format("/"))
    assert history.cleanup["unasked"] == []


@pytest.mark.parametrize(("one", "wrong"), [
    ({"answers": 1, "error": ""}, 1), ({"answers": 0, "error": "BadStatusLine"}, 1), ({"answers": 2, "error": "BadHeader"}, 2),
])
def test_each_connection_is_told(one, wrong):
    found = list(wrong_bytes([{"step": 4, "name": "", **one}], STEPS))
    assert [(key, "step 4" in observed) for key, _, observed in found] == [("unasked", True)] * wrong
    assert "unasked" in CLEANUP_KEYS, "a known entry can name it"

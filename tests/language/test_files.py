import copy
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.language.files import load, load_all
from harness.language.parse_scenario import parse
from harness.language.scenario import ScenarioError, for_target
from harness.model.refusal import Refusal
from harness.model.values import Interpreter, Target

from ..conftest import ROOT

GOOD = {
    "format": 1, "id": "family.name", "title": "A title", "paper": "unexposed",
    "step": [{"act": "start"}, {"act": "request", "path": "/", "expect": {"status": 200}}],
}


def target(python="3.13.0", subject="enginebus", version="1.0"):
    return Target(id=f"{subject}@x", subject=subject, interpreter_id="x", subject_version=version,
                  interpreter=Interpreter("x", "cpython", python, "gil", "/p"))


def changed(**changes):
    data = copy.deepcopy(GOOD)
    data.update(changes)
    return {key: value for key, value in data.items() if value is not ...}


def with_step(**step):
    return changed(step=[{"act": "start"}, step])


def with_steps(*steps, **top):
    return changed(step=[{"act": "start"}, *steps], **top)


def in_background(name="slow", **more):
    return {"act": "request", "path": "/slow", "background": True, **({"id": name} if name else {}), **more}


def waited(name="slow", **more):
    return {"act": "wait", "response": name, "expect": {"status": 200}, **more}


def known(**changes):
    entry = {"where": {"subject": "enginebus"}, "verdict": "behaviour", "step": 2, "key": "status", "observed": "500", "why": "a/b#1", **changes}
    return changed(known=[{key: value for key, value in entry.items() if value is not ...}])


BAD = [
    (changed(colour="red"), "unknown key 'colour'"),
    (changed(format=2), "format"),
    (changed(format=...), "format: is missing"),
    (changed(id="Family.Name"), "must be family.name"),
    (changed(id=7), "id: must be a string, not 7"),
    (changed(title=...), "title: is missing"),
    (changed(step=[]), "no steps: add a"),
    (changed(step=...), "no steps: add a"),
    (changed(paper=...), "name the paper's claim"),
    (changed(grade="perhaps"), "grade"),
    (changed(leaves=["child"]), "'child' is not saved"),
    (changed(step=["start"]), "act: unknown verb None"),
    (with_step(act="dance"), "step 2: act: unknown verb 'dance'"),
    (with_step(), "unknown verb None"),
    (with_step(act="request", expect={"status": 200}), "'path' is missing"),
    (with_step(act="request", path="/"), "expects nothing"),
    (with_step(act="request", path="/", pth="/", expect={"status": 200}), "step 2 (request): unknown key 'pth'"),
    (with_step(act="request", path="/", expect={"stauts": 200}), "step 2 (request): expect: unknown key 'stauts'"),
    (with_step(act="request", path="/", expect={"status": "200"}), "must be a whole number, not '200'"),
    (with_step(act="request", path="/", expect={"status": True}), "must be a whole number, not True"),
    (with_step(act="request", path="/", channel="8080", expect={"status": 200}), "channel: must be a whole number, not '8080'"),
    (with_step(act="request", path="/{nowhere}", expect={"status": 200}), "unknown name '{nowhere}'"),
    (with_step(act="request", path="/", expect={"body": "/(/"}), "is not a regular expression"),
    (with_step(act="request", path="/", expect={"body": 7}), "expect: body: must be a string that is the whole text"),
    (with_step(act="request", path="/", expect={"body": {}}),
     "the table is empty; it takes: whole,"),
    (with_step(act="request", path="/", expect={"body": {"same_line": "x"}}),
     "expect: body: unknown key 'same_line'. Did you mean 'some_line'"),
    (with_step(act="request", path="/", expect={"body": {"some_line": []}}), "or a list of them, not []"),
    (with_step(act="request", path="/", expect={"body": {"some_line": ["x", 1]}}), "or a list of them"),
    (with_step(act="request", path="/", expect={"body": {"absent": ["x"]}}), "a @named-pattern), not ['x']"),
    (with_step(act="request", path="/", expect={"body": {"absent": ""}}), "every text contains the empty string"),
    (with_step(act="request", path="/", expect={"body": {"absent": "/(/"}}), "is not a regular expression"),
    (with_step(act="request", path="/", expect={"body": r"/\p{Lu}/"}), "is not a regular expression"),
    *((with_step(act=act, **{where: x}, expect={key: value}), f"{pattern!r} matches anything")
      for pattern in ("/.*/", "//", "/^/", "/$/", "/(?s:.*)/", "/x?|.*/")
      for act, where, x, key, value in (
          ("request", "path", "/", "body", pattern), ("raw", "send", "x", "received", {"whole": pattern}),
          ("wait", "response", "r", "body", pattern), ("request", "path", "/", "body", {"some_line": ["x", pattern]}),
          ("request", "path", "/", "body", {"every_line": pattern}), ("request", "path", "/", "body", {"absent": pattern}),
          ("request", "path", "/", "reason", pattern),
          ("request", "path", "/", "log", pattern), ("request", "path", "/", "log_absent", pattern))),
    (changed(known=[{"where": {"python": "<3"}, "verdict": "behaviour", "step": 2, "key": "body", "observed": "/.*/", "why": "y"}]),
     "known 1: observed: '/.*/' matches anything"),
    (with_step(act="request", path="/", expect={"interim": [100, True]}), "must be a list of whole numbers"),
    (with_step(act="raw", send="x", expect={"interim": 100}), "must be a list of whole numbers"),
    (with_step(act="request", path="/", expect={"log": "plain"}), "must be a /regular expression/"),
    (with_step(act="repeat", times=1, step=[{"act": "sample"}]),
     "step 2 (repeat): times: must be a whole number from 2 to 100, not 1"),
    (with_step(act="repeat", times=3), "no nested steps: add a [[step.step]]"),
    (with_step(act="repeat", times=3, step=[{"act": "repeat", "times": 2, "step": []}]), "nested repeats"),
    (with_step(act="repeat", times=3, step=[{"act": "dance"}]), "unknown verb 'dance'"),
    (with_step(act="repeat", times=3, step=[{"act": "sample"}], expect={}), "unknown key 'expect'"),
    (with_step(act="growth", of="soak", expect={"threads": "<1"}), "no earlier sample has the id 'soak'"),
    (with_step(act="growth", of="soak", expect={"threads": "few"}), 'must be a bound on a number, such as "<0.2"'),
    (with_step(act="touch", file="tree.py"), "'until' is missing"),
    (with_step(act="sweep", signal="TERM"), "'points' is missing"),
    (with_step(act="sweep", signal="STOP", points=3), "unknown value 'STOP'"),
    (with_step(act="sweep", signal="TERM", points=1), "points: must be from 2"),
    (with_step(act="request", path="/", expect={"seconds": "soon"}), 'must be a bound such as "<5s"'),
    (with_step(act="request", path="/", within="10", expect={"status": 200}), "must be a duration"),
    (with_step(act="request", path="/", save={"X": "pid"}, expect={"status": 200}), "must be a name in lowercase letters"),
    (with_step(act="request", path="/", save={"x": "yaml:/a"}, expect={"status": 200}), 'must be "json:/pointer"'),
    (with_step(act="request", path="/", observe=["colour"]), "request does not observe 'colour'"),
    (with_step(act="request", path="/", observe=[[]]), "must be a list of strings"),
    (with_step(act="request", path="/", observe="status"), "must be a table of strings"),
    (with_step(act="request", path="/", observe={"a question": 1}), "must be a table of strings"),
    (with_step(act="request", path="/", observe={"a question": "colour"}), "request does not observe 'colour'"),
    (with_step(act="request", path="/", observe={"a question": "log:no pattern"}), "request does not observe 'log:no pattern'"),
    (with_step(act="request", path="/", observe={"a question": "log:/(/"}), "is not a regular expression"),
    (with_step(act="signal", signal="INT", expect={}, observe=["colour"]), "signal does not observe 'colour'"),
    (with_step(act="hold", how="wildcard"), "use channel = \"ports\""),
    (with_step(act="hold", how="listen", lasts="soon"), "must be a duration"),
    (with_step(act="wait", exit=True, late="never"), "unknown value 'never'. Available: kill, term."),
    (changed(python="3.4 or so"), "python: '3.4 or so' is not a PEP 440 range"),
    (changed(python="==3.8"), "python: '==3.8' is about 3.8.0 alone (PEP 440); write '==3.8.*'"),
    (changed(python=">=3,!=3.9"), "write '!=3.9.*'"),
    (changed(python=">3.9"), "write '>=3.10'"),
    (with_step(act="stop", case=[{"where": {"python": "<=3.8"}, "expect": {"exit": 0}}]), "write '<3.9'"),
    (changed(tls="yes"), "tls: must be true or false, not 'yes'"),
    (with_step(act="stop", server="other"), "server 'other' was not started"),
    (with_step(act="stop", expect={"exit": "soon"}), "must be an exit code"),
    (with_step(act="signal", signal="PWR"), "unknown value 'PWR'"),
    (with_step(act="hold", how="firmly"), "unknown value 'firmly'"),
    (with_step(act="wait"), "exactly one of"),
    (with_step(act="wait", exit=True, log="/x/"), "exactly one of"),
    (with_step(act="stop", case=[{"where": {"snake": 1}, "expect": {"exit": 0}}]), "unknown key 'snake'"),
    (with_step(act="stop", case=[{"where": {"python": "old"}, "expect": {"exit": 0}}]), "is not a PEP 440 range"),
    (with_step(act="stop", case=[{"where": {"else": True}}]), "expects nothing"),
    (changed(known=[{"where": {}}]), "state exactly what fails"),
    (changed(known=[{"where": {"python": "<3"}, "verdict": "behaviour", "step": 9, "key": "status", "observed": "x", "why": "y"}]),
     "must be a step from 1 to 2"),
    (changed(known=[{"where": {"python": "<3"}, "verdict": "mood", "step": 1, "key": "status", "observed": "x", "why": "y"}]),
     "unknown verdict 'mood'"),
    # Words that nothing defines, with the nearest one that something does.
    (changed(needs=["keep-alve"]), "needs: unknown capability 'keep-alve'. Did you mean 'keep-alive'"),
    (changed(paper=["unexposd"]), "paper: unknown claim of the paper 'unexposd'. Did you mean 'unexposed'?"),
    (with_step(act="requst", path="/"), "step 2: act: unknown verb 'requst'. Did you mean 'request'?"),
    (with_step(act="request", path="/", expect={"stauts": 200}), "Did you mean 'status'?"),
    (known(key="statsu"), "known 1: key: step 2 (request) cannot fail at 'statsu': it expects status"),
    (known(key="body"), "Add 'body' to the step's expect"),
    (known(verdict="cleanup", step=..., key="process"), "unknown key of the cleanup 'process'. Did you mean 'processes'?"),
    (known(verdict="cleanup", key="processes"), "the cleanup has no steps"),
    (known(step=True), "step: True: must be a step from 1 to 2"),
    (known(step="2"), "step: '2': must be a step from 1 to 2"),
    (known(why=" "), "why: is empty"),
    (known(key=7), "key: must be a string, not 7"),
    (known(sometimes="yes"), "known 1: sometimes: must be true or false, not 'yes'"),
    # Requests in the background: each is judged once.
    (known(step=0), "step: 0: must be a step from 1 to 2"), (known(step=3), "step: 3: must be a step from 1 to 2"),
    (known(step=1), "step 1 (start) cannot fail at 'status': it expects ready"),
    (known(verdict="behaviour", key="processes"), "cannot fail at 'processes'"),
    (known(observed=...), "observed missing: state exactly what fails"), (known(where=...), "where missing"), (known(colour="red"), "unknown key 'colour'"),
    # The order of steps.
    (with_steps({"act": "stop"}, {"act": "start", "background": True}), "no later step checks the server 'main'"),
    (with_steps({"act": "start", "server": "b", "background": True}, {"act": "stop"}), "no later step checks the server 'b'"),
    (with_steps({"act": "stop"}, {"act": "start", "background": True}, {"act": "sockets", "expect": {"bind": "held"}}), "no later step checks"),
    (with_steps({"act": "growth", "of": "s", "expect": {"threads": "<1"}}, {"act": "sample", "id": "s"}), "no earlier sample has the id 's'"),
    (with_steps({"act": "sample", "id": "s"}, {"act": "growth", "of": "t", "expect": {"threads": "<1"}}), "no earlier sample has the id 't'"),
    (with_steps({"act": "sample", "id": "a"}, {"act": "growth", "of": "a", "case": [
        {"where": {"subject": "enginebus"}, "expect": {"rss_kib": "<9"}}, {"where": {"else": True}, "expect": {"threads": "<1"}}]}), "differs between PyPy and CPython"),
    (with_steps({"act": "stop", "server": "b"}, {"act": "start", "server": "b"}), "server 'b' was not started by an earlier step"),
    (with_step(act="request", path="/{child}", save={"child": "pid"}, expect={"status": 200}), "unknown name '{child}'"),
    (with_step(act="request", path="/", expect={"status": 200, "body": ["{child}"]}), "expect: body"),
    (with_step(act="request", path="/", expect={"headers": {"X": "{child}"}}), "unknown name '{child}'"),
    (with_step(act="raw", send="{port10}", expect={"status": 200}), "unknown name '{port10}'"),
    (with_step(act="sweep", signal="TERM", points=100), "points: must be from 2 to 99, not 100"),
    (with_step(act="repeat", times=101, step=[{"act": "sample"}]), "from 2 to 100, not 101"),
    (with_step(act="repeat", times=True, step=[{"act": "sample"}]), "from 2 to 100, not True"),
    (with_steps(in_background(save={"x": "pid"}), waited()), "can judge x"), (with_steps(in_background(observe=["status"]), waited()), "can judge status"),
    (with_steps(in_background(case=[{"where": {"else": True}, "expect": {"status": 200}}]), waited()), "can judge status"),
    (with_steps(in_background(""), waited()), "a background request needs an id"),
    (with_steps(in_background()), "no step waits for the answer to 'slow'"),
    (with_steps(in_background(), in_background(), waited()), "ids must be unique"),
    (with_steps(in_background(), in_background(), waited()), "no step has waited for the answer to 'slow' from step 2"),
    (with_steps(in_background(), waited(), waited()), "step 4 (wait): response: unknown background request 'slow'"),
    (with_steps(waited(), in_background()), "step 2 (wait): response: unknown background request 'slow'"),
    (with_steps(in_background(), waited("slwo")), "'slwo'. Did you mean 'slow'?"),
    (with_steps(in_background(), waited(expect={})), "expects nothing of the answer"),
    (with_steps(in_background(expect={"status": 200}), waited()), "the step that waits for it can judge status"),
    (with_step(act="repeat", times=5, step=[in_background()]), "it would be lost: add a wait before this one"),
    (with_steps({"act": "repeat", "times": 5, "step": [in_background()]}, waited()), "it would be lost"),
    (with_steps({"act": "sample", "id": "a"}, {"act": "sample", "id": "a"}), "ids must be unique"),
    (changed(step=[{"act": "start", "background": True}]), "no later step checks the server 'main'"),
    # Expectations that no server can fail.
    (with_step(act="request", path="/", expect={"status": 200, "headers": {}}), "headers: can never fail"),
    (with_step(act="request", path="/", method="HEAD", expect={"status": 200, "body": ""}), "body: can never fail"),
    (with_step(act="request", path="/", expect={"status": 204, "body": ""}), "a client reads no body from a 204"),
    (with_step(act="request", path="/", expect={"status": 200, "seconds": "<10s"}), "the step ends after 10 s anyway"),
    (with_step(act="request", path="/", within="2s", expect={"status": 200, "seconds": "<=3s"}), "ends after 2 s anyway"),
    (with_step(act="request", path="/", expect={"status": 200, "seconds": ">=0s"}), "seconds: can never fail"),
    (with_step(act="request", path="/", expect={"status": 304, "body": ""}), "a client reads no body from a 304"),
    (with_step(act="stop", case=[{"where": {"else": True}, "expect": {"seconds": "<20s"}}]), "the step ends after 20 s anyway"),
    (with_step(act="stop", within="30s", expect={"seconds": "<30s"}), "the step ends after 30 s anyway"),
    (with_step(act="wait", exit=True, expect={"exit": 0, "forced": False}), "forced: can never fail"),
    (with_steps({"act": "sample", "id": "a"}, {"act": "growth", "of": "a", "expect": {"rss_kib": "<9"}}),
     "differs between PyPy and CPython"),
    # Long values are cut, and a value's line ends do not break the message.
    (changed(grade="x" * 70000), "… (70002 characters)"),
    (with_step(act="request", path="/", expect={"y" * 70000: 1}), "unknown key 'yyy"),
    (changed(id="a\nb" * 9000), "must be family.name"),
]

GOOD_STEPS = [
    [in_background(), waited()],
    [in_background(), waited(), in_background("other"), waited("other")],
    [in_background(), in_background("other"), waited("other"), waited()],
    [{"act": "repeat", "times": 3, "step": [in_background(), waited()]}],
    [in_background(), waited(expect={}, observe=["status"])],
    [{"act": "stop"}, {"act": "start", "background": True}, {"act": "wait", "ready": True}],
    [{"act": "request", "path": "/", "expect": {"status": 200, "seconds": "<9s"}}],
    [{"act": "request", "path": "/", "method": "HEAD", "expect": {"status": 200, "headers": {"X": "/.*/"}}}],
    [{"act": "request", "path": "/", "expect": {"status": 200, "seconds": ">=1ms", "body": ""}}],
    [{"act": "wait", "exit": True, "late": "kill", "expect": {"forced": False}}], [{"act": "stop", "expect": {"forced": False, "seconds": "<19s"}}],
    [{"act": "sweep", "signal": "TERM", "points": 2}], [{"act": "sweep", "signal": "TERM", "points": 99}],
    [{"act": "repeat", "times": 2, "step": [{"act": "sample"}]}], [{"act": "repeat", "times": 100, "step": [{"act": "sample"}]}],
    [{"act": "request", "path": "/", "save": {"child": "json:/pid", "b": "body"}, "expect": {"status": 200}},
     {"act": "signal", "signal": "TERM", "pid": "{child}"}],
    [{"act": "sample", "id": "a"}, {"act": "growth", "of": "a", "case": [
        {"where": {"implementation": "cpython"}, "expect": {"rss_kib": "<9"}}, {"where": {"else": True}, "expect": {"threads": "<1"}}]}],
    [{"act": "start", "server": "b", "channel": 9}, {"act": "request", "path": "/{port9}", "server": "b", "expect": {"status": 200}}],
    [{"act": "signal", "signal": "TERM", "traceback": True}], [{"act": "wait", "log": ["/a/", "@named"], "new": True}],
]


@pytest.mark.parametrize("steps", GOOD_STEPS, ids=[str(n) for n in range(len(GOOD_STEPS))])
def test_what_is_judged_is_accepted(steps):
    assert parse(with_steps(*steps), "f.toml")


def test_all_mistakes_of_a_file_are_said_at_once():
    wrong = {"act": "request", "path": "/", "expect": {"status": "x"}}
    data = with_steps({"act": "dance"}, wrong, {"act": "stop", "server": "b"})
    with pytest.raises(Refusal) as caught:
        parse(data, "f.toml")
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert all(line.startswith("f.toml: step ") and len(line) <= 600 for line in lines)


def test_all_mistakes_of_all_files_are_said_at_once(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text('format = 1\nid = "X"\nsteps = 3\n')
    with pytest.raises(Refusal) as caught:
        load_all(tmp_path)
    lines = str(caught.value).splitlines()
    assert [line.partition("/")[2].partition(":")[0] for line in lines] == ["a.toml", "a.toml", "b.toml", "b.toml"]


def test_many_mistakes_are_counted_and_not_all_listed():
    data = with_steps(*({"act": f"dance {n}"} for n in range(300)))
    with pytest.raises(Refusal) as caught:
        parse(data, "f.toml")
    text = str(caught.value)
    lines = text.splitlines()
    assert len(text) <= 600
    assert text.endswith(f"… and {300 - len(lines) + 1} more mistakes")


@pytest.mark.parametrize("expected", [
    "", "/x*/", "/.+/", "/^$/", {"whole": "/a.*/"}, {"some_line": "/./"}, {"some_line": ["", "@name"]},
    {"absent": "@traceback"},
    {"every_line": "", "absent": "/x/"}, "@name"])
def test_what_can_fail_is_taken(expected):
    assert parse(with_step(act="request", path="/", expect={"body": expected}), "f").steps[1].expect == {"body": expected}


def test_what_a_scenario_does_not_say():
    scenario = parse(GOOD, "f.toml")
    assert (scenario.grade, scenario.channel, scenario.shows, scenario.coverage, scenario.tls, scenario.reload) == (
        "must", "own", "reproduced", True, False, False)
    assert (scenario.needs, scenario.python, scenario.app, scenario.leaves, scenario.known, scenario.family) == ((), "", "", (), (), "family")
    start, ask = scenario.steps
    assert (start.server, start.within, start.expect, start.id, start.traceback, start.number) == ("main", 30.0, {"ready": True}, "", False, 1)
    assert (ask.server, ask.within, ask.args, ask.number) == ("main", 10.0, {"path": "/"}, 2)


def test_what_a_scenario_says():
    said = {"grade": "should", "channel": "ports", "shows": "not reproduced", "coverage": False, "tls": True, "reload": True, "needs": ["wsgi"],
            "python": ">=3", "app": "life", "issue": ["a/b#1"], "source": ["RFC 9112"], "why": "because", "differs": "here"}
    scenario = parse(changed(**said, leaves=["child"], step=[
        {"act": "start"}, {"act": "request", "path": "/", "id": "ask", "within": "2s", "server": "main", "note": "n", "traceback": True,
                           "save": {"child": "json:/pid"}, "observe": {"how": "status"}, "expect": {"status": 200}}]), "f.toml")
    for key, value in said.items():
        name = {"issue": "issues", "source": "sources"}.get(key, key)
        assert getattr(scenario, name) == (tuple(value) if isinstance(value, list) else value), key
    assert (scenario.leaves, scenario.paper) == (("child",), ("unexposed",))
    step = scenario.steps[1]
    assert (step.id, step.within, step.note, step.traceback, step.save, step.observe) == ("ask", 2.0, "n", True, {"child": "json:/pid"}, {"how": "status"})


@pytest.mark.parametrize(("step", "expect", "within"), [
    ({"act": "stop"}, {"forced": False}, 20.0), ({"act": "kill"}, {"exit": "SIGKILL"}, 10.0), ({"act": "signal", "signal": "HUP"}, {"sent": True}, 10.0),
    ({"act": "hold", "how": "udp"}, {"taken": True}, 10.0), ({"act": "release"}, {"released": True}, 10.0),
    ({"act": "sweep", "signal": "INT", "points": 3}, {"late": 0, "held": 0}, 45.0), ({"act": "wait", "exit": True}, {}, 10.0),
    ({"act": "start", "server": "b"}, {"ready": True}, 30.0), ({"act": "stop", "expect": {"exit": 1}}, {"exit": 1}, 20.0),
    ({"act": "stop", "expect": {}, "observe": ["exit"]}, {}, 20.0), ({"act": "stop", "observe": ["exit"]}, {"forced": False}, 20.0),
    ({"act": "stop", "within": "1m"}, {"forced": False}, 60.0), ({"act": "stop", "within": "250ms"}, {"forced": False}, 0.25),
])
def test_what_a_step_expects_where_it_says_nothing(step, expect, within):
    before = [{"act": "hold", "how": "udp"}] if step["act"] == "release" else []
    found = parse(with_steps(*before, step), "f.toml").steps[-1]
    assert (found.expect, found.within) == (expect, within)
    assert found.args == {key: value for key, value in step.items() if key not in ("act", "server", "expect", "observe", "within")}


def test_a_server_that_starts_in_the_background_is_expected_to_do_nothing_yet():
    steps = parse(with_steps({"act": "stop"}, {"act": "start", "background": True}, {"act": "wait", "ready": True}), "f.toml").steps
    assert [step.expect for step in steps] == [{"ready": True}, {"forced": False}, {}, {}]


def test_a_known_failure_is_read_whole():
    (entry,) = parse(known(where={"subject": "x"}, step=2, key="status", observed="/5../", why="a/b#1"), "f.toml").known
    assert (entry.where, entry.verdict, entry.step, entry.key, entry.observed, entry.why) == ({"subject": "x"}, "behaviour", 2, "status", "/5../", "a/b#1")
    (entry,) = parse(known(verdict="cleanup", step=..., key="sockets", sometimes=True), "f.toml").known
    assert (entry.verdict, entry.step, entry.key, entry.sometimes) == ("cleanup", 0, "sockets", True)
    for key, step in (("ready", 1), ("start", 1), ("request", 2)):
        assert parse(known(key=key, step=step), "f.toml").known[0].step == step


def test_scenarios_are_sorted_by_their_ids_and_not_by_their_files(tmp_path):
    for folder, file, name in (("b", "a", "a.z"), ("a", "b", "c.a"), (".", "c", "a.b"), ("a/deeper", "a", "b.b")):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / f"{file}.toml").write_text(
            f'format = 1\nid = "{name}"\ntitle = "t"\npaper = "unexposed"\n[[step]]\nact = "start"\n', "utf-8")
    assert [scenario.id for scenario in load_all(tmp_path)] == ["a.b", "a.z", "b.b", "c.a"]
    (tmp_path / "d.txt").write_text("no scenario")
    assert len(load_all(tmp_path)) == 4


def test_the_good_one_is_good():
    assert parse(GOOD, "f.toml").steps[1].expect == {"status": 200}


@pytest.mark.parametrize(("data", "problem"), BAD, ids=[str(n) for n in range(len(BAD))])
def test_bad_input_is_refused_with_file_and_place(data, problem):
    with pytest.raises(Refusal) as caught:
        parse(data, "scenarios/f.toml")
    assert str(caught.value).startswith("scenarios/f.toml: ")
    assert problem in str(caught.value)


def test_files_that_cannot_be_used(tmp_path):
    cases = {"twice.toml": b"a = 1\na = 2\n", "bytes.toml": b"\xff\xfe", "open.toml": b'id = "x'}
    for name, content in cases.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ScenarioError, match=name):
            load(tmp_path / name, tmp_path)
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(ScenarioError, match=r"folder\.toml: cannot be read"):
        load(tmp_path / "folder.toml", tmp_path)


def test_two_files_with_one_id(tmp_path):
    text = (ROOT / "scenarios/dispatch/unexposed-method.toml").read_text("utf-8")
    (tmp_path / "a.toml").write_text(text, "utf-8")
    (tmp_path / "b.toml").write_text(text, "utf-8")
    with pytest.raises(Refusal, match=r"b\.toml: id: .* is also the id of .*a\.toml"):
        load_all(tmp_path)


def test_an_empty_folder_is_no_run(tmp_path):
    with pytest.raises(Refusal, match="no scenario files"):
        load_all(tmp_path)


def test_every_scenario_of_the_repository_is_in_its_place():
    scenarios = load_all(ROOT / "scenarios")
    assert len(scenarios) >= 30
    for scenario in scenarios:
        assert scenario.file == f"scenarios/{(scenario.table or scenario.id).replace('.', '/', 1)}.toml"


def test_prose_does_not_change_the_hash_and_expectations_do():
    base = parse(GOOD, "f").hash
    for prose in ({"title": "Another"}, {"why": "because"}, {"paper": ["netstat"]}, {"shows": "not reproduced"}, {"differs": "x"}, {"issue": ["a/b#1"]},
                  {"source": ["RFC 9112"]}):
        assert parse(changed(**prose), "f").hash == base, prose
    for act in ({"grade": "should"}, {"needs": ["wsgi"]}, {"python": ">=3"}, {"app": "life"}, {"tls": True}, {"coverage": False}, {"channel": "ports"}, {"reload": True}):
        assert parse(changed(**act), "f").hash != base, act
    assert parse(known(), "f").hash != base
    other = copy.deepcopy(GOOD)
    other["step"][1]["expect"]["status"] = 404
    assert parse(other, "f").hash != base


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3))


@given(st.dictionaries(st.sampled_from([*GOOD, "known", "needs", "app", "leaves", "issue", "x"]), JSON))
def test_nothing_but_a_refusal_comes_of_nonsense(noise):
    try:
        parse({**GOOD, **noise}, "f.toml")
    except Refusal as problem:
        assert "f.toml" in str(problem)


@given(st.dictionaries(st.sampled_from(["act", "path", "expect", "case", "observe", "save", "within", "id", "server"]), JSON))
def test_nothing_but_a_refusal_comes_of_a_nonsensical_step(noise):
    try:
        parse(with_step(**{"act": "request", "path": "/", "expect": {"status": 200}, **noise}), "f.toml")
    except Refusal as problem:
        assert "f.toml" in str(problem)


def test_the_design_s_example_loads():
    text = '''
format = 1
id     = "channel.port-not-free"
title  = "t"
paper  = "port-not-free"
issue  = ["cherrypy/cherrypy#1792"]
grade  = "must"
needs  = []
app    = "tree"
[[step]]
act  = "hold"
how  = "listen"
[[step]]
act     = "start"
within  = "10s"
expect  = { ready = false, log = "@port-not-free" }
observe = ["exit", "seconds"]
  [[step.case]]
  where  = { subject = "enginebus, cherrypy" }
  expect = { exit = 70 }
  [[step.case]]
  where  = { else = true }
  expect = { exit = "nonzero" }
[[step]]
act = "release"
[[step]]
act    = "start"
expect = { ready = true }
[[known]]
where    = { subject = "example", version = "<2", python = "<3.4" }
verdict  = "behaviour"
step     = 2
key      = "log"
observed = "/EADDRINUSE/"
why      = "example/example#123"
'''
    resolved = for_target(parse(tomllib.loads(text), "f"), target())
    assert resolved.steps[1].expect == {"ready": False, "log": "@port-not-free", "exit": 70}
    assert resolved.known == ()


def test_a_repeat_is_its_steps_as_often_as_it_says():
    scenario = parse(changed(step=[{"act": "start"}, {"act": "repeat", "times": 3, "step": [
        {"act": "request", "path": "/", "expect": {"status": 200}, "note": "again"}, {"act": "sample", "id": "s"}]},
        {"act": "growth", "of": "s", "expect": {"threads": "<=0"}}]), "f.toml")
    assert [step.act for step in scenario.steps] == ["start", *["request", "sample"] * 3, "growth"]
    assert [step.number for step in scenario.steps] == list(range(1, 9))
    assert [step.note for step in scenario.steps[1:3]] == ["1 of 3 · again", "1 of 3"]


@pytest.mark.parametrize(("step", "entry", "problem"), [
    ({}, {"where": {}}, "known 1: where: matches every server"), ({}, {"where": {"else": True}}, "known 1: where: matches every server"),
    ({}, {"observed": "200"}, "known 1: observed: '200' is what step 2 expects, so it is not a failure"),
    *(({}, {"observed": pattern}, "matches every value of 'status'") for pattern in (r"/\d+/", r"/^\d{3}$/", "/[0-9]/", "/^[1-9]/", r"/^20[1-9]|2[1-9]\d|[345]/")),
    ({}, {"observed": "/./"}, "observed: '/./' matches anything"), ({}, {"observed": "/(?!)/"}, "can never match"),
    ({"expect": {"status": 200, "closed": True}}, {"key": "closed", "observed": "/True|False/"}, "matches every value"),
    ({"expect": {"status": 200, "closed": True}}, {"key": "closed", "observed": "True"}, "is what step 2 expects"),
    ({"act": "stop", "expect": {"exit": 0}}, {"key": "exit", "observed": r"/^-?\d+$/"}, "matches every value of 'exit'"),
    ({"act": "sockets", "expect": {"bind": "free"}}, {"key": "bind", "observed": "hold"}, "observed: unknown value 'hold'"),
    ({"act": "sockets", "expect": {"bind": "free"}}, {"key": "bind", "observed": "/free|held/"}, "matches every value"),
    ({"case": [{"where": {"python": "<3"}, "expect": {"status": 404}}, {"where": {"else": True}, "expect": {"status": 404}}]},
     {"observed": "404"}, "is what step 2 expects"),
])
def test_a_known_failure_that_is_none_or_any_is_refused(step, entry, problem):
    data = known(**entry)
    data["step"][1] = {**({} if "act" in step else data["step"][1]), **step}
    with pytest.raises(Refusal) as caught:
        parse(data, "f")
    assert problem in str(caught.value)


@pytest.mark.parametrize(("step", "entry"), [
    ({}, {"observed": "404"}), ({}, {"observed": "nothing"}), ({}, {"observed": "/^5../"}), ({}, {"observed": "/404|500/"}), ({}, {"key": "request", "observed": "/x/"}),
    ({"case": [{"where": {"python": "<3"}, "expect": {"status": 404}}, {"where": {"else": True}, "expect": {"status": 500}}]}, {"observed": "404"}),
    ({"case": [{"where": {"python": "<3"}, "expect": {"status": 404}}, {"where": {"else": True}, "expect": {"reason": "OK"}}]}, {"observed": "200"}),
    ({"act": "sockets", "expect": {"bind": "free"}}, {"key": "bind", "observed": "held"}),
    ({"act": "stop", "expect": {"exit": 0}}, {"key": "exit", "observed": "/^-9$/"}),
    ({"act": "sockets", "expect": {"bind": "free"}}, {"key": "bind", "observed": "/held/"}),
])
def test_a_known_failure_that_can_be_is_accepted(step, entry):
    data = known(**entry)
    data["step"][1] = {**({} if "act" in step else data["step"][1]), **step}
    assert parse(data, "f").known


def test_the_same_known_failure_twice_is_refused():
    one = known()["known"][0]
    with pytest.raises(Refusal, match="known 2: is the same as known 1"):
        parse(changed(known=[one, {**one, "why": "said otherwise"}]), "f")
    assert len(parse(changed(known=[one, {**one, "observed": "501"}, {**one, "where": {"python": "<3"}}]), "f").known) == 3

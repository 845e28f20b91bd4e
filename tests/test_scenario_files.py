import copy
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model import Interpreter, Refusal, Target
from harness.scenario import ScenarioError, for_target
from harness.scenario_files import load, load_all, parse

from .conftest import ROOT

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


BAD = [
    (changed(colour="red"), "unknown key 'colour'"),
    (changed(format=2), "format"),
    (changed(format=...), "format: is missing"),
    (changed(id="Family.Name"), "must look like family.name"),
    (changed(id=7), "id: 7 is no str"),
    (changed(title=...), "title: is missing"),
    (changed(step=[]), "there is no step"),
    (changed(step=...), "there is no step"),
    (changed(paper=...), "name the paper's claim"),
    (changed(grade="perhaps"), "grade"),
    (changed(leaves=["child"]), "'child' is not saved"),
    (changed(step=["start"]), "unknown verb"),
    (with_step(act="dance"), "step 2: act: unknown verb 'dance'"),
    (with_step(), "unknown verb None"),
    (with_step(act="request", expect={"status": 200}), "'path' is missing"),
    (with_step(act="request", path="/"), "expects nothing"),
    (with_step(act="request", path="/", pth="/", expect={"status": 200}), "step 2 (request): unknown key 'pth'"),
    (with_step(act="request", path="/", expect={"stauts": 200}), "step 2 (request): expect: unknown key 'stauts'"),
    (with_step(act="request", path="/", expect={"status": "200"}), "is not a whole number"),
    (with_step(act="request", path="/", expect={"status": True}), "is not a whole number"),
    (with_step(act="request", path="/", channel="8080", expect={"status": 200}), "channel: '8080' is not a whole number"),
    (with_step(act="request", path="/{nowhere}", expect={"status": 200}), "{nowhere} is not known here"),
    (with_step(act="request", path="/", expect={"body": "/(/"}), "is not a regular expression"),
    (with_step(act="request", path="/", expect={"body": 7}), "expect: body: 7 is not a string that is the whole text"),
    (with_step(act="request", path="/", expect={"body": {}}),
     "the table is empty, and says nothing of the text; it takes: whole,"),
    (with_step(act="request", path="/", expect={"body": {"same_line": "x"}}),
     "expect: body: unknown key 'same_line' (did you mean 'some_line'?); there are: absent, every_line, some_line, whole"),
    (with_step(act="request", path="/", expect={"body": {"some_line": []}}), "expect: body.some_line: [] is not a string"),
    (with_step(act="request", path="/", expect={"body": {"some_line": ["x", 1]}}), "or a list of them"),
    (with_step(act="request", path="/", expect={"body": {"absent": ["x"]}}), "expect: body.absent: ['x'] is not a string"),
    (with_step(act="request", path="/", expect={"body": {"absent": ""}}), "an empty string stands in every text"),
    (with_step(act="request", path="/", expect={"body": {"absent": "/(/"}}), "is not a regular expression"),
    (with_step(act="request", path="/", expect={"body": r"/\p{Lu}/"}), "is not a regular expression"),
    *((with_step(act=act, **{where: x}, expect={key: value}), f"{pattern} matches anything")
      for pattern in ("/.*/", "//", "/^/", "/$/", "/(?s:.*)/", "/x?|.*/")
      for act, where, x, key, value in (
          ("request", "path", "/", "body", pattern), ("raw", "send", "x", "received", {"whole": pattern}),
          ("wait", "response", "r", "body", pattern), ("request", "path", "/", "body", {"some_line": ["x", pattern]}),
          ("request", "path", "/", "body", {"every_line": pattern}), ("request", "path", "/", "body", {"absent": pattern}),
          ("request", "path", "/", "reason", pattern), ("request", "path", "/", "headers", {"X": pattern}),
          ("request", "path", "/", "log", pattern), ("request", "path", "/", "log_absent", pattern))),
    (changed(known=[{"where": {}, "verdict": "behaviour", "step": 2, "key": "body", "observed": "/.*/", "why": "y"}]),
     "known 1: observed: /.*/ matches anything"),
    (with_step(act="request", path="/", expect={"interim": [100, True]}), "is not a list of whole numbers"),
    (with_step(act="raw", send="x", expect={"interim": 100}), "is not a list of whole numbers"),
    (with_step(act="request", path="/", expect={"log": "plain"}), "is not a /regular expression/"),
    (with_step(act="repeat", times=1, step=[{"act": "sample"}]), "step 2 (repeat): times: 1 must be a whole number from 2"),
    (with_step(act="repeat", times=3), "there is no [[step.step]]"),
    (with_step(act="repeat", times=3, step=[{"act": "repeat", "times": 2, "step": []}]), "a repeat inside a repeat"),
    (with_step(act="repeat", times=3, step=[{"act": "dance"}]), "unknown verb 'dance'"),
    (with_step(act="repeat", times=3, step=[{"act": "sample"}], expect={}), "unknown key 'expect'"),
    (with_step(act="growth", of="soak", expect={"threads": "<1"}), "no earlier sample has the id 'soak'"),
    (with_step(act="growth", of="soak", expect={"threads": "few"}), 'is not a bound on a number, such as "<0.2"'),
    (with_step(act="touch", file="tree.py"), "'until' is missing"),
    (with_step(act="sweep", signal="TERM"), "'points' is missing"),
    (with_step(act="sweep", signal="STOP", points=3), "'STOP' is none of"),
    (with_step(act="sweep", signal="TERM", points=1), "points: 1 must be from 2"),
    (with_step(act="request", path="/", expect={"seconds": "soon"}), 'is not a bound such as "<5s"'),
    (with_step(act="request", path="/", within="10", expect={"status": 200}), "is not a duration"),
    (with_step(act="request", path="/", save={"X": "pid"}, expect={"status": 200}), "must be a name in small letters"),
    (with_step(act="request", path="/", save={"x": "yaml:/a"}, expect={"status": 200}), 'must be "json:/pointer"'),
    (with_step(act="request", path="/", observe=["colour"]), "request does not see 'colour'"),
    (with_step(act="request", path="/", observe=[[]]), "is not a list of strings"),
    (with_step(act="request", path="/", observe="status"), "is not a table of strings"),
    (with_step(act="request", path="/", observe={"a question": 1}), "is not a table of strings"),
    (with_step(act="request", path="/", observe={"a question": "colour"}), "request does not see 'colour'"),
    (with_step(act="request", path="/", observe={"a question": "log:no pattern"}), "request does not see 'log:no pattern'"),
    (with_step(act="request", path="/", observe={"a question": "log:/(/"}), "is not a regular expression"),
    (with_step(act="signal", signal="INT", expect={}, observe=["colour"]), "signal does not see 'colour'"),
    (with_step(act="hold", how="wildcard"), "it needs channel = \"ports\""),
    (with_step(act="hold", how="listen", lasts="soon"), "is not a duration"),
    (with_step(act="wait", exit=True, late="never"), "'never' is none of kill"),
    (changed(python="3.4 or so"), "python: '3.4 or so' is no PEP 440 range"),
    (changed(tls="yes"), "tls: 'yes' is no bool"),
    (with_step(act="stop", server="other"), "server 'other' was not started"),
    (with_step(act="stop", expect={"exit": "soon"}), "is not an exit code"),
    (with_step(act="signal", signal="STOP"), "'STOP' is none of"),
    (with_step(act="hold", how="firmly"), "'firmly' is none of"),
    (with_step(act="wait"), "exactly one of"),
    (with_step(act="wait", exit=True, log="/x/"), "exactly one of"),
    (with_step(act="stop", case=[{"where": {"snake": 1}, "expect": {"exit": 0}}]), "unknown key 'snake'"),
    (with_step(act="stop", case=[{"where": {"python": "old"}, "expect": {"exit": 0}}]), "is no PEP 440 range"),
    (with_step(act="stop", case=[{"where": {"else": True}}]), "expects nothing"),
    (changed(known=[{"where": {}}]), "say exactly what fails"),
    (changed(known=[{"where": {}, "verdict": "behaviour", "step": 9, "key": "status", "observed": "x", "why": "y"}]),
     "there are steps 1 to 2"),
    (changed(known=[{"where": {}, "verdict": "mood", "step": 1, "key": "status", "observed": "x", "why": "y"}]),
     "neither behaviour nor cleanup"),
]


@pytest.mark.parametrize("expected", [
    "", "/x*/", "/.+/", "/^$/", {"whole": "/a.*/"}, {"some_line": "/./"}, {"some_line": ["", "@name"]},
    {"absent": "@traceback"},
    {"every_line": "", "absent": "/x/"}, "@name"])
def test_what_can_fail_is_taken(expected):
    assert parse(with_step(act="request", path="/", expect={"body": expected}), "f").steps[1].expect == {"body": expected}


def test_the_good_one_is_good():
    assert parse(GOOD, "f.toml").steps[1].expect == {"status": 200}


@pytest.mark.parametrize(("data", "problem"), BAD, ids=[str(n) for n in range(len(BAD))])
def test_bad_input_is_refused_with_file_and_place(data, problem):
    with pytest.raises(ScenarioError) as caught:
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
    with pytest.raises(ScenarioError, match=r"b\.toml: id: .* is also the id of .*a\.toml"):
        load_all(tmp_path)


def test_an_empty_folder_is_no_run(tmp_path):
    with pytest.raises(Refusal, match="no scenario files"):
        load_all(tmp_path)


def test_every_scenario_of_the_repository_is_in_its_place():
    scenarios = load_all(ROOT / "scenarios")
    assert len(scenarios) >= 30
    for scenario in scenarios:
        assert scenario.file == f"scenarios/{scenario.id.replace('.', '/', 1)}.toml"


def test_prose_does_not_change_the_hash_and_expectations_do():
    base = parse(GOOD, "f").hash
    assert parse(changed(title="Another"), "f").hash == base
    other = copy.deepcopy(GOOD)
    other["step"][1]["expect"]["status"] = 404
    assert parse(other, "f").hash != base


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3))


@given(st.dictionaries(st.sampled_from([*GOOD, "known", "needs", "app", "leaves", "issue", "x"]), JSON))
def test_nothing_but_a_refusal_comes_of_nonsense(noise):
    try:
        parse({**GOOD, **noise}, "f.toml")
    except ScenarioError as problem:
        assert "f.toml" in str(problem)


@given(st.dictionaries(st.sampled_from(["act", "path", "expect", "case", "observe", "save", "within", "id", "server"]), JSON))
def test_nothing_but_a_refusal_comes_of_a_nonsensical_step(noise):
    try:
        parse(with_step(**{"act": "request", "path": "/", "expect": {"status": 200}, **noise}), "f.toml")
    except ScenarioError as problem:
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

"""The schemas, under a validator of others: every bundled file is right, and each fault of a table is not."""

import copy
import json
import tomllib

import jsonschema
import pytest

from harness.cli import schema
from harness.machine import places
from harness.targets.load_subjects import BUNDLED

SCENARIO, SUBJECT = (jsonschema.Draft202012Validator(schema.SCHEMAS[kind]()) for kind in ("scenario", "subject"))
KNOWN = jsonschema.Draft202012Validator(schema.SCHEMAS["known"](), format_checker=jsonschema.FormatChecker())


def plain(value):
    """A TOML file's values as JSON has them: dates are strings."""
    return json.loads(json.dumps(value, default=str))


@pytest.mark.parametrize("kind", list(schema.SCHEMAS))
def test_each_is_a_schema(kind):
    jsonschema.Draft202012Validator.check_schema(schema.SCHEMAS[kind]())


def test_every_bundled_scenario_is_right():
    files = sorted(places.SCENARIOS.rglob("*.toml"))
    assert len(files) > 250
    wrong = {file.name: error.message[:200] for file in files for error in SCENARIO.iter_errors(tomllib.loads(file.read_text("utf-8")))}
    assert wrong == {}


@pytest.mark.parametrize("name", BUNDLED.names())
def test_every_bundled_subject_is_right(name):
    data = tomllib.loads(BUNDLED.files()[name].read_text("utf-8"))
    assert [error.message for error in SUBJECT.iter_errors(data)] == []


GOOD = {
    "format": 1, "id": "http.head", "title": "t", "source": ["RFC 9110"], "app": "life", "needs": ["wsgi"],
    "step": [{"act": "start"}, {"act": "request", "method": "HEAD", "path": "/", "expect": {"status": 200}}]}
ENGINE = tomllib.loads(BUNDLED.files()["enginebus"].read_text("utf-8"))


def changed(data, path, value):
    data = copy.deepcopy(data)
    *way, last = path.split("/")
    place = data
    for key in way:
        place = place[int(key)] if isinstance(place, list) else place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return data


@pytest.mark.parametrize(("path", "value"), [
    ("id", None), ("title", 7), ("format", 2), ("id", "No Dots"), ("grade", "may"), ("needs", "wsgi"), ("titel", "x"), ("channel", "mine"),
    ("step", []), ("step/0/act", "begin"), ("step/0/within", "10"), ("step/1/method", 7), ("step/1/expect/status", "200"), ("step/1/expect/stauts", 200),
    ("step/1/path", None), ("step/1/observe", 1), ("coverage", "no"), ("issue", ["nonsense"]), ("known", [{"where": {}}]),
    ("known", [{"where": {"python": "<3"}, "verdict": "cleanup", "step": 1, "key": "stop", "observed": "x", "why": "y"}]),
    ("step/1/case", [{"where": {"else": False}, "expect": {}}]), ("bug", {"report": "x"}),
])
def test_a_fault_in_a_scenario_is_refused(path, value):
    assert not list(SCENARIO.iter_errors(GOOD))
    assert list(SCENARIO.iter_errors(changed(GOOD, path, value)))


@pytest.mark.parametrize(("path", "value"), [
    ("format", 2), ("format", None), ("launch", None), ("exits", None), ("exits/stop", None), ("exits/stop", [999]), ("exits/stop", 0), ("launch/args", "x"),
    ("launch/module", None), ("launch/script", "x.py"), ("launch/ready", "no pattern"), ("launch/ready", []), ("capabilities", "wsgi"),
    ("capabilities", ["wisgi"]), ("timeouts", {"idel": "5s"}), ("timeouts", {"idle": "5"}), ("patterns/serving", "x"), ("python", 3), ("python", "new"),
    ("when", [{"args": ["{port}"]}]), ("habit", [{"said": "/x/"}]), ("lauch", {}),
])
def test_a_fault_in_a_subject_is_refused(path, value):
    assert not list(SUBJECT.iter_errors(ENGINE))
    assert list(SUBJECT.iter_errors(changed(ENGINE, path, value)))


ENTRY = {"scenario": "a.b", "targets": ["mine"], "why": "x"}


@pytest.mark.parametrize(("entry", "right"), [
    (ENTRY, True), ({**ENTRY, "step": 2, "key": "status", "link": "https://x", "until": "2027-01-31"}, True), ({**ENTRY, "step": 0}, False),
    ({**ENTRY, "targets": []}, False), ({**ENTRY, "why": ""}, False), ({**ENTRY, "until": "soon"}, False), ({**ENTRY, "scenaro": "x"}, False)])
def test_known_toml(entry, right):
    assert (not list(KNOWN.iter_errors(plain({"format": 1, "known": [entry]})))) is right


def test_the_line_that_an_editor_reads(tmp_path):
    line = schema.beside(tmp_path, "scenario", tmp_path / "http" / "deep" / "x.toml")
    assert line == "#:schema ../../.schemas/scenario.json\n"
    assert schema.beside(tmp_path, "known", tmp_path / "known.toml") == "#:schema ./.schemas/known.json\n"
    assert json.loads((tmp_path / ".schemas" / "known.json").read_text())["title"]


def test_what_is_printed_is_the_schema():
    lines = []
    assert schema.run(type("Given", (), {"kind": "subject"}), lines.append) == 0
    assert json.loads(lines[0]) == json.loads(json.dumps(schema.SCHEMAS["subject"]()))




CHECKS = {
    "format": 1, "id": "wire.line", "title": "t", "step": [{"act": "start"}],
    "each": {"act": "raw", "until": "probe", "send": "{line}"}, "answer": {"refused": {"statuses": [400]}},
    "check": [{"id": "one", "title": "t", "level": "must", "source": "RFC 9112", "with": {"line": "GET"}, "either": ["refused", {"status": 200}]}]}


def test_a_table_of_checks_is_right():
    assert [error.message for error in SCENARIO.iter_errors(CHECKS)] == []


@pytest.mark.parametrize(("path", "value"), [
    ("check", []), ("check", {}), ("check/0/id", "Two words"), ("check/0/id", None), ("check/0/title", None), ("check/0/level", None),
    ("check/0/level", "musst"), ("check/0/colour", "red"), ("check/0/with", {"line": 1}), ("each/untill", "close"), ("answer/refused", {}),
])
def test_a_fault_of_a_table_of_checks_is_not(path, value):
    assert list(SCENARIO.iter_errors(changed(CHECKS, path, value)))


@pytest.mark.parametrize(("step", "right"), [
    ({"send": ["a", {"text": "b", "times": 3}, {"pause": "50ms"}, {"await": "interim"}, {"end": True}]}, True),
    ({"send": [{"text": "b"}]}, False), ({"send": [{"pause": "soon"}]}, False), ({"send": [{"await": "body"}]}, False), ({"send": []}, False),
    ({"send": "x", "either": [{"status": 200, "as": "served"}, {"status": 400}]}, True), ({"send": "x", "either": [{"status": 200}]}, False),
    ({"send": "x", "either": [{}, {"status": 400}]}, False), ({"send": "x", "level": "record"}, True), ({"send": "x", "level": "x"}, False),
    ({"send": "x", "expect": {"json": {"/a": 1}}}, True), ({"send": "x", "expect": {"json": {}}}, False),
])
def test_what_checks_brought_into_steps(step, right):
    errors = list(SCENARIO.iter_errors({**GOOD, "step": [{"act": "start"}, {"act": "raw", **step}]}))
    assert (errors == []) is right

import copy
import tomllib

import pytest

from harness import subjects
from harness.language import VERBS
from harness.model import Interpreter, Refusal, Target
from harness.scenario_files import load_all
from harness.subject_parse import parse_subject

from .conftest import ROOT

GOOD = tomllib.loads((subjects.FOLDER / "enginebus" / "subject.toml").read_text("utf-8"))


def parsed(data):
    return parse_subject("enginebus", data, subjects.FOLDER / "enginebus", subjects.GUEST)


def changed(path, value):
    data = copy.deepcopy(GOOD)
    table = data
    *tables, key = path.split(".")
    for name in tables:
        table = table[name]
    if value is ...:
        del table[key]
    else:
        table[key] = value
    return data


@pytest.mark.parametrize(("path", "value", "problem"), [
    ("colour", "red", "unknown key 'colour'"), ("format", 2, "format: must be 1, not 2"), ("format", ..., "format: is missing"),
    ("launch.args", ..., "launch.args: is missing"), ("launch.args", "x", "launch.args: must be a list of strings"),
    ("launch.args", ["{hots}"], "launch.args: must be a list of strings in which braces hold host, port"),
    ("launch.args", ["{"], "launch.args: must be a list of strings in which braces hold"),
    ("launch.ready", ..., "launch.ready: is missing"), ("launch.ready", "/(/", "launch.ready: must be a /regular expression/"),
    ("launch.ready", "plain", "launch.ready: must be a /regular expression/"),
    ("launch.module", ..., "either a module or a script"),
    ("launch.script", "serve.py", "either a module or a script"), ("launch.shell", "x", "launch: unknown key 'shell'"),
    ("launch", [], "launch: must be a table, not []"),
    ("apps.tree", "apps/nowhere.py", "there is no file 'apps/nowhere.py'"),
    ("apps.tree", 7, "apps.tree: must be a string, not 7"),
    ("exits.stop", ..., "exits.stop: is missing"), ("exits.stop", [], "exits.stop: must be a list of exit codes"),
    ("exits.stop", [True], "exits.stop: must be a list of exit codes"),
    ("exits.stop", 0, "must be a list of exit codes, not 0"),
    ("patterns", "x", "patterns: must be a table"),
    ("patterns.serving", "x", "patterns.serving: must be a /regular expression/"),
    ("capabilities", "wsgi", "capabilities: must be a list of strings, not 'wsgi'"),
    ("capabilities", ["wsgy"], "unknown capability 'wsgy'. Did you mean 'wsgi'?"),
    ("python", "three", "python: must be a PEP 440 range"),
    ("requirements", ["=="], "requirements: must be a list of requirements"),
    ("guest", ["nowhere"], "there is no package 'nowhere'"), ("timeouts", {"idle": 10}, "timeouts.idle: must be a duration"),
    ("when", [{"exits": {"stop": [1]}}], "when 1: where is missing"),
    ("when", [{"where": {"colour": "red"}}], "when 1: where: unknown key 'colour'"),
    ("when", [{"where": {"python": "<3"}, "apps": {}}], "when 1: unknown key 'apps'"),
    ("when", [{"where": {"python": "old"}}], "when 1: where.python: must be a PEP 440 range"),
    ("when", [{"where": {"python": "<3"}, "capabilities": ["tls"]}], "when 1: capabilities: unknown capability 'tls'"),
])
def test_a_wrong_description_is_refused(path, value, problem):
    with pytest.raises(Refusal, match=r"subjects/enginebus/subject\.toml: ") as caught:
        parsed(changed(path, value))
    assert problem in str(caught.value)


def test_all_mistakes_of_a_description_are_said_at_once():
    data = {**GOOD, "title": 7, "python": 3}
    with pytest.raises(Refusal) as caught:
        parsed(data)
    assert str(caught.value).splitlines() == [
        "subjects/enginebus/subject.toml: title: must be a string, not 7",
        'subjects/enginebus/subject.toml: python: must be a PEP 440 range such as ">=3.8", as a string, not 3']


def test_a_script_that_is_not_there():
    data = changed("launch.module", ...)
    data["launch"]["script"] = "nowhere.py"
    with pytest.raises(Refusal, match=r"there is no file 'nowhere\.py' beside it"):
        parsed(data)


@pytest.mark.parametrize("name", subjects.names())
def test_every_subject_loads_and_spells_what_scenarios_ask_of_it(name):
    subject = subjects.load(name)
    for scenario in load_all(ROOT / "scenarios"):
        if not set(scenario.needs) <= set(subject.capabilities) or (scenario.app and scenario.app not in subject.apps):
            continue
        for step in scenario.steps:
            for table in (step.expect, step.args, *(c.expect for c in step.cases if c.where.get("subject", name) == name)):
                for key, value in table.items():
                    for item in value if isinstance(value, list) else [value]:
                        if isinstance(item, str) and item.startswith("@"):
                            known = subject.exits if VERBS[step.act].expects.get(key) == "exit" else subject.patterns
                            assert item[1:] in known, f"{scenario.file}, step {step.number}: {item}"


def on(python, version, **when):
    subject = parsed({**GOOD, "when": [when]})
    return subject.on(Target("enginebus@x", "enginebus", "x", version, Interpreter("x", "cpython", python, "gil", "/p")))


def test_what_is_otherwise_on_some_targets():
    late = {"where": {"version": ">=0.29"}, "exits": {"stop": [-15]}, "ready": "", "capabilities": ["wsgi"], "args": ["x"]}
    here, elsewhere = on("3.13.0", "0.30", **late), on("3.13.0", "0.28", **late)
    assert (here.exits["stop"], here.ready, here.capabilities, here.args) == ((-15,), (), ("wsgi",), ("x",))
    assert here.exits["interrupt"] == elsewhere.exits["interrupt"], "what is not named stays as it is"
    assert (elsewhere.exits["stop"], elsewhere.ready) == ((0,), ("/ENGINE Bus STARTED$/",))
    assert on("2.7.18", "1", where={"python": "<3"}, ready=["/a/", "/b/"]).ready == ("/a/", "/b/")


@pytest.mark.parametrize("name", subjects.names())
def test_a_subject_s_words_are_words_that_scenarios_use(name):
    """A capability that nobody needs says nothing, and a misspelt one makes cells unsupported for ever."""
    needed = {need for scenario in load_all(ROOT / "scenarios") for need in scenario.needs}
    assert set(subjects.load(name).capabilities) - {"wsgi", "asgi"} <= needed

import copy
import tomllib

import pytest

from harness import subjects
from harness.language import VERBS
from harness.model import Interpreter, Refusal, Target
from harness.scenario_files import load_all

from .conftest import ROOT

GOOD = tomllib.loads((subjects.FOLDER / "enginebus" / "subject.toml").read_text("utf-8"))


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
    ("colour", "red", "unknown colour"), ("format", 2, "format must be 1"), ("launch.args", ..., "launch.args is missing"),
    ("launch.ready", ..., "launch.ready is missing"), ("launch.module", ..., "either a module or a script"),
    ("launch.script", "serve.py", "either a module or a script"), ("launch.shell", "x", "launch: unknown shell"),
    ("apps.tree", "apps/nowhere.py", "there is no file apps/nowhere.py"), ("exits.stop", ..., "exits.stop is missing"),
    ("patterns", "x", "patterns must be a table"),
    ("when", [{"exits": {"stop": [1]}}], "when 1: where is missing"),
    ("when", [{"where": {"colour": "red"}}], "where: unknown colour"),
    ("when", [{"where": {"python": "<3"}, "apps": {}}], "when: unknown apps"),
])
def test_a_wrong_description_is_refused(path, value, problem):
    with pytest.raises(Refusal, match=r"subjects/enginebus/subject\.toml: ") as caught:
        subjects._parse("enginebus", changed(path, value))
    assert problem in str(caught.value)


def test_a_script_that_is_not_there():
    data = changed("launch.module", ...)
    data["launch"]["script"] = "nowhere.py"
    with pytest.raises(Refusal, match=r"there is no file nowhere\.py beside it"):
        subjects._parse("enginebus", data)


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
    subject = subjects._parse("enginebus", {**GOOD, "when": [when]})
    return subject.on(Target("enginebus@x", "enginebus", "x", version, Interpreter("x", "cpython", python, "gil", "/p")))


def test_what_is_otherwise_on_some_targets():
    late = {"where": {"version": ">=0.29"}, "exits": {"stop": [-15]}, "ready": "", "capabilities": ["tls"], "args": ["x"]}
    here, elsewhere = on("3.13.0", "0.30", **late), on("3.13.0", "0.28", **late)
    assert (here.exits["stop"], here.ready, here.capabilities, here.args) == ((-15,), (), ("tls",), ("x",))
    assert here.exits["interrupt"] == elsewhere.exits["interrupt"], "what is not named stays as it is"
    assert (elsewhere.exits["stop"], elsewhere.ready) == ((0,), ("/ENGINE Bus STARTED$/",))
    assert on("2.7.18", "1", where={"python": "<3"}, ready=["/a/", "/b/"]).ready == ("/a/", "/b/")


@pytest.mark.parametrize("name", subjects.names())
def test_a_subject_s_words_are_words_that_scenarios_use(name):
    """A capability that nobody needs says nothing, and a misspelt one makes cells unsupported for ever."""
    needed = {need for scenario in load_all(ROOT / "scenarios") for need in scenario.needs}
    assert set(subjects.load(name).capabilities) - {"wsgi", "asgi"} <= needed

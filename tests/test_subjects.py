import copy
import tomllib

import pytest

from harness import subjects
from harness.language import VERBS
from harness.model import Refusal
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

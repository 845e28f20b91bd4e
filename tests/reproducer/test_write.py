"""The assembled file: it can be read, it is complete, and server output is in it only as data."""

import ast
import base64
import json
import re
import sys
from dataclasses import replace

import pytest

from harness.language.verbs import VERBS
from harness.model.values import CellResult, Failure, History, Verdict
from harness.reproducer import write

ATTACK = '"""\nimport os; os.system("x")\n\\'
RECIPE = {"name": "server", "implementation": "cpython", "version": "3.13.1", "requires": ["server==1.0"],
          "entry": ["-m", "server"], "args": ["{port}"], "patterns": {}, "exits": {"stop": [0]}, "ready": [], "apps": {},
          "workers": False}
SCENARIO = {"title": "A title", "app": "tree", "channel": "own", "tls": False, "reload": False, "leaves": []}


def step(act, number=1, **args):
    return {"number": number, "act": act, "server": "main", "within": 10.0, "args": args, "expect": {}, "save": {},
            "observe": {}, "id": "", "note": ""}


def result(observed="500"):
    failures = (Failure(2, "status", "200", observed),)
    return CellResult("a.b@server@3.13", "ran", "", Verdict("fail", "x", failures), Verdict("pass"), 1.0)


def history(*steps):
    return History("a.b@server@3.13", "h", "127.1.2.3", 8080, (), {}, {}, "off", "", 1.0, steps=steps)


def made(*steps, observed="500"):
    return write.text(result(observed), history(*steps), SCENARIO, RECIPE, "QUJD" * 60)


def values(text):
    """The names that the file gives a literal."""
    tree = ast.parse(text)
    return {node.targets[0].id: ast.literal_eval(node.value) for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
            and node.targets[0].id in ("CELL", "RUN", "FILES")}


def test_the_data_can_be_read_back():
    found = values(made(step("start"), step("request", 2, path="/")))
    assert found["CELL"]["cell"] == "a.b@server@3.13"
    assert [item["act"] for item in found["CELL"]["steps"]] == ["start", "request"]
    assert found["CELL"]["server"] == RECIPE
    assert json.loads(base64.b64decode(found["RUN"])) == {"word": "fail", "failures": [[2, "status", "500"]]}
    assert found["FILES"].replace("\n", "") == "QUJD" * 60


def test_a_step_in_the_file_has_what_it_does_and_expects():
    told = {**step("request", 2, path="/"), "server": "second", "within": 2.5, "expect": {"status": 200}, "save": {"child": "json:/pid"},
            "observe": {"who": "headers"}, "id": "asked", "note": "1 of 2", "traceback": True}
    (found,) = values(made(told))["CELL"]["steps"]
    assert found == told
    (plain,) = values(made({**told, "id": "", "note": "", "traceback": False}))["CELL"]["steps"]
    assert plain == {key: value for key, value in told.items() if key not in ("id", "note", "traceback")}


def test_server_output_is_only_data():
    text = made(step("start"), observed=ATTACK)
    assert "os.system" not in text
    assert json.loads(base64.b64decode(values(text)["RUN"]))["failures"] == [[2, "status", ATTACK]]


def test_output_is_made_publishable_before_it_is_encoded():
    top = write.about(
        result("in /home/me/x"), history(step("start")), SCENARIO, RECIPE, lambda text: text.replace("/home/me", "~"))
    assert json.loads(base64.b64decode(re.search('RUN = "(.*)"', top)[1]))["failures"] == [[2, "status", "in ~/x"]]


def test_cleanup_failures_are_among_what_the_run_saw():
    left = Verdict("fail", "y", (Failure(0, "sockets", "no socket is left", "one"), Failure(0, "bind", "free", "held")))
    top = write.about(replace(result(), cleanup=left), history(step("start")), SCENARIO, RECIPE)
    assert json.loads(base64.b64decode(re.search('RUN = "(.*)"', top)[1])) == {
        "word": "fail", "failures": [[2, "status", "500"], [0, "sockets", "one"], [0, "bind", "held"]]}


@pytest.mark.parametrize("title", ['ends with "', 'three """ of them', "a \\ in it"])
def test_a_title_does_not_end_the_docstring(title):
    text = write.text(result(), history(step("start")), {**SCENARIO, "title": title}, RECIPE, "")
    assert values(text)["CELL"]["title"] == title


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_has_its_code_and_nothing_is_missing(verb):
    text = made(step("start"), step(verb, 2))
    tree = ast.parse(text, feature_version=(3, 10))
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    assert {verb, f"{verb}_"} & defined
    nodes = list(ast.walk(tree))
    imports = {alias.name.split(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imports |= {node.module.split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom)}
    assert imports <= sys.stdlib_module_names | {"__future__"}
    assert "from ." not in text


def names_of(node):
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def test_no_two_sections_define_one_name():
    seen = {}
    for section in write.SECTIONS:
        for node in ast.parse(write.section(section)).body:
            for name in names_of(node):
                assert seen.setdefault(name, section) == section, f"{name} is in {seen[name]} and in {section}"


def test_what_the_steps_do_not_need_is_left_out():
    assert "class Holder" not in made(step("start"))
    assert "class Holder" in made(step("hold", how="listen"))
    assert "def growth" not in made(step("start"))
    assert "def growth" in made(step("growth", of="s"))

import csv
import io
import json

import jsonschema
import pytest

from harness.coverage_data import Measured
from harness.model import WORDS, Interpreter, Plan, Target
from harness.report import build
from harness.report.exports import COLUMNS, csv_table, github_annotations, results_json

from .test_forms import results

SCENARIOS = [{"id": f"a.{word}", "title": "t", "family": "a", "file": f"scenarios/a/{word}.toml", "grade": "must", "hash": "h"}
             for word in WORDS]
SCHEMA = json.loads((build.HERE / build.SCHEMA).read_text("utf-8"))


def plan():
    target = Target("s@3.13", "s", "3.13", "1.0", Interpreter("3.13", "cpython", "3.13.1", "gil", "/p"))
    return Plan("run", (target,), (), (), (), {"system": "Linux"})


def document(text="why"):
    measured = [Measured("s@3.13", None, 0, 0, 0, 0, "p", {"lost": 1}, "no data", ("a.pass@s@3.13",)),
                Measured("combined", 81.5, 9, 1, 2, 0, "p", {})]
    return results_json(plan(), results(text), SCENARIOS, measured)


def test_the_json_is_as_the_published_schema_says():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(document(), SCHEMA)
    assert document()["counts"] == dict.fromkeys(WORDS, 1)
    assert {cell["word"] for cell in document()["cells"]} == set(WORDS) == set(SCHEMA["$defs"]["word"]["enum"])


@pytest.mark.parametrize("change", [
    lambda d: d["cells"][0].update(word="green"), lambda d: d.pop("counts"), lambda d: d["cells"][0].update(surplus=1),
    lambda d: d["coverage"][0].update(percent="0 %"), lambda d: d["targets"][0].pop("missing")])
def test_the_schema_refuses_what_is_otherwise(change):
    broken = document()
    change(broken)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, SCHEMA)


def test_csv_has_a_line_a_cell_and_no_formula():
    rows = list(csv.DictReader(io.StringIO(csv_table(plan(), results('=cmd|" /C calc"!A0, "x"\ny'), SCENARIOS, str))))
    assert tuple(rows[0]) == COLUMNS
    assert [row["word"] for row in rows] == list(WORDS)
    assert all(row["reason"] == "'=cmd|\" /C calc\"!A0, \"x\"\ny" for row in rows)
    assert rows[0]["python_version"] == "3.13.1"


def test_annotations_are_a_line_a_red_scenario_and_obey_nobody():
    lines = github_annotations(results("a%\n::set-env name=x::y"), {s["id"]: s["file"] for s in SCENARIOS}, str)
    assert {line.partition("title=")[2].partition("::")[0] for line in lines} == \
        {"a.fail", "a.timeout", "a.fixed", "a.error", "a.broken", "a.not-run"}
    assert lines[0] == "::error file=scenarios/a/fail.toml,title=a.fail::s@3.13 (fail): a%25%0A::set-env name=x::y"
    assert all("\n" not in line for line in lines)

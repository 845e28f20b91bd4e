import csv
import io
import json

import jsonschema
import pytest

from harness.coverage.combine import Measured
from harness.model.outcomes import WORDS
from harness.model.values import CellResult, Interpreter, Plan, Target, Verdict
from harness.report import exports
from harness.report.exports import COLUMNS, csv_table, github_annotations, results_json

from .test_forms import results

SCENARIOS = [{"id": f"a.{word}", "title": "t", "family": "a", "file": f"scenarios/a/{word}.toml", "grade": "must", "hash": "h"}
             for word in WORDS]
SCHEMA = json.loads(exports.RESULTS_SCHEMA.read_text("utf-8"))


def plan():
    target = Target("s@3.13", "s", "3.13", "1.0", Interpreter("3.13", "cpython", "3.13.1", "gil", "/p"))
    return Plan("run", (target,), (), (), (), {"system": "Linux"})


def document(text="why"):
    measured = [Measured("s@3.13", None, 0, 0, 0, 0, "p", {"lost": 1}, "no data", ("a.pass@s@3.13",)),
                Measured("combined", 81.5, 9, 1, 2, 0, "p", {})]
    return results_json(plan(), results(text), SCENARIOS, measured)


def test_the_json_conforms_to_the_published_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(document(), SCHEMA)
    assert document()["counts"] == dict.fromkeys(WORDS, 1)
    assert {cell["word"] for cell in document()["cells"]} == set(WORDS) == set(SCHEMA["$defs"]["word"]["enum"])


@pytest.mark.parametrize("change", [
    lambda d: d["cells"][0].update(word="green"), lambda d: d.pop("counts"), lambda d: d["cells"][0].update(surplus=1),
    lambda d: d["coverage"][0].update(percent="0 %"), lambda d: d["targets"][0].pop("missing")])
def test_the_schema_rejects_anything_else(change):
    broken = document()
    change(broken)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, SCHEMA)


def test_csv_has_one_line_per_cell_and_no_formula():
    rows = list(csv.DictReader(io.StringIO(csv_table(plan(), results('=cmd|" /C calc"!A0, "x"\ny'), SCENARIOS, str))))
    assert tuple(rows[0]) == COLUMNS
    assert [row["word"] for row in rows] == list(WORDS)
    assert all(row["reason"] == "'=cmd|\" /C calc\"!A0, \"x\"\ny" for row in rows)
    assert rows[0]["python_version"] == "3.13.1"


def test_annotations_are_one_line_per_red_scenario_and_cannot_be_injected():
    lines = github_annotations(results("a%\n::set-env name=x::y"), {s["id"]: s["file"] for s in SCENARIOS}, str)
    assert {line.partition("title=")[2].partition("::")[0] for line in lines} == \
        {"a.fail", "a.timeout", "a.fixed", "a.error", "a.broken", "a.not-run"}
    assert lines[0] == "::error file=scenarios/a/fail.toml,title=a.fail::s@3.13 (fail): a%25%0A::set-env name=x::y"
    assert all("\n" not in line for line in lines)


EDITION = Target("s+1.2@pypy3.11", "s", "pypy3.11", "1.2", Interpreter("pypy3.11", "pypy", "3.11.13", "debug", "/p"))
NOT_INSTALLED = Target("t@2.7", "t", "2.7", "", Interpreter("2.7", "cpython", "2.7.18", "gil", "/p"), reason="no wheel", status="broken")
ABSENT = Target("s@3.99", "s", "3.99", reason="no interpreter 3.99 on this machine")
SCENARIO = {"id": "fam.one", "title": "A title", "family": "fam", "file": "scenarios/fam/one.toml", "grade": "should", "hash": "abc", "table": "fam"}
CELLS = {
    "fam.one@s+1.2@pypy3.11": CellResult("fam.one@s+1.2@pypy3.11", "ran", "why", Verdict("known"), Verdict("timeout"), 1.5, "lost", "gw0", "should", "=1, closed"),
    "fam.one@t@2.7": CellResult("fam.one@t@2.7", "broken", "@no wheel"),
    "fam.one@s@3.99": CellResult("fam.one@s@3.99", "missing", "-x"),
}


def three():
    return Plan("run-7", (EDITION, NOT_INSTALLED, ABSENT), (), (), (), {"system": "Linux"})


def test_csv_each_column_holds_what_its_name_says():
    first, second, third = csv.DictReader(io.StringIO(csv_table(three(), CELLS, [SCENARIO], lambda text: f"{text}!")))
    assert first == {
        "cell": "fam.one@s+1.2@pypy3.11", "scenario": "fam.one", "family": "fam", "grade": "should", "subject": "s+1.2",
        "subject_version": "1.2", "python": "pypy3.11", "python_version": "3.11.13", "implementation": "pypy", "word": "timeout",
        "status": "ran", "behaviour": "known", "cleanup": "timeout", "reason": "why!", "seconds": "1.5", "coverage": "lost",
        "level": "should", "table": "fam", "answer": "'=1, closed!"}
    assert {name: second[name] for name in ("subject", "python_version", "word", "status", "behaviour", "cleanup", "reason")} == {
        "subject": "t", "python_version": "2.7.18", "word": "broken", "status": "broken", "behaviour": "", "cleanup": "",
        "reason": "'@no wheel!"}
    assert {name: third[name] for name in ("python", "python_version", "implementation", "word", "reason")} == {
        "python": "3.99", "python_version": "", "implementation": "", "word": "missing", "reason": "'-x!"}


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_csv_no_text_is_a_formula(first):
    cells = {cell: CellResult(cell, "error", f"{first}1+1") for cell in CELLS}
    assert {row["reason"][:2] for row in csv.DictReader(io.StringIO(csv_table(three(), cells, [SCENARIO], str), newline=""))} == {
        f"'{first}"}


def test_json_each_key_holds_what_its_name_says():
    measured = [Measured("t@2.7", 81.5, 9, 1, 2, 3, "page.html", {"data": 2}, "a note", ("fam.one@t@2.7",))]
    found = results_json(three(), CELLS, [{**SCENARIO, "steps": []}], measured)
    jsonschema.validate(found, SCHEMA)
    assert (found["run"], found["environment"], found["counts"]) == (
        "run-7", {"system": "Linux"}, {"timeout": 1, "broken": 1, "missing": 1})
    assert found["scenarios"] == [{key: SCENARIO[key] for key in ("id", "title", "family", "file", "grade", "hash", "table")}]
    assert found["targets"] == [
        {"id": "s+1.2@pypy3.11", "subject": "s+1.2", "subject_version": "1.2", "python": "pypy3.11", "implementation": "pypy",
         "build": "debug", "status": "ready", "missing": ""},
        {"id": "t@2.7", "subject": "t", "subject_version": "", "python": "2.7", "implementation": "cpython", "build": "gil",
         "status": "broken", "missing": "no wheel"},
        {"id": "s@3.99", "subject": "s", "subject_version": "", "python": "3.99", "implementation": "", "build": "",
         "status": "missing", "missing": "no interpreter 3.99 on this machine"}]
    assert found["cells"][0] == {
        "scenario": "fam.one", "target": "s+1.2@pypy3.11", "word": "timeout", "status": "ran", "behaviour": "known",
        "cleanup": "timeout", "reason": "why", "seconds": 1.5, "coverage": "lost", "level": "should", "answer": "=1, closed"}
    assert found["coverage"] == [{"name": "t@2.7", "percent": 81.5, "statements": 9, "missing": 1, "branches": 2, "partial": 3,
                                  "states": {"data": 2}, "note": "a note"}]


@pytest.mark.parametrize(("grades", "kind"), [
    (["should", "should"], "warning"), (["must", "should"], "error"), (["should", "must"], "error"), (["must", "must"], "error")])
def test_an_annotation_is_as_severe_as_its_worst_cell(grades, kind):
    cells = {f"a.fail@s@{n}": CellResult(f"a.fail@s@{n}", "ran", f"why {n}", Verdict("fail"), Verdict("pass"), grade=grade)
             for n, grade in enumerate(grades)}
    (line,) = github_annotations(cells, {"a.fail": "f.toml"}, str)
    assert line == f"::{kind} file=f.toml,title=a.fail::s@0 (fail), s@1 (fail): why 0"


@pytest.mark.parametrize("level", ["may", "record"])
def test_what_a_source_only_allows_is_no_annotation(level):
    cell = CellResult("a.fail@s@1", "ran", "why", Verdict("fail"), Verdict("pass"), grade=level)
    assert github_annotations({cell.cell: cell}, {"a.fail": "f.toml"}, str) == []
    broken = CellResult("a.fail@s@1", "broken", "why", grade=level)
    assert len(github_annotations({broken.cell: broken}, {"a.fail": "f.toml"}, str)) == 1


def test_the_level_of_a_cell_is_that_of_what_failed_and_else_that_of_its_scenario():
    cells = {"fam.one@t@2.7": CELLS["fam.one@t@2.7"],
             "fam.one@s@3.99": CellResult("fam.one@s@3.99", "ran", "left a process", Verdict("pass"), Verdict("fail"), grade="must")}
    found = results_json(three(), cells, [SCENARIO], [])
    assert [cell["level"] for cell in found["cells"]] == ["should", "must"]


@pytest.mark.parametrize("level", ["must", "should", "may", "record"])
def test_the_schema_knows_every_level(level):
    jsonschema.validate(results_json(three(), {}, [{**SCENARIO, "grade": level}], []), SCHEMA)


def test_json_has_the_key_of_each_finding_and_not_all_that_the_page_says():
    finding = {"key": "0123456789", "kind": "red", "word": "timeout", "scenario": "fam.one", "cell": "fam.one@t@2.7", "cells": 2}
    found = results_json(three(), CELLS, [SCENARIO], [], [{**finding, "title": "t", "where": []}])
    jsonschema.validate(found, SCHEMA)
    assert found["findings"] == [finding]
    found["findings"][0]["key"] = "not a key"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(found, SCHEMA)

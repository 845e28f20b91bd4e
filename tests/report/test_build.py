"""What is written for a stored run: all formats, nothing about the machine, and no rows or columns without cells."""

import base64
import gzip
import json
import re
from dataclasses import replace

import pytest

from harness.model.values import Interpreter
from harness.report import build, index_page
from harness.report.view import RunView

from ..conftest import ROOT
from ..stored import TARGETS, write

HERE = tuple(replace(target, python="/private/target/bin/python", site="/private/site", reason="", interpreter=Interpreter(
    target.interpreter_id, "cpython", f"{target.interpreter_id}.1", "gil", "/private/bin/python", "pyenv")) for target in TARGETS)


@pytest.fixture
def built(tmp_path):
    """Build the report of a stored run; returns its folder and the data of its page."""
    def run(words, baseline=None, **changes):
        index = build.build(RunView.load(write(tmp_path, "2", words, **{"targets": HERE, **changes}), tmp_path, [], ROOT, baseline))
        page = index.read_text("utf-8")
        return tmp_path, json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1])
    return run


def test_all_forms_are_written(built):
    folder, data = built({"a.x": ("pass", "fail")})
    assert {path.name for path in folder.iterdir() if path.is_file()} == {
        "index.html", "junit.xml", "summary.md", "results.csv", "results.json", "results.schema.json", "badge.json"}
    assert data["run"] == json.loads((folder / "results.json").read_text("utf-8"))["run"] == "2"


def test_nothing_of_the_machine_is_in_any_form(built):
    folder, data = built({"a.x": ("pass", "fail")})
    for path in folder.iterdir():
        if path.is_file():
            assert "/private" not in path.read_text("utf-8"), path.name
    assert [(target["interpreter"]["version"], target["interpreter"]["place"]) for target in data["targets"]] == [
        ("3.13.1", "pyenv"), ("2.7.1", "pyenv")]


def test_a_row_or_column_without_a_cell_is_not_shown(built):
    _, data = built({"a.x": ("pass", None), "a.y": ("fail", None)})
    assert [target["id"] for target in data["targets"]] == ["one@3.13"]
    assert [(row["id"], len(row["row"])) for row in data["scenarios"]] == [("a.x", 1), ("a.y", 1)]


def test_a_comparison_says_what_is_compared(built, tmp_path):
    earlier = write(tmp_path, "1", {"a.x": ("pass", "missing"), "a.y": ("pass", "pass")}, targets=HERE, asked={"keyword": ""})
    _, data = built({"a.x": ("fail", "missing")}, earlier, asked={"keyword": "x"}, scenarios=("a.x 1", "a.y 1"))
    assert (data["baseline"], data["compared"]) == ("1", {"cells": 2, "ran": 1, "unasked": 2})
    assert [(one["cell"], one["kind"]) for one in data["transitions"]] == [("a.x@one@3.13", "new failure")]
    _, data = built({"a.x": ("fail", "missing")})
    assert (data["baseline"], data["compared"], data["transitions"]) == ("", None, [])


def test_a_text_cannot_end_the_script_that_holds_it():
    assert index_page._inline('"</script>\u2028"') == '"\\u003c/script>\\u2028"'


def test_a_report_that_is_elsewhere_has_no_links_into_the_run(tmp_path):
    run = write(tmp_path, "2", {"a.x": ("pass", "pass")})
    assert index_page._link(run, tmp_path, "coverage/x.html") == "data/2/coverage/x.html"
    assert index_page._link(run, tmp_path / "elsewhere", "coverage/x.html") == ""
    assert index_page._link(run, tmp_path, "") == ""


def test_the_cells_of_a_scenario_are_in_its_pack(built):
    folder, _ = built({"a.x": ("pass", "fail")})
    pack = re.search(r'id="pack-a\.x">([^<]*)<', (folder / "index.html").read_text("utf-8"))[1]
    cells = json.loads(gzip.decompress(base64.b64decode(pack)))["cells"]
    assert {cell: found["behaviour"]["outcome"] for cell, found in cells.items()} == {"a.x@one@3.13": "pass", "a.x@two@2.7": "fail"}


def test_flaky_cells_that_are_cut_are_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(index_page, "MOST_FLAKES", 1)
    made = tuple(replace(target, code="1") for target in HERE)
    for name, word in (("1", "pass"), ("2", "fail")):
        run = write(tmp_path, name, {"a.x": (word, "pass"), "a.y": (word, "pass")}, targets=made, environment={"harness_code": "1"})
    page = build.build(RunView.load(run, tmp_path, [], ROOT)).read_text("utf-8")
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1])
    assert ([one["cell"] for one in data["flakes"]], data["flakyCells"], data["flakyScenarios"], data["lookedAt"]) == (
        ["a.x@one@3.13"], 2, ["a.x", "a.y"], 2)

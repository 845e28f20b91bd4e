from dataclasses import replace

import pytest

from harness.model.values import CellResult, Interpreter, Target, Verdict
from harness.report.past import MOST, Past
from harness.run.run_folder import Run

from ..run.test_run_folder import make

CELL = "a.b@s@1"


def past(run):
    return Past(run, run.results())


def test_older_runs_come_oldest_first(tmp_path):
    for name in ("2", "1", "3", "5"):
        make(tmp_path / "data" / name, ["1"])
    Run(tmp_path / "data" / "1").write_result(CellResult(CELL, "ran", "", Verdict("fail", "x"), Verdict("pass"), 1.5), "gw0")
    Run(tmp_path / "data" / "2").write_result(CellResult(CELL, "ran", "", Verdict("pass"), Verdict("pass"), 0.5), "gw0")
    Run(tmp_path / "data" / "5").write_result(CellResult(CELL, "ran", "", Verdict("pass"), Verdict("pass"), 9.9), "gw0")
    of = past(Run(tmp_path / "data" / "3")).of
    assert of(CELL) == [{"run": "1", "word": "fail", "seconds": 1.5}, {"run": "2", "word": "pass", "seconds": 0.5}]
    assert of("a.none@s@1") == []


def test_no_more_than_a_dozen(tmp_path):
    for number in range(20):
        make(tmp_path / "data" / f"{number:02}", ["1"], ["1"])
    assert [item["run"] for item in past(Run(tmp_path / "data" / "19")).of(CELL)] == [f"{n:02}" for n in range(19 - MOST, 19)]


@pytest.mark.parametrize(("file", "content"), [
    ("lines.gw1.jsonl", '{"cell": "x", "status": "ran", "unheard_of": 1}\n'), ("lines.gw1.jsonl", "1\n"), ("plan.json", "{"),
    ("plan.json", "[]"), ("plan.json", '{"targets": 1}'),
])
def test_a_run_that_cannot_be_read_is_left_out_and_named(tmp_path, file, content):
    for name in ("1", "2", "3"):
        make(tmp_path / "data" / name, ["1"], ["1"])
    (tmp_path / "data" / "1" / file).write_text(content, "ascii")
    found = past(Run(tmp_path / "data" / "3"))
    assert [item["run"] for item in found.of(CELL)] == ["2"]
    assert [name for name, _ in found.unreadable] == ["1"]
    assert file in found.unreadable[0][1]


PYTHON = Interpreter("1", "cpython", "3.13.1", "gil", "/somewhere/python", "pyenv")
TARGET = Target("s@1", "s", "1", "1.0", PYTHON, "/somewhere/else/python", "/somewhere/site", "7.0", code="abc")


def stored(folder, word, target=TARGET, scenario="1", environment=None):
    run = make(folder, ["1"], scenarios=(f"a.b {scenario}",))
    made = {"harness_code": "h", "started": folder.name, "cores": 2} if environment is None else environment
    run.write_plan(replace(run.read_plan(), targets=(target,), environment=made))
    run.write_result(CellResult(CELL, "ran", "", Verdict(word), Verdict("pass")), "gw0")
    return run


@pytest.mark.parametrize(("change", "comparisons"), [
    ({}, 1),
    ({"target": replace(TARGET, python="/elsewhere", site="/elsewhere", cached=True)}, 1),
    ({"target": replace(TARGET, interpreter=replace(PYTHON, path="/elsewhere", place="uv"))}, 1),
    ({"target": replace(TARGET, subject_version="1.1")}, 0),
    ({"target": replace(TARGET, source="commit 1, modified")}, 0),
    ({"target": replace(TARGET, code="abd")}, 0),
    ({"target": replace(TARGET, code="")}, 0),
    ({"target": replace(TARGET, interpreter=replace(PYTHON, version="3.13.2"))}, 0),
    ({"target": replace(TARGET, interpreter=replace(PYTHON, build="free-threaded"))}, 0),
    ({"target": replace(TARGET, interpreter=replace(PYTHON, implementation="pypy"))}, 0),
    ({"scenario": "2"}, 0),
    ({"environment": {"harness_code": "i"}}, 0),
    ({"environment": {}}, 0),
])
def test_runs_are_compared_if_nothing_that_a_cell_depends_on_changed(tmp_path, change, comparisons):
    stored(tmp_path / "data" / "1", "fail")
    found = past(stored(tmp_path / "data" / "2", "pass", **change)).flake(CELL)
    assert (found.changes, found.comparisons) == (comparisons, comparisons)


def test_runs_that_did_not_record_what_they_depend_on_are_not_compared(tmp_path):
    for name, word in (("1", "pass"), ("2", "fail"), ("3", "pass")):
        run = stored(tmp_path / "data" / name, word, environment={})
    assert past(run).flakes() == []
    assert past(run).compared([CELL]) == 0


def test_a_cell_s_page_says_in_how_many_comparisons_it_was_stable(tmp_path):
    run = stored(tmp_path / "data" / "1", "pass")
    assert past(run).tell(CELL) == {}
    run = stored(tmp_path / "data" / "2", "pass")
    assert past(run).tell(CELL) == {"past": [{"run": "1", "word": "pass", "seconds": 0.0}], "flaky": [0, 1]}
    run = stored(tmp_path / "data" / "3", "fail")
    told = past(run).tell(CELL)
    assert ([one["run"] for one in told["past"]], told["flaky"]) == (["1", "2"], [1, 2])

import json
import os
from dataclasses import replace

import pytest

from harness.machine.atomic_files import append_line
from harness.model.refusal import Refusal
from harness.model.values import Cell, CellResult, Plan, Target, Verdict
from harness.run import run_folder
from harness.run.run_folder import Run


def target(name, reason=""):
    return Target(id=f"s@{name}", subject="s", interpreter_id=name, reason=reason)


def make(folder, names, done=(), scenarios=("a.b 1",), missing=(), shard="", version=""):
    run = Run(folder)
    cells = [Cell(f"a.b@s@{n}", "a.b", f"s@{n}", "missing" if n in missing else "planned", "") for n in names]
    run.write_scenarios([{"id": "a.b"}])
    run.write_plan(Plan(folder.name, tuple(replace(target(n), subject_version=version) for n in names), tuple(cells),
                        tuple(scenarios), (), {}, shard=shard))
    for name in done:
        run.write_result(CellResult(f"a.b@s@{name}", "ran", "", Verdict("pass"), Verdict("pass")), "gw0")
        run.cell_folder(f"a.b@s@{name}").mkdir(parents=True)
    return run


def test_a_planned_cell_without_a_line_is_not_run(tmp_path):
    run = make(tmp_path / "r", ["1", "2", "3"], ["1"], missing=["3"])
    assert [r.word for r in run.results().values()] == ["pass", "not-run", "missing"]


def test_a_cell_that_was_not_selected_is_not_there(tmp_path):
    run = make(tmp_path / "r", ["1", "2"], ["1"])
    (run.folder / "selected.json").write_text('["a.b@s@1"]')  # as older harnesses wrote it
    assert list(run.results()) == ["a.b@s@1"]


def test_half_a_line_is_no_result(tmp_path):
    run = make(tmp_path / "r", ["1", "2"], ["1", "2"])
    file = run.folder / "lines.gw0.jsonl"
    file.write_text(file.read_text()[:-20])
    assert [r.word for r in run.results().values()] == ["pass", "not-run"]


def test_the_lines_of_all_workers_count(tmp_path):
    run = make(tmp_path / "r", ["1", "2", "3"], ["1"])
    run.write_result(CellResult("a.b@s@2", "ran", "", Verdict("fail"), Verdict("pass"), 1.5), "gw1")
    run.write_result(CellResult("a.b@s@3", "error", "broke"), "main")
    assert {cell: (r.word, r.worker) for cell, r in run.results().items()} == {
        "a.b@s@1": ("pass", "gw0"), "a.b@s@2": ("fail", "gw1"), "a.b@s@3": ("error", "main")}
    assert run.brief() == {"a.b@s@1": ("pass", 0.0), "a.b@s@2": ("fail", 1.5), "a.b@s@3": ("error", 0.0)}


def test_half_a_line_hides_no_other(tmp_path):
    run = make(tmp_path / "r", ["1", "2", "3"], ["1", "2", "3"])
    file = run.folder / "lines.gw0.jsonl"
    first, *others = file.read_text().splitlines()
    file.write_text("\n".join([first[:-20], *others, ""]))
    assert [r.word for r in run.results().values()] == ["not-run", "pass", "pass"]
    assert list(run.brief()) == ["a.b@s@2", "a.b@s@3"]


def test_a_run_ran_where_any_cell_did(tmp_path):
    run = make(tmp_path / "data" / "1", ["1", "2", "3"])
    run.write_result(CellResult("a.b@s@1", "broken", "no"), "gw0")
    assert not run.ran
    run.write_result(CellResult("a.b@s@2", "ran", "", Verdict("pass"), Verdict("pass")), "gw0")
    run.write_result(CellResult("a.b@s@3", "error", "no"), "gw0")
    assert run.ran


def test_the_newest_run_is_the_last_one_in_which_a_cell_ran(tmp_path):
    for name, done in (("1", ["1"]), ("2", ["1"]), ("3", [])):
        make(tmp_path / "data" / name, ["1"], done)
    assert run_folder.newest(tmp_path).folder.name == "2"


def test_of_what_does_not_start_nothing_is_said_to_be_unsupported(tmp_path):
    run = make(tmp_path / "r", ["1", "2", "3"], ["1"])
    plan = run.read_plan()
    run.write_plan(replace(plan, cells=(*plan.cells[:1], *(replace(cell, status="unsupported", reason="lacks it")
                                                           for cell in plan.cells[1:]))))
    (run.folder / "trials" / "s@3").mkdir(parents=True)
    (run.folder / "trials" / "s@3" / run_folder.REFUSES).write_text('{"status": "error", "reason": "could not be tried"}')
    assert [(r.word, r.reason) for r in run.results().values()] == [
        ("pass", ""), ("unsupported", "lacks it"), ("error", "could not be tried")]


def test_many_writers_do_not_cut_each_other_s_lines(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: append_line(tmp_path / "l", {"n": n, "text": "x" * 5000}), range(400)))
    assert sorted(json.loads(line)["n"] for line in (tmp_path / "l").read_text().splitlines()) == list(range(400))


def test_what_a_server_answered_spoils_no_line(tmp_path):
    """JSON may say half of a surrogate pair, which no reader of lines takes: the cell would have no result."""
    run = make(tmp_path / "r", ["1"])
    run.write_result(CellResult("a.b@s@1", "ran", "", Verdict("pass"), Verdict("pass"), answer="b\udce9c, \U0001f600"), "gw0")
    assert run.results()["a.b@s@1"].answer == "b?c, \U0001f600"


def test_a_folder_that_is_no_run(tmp_path):
    with pytest.raises(Refusal, match="cannot be read"):
        Run(tmp_path).read_plan()
    (tmp_path / "plan.json").write_text("{")
    with pytest.raises(Refusal, match="is not valid JSON"):
        Run(tmp_path).read_plan()
    with pytest.raises(Refusal, match="no run with any executed cell yet"):
        run_folder.newest(tmp_path)


def test_a_selection_of_all_leaves_nothing_out(tmp_path):
    """Older harnesses wrote down what pytest collected; cells that are not planned belong to a run that was not narrowed."""
    run = make(tmp_path / "r", ["1", "2"], ["1"])
    plan = run.read_plan()
    run.write_plan(replace(plan, cells=(*plan.cells, Cell("a.c@s@1", "a.c", "s@1", "unsupported", "no"))))
    (run.folder / "selected.json").write_text('["a.b@s@1", "a.b@s@2"]')
    assert list(run.results()) == ["a.b@s@1", "a.b@s@2", "a.c@s@1"]
    (run.folder / "selected.json").write_text('["a.b@s@1"]')
    assert list(run.results()) == ["a.b@s@1"]


def test_a_line_that_did_not_fit_is_an_error_and_spoils_no_later_one(tmp_path, monkeypatch):
    """A disk that becomes full takes a part of a line, and says how much: not that anything is wrong."""
    append_line(tmp_path / "l", {"n": 1})
    write = os.write
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda handle, data: write(handle, data[:4]))
        with pytest.raises(OSError, match="No space left on device"):
            append_line(tmp_path / "l", {"n": 2})
    append_line(tmp_path / "l", {"n": 3})
    assert [json.loads(line)["n"] for line in (tmp_path / "l").read_text().splitlines()] == [1, 3]

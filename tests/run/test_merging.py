import os
from dataclasses import replace

import pytest

from harness.model.refusal import Refusal
from harness.model.values import Cell, CellResult, Interpreter, Verdict
from harness.run.merging import merge
from harness.run.plan import part
from harness.run.run_folder import REFUSES, Run

from .test_run_folder import make


def test_merging(tmp_path):
    shards = [make(tmp_path / name, [name], [name]).folder for name in ("1", "2")]
    merged = merge(shards, tmp_path / "merged")
    assert {cell: r.word for cell, r in merged.results().items()} == {"a.b@s@1": "pass", "a.b@s@2": "pass"}
    assert [target.id for target in merged.read_plan().targets] == ["s@1", "s@2"]


@pytest.mark.parametrize(("second", "problem"), [
    ({"names": ["1"], "done": ["1"]}, "shards must not overlap"),
    ({"names": ["2"], "done": []}, "was planned and has no result"),
    ({"names": ["2", "3"], "done": ["2"]}, "cell a.b@s@3 was planned and has no result"),
    ({"names": ["2", "1"], "done": ["1", "2"]}, "cell a.b@s@1 is also in"),
    ({"names": ["2"], "done": ["2"], "scenarios": ["a.b 2"]}, "different scenario files"),
    ({"names": ["2"], "done": ["2"], "shard": "2/2"}, "are not the shards of one run: a whole run, 2/2"),
])
def test_what_cannot_be_merged(tmp_path, second, problem):
    one = make(tmp_path / "one", ["1"], ["1"]).folder
    two = make(tmp_path / "two", **second).folder
    with pytest.raises(Refusal, match=problem):
        merge([one, two], tmp_path / "merged")
    assert not (tmp_path / "merged").exists(), "nothing half-written"


def of_three(tmp_path, numbers, versions=("", "", "")):
    return [make(tmp_path / str(n), [str(n)], [str(n)], shard=f"{n}/3", version=versions[n - 1]).folder for n in numbers]


def test_three_of_three(tmp_path):
    merged = merge(of_three(tmp_path, [3, 1, 2]), tmp_path / "merged")
    assert len(merged.results()) == 3
    assert merged.read_plan().shard == ""


@pytest.mark.parametrize(("given", "missing"), [([1, 3], "2"), ([2, 1], "3"), ([3, 2], "1"), ([3], "1, 2"), ([1], "2, 3")])
def test_a_shard_that_is_left_out_is_named(tmp_path, given, missing):
    with pytest.raises(Refusal, match=f"shard {missing} of 3 is missing"):
        merge(of_three(tmp_path, given), tmp_path / "merged")


def test_shards_of_two_runs_are_not_one_run(tmp_path):
    """Each number from 1 on is there, and yet they are parts of different wholes."""
    shards = [make(tmp_path / n, [n], [n], shard=f"{n}/{n}").folder for n in ("1", "2")]
    with pytest.raises(Refusal, match="not the shards of one run: 1/1, 2/2"):
        merge(shards, tmp_path / "merged")


@pytest.mark.parametrize("name", ["weights", "keyword", "new-name"])
def test_shards_that_were_cut_by_other_options_may_have_lost_cells(tmp_path, name):
    shards = of_three(tmp_path, [1, 2, 3])
    for folder in shards[1:]:
        Run(folder).write_plan(replace(Run(folder).read_plan(), asked={name: folder.name}))
    with pytest.raises(Refusal, match=rf"shards 1/3 and 2/3 were made with different options \({name}\)"):
        merge(shards, tmp_path / "merged")
    for folder in shards:
        Run(folder).write_plan(replace(Run(folder).read_plan(), asked={name: "same"}))
    assert merge(shards, tmp_path / "merged").read_plan().asked == {name: "same"}


def spread(tmp_path, *parts):
    """Shards of 2 of several Pythons, as a workflow makes them: (Python, number), …"""
    made = []
    for python, number in parts:
        run = make(tmp_path / f"{python}-{number}", [f"{python}.{number}"], [f"{python}.{number}"], shard=f"{number}/2")
        run.write_plan(replace(run.read_plan(), asked={"pythons": [python], "keyword": ""}))
        made.append(run.folder)
    return made


def test_shards_of_several_pythons_are_one_run(tmp_path):
    merged = merge(spread(tmp_path, ("2.7", 1), ("3.13", 2), ("2.7", 2), ("3.13", 1)), tmp_path / "merged")
    assert len(merged.results()) == 4


def test_a_shard_that_one_python_lacks_is_named(tmp_path):
    with pytest.raises(Refusal, match=r"shard 2 of 2 is missing for 3\.13"):
        merge(spread(tmp_path, ("2.7", 1), ("2.7", 2), ("3.13", 1)), tmp_path / "merged")


def test_so_many_are_expected(tmp_path):
    shards = [make(tmp_path / name, [name], [name]).folder for name in ("1", "2")]
    with pytest.raises(Refusal, match="2 shards were given, and --expect says 3"):
        merge(shards, tmp_path / "merged", expected=3)
    with pytest.raises(Refusal, match="2 shards were given, and --expect says 1"):
        merge(shards, tmp_path / "merged", expected=1)
    assert merge(shards, tmp_path / "merged", expected=2).results()


def test_one_column_is_of_one_version(tmp_path):
    one = make(tmp_path / "one", ["1", "2"], ["1", "2"], version="1.0", shard="1/2")
    two = make(tmp_path / "two", ["2", "3"], ["2", "3"], version="2.0", shard="2/2")
    two.write_plan(replace(two.read_plan(), cells=two.read_plan().cells[1:]))
    with pytest.raises(Refusal, match=r"s@2 is s 1\.0 on no Python in one shard and s 2\.0 on no Python in another"):
        merge([one.folder, two.folder], tmp_path / "merged")


PYTHON = Interpreter("2", "cpython", "3.13.1", "gil", "/p")


@pytest.mark.parametrize(("other", "shown"), [
    (replace(PYTHON, version="3.13.2"), r"cpython 3\.13\.2 gil"), (replace(PYTHON, build="debug"), r"cpython 3\.13\.1 debug"),
    (replace(PYTHON, implementation="pypy"), r"pypy 3\.13\.1 gil"), (None, "no Python"),
    (replace(PYTHON, path="/elsewhere", place="uv"), ""),
])
def test_one_column_is_of_one_python(tmp_path, other, shown):
    shards = []
    for number, interpreter in enumerate((PYTHON, other), 1):
        run = make(tmp_path / str(number), ["1", "2"], [str(number)])
        plan = run.read_plan()
        run.write_plan(replace(plan, cells=plan.cells[number - 1:number],
                               targets=(plan.targets[0], replace(plan.targets[1], interpreter=interpreter))))
        shards.append(run.folder)
    if shown:
        with pytest.raises(Refusal, match=rf"s@2 is s - on cpython 3\.13\.1 gil in one shard and s - on {shown} in another"):
            merge(shards, tmp_path / "merged")
    else:
        assert merge(shards, tmp_path / "merged").results(), "where an interpreter lies is each machine's own affair"


def two(tmp_path, *changes):
    """Two shards of a cell each, their plans changed."""
    shards = [make(tmp_path / name, [name], [name]) for name in ("1", "2")]
    for run, change in zip(shards, changes, strict=True):
        run.write_plan(replace(run.read_plan(), **change))
    return shards


def test_one_run_is_of_one_version_of_the_harness(tmp_path):
    shards = two(tmp_path, {"environment": {"harness": "1.0"}}, {"environment": {"harness": "1.1"}})
    with pytest.raises(Refusal, match=r"different versions of the harness: 1\.0, 1\.1"):
        merge([run.folder for run in shards], tmp_path / "merged")


def test_all_machines_are_named(tmp_path):
    shards = two(tmp_path, {"environment": {"system": "Linux"}}, {"environment": {"system": "Darwin"}})
    environment = merge([run.folder for run in shards], tmp_path / "merged").read_plan().environment
    assert [one["system"] for one in environment["shards"]] == ["Linux", "Darwin"]


def test_what_did_not_start_and_how_each_is_launched_come_along(tmp_path):
    shards = two(tmp_path, {}, {"cells": (Cell("a.b@s@2", "a.b", "s@2", "unsupported", "lacks what it needs"),)})
    for number, run in enumerate(shards, 1):
        run.write_recipes({"targets": {f"s@{number}": {"name": "s"}}, "files": {f"s{number}": "QUJD"}})
    refusal = shards[1].folder / "trials" / "s@2" / REFUSES
    refusal.parent.mkdir(parents=True)
    refusal.write_text('{"status": "broken", "reason": "no module"}')
    merged = merge([run.folder for run in shards], tmp_path / "merged")
    assert [(result.word, result.reason) for result in merged.results().values()] == [("pass", ""), ("broken", "no module")]
    assert merged.read_recipes() == {"targets": {"s@1": {"name": "s"}, "s@2": {"name": "s"}}, "files": {"s1": "QUJD", "s2": "QUJD"}}


def test_cells_stand_as_in_one_run(tmp_path):
    """By scenario, then by target, whichever shard has which."""
    cells = [Cell(f"{scenario}@s@{name}", scenario, f"s@{name}", "missing") for scenario in ("a.b", "a.c") for name in "12"]
    shards = []
    for number, own in enumerate((cells[1::2], cells[::2]), 1):
        run = make(tmp_path / str(number), ["1", "2"], scenarios=("a.b 1", "a.c 1"))
        run.write_plan(replace(run.read_plan(), cells=tuple(reversed(own))))
        shards.append(run.folder)
    assert [cell.id for cell in merge(shards, tmp_path / "merged").read_plan().cells] == [cell.id for cell in cells]


@pytest.mark.parametrize("shard", ["0/3", "4/3", "1", "a/b", "1/", "/3", "-1/3"])
def test_what_is_no_shard_is_refused(shard):
    with pytest.raises(Refusal, match="the K-th of N parts"):
        part((), shard, lambda _: 1.0)


def test_shards_are_the_whole_and_do_not_overlap():
    cells = tuple(Cell(f"a.b{number}@s@1", f"a.b{number}", "s@1") for number in range(10))
    parts = [part(cells, f"{n}/3", lambda _: 1.0) for n in (1, 2, 3)]
    assert sorted((cell for one in parts for cell in one), key=cells.index) == list(cells)
    assert part(cells, "", lambda _: 1.0) == cells


def test_what_is_there_already_is_not_gone_over(tmp_path):
    shards = [run.folder for run in two(tmp_path, {}, {})]
    (tmp_path / "merged").mkdir()
    (tmp_path / "merged" / "mine").write_text("")
    with pytest.raises(Refusal, match="exists already"):
        merge(shards, tmp_path / "merged")
    assert [path.name for path in (tmp_path / "merged").iterdir()] == ["mine"]


def test_what_each_cell_left_comes_along(tmp_path):
    shards = two(tmp_path, {}, {})
    for run, name in zip(shards, ("1", "2"), strict=True):
        (run.cell_folder(f"a.b@s@{name}") / "main.log").write_text(name)
    merged = merge([run.folder for run in shards], tmp_path / "merged")
    assert [(merged.cell_folder(f"a.b@s@{name}") / "main.log").read_text() for name in "12"] == ["1", "2"]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == [], "nothing temporary is left"


def test_what_no_machine_could_run_is_no_reason_to_refuse(tmp_path):
    one = make(tmp_path / "one", ["1", "2"], ["1"], missing=["2"]).folder
    two = make(tmp_path / "two", ["3"], ["3"]).folder
    assert [r.word for r in merge([one, two], tmp_path / "merged").results().values()] == ["pass", "missing", "pass"]


def test_a_selected_run_of_an_older_harness_is_not_complete(tmp_path):
    run = make(tmp_path / "one", ["1", "2"], ["1"])
    (run.folder / "selected.json").write_text('["a.b@s@1"]')
    with pytest.raises(Refusal, match=r"cell a\.b@s@2 was planned and has no result"):
        merge([run.folder], tmp_path / "merged")


def test_all_that_a_shard_has_comes_along(tmp_path):
    """Lines of several workers, several cells and trials, several recipes; a file among the folders is nobody's."""
    one = make(tmp_path / "one", ["1", "2", "3"], ["1"])
    for name, worker in (("2", "gw1"), ("3", "main")):
        one.write_result(CellResult(f"a.b@s@{name}", "ran", "", Verdict("pass"), Verdict("pass")), worker)
        one.cell_folder(f"a.b@s@{name}").mkdir()
    for name in ("s@1", "s@2"):
        (one.folder / "trials" / name).mkdir(parents=True)
        (one.folder / "trials" / f"{name}.lock").touch()
    one.write_recipes({"targets": {"s@1": {}, "s@2": {}}, "files": {"s": "", "t": ""}})
    two = make(tmp_path / "two", ["4"], ["4"])
    (two.folder / "trials" / "s@1").mkdir(parents=True)  # both machines asked the same target
    merged = merge([one.folder, two.folder], tmp_path / "merged")
    assert [r.word for r in merged.results().values()] == ["pass"] * 4
    assert sorted(path.name for path in (merged.folder / "cells").iterdir()) == [f"a.b@s@{n}" for n in "1234"]
    assert sorted(path.name for path in (merged.folder / "trials").iterdir()) == ["s@1", "s@2"]
    assert merged.read_recipes() == {"targets": {"s@1": {}, "s@2": {}}, "files": {"s": "", "t": ""}}
    assert merged.read_scenarios() == [{"id": "a.b"}]


def test_what_an_earlier_merge_left_half_done_is_in_nobody_s_way(tmp_path):
    (tmp_path / f".merged.{os.getpid()}" / "cells").mkdir(parents=True)
    assert merge([make(tmp_path / "one", ["1"], ["1"]).folder], tmp_path / "merged").results()


def made_on(tmp_path, system, name="3.13"):
    run = make(tmp_path / system, [name], [name])
    plan = run.read_plan()
    interpreter = Interpreter(name, "cpython", f"{name}.1", "gil", "")
    run.write_plan(replace(plan, environment={**plan.environment, "system": system}, targets=tuple(replace(t, interpreter=interpreter) for t in plan.targets)))
    return run.folder


def test_shards_of_several_systems_are_columns_of_their_own(tmp_path):
    merged = merge([made_on(tmp_path, "Linux"), made_on(tmp_path, "Windows")], tmp_path / "merged")
    plan = merged.read_plan()
    assert [target.id for target in plan.targets] == ["s@3.13-linux", "s@3.13-windows"]
    assert [target.interpreter_id for target in plan.targets] == ["3.13-linux", "3.13-windows"]
    assert [target.interpreter.system for target in plan.targets] == ["linux", "windows"]
    assert {cell: result.word for cell, result in merged.results().items()} == {"a.b@s@3.13-linux": "pass", "a.b@s@3.13-windows": "pass"}
    assert set(merged.read_recipes()["targets"]) <= {"s@3.13-linux", "s@3.13-windows"}


def test_shards_of_one_system_keep_their_ids(tmp_path):
    merged = merge([made_on(tmp_path / "a", "Linux"), made_on(tmp_path / "b", "Linux", "2.7")], tmp_path / "merged")
    assert [target.id for target in merged.read_plan().targets] == ["s@3.13", "s@2.7"]

"""Shards: each cell in one, with about the same work in each, on whatever machine it is computed."""

import json
import os
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.language.parse_scenario import parse
from harness.model.refusal import Refusal
from harness.model.values import Cell, CellResult, Interpreter, Plan, Target, Verdict
from harness.report.exports import results_json
from harness.run.durations import estimate
from harness.run.plan import part, plan, weight_in_shards
from harness.run.sharding import PARTS, share_of, shares, weights_from
from harness.targets.load_subjects import BUNDLED

WEIGHTS = st.lists(st.integers(0, 100_000).map(lambda milliseconds: milliseconds / 1000), max_size=60)
COUNTS = st.integers(1, 8)


def cells_of(weights, targets=4):
    cells = [Cell(f"a.s{number:03}@s@3.{number % targets}", f"a.s{number:03}", f"s@3.{number % targets}") for number in range(len(weights))]
    by_id = {cell.id: weight for cell, weight in zip(cells, weights, strict=True)}
    return cells, lambda cell: by_id[cell.id]


def by_target(cell):
    return cell.target


@given(WEIGHTS, COUNTS, st.sampled_from([None, by_target, lambda cell: cell.target if cell.target < "s@3.2" else ""]))
def test_each_cell_is_in_one_shard_and_in_the_order_of_the_plan(weights, count, group):
    cells, weight = cells_of(weights)
    found = shares(cells, weight, count, group)
    assert len(found) == count
    assert sorted(cell.id for one in found for cell in one) == [cell.id for cell in cells]
    assert all([cell.id for cell in one] == sorted(cell.id for cell in one) for one in found)


@given(WEIGHTS, COUNTS)
def test_no_shard_has_more_than_an_equal_part_and_the_heaviest_cell(weights, count):
    cells, weight = cells_of(weights)
    most = max(sum(map(weight, one)) for one in shares(cells, weight, count))
    assert most <= sum(weights) / count + max(weights, default=0) + 1e-6


@given(WEIGHTS, COUNTS)
def test_no_shard_has_more_than_an_equal_part_and_the_heaviest_chunk(weights, count):
    cells, weight = cells_of(weights)
    most = max(sum(map(weight, one)) for one in shares(cells, weight, count, by_target))
    assert most <= sum(weights) / count + max([*weights, sum(weights) / count / PARTS]) + 1e-6


@given(WEIGHTS, COUNTS, st.sampled_from([None, by_target]), st.randoms())
def test_the_order_of_the_cells_does_not_matter(weights, count, group, shuffled):
    cells, weight = cells_of(weights)
    mixed = list(cells)
    shuffled.shuffle(mixed)
    assert [set(one) for one in shares(mixed, weight, count, group)] == [set(one) for one in shares(cells, weight, count, group)]


def test_the_heaviest_are_dealt_first():
    cells, weight = cells_of([1.0, 1.0, 1.0, 1.0, 4.0])
    assert [sum(map(weight, one)) for one in shares(cells, weight, 2)] == [4.0, 4.0]


def test_the_order_of_many_cells_does_not_matter():
    cells, weight = cells_of([number % 7 / 10 for number in range(200)])
    assert [set(one) for one in shares(cells[::-1], weight, 3, by_target)] == [set(one) for one in shares(cells, weight, 3, by_target)]


def test_what_shares_a_launch_is_seldom_parted():
    """Of 40 cells on each of 25 targets, a shard has those of few targets, and nearly as many as the others."""
    cells, weight = cells_of([1.0] * 1000, targets=25)
    for one in shares(cells, weight, 4, by_target):
        assert 240 <= len(one) <= 260
        assert len({cell.target for cell in one}) <= 13
    assert len({cell.target for cell in shares(cells, weight, 4)[0]}) == 25, "without groups, it has some of each"


def test_cells_that_weigh_nothing_are_spread_too():
    cells, weight = cells_of([0.0] * 90)
    assert [len(one) for one in shares(cells, weight, 3)] == [30, 30, 30]


def test_one_shard_of_several():
    cells, weight = cells_of([3.0, 2.0, 2.0, 1.0])
    assert [[cell.scenario for cell in share_of(cells, weight, number, 2)] for number in (1, 2)] == [["a.s000", "a.s003"], ["a.s001", "a.s002"]]
    assert [part(tuple(cells), f"{number}/2", weight) for number in (1, 2)] == [share_of(cells, weight, number, 2) for number in (1, 2)]
    assert part(tuple(cells), "", weight) == tuple(cells)
    many, equal = cells_of([1.0] * 100)
    assert part(tuple(many), "2/3", equal, by_target) == share_of(many, equal, 2, 3, by_target) != share_of(many, equal, 2, 3)
    assert {cell.target for cell in part(tuple(cells), "1/4", lambda _: 0.0, lambda _: "")} == {"s@3.0"}
    with pytest.raises(Refusal, match="the K-th of N parts"):
        part(tuple(cells), "3/2", weight)


# The weights.

def scenario(name, needs=(), steps=1):
    step = {"act": "request", "path": "/", "expect": {"status": 200}}
    data = {"format": 1, "id": name, "title": "t", "paper": "unexposed", "app": "life", "needs": list(needs), "step": [{"act": "start"}, *[step] * steps]}
    return parse(data, "f.toml")


SCENARIOS = [scenario("a.b"), scenario("a.c", ["bus-log"]), scenario("a.d", steps=20)]
SUBJECTS = {name: BUNDLED.load(name) for name in ("enginebus", "uvicorn")}


def machine(pythons, version):
    """The plan of a machine that has some of the Pythons."""
    targets = [Target(f"{name}@{python}", name, python, version, Interpreter(python, "cpython", f"{python}.4", "gil", "/p") if python in pythons else None,
                      reason="" if python in pythons else "no such interpreter")
               for name in SUBJECTS for python in ("2.7", "3.9", "3.13")]
    return plan(SCENARIOS, targets, SUBJECTS)


def test_machines_with_other_pythons_and_versions_agree():
    one, other = machine(("2.7", "3.9", "3.13"), "1.0"), machine(("3.13",), "")
    assert [cell.status for cell in one] != [cell.status for cell in other]
    for count in (2, 3, 5):
        split = [[[cell.id for cell in share] for share in shares(cells, weight_in_shards(SCENARIOS, SUBJECTS), count, by_target)] for cells in (one, other)]
        assert split[0] == split[1]


@pytest.mark.parametrize(("cell", "wanted"), [
    ("a.b@enginebus@3.13", estimate(SCENARIOS[0])), ("a.d@enginebus@3.13", estimate(SCENARIOS[2])), ("a.c@enginebus@2.7", estimate(SCENARIOS[1])),
    ("a.c@uvicorn@3.13", 0.0),  # it has no bus
    ("a.b@uvicorn@2.7", 0.0),  # nor is it made for Python 2
    ("a.b@uvicorn@3.13t", estimate(SCENARIOS[0])), ("a.b@uvicorn+lt2@pypy3.11", estimate(SCENARIOS[0])),
])
def test_a_cell_weighs_what_its_steps_do_unless_it_cannot_run(cell, wanted):
    name, _, target = cell.partition("@")
    assert weight_in_shards(SCENARIOS, SUBJECTS)(Cell(cell, name, target)) == wanted


def test_what_was_measured_weighs_more():
    weight = weight_in_shards(SCENARIOS, SUBJECTS, {"a.b@enginebus@3.13": 40.0, "a.c@uvicorn@3.13": 9.0})
    assert [weight(Cell(f"{name}@{target}", name, target)) for name, target in (
        ("a.b", "enginebus@3.13"), ("a.b", "enginebus@2.7"), ("a.c", "uvicorn@3.13"), ("a.d", "enginebus@3.13"))] == \
        [40.0, 40.0, 0.0, estimate(SCENARIOS[2])]


def test_the_results_of_an_earlier_run_are_weights(tmp_path):
    targets = (Target("s@1", "s", "1"), Target("s@2", "s", "2"))
    results = {"a.b@s@1": CellResult("a.b@s@1", "ran", "", Verdict("pass"), Verdict("pass"), seconds=2.5),
               "a.b@s@2": CellResult("a.b@s@2", "unsupported", "no")}
    table = {"id": "a.b", "title": "t", "family": "a", "file": "f", "grade": "must", "hash": "1"}
    file = tmp_path / "results.json"
    file.write_text(json.dumps(results_json(Plan("r", targets, (), (), (), {}), results, [table], [])))
    assert weights_from(file) == {"a.b@s@1": 2.5}


@pytest.mark.parametrize(("content", "said"), [
    (None, "cannot be read: No such file"), ("", "is not the results.json of a run"), ("{", "is not the results.json of a run"), ("[]", "is not the results.json"),
    ("{}", "missing required field `cells`"), ('{"cells": []}', "no cell ran"), ("[" * 100_000, "is not the results.json"), ('{"x": ' + "[" * 100_000, "is not the results.json"),
    ('{"cells": [{"scenario": "a.b", "target": "s@1", "status": "unsupported", "seconds": 0}]}', "no cell ran"),
    ('{"cells": [{"scenario": "a.b", "target": "s@1", "status": "ran", "seconds": -1}]}', "is not the results.json"),
    ('{"cells": [{"scenario": "a.b", "target": "s@1", "status": "ran", "seconds": "1"}]}', "is not the results.json"),
    ('{"cells": [{"scenario": "a.b", "status": "ran", "seconds": 1}]}', "missing required field `target`"),
])
def test_any_other_file_is_refused(tmp_path, content, said):
    file = tmp_path / "x.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(Refusal) as caught:
        weights_from(file)
    assert str(caught.value).startswith(f"{file}: ")
    assert said in str(caught.value)
    assert "Give all shards the same results.json" in str(caught.value)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(Refusal, match="cannot be read: Is a directory"):
        weights_from(tmp_path)


def test_a_hundred_thousand_cells_are_split_at_once():
    chance = random.Random(1)
    cells, weight = cells_of([chance.random() for _ in range(100_000)], targets=120)
    loads = [sum(map(weight, one)) for one in shares(cells, weight, 20, by_target)]
    assert max(loads) < 1.02 * min(loads)


def test_weights_that_are_no_file_are_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Refusal, match="is not a file"):
        weights_from(tmp_path / "pipe")

from dataclasses import replace

import pytest

from harness.merging import merge
from harness.model import Refusal
from harness.plan import part

from .test_store import make


def test_merging(tmp_path):
    shards = [make(tmp_path / name, [name], [name]).folder for name in ("1", "2")]
    merged = merge(shards, tmp_path / "merged")
    assert {cell: r.word for cell, r in merged.results().items()} == {"a.b@s@1": "pass", "a.b@s@2": "pass"}
    assert [target.id for target in merged.read_plan().targets] == ["s@1", "s@2"]


@pytest.mark.parametrize(("second", "problem"), [
    ({"names": ["1"], "done": ["1"]}, "shards must not overlap"),
    ({"names": ["2"], "done": []}, "was planned and has no result"),
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


def test_a_shard_that_is_left_out_is_named(tmp_path):
    with pytest.raises(Refusal, match="shard 2 of 3 is missing"):
        merge(of_three(tmp_path, [1, 3]), tmp_path / "merged")


def test_so_many_are_expected(tmp_path):
    shards = [make(tmp_path / name, [name], [name]).folder for name in ("1", "2")]
    with pytest.raises(Refusal, match="2 shards were given, and --expect says 3"):
        merge(shards, tmp_path / "merged", expected=3)
    assert merge(shards, tmp_path / "merged", expected=2).results()


def test_one_column_is_of_one_version(tmp_path):
    one = make(tmp_path / "one", ["1", "2"], ["1", "2"], version="1.0", shard="1/2")
    two = make(tmp_path / "two", ["2", "3"], ["2", "3"], version="2.0", shard="2/2")
    two.write_plan(replace(two.read_plan(), cells=two.read_plan().cells[1:]))
    with pytest.raises(Refusal, match=r"s@2 is s 1\.0 on no Python in one shard and s 2\.0 on no Python in another"):
        merge([one.folder, two.folder], tmp_path / "merged")


@pytest.mark.parametrize("shard", ["0/3", "4/3", "1", "a/b", "1/", "/3", "-1/3"])
def test_what_is_no_shard_is_refused(shard):
    with pytest.raises(Refusal, match="the K-th of N parts"):
        part((), shard)


def test_shards_are_the_whole_and_do_not_overlap():
    cells = tuple(range(10))
    parts = [part(cells, f"{n}/3") for n in (1, 2, 3)]
    assert sorted(cell for one in parts for cell in one) == list(cells)
    assert part(cells, "") == cells

"""Scenarios that were right are not checked again until something that they depend on has changed; mistakes always are."""

from dataclasses import replace

import pytest

from harness.language.files import load_all
from harness.machine.places import SCENARIOS
from harness.model.refusal import Refusal
from harness.run import checked_scenarios
from harness.run.checked_scenarios import MOST, checked
from harness.targets.load_subjects import BUNDLED

SUBJECTS = BUNDLED.load_all()
GOOD = '''format = 1
id     = "a.b"
title  = "t"
source = ["s"]
app    = "life"

[[step]]
act = "start"

[[step]]
act    = "request"
path   = "/"
expect = { status = 200 }
'''


@pytest.fixture
def counted(monkeypatch):
    loads = []
    monkeypatch.setattr(checked_scenarios, "load_all", lambda *folders: loads.append(folders) or load_all(*folders))
    return loads


@pytest.fixture
def folder(tmp_path):
    found = tmp_path / "scenarios"
    found.mkdir()
    (found / "b.toml").write_text(GOOD)
    return found


def test_all_bundled_scenarios_are_the_same_from_the_cache(tmp_path, counted):
    first = checked([SCENARIOS], SUBJECTS, tmp_path)
    second = checked([SCENARIOS], SUBJECTS, tmp_path)
    assert first == second == load_all(SCENARIOS)
    assert len(counted) == 1


@pytest.mark.parametrize("change", ["a file", "a new file", "a subject", "the harness", "the folder that messages are about", "a damaged cache"])
def test_whatever_they_depend_on_is_noticed(folder, tmp_path, counted, monkeypatch, change):
    cache, subjects = tmp_path / "cache", SUBJECTS
    checked([folder], subjects, cache)
    if change == "a file":
        (folder / "b.toml").write_text(GOOD.replace("200", "404"))
    if change == "a new file":
        (folder / "c.toml").write_text(GOOD.replace("a.b", "a.c"))
    if change == "a subject":
        subjects = {**SUBJECTS, "waitress": replace(SUBJECTS["waitress"], title="other")}
    if change == "the harness":
        monkeypatch.setattr(checked_scenarios.fingerprints, "driver", lambda: "other")
    if change == "the folder that messages are about":
        monkeypatch.chdir(tmp_path)
    if change == "a damaged cache":
        for file in (cache / "scenarios").glob("*.json"):
            file.write_bytes(b"[{}]")
    found = checked([folder], subjects, cache)
    assert len(counted) == 2
    assert found == load_all(folder)


@pytest.mark.parametrize("bad", [GOOD.replace("200", '"x"'), GOOD.replace('"life"', '"lief"'), "no TOML"])
def test_a_mistake_is_said_each_time(folder, tmp_path, bad):
    checked([folder], SUBJECTS, tmp_path)
    (folder / "b.toml").write_text(bad)
    for _ in range(2):
        with pytest.raises(Refusal):
            checked([folder], SUBJECTS, tmp_path)


def test_a_cache_that_cannot_be_written_is_done_without(folder, tmp_path, counted):
    (tmp_path / "cache").write_text("a file")
    for _ in range(2):
        assert [one.id for one in checked([folder], SUBJECTS, tmp_path / "cache")] == ["a.b"]
    assert len(counted) == 2


def test_old_sets_are_removed(folder, tmp_path):
    for number in range(MOST + 3):
        (folder / "b.toml").write_text(GOOD.replace("200", str(200 + number)))
        checked([folder], SUBJECTS, tmp_path)
    assert len(list((tmp_path / "scenarios").glob("*.json"))) == MOST

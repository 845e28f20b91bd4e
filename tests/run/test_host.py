"""What a run says of where it was made: the commit, and which commands work there."""

import subprocess

import pytest

from harness.machine.places import checkout
from harness.run import host


def git(folder, *words):
    subprocess.run(["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b", *words], check=True, capture_output=True)


def test_the_commit_is_that_of_the_project_and_not_of_the_harness(tmp_path):
    assert host.commit(tmp_path) == "", "no repository"
    git(tmp_path, "init")
    assert host.commit(tmp_path) == "", "no commit"
    git(tmp_path, "commit", "--allow-empty", "-m", "first")
    (tmp_path / "below").mkdir()
    found = host.commit(tmp_path)
    assert (len(found), host.commit(tmp_path / "below")) == (40, found)
    (tmp_path / "pyproject.toml").write_text("")
    assert host.environment(tmp_path / "pyproject.toml")["commit"] == found


def test_without_git_there_is_no_commit(tmp_path, monkeypatch):
    git(tmp_path, "init")
    git(tmp_path, "commit", "--allow-empty", "-m", "first")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert host.commit(tmp_path) == ""
    monkeypatch.chdir(tmp_path)
    assert "commit" not in host.environment()


@pytest.mark.parametrize(("there", "commands"), [(True, "nox"), (False, "server-matrix")])
def test_nox_is_named_only_where_it_has_these_tasks(tmp_path, monkeypatch, there, commands):
    (tmp_path / "noxfile.py").write_text("# of another project")
    monkeypatch.chdir(checkout() if there else tmp_path)
    assert host.environment()["commands"] == commands


@pytest.mark.parametrize(("setting", "is_one"), [("true", True), ("1", True), ("", False), (None, False)])
def test_the_host_is_described_as_far_as_it_may_be_published(monkeypatch, setting, is_one):
    monkeypatch.delenv("CI", raising=False)
    if setting is not None:
        monkeypatch.setenv("CI", setting)
    found = host.environment()
    assert found["ci"] is is_one
    assert set(found) == {"harness", "harness_code", "driver", "system", "release", "machine", "cores", "loopback_range", "ci",
                          "commands", "commit", "started"}

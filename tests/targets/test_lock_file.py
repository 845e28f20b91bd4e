"""The lock file: what a run resolved is kept, and what this machine cannot say of other Pythons stays."""

import json

import pytest

from harness.model.values import Target
from harness.targets import lock_file


@pytest.fixture
def locked(tmp_path):
    def target(python, *resolved, reason=""):
        folder = tmp_path / f"target-{python}"
        if not reason:
            folder.mkdir(exist_ok=True)
            (folder / "ready.json").write_text(json.dumps({"resolved": list(resolved)}))
        return Target(f"s@{python}", "s", python, python=str(folder / "bin" / "python"), reason=reason)

    lock_file.write(tmp_path, {}, [target("2.7", "web==1.0"), target("3.13", "web==2.0")], {"s": ["web"]})
    return target


def test_what_was_written_is_read(locked, tmp_path):
    assert lock_file.read(tmp_path) == {"s": {"requirements": ["web"], "2.7": ["web==1.0"], "3.13": ["web==2.0"]}}


def test_a_python_that_is_not_here_keeps_its_versions(locked, tmp_path):
    lock_file.write(tmp_path, lock_file.read(tmp_path), [locked("3.13", "web==2.1"), locked("2.7", reason="no such interpreter")], {"s": ["web"]})
    assert lock_file.read(tmp_path)["s"] == {"requirements": ["web"], "2.7": ["web==1.0"], "3.13": ["web==2.1"]}


def test_other_requirements_begin_anew(locked, tmp_path):
    lock_file.write(tmp_path, lock_file.read(tmp_path), [locked("3.13", "web==2.1", "more==1")], {"s": ["more", "web"]})
    assert lock_file.read(tmp_path)["s"] == {"requirements": ["more", "web"], "3.13": ["web==2.1", "more==1"]}


def test_one_server_s_versions_are_no_other_s(locked, tmp_path):
    lock_file.write(tmp_path, lock_file.read(tmp_path), [Target("t@3.13", "t", "3.13", python=locked("3.13", "tea==1").python)], {"t": ["tea"]})
    assert lock_file.read(tmp_path) == {"s": {"requirements": ["web"], "2.7": ["web==1.0"], "3.13": ["web==2.0"]},
                           "t": {"requirements": ["tea"], "3.13": ["tea==1"]}}

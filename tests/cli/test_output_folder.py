"""The folder of the reports: made, tried, and kept out of a repository that did not have it."""

import subprocess

import pytest

from harness.cli.output_folder import check_writable
from harness.model.refusal import Refusal


def test_a_folder_that_is_made_keeps_itself_out_of_the_repository(tmp_path):
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    check_writable(tmp_path / "reports")
    (tmp_path / "reports" / "index.html").touch()
    told = subprocess.run(["git", "-C", str(tmp_path), "status", "--porcelain"], capture_output=True, text=True, check=True)
    assert told.stdout == ""


def test_a_folder_that_is_there_is_left_as_it_is(tmp_path):
    (tmp_path / "mine").touch()
    check_writable(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "mine"]


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "reports").touch()
    with pytest.raises(Refusal, match="is a file, but reports need a folder"):
        check_writable(tmp_path / "reports")

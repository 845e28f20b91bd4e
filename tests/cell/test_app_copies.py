"""Cells share the files of their applications only as long as nobody has changed one."""

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.cell import app_copies
from harness.cell.app_copies import Copy, copy_apps


@pytest.fixture
def cells(tmp_path):
    """Makes working folders, with the applications of a subject whose second folder has a life.py of its own."""
    for folder, files in (("bundled", {"life.py": "life", "tree.py": "tree", "notes.txt": "no"}), ("own", {"life.py": "mine"})):
        (tmp_path / folder).mkdir()
        for name, text in files.items():
            (tmp_path / folder / name).write_text(text)
    (tmp_path / "scratch").mkdir()
    subject = SimpleNamespace(app_folders=(tmp_path / "bundled", tmp_path / "own"))

    def make(name):
        work = tmp_path / name
        work.mkdir()
        copy_apps(subject, tmp_path / "scratch", work)
        return work

    return make


def texts(work):
    return {file.name: file.read_text() for file in work.iterdir()}


WHOLE = {"life.py": "mine", "tree.py": "tree"}


def test_a_cell_has_the_applications_of_all_folders_and_the_last_one_counts(cells):
    assert texts(cells("one")) == WHOLE


def test_cells_share_what_nobody_changed(cells):
    one, other = cells("one"), cells("other")
    assert (one / "tree.py").samefile(other / "tree.py")


@pytest.mark.parametrize("change", [
    lambda file: file.write_text("else"), lambda file: os.utime(file, (1, 1)), lambda file: file.chmod(0o755),
    lambda file: file.open("ab").write(b"more"),
])
def test_what_a_server_did_to_a_file_is_not_seen_by_the_next_cell(cells, change):
    one = cells("one")
    before = (one / "tree.py").stat()
    change(one / "tree.py")
    other = cells("other")
    assert texts(other) == WHOLE
    after = (other / "tree.py").stat()
    assert (after.st_mode, after.st_mtime > before.st_mtime - 1) == (before.st_mode, True)


@pytest.mark.parametrize("change", [Path.unlink, lambda file: os.replace(shutil.copy(file, file.with_name("x")), file)])
def test_a_file_that_was_removed_or_replaced_is_a_matter_of_its_own_cell(cells, change):
    change(cells("one") / "tree.py")
    assert texts(cells("other")) == WHOLE


def test_a_copy_that_is_gone_is_made_anew(cells, tmp_path):
    cells("one")
    (folder,) = (tmp_path / "scratch").iterdir()
    (folder / "tree.py").unlink()
    assert texts(cells("other")) == WHOLE


def test_processes_do_not_share_a_copy(cells, tmp_path, monkeypatch):
    cells("one")
    monkeypatch.setattr(app_copies.os, "getpid", lambda: 1)
    cells("other")
    assert len(list((tmp_path / "scratch").iterdir())) == 2


def test_without_links_the_files_are_copied(cells, monkeypatch):
    def link(source, target):
        raise OSError("this file system has no links")

    monkeypatch.setattr(app_copies.os, "link", link)
    one, other = cells("one"), cells("other")
    assert texts(one) == texts(other) == WHOLE
    assert not (one / "tree.py").samefile(other / "tree.py")


def test_a_copy_notices_each_change(tmp_path):
    (tmp_path / "a.py").write_text("a")
    copy = Copy.of(SimpleNamespace(app_folders=(tmp_path,)), tmp_path)
    assert copy.is_unchanged
    os.utime(copy.folder / "a.py", ns=(1, 1))
    assert not copy.is_unchanged

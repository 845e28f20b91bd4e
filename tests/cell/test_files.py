"""Files in the cell's folder: how they look, how they are made, and waiting for them."""

import os
import socket
import threading
from pathlib import Path

import pytest

from harness.cell.files import look_at, make_file
from harness.cell.running_cell import Unable

from ..scripted import do, late


def test_how_a_file_looks(tmp_path):
    file = tmp_path / "a"
    assert look_at(file) == {"exists": False}
    assert look_at(tmp_path / "a" / "b") == {"exists": False}
    file.write_text("12\n")
    file.chmod(0o640)
    seen = look_at(file)
    assert (seen["exists"], seen["kind"], seen["mode"], seen["content"]) == (True, "file", "0640", "12\n")
    os.utime(file, (1, 1))
    assert look_at(file)["age"] > 1000
    assert look_at(tmp_path)["kind"] == "folder"
    os.mkfifo(tmp_path / "f")
    assert (look_at(tmp_path / "f")["kind"], look_at(tmp_path / "f")["content"]) == ("fifo", None)


def test_a_symlink_is_not_followed(tmp_path):
    (tmp_path / "a").symlink_to("nowhere")
    seen = look_at(tmp_path / "a")
    assert (seen["exists"], seen["kind"], seen["to"], seen["content"]) == (True, "symlink", "nowhere", None)


def test_what_is_made_takes_the_place_of_what_was_there_and_leaves_other_links_alone(tmp_path):
    file, other = tmp_path / "a", tmp_path / "b"
    file.write_text("old")
    os.utime(file, (4_000_000_000, 4_000_000_000))
    os.link(file, other)
    make_file(file, "file", "new")
    assert (file.read_text(), other.read_text()) == ("new", "old")
    assert file.stat().st_mtime >= 4_000_000_001, "later by what any file system can tell"
    assert look_at(file)["mode"] == "0644"
    make_file(file, "symlink", to="b")
    assert look_at(file)["to"] == "b"
    make_file(file, "socket")
    assert look_at(file)["kind"] == "socket"
    make_file(file, "nothing")
    make_file(file, "nothing")
    assert not file.exists()


def test_a_socket_that_is_made_is_one_on_which_nobody_listens_however_long_its_path(tmp_path):
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    here = Path.cwd()
    make_file(deep / "s", "socket")
    assert Path.cwd() == here
    os.chdir(deep)
    try:
        with socket.socket(socket.AF_UNIX) as sock, pytest.raises(ConnectionRefusedError):
            sock.connect("s")
    finally:
        os.chdir(here)


def test_the_verb_looks_makes_and_waits(scripted):
    cell = scripted()
    assert do(cell, "file", path="a") == {"exists": False, "path": "a"}
    assert do(cell, "file", path="a", make="file", content="x\n")["content"] == "x\n"
    assert (cell.work / "a").read_text() == "x\n"
    threading.Timer(0.2, (cell.work / "a").unlink).start()
    assert do(cell, "file", path="a", until="gone") == {"exists": False, "path": "a"}
    threading.Timer(0.2, (cell.work / "b").write_text, ("y",)).start()
    assert do(cell, "file", path="b", until="exists")["kind"] == "file"
    assert late(cell, "file", path="b", until="gone")["exists"] is True


@pytest.mark.parametrize("args", [{"path": "/etc/passwd"}, {"path": "../x"}, {"path": "x/y", "make": "file"}])
def test_it_stays_in_the_cells_folder_and_says_what_it_cannot_make(scripted, args):
    with pytest.raises(Unable):
        do(scripted(), "file", **args)

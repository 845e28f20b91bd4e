"""Coverage of a launch that several cells share: by cell, with what starting and stopping ran."""

import contextlib
import socket
import sqlite3

import pytest
from coverage import CoverageData

from harness.cell.coverage_contexts import BETWEEN, END, Contexts, give_to_each

CELLS = ("a.b@s@1", "a.c@s@1")


@pytest.fixture
def folder(tmp_path):
    """The data of a launch: each context ran some arcs of one file."""
    data = CoverageData(basename=str(tmp_path / "data.host.1.x"))
    for context, line in (("", 1), (CELLS[0], 10), (BETWEEN, 20), (CELLS[1], 30), (BETWEEN, 21), (END, 40)):
        data.set_context(context)
        data.add_arcs({"/f.py": [(line, line + 1)], "/g.py": [(line + 100, line + 101)]})
    data.write()
    data.close()
    return tmp_path


def contexts(folder):
    data = CoverageData(basename=str(folder / "data.host.1.x"))
    data.read()
    return {line: sorted(names) for line, names in data.contexts_by_lineno("/f.py").items()}


def test_what_all_cells_had_in_common_is_each_one_s_and_a_probe_is_nobody_s(folder):
    give_to_each(folder, CELLS)
    both, first, second = sorted(CELLS), [CELLS[0]], [CELLS[1]]
    assert contexts(folder) == {1: both, 2: both, 10: first, 11: first, 30: second, 31: second, 40: both, 41: both}
    with contextlib.closing(sqlite3.connect(folder / "data.host.1.x")) as base:
        assert {row[0] for row in base.execute("SELECT context FROM context")} == set(CELLS)


def test_a_cell_that_ran_nothing_of_its_own_has_what_is_common(folder):
    give_to_each(folder, (*CELLS, "a.d@s@1"))
    assert "a.d@s@1" in contexts(folder)[1]
    assert "a.d@s@1" not in contexts(folder)[10]


def test_it_can_be_done_twice(folder):
    give_to_each(folder, CELLS)
    before = contexts(folder)
    give_to_each(folder, CELLS)
    assert contexts(folder) == before


def test_a_file_that_cannot_be_read_is_left_as_it_is(folder):
    (folder / "data.host.2.y").write_bytes(b"no database")
    give_to_each(folder, CELLS)
    assert (folder / "data.host.2.y").read_bytes() == b"no database"
    assert contexts(folder)[1] == sorted(CELLS)


def test_a_server_that_confirms_took_the_context_and_one_that_is_gone_did_not():
    given = Contexts()
    number = given.inherits[0]
    assert given.argument == f"fd:{number}"
    theirs = socket.fromfd(number, socket.AF_UNIX, socket.SOCK_STREAM)
    theirs.sendall(b"ok\n")
    assert given.switch("a.b@s@1")
    assert theirs.recv(100) == b"a.b@s@1\n"
    theirs.sendall(b"no\n")
    assert not given.switch("a.c@s@1")
    theirs.shutdown(socket.SHUT_RDWR)
    theirs.close()
    assert not given.switch("a.d@s@1")
    given.close()


def test_a_server_that_does_not_answer_in_time_did_not_take_it(monkeypatch):
    given = Contexts()
    given._ours.settimeout(0.05)
    assert not given.switch("a.b@s@1")
    given.close()

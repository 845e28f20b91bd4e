"""Mutants of the harness change what there is; and a run of the matrix turns red with a broken server, as the fast runner says."""

import os
import subprocess
import sys
from dataclasses import dataclass

import pytest

from harness.machine.interpreters import sort_key
from harness.run.run_folder import Run

from . import by_hand, server
from .driver import DRIVER_MUTANTS
from .run import ROOT, copy_of_repository, main

NOTICED = ("fail", "timeout")  # an error, or a cell that did not run, is the harness's own trouble and notices nothing


@dataclass(frozen=True)
class Change:
    """A mutant by hand as one of the whole repository."""

    row: by_hand.Row

    @property
    def name(self):
        return self.row.breaks

    @property
    def old(self):
        return self.row.old

    @property
    def new(self):
        return self.row.new

    @property
    def path(self):
        return f"harness/guest/enginebus/{self.row.file}"


@pytest.mark.parametrize("mutant", DRIVER_MUTANTS, ids=lambda mutant: mutant.name.replace(" ", "-"))
def test_a_mutant_changes_what_there_is(mutant):
    """One whose text has gone from the source would be tried in vain."""
    assert mutant.old != mutant.new
    assert (ROOT / mutant.path).read_text("utf-8").count(mutant.old) == 1
    for test in mutant.tests:
        assert (ROOT / test.partition("::")[0]).exists(), test


def red_cells(folder, pythons, select):
    """Run a copy; return the exit code, the cells that notice (with their words), and the output."""
    words = [word for python in pythons for word in ("--python", python)]
    done = subprocess.run(
        [sys.executable, "-m", "harness", "matrix", "--subject", "enginebus", *words, "--no-coverage", "-k", select],
        cwd=folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": ""})
    results = Run(sorted((folder / "reports" / "data").iterdir())[-1]).results()
    return done.returncode, {cell: r.word for cell, r in results.items() if r.word in NOTICED}, done.stdout + done.stderr


@pytest.mark.parametrize("row", [row for row in by_hand.rows() if row.must], ids=lambda row: row.breaks.replace(" ", "-"))
def test_a_broken_server_is_noticed_by_a_run_of_the_matrix(row, tmp_path, every_python):
    ids = sorted((i.id for i in every_python), key=sort_key)
    pythons = list(dict.fromkeys([ids[0], ids[-1]]))
    select = " or ".join(name.split(".")[1] for name in row.must)
    code, red, output = red_cells(copy_of_repository(tmp_path, Change(row)), pythons, select)
    assert code == 1, output
    assert {f"{name}@enginebus@{python}" for name in row.must for python in pythons} <= set(red), output


def test_help_teaches(capsys):
    for words, expected in ((["--help"], "server"), (["server", "--help"], "--sample N")):
        with pytest.raises(SystemExit) as ended:
            main(words)
        assert ended.value.code == 0
        assert expected in capsys.readouterr().out


@pytest.mark.parametrize(("words", "why"), [
    (["server", "--module", "nothing", "--list"], "there is no such module"), (["server", "-k", "no such mutant", "--list"], "no mutant is chosen"),
])
def test_what_chooses_nothing_is_refused(words, why, capsys):
    assert main(words) == 2
    assert why in capsys.readouterr().err


def test_mutants_are_listed_without_being_tried(capsys):
    assert main(["server", "--list", "--by-hand", "--module", "bus", "--reports", "/nowhere"]) == 0
    out = capsys.readouterr().out
    assert "bus:by-hand:stop-listeners-are-not-called" in out
    assert server.SUBJECT == "enginebus"

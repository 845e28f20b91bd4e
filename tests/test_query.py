"""A run on the command line: runs that were written to disk, asked through the real command."""

import json

import pytest

from harness import cli
from harness.model import Cell, CellResult, Plan, Target, Verdict
from harness.query import baseline
from harness.store import Run

TARGETS = (Target("one@3.13", "one", "3.13"), Target("two@2.7", "two", "2.7"))


def write(reports, name, words, digest="1"):
    """A stored run of one scenario a word pair: {scenario: (word on one@3.13, word on two@2.7)}."""
    run = Run(reports / "data" / name)
    cells = tuple(Cell(f"{scenario}@{t.id}", scenario, t.id) for scenario in words for t in TARGETS)
    run.write_plan(Plan(name, TARGETS, cells, (), (), {}, coverage=False))
    run.write_scenarios([{"id": scenario, "hash": digest} for scenario in words])
    for scenario, pair in words.items():
        for target, word in zip(TARGETS, pair, strict=True):
            behaviour = Verdict(word)
            run.write_result(
                CellResult(f"{scenario}@{target.id}", "ran", f"because \x1b[31m{word}", behaviour, Verdict("pass")), "main")
    return run


@pytest.fixture
def reports(tmp_path):
    write(tmp_path, "1", {"a.x": ("pass", "pass"), "a.y": ("fail", "pass"), "a.z": ("pass", "pass")})
    write(tmp_path, "2", {"a.x": ("fail", "pass"), "a.y": ("pass", "known"), "a.z": ("pass", "pass")})
    return tmp_path


def ask(capsys, reports, *words):
    code = cli.main([*words, "--reports", str(reports)])
    shown = capsys.readouterr()
    return code, shown.out + shown.err


def test_without_options_the_cells_worth_a_look(reports, capsys):
    code, said = ask(capsys, reports, "results")
    assert code == 0
    assert said.splitlines() == [
        "fail         a.x@one@3.13  because fail", "known        a.y@two@2.7  because known", "2 of 6 cells"]


@pytest.mark.parametrize(("words", "cells"), [
    (["--outcome", "pass"], ["a.x@two@2.7", "a.y@one@3.13", "a.z@one@3.13", "a.z@two@2.7"]),
    (["--outcome", "pass", "--subject", "two"], ["a.x@two@2.7", "a.z@two@2.7"]),
    (["--outcome", "pass", "--python", "3.13", "--scenario", "z"], ["a.z@one@3.13"]),
    (["1"], ["a.y@one@3.13"]),
])
def test_cells_are_chosen(reports, capsys, words, cells):
    code, said = ask(capsys, reports, "results", "--json", *words)
    assert (code, [cell["cell"] for cell in json.loads(said)]) == (0, cells)


def test_a_difference_says_what_is_not_as_it_was(reports, capsys):
    code, said = ask(capsys, reports, "results", "--diff", "1")
    assert code == 0
    assert [line.split("  ")[0] for line in said.splitlines()] == [
        "new failure", "changed", "fixed", "new failure 1; changed 1; fixed 1"]
    assert "pass → fail" in said
    assert ask(capsys, reports, "results", "1", "--diff", "1")[1] == "nothing is other than it was\n"


@pytest.mark.parametrize(("words", "code"), [
    (["--fail-on", "red"], 1), (["--fail-on", "red", "--subject", "two"], 0), (["1", "--fail-on", "red", "--python", "2.7"], 0),
    (["--diff", "1", "--fail-on", "new-failures"], 1), (["1", "--diff", "2", "--fail-on", "new-failures"], 1),
    (["--diff", "1", "--fail-on", "new-failures", "--subject", "two"], 0), (["2", "--diff", "2", "--fail-on", "red"], 0),
    (["--fail-on", "new-failures"], 2), (["no-such-run"], 2),
])
def test_exit_codes(reports, capsys, words, code):
    assert ask(capsys, reports, "results", *words)[0] == code


def test_history_lists_and_prunes_the_oldest(reports, capsys):
    write(reports, "3", {"a.x": ("pass", "pass")})
    assert ask(capsys, reports, "history")[1].splitlines()[-1] == "3 runs"
    code, said = ask(capsys, reports, "history", "prune", "--keep", "2")
    assert (code, said.splitlines()[0]) == (0, "removed 1")
    assert sorted(path.name for path in (reports / "data").iterdir()) == ["2", "3"]
    assert ask(capsys, reports, "history", "prune", "--keep", "0")[0] == 2


def test_slim_leaves_what_comparing_needs(reports, capsys):
    for name in ("1", "2"):
        (reports / "data" / name / "cells" / "a.x").mkdir(parents=True)
        (reports / "data" / name / "coverage").mkdir()
    before = ask(capsys, reports, "results", "--diff", "1")
    code, said = ask(capsys, reports, "history", "slim")
    assert (code, said.splitlines()[0]) == (0, "slimmed 1")
    assert [(reports / "data" / name / "cells").exists() for name in ("1", "2")] == [False, True]
    assert ask(capsys, reports, "results", "--diff", "1") == before


@pytest.mark.parametrize(("run", "found"), [("2", "1"), ("1", None)])
def test_the_last_baseline_is_the_run_before(reports, run, found):
    older = baseline("last", Run(reports / "data" / run), reports)
    assert (older and older.folder.name) == found
    assert baseline("1", Run(reports / "data" / run), reports).folder.name == "1"

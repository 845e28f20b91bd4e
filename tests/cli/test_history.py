"""The runs that are kept: listed, pruned and slimmed, also where one of them is damaged."""

import json

import pytest

from harness.run.run_folder import Run

from ..stored import ask, write

PASS = ("pass", "pass")
LINE = '{"cell": "a.x@one@3.13", "status": "ran"'
#: What can have happened to a run's files: (file, what is in it now).
DAMAGES = {
    "a plan that was cut off": ("plan.json", '{"run": "x"'),
    "a plan that is a list": ("plan.json", "[]"),
    "a plan with half its fields": ("plan.json", '{"run": "x"}'),
    "a plan with a number for its cells": ("plan.json", '{"run": "x", "targets": [], "cells": 3, "scenarios": [], '
                                                       '"command": [], "environment": {}}'),
    "a plan of a later format": ("plan.json", '{"format": 99}'),
    "a plan that is no text": ("plan.json", b"\xff\xfe"),
    "a selection that is a number": ("selected.json", "5"),
    "a selection that was cut off": ("selected.json", "["),
    "a line that is a number": ("lines.gw1.jsonl", "1\n"),
    "a line without a cell": ("lines.gw1.jsonl", "{}\n"),
    "a line of a later version": ("lines.gw1.jsonl", LINE + ', "unheard_of": 1}\n'),
    "a line without a verdict": ("lines.gw1.jsonl", LINE + "}\n"),
    "a line with a word that nobody knows": ("lines.gw1.jsonl", LINE + ', "behaviour": {"outcome": "splendid"}}\n'),
    "a line with a status that nobody knows": ("lines.gw1.jsonl", '{"cell": "a.x@one@3.13", "status": "splendid"}\n'),
    "a line with a verdict that is a text": ("lines.gw1.jsonl", LINE + ', "behaviour": "pass"}\n'),
}


def damage(run, case):
    name, content = DAMAGES[case]
    (run.folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return run


def kept(reports):
    return sorted(path.name for path in (reports / "data").iterdir())


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


@pytest.mark.parametrize("case", DAMAGES)
@pytest.mark.parametrize("words", [["history"], ["results"], ["results", "1", "--diff", "3"], ["report", "3"],
                                   ["report", "1", "--baseline", "3"]], ids=" ".join)
def test_a_damaged_run_is_named_and_is_no_traceback(reports, capsys, case, words):
    damage(write(reports, "3", {"a.x": PASS}), case)
    code, said = ask(capsys, reports, *words)
    file = DAMAGES[case][0]
    assert f"{reports / 'data' / '3' / file}: " in said
    if words == ["history"]:
        assert (code, said.splitlines()[-1]) == (0, "3 runs, 1 of them unreadable")
        assert [line.split("  ")[0] for line in said.splitlines()[:-1]] == ["1", "2", "3"]
        assert said.splitlines()[2].startswith("3  cannot be read: ")
    elif words[0] == "results":
        assert (code, said.count("\n")) == (2, 1)


@pytest.mark.parametrize("case", ["a plan that was cut off", "a line that is a number", "a plan with half its fields"])
@pytest.mark.parametrize("damaged", ["3", "1"])
def test_prune_counts_runs_that_can_be_read(reports, capsys, case, damaged):
    write(reports, "3", {"a.x": PASS})
    damage(Run(reports / "data" / damaged), case)
    code, said = ask(capsys, reports, "history", "prune", "--keep", "1")
    assert code == 0
    assert kept(reports) == {"3": ["2", "3"], "1": ["3"]}[damaged], "the newest good one stays, and what is newer than it"
    assert said.splitlines()[0] == ("removed 1" if damaged == "3" else "removed 1, which could not be read")


def test_prune_keeps_the_newest_run_in_which_a_cell_ran(reports, capsys):
    write(reports, "3", {"a.x": ("not-run", "not-run")})
    assert ask(capsys, reports, "history", "prune", "--keep", "1")[0] == 0
    assert kept(reports) == ["2", "3"]


def test_prune_removes_nothing_where_no_run_can_be_read(reports, capsys):
    for name in ("1", "2"):
        damage(Run(reports / "data" / name), "a plan that is a list")
    code, said = ask(capsys, reports, "history", "prune", "--keep", "1")
    assert (code, kept(reports), said.splitlines()[-1]) == (0, ["1", "2"], "2 runs, 2 of them unreadable")


def test_slim_leaves_the_newest_run_that_can_be_read_whole(reports, capsys):
    for name in ("1", "2"):
        (reports / "data" / name / "cells").mkdir()
    damage(write(reports, "3", {"a.x": PASS}), "a line that is a number")
    code, said = ask(capsys, reports, "history", "slim")
    assert (code, said.splitlines()[0]) == (0, "slimmed 1")
    assert [(reports / "data" / name / "cells").exists() for name in ("1", "2")] == [False, True]
    code, said = ask(capsys, reports, "history", "slim")
    assert "slimmed" not in said, "there was nothing left to remove"


def test_a_folder_among_the_runs_that_is_none_is_said_and_left_alone(reports, capsys):
    (reports / "data" / "0").mkdir()
    assert "0  is not a run: it has no plan.json" in ask(capsys, reports, "history")[1].splitlines()
    ask(capsys, reports, "history", "prune", "--keep", "1")
    assert kept(reports) == ["0", "2"]


def test_what_cannot_be_removed_is_said(reports, capsys):
    elsewhere = (reports / "data" / "1").rename(reports / "elsewhere")
    (reports / "data" / "1").symlink_to(elsewhere)
    code, said = ask(capsys, reports, "history", "prune", "--keep", "1")
    assert (code, said.count("\n")) == (2, 1)
    assert f"server-matrix: {reports / 'data' / '1'}: cannot be removed" in said


def test_a_line_that_was_cut_off_is_a_cell_that_did_not_run(reports, capsys):
    file = next((reports / "data" / "2").glob("lines.*"))
    file.write_text(file.read_text()[:-20])
    assert json.loads(ask(capsys, reports, "results", "--json", "--outcome", "not-run")[1])[0]["cell"] == "a.z@two@2.7"

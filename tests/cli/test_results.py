"""A run on the command line: runs that were written to disk, asked through the real command."""

import json
from dataclasses import replace

import pytest

from harness.cli.find_run import baseline
from harness.run.run_folder import Run

from ..stored import TARGETS, ask, select, write


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
    (["--outcome", "pass", "--outcome", "known", "--scenario", "a.y"], ["a.y@one@3.13", "a.y@two@2.7"]),
    (["--outcome", "pass", "--subject", "two", "--subject", "one", "--scenario", "a.z"], ["a.z@one@3.13", "a.z@two@2.7"]),
    (["--outcome", "pass", "--python", "2.7", "--python", "3.13", "--scenario", "a.z"], ["a.z@one@3.13", "a.z@two@2.7"]),
])
def test_cells_are_chosen(reports, capsys, words, cells):
    code, said = ask(capsys, reports, "results", "--json", *words)
    assert (code, [cell["cell"] for cell in json.loads(said)]) == (0, cells)


def test_a_difference_says_what_is_not_as_it_was(reports, capsys):
    code, said = ask(capsys, reports, "results", "--diff", "1")
    assert code == 0
    assert [line.split("  ")[0] for line in said.splitlines()] == [
        "new failure", "now known", "fixed", "new failure 1; now known 1; fixed 1"]
    assert "pass → fail" in said
    assert ask(capsys, reports, "results", "1", "--diff", "1")[1] == "No changes\nstill red: 1\n"
    assert ask(capsys, reports, "results", "1", "--diff", "1", "--subject", "two")[1] == "No changes\n"


@pytest.mark.parametrize(("words", "code"), [
    (["--fail-on", "red"], 1), (["--fail-on", "red", "--subject", "two"], 0), (["1", "--fail-on", "red", "--python", "2.7"], 0),
    (["--diff", "1", "--fail-on", "new-failures"], 1), (["1", "--diff", "2", "--fail-on", "new-failures"], 1),
    (["--diff", "1", "--fail-on", "new-failures", "--subject", "two"], 0), (["2", "--diff", "2", "--fail-on", "red"], 1),
    (["2", "--diff", "2", "--fail-on", "new-failures"], 0), (["--diff", "2", "--fail-on", "red", "--subject", "two"], 0),
    (["--diff", "1", "--outcome", "pass", "--fail-on", "new-failures"], 1),
    (["--fail-on", "new-failures"], 2), (["no-such-run"], 2),
])
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_exit_codes(reports, capsys, words, code, form):
    assert ask(capsys, reports, "results", *words, *form)[0] == code


def test_what_is_red_and_was_is_shown_where_it_is_what_fails(reports, capsys):
    code, said = ask(capsys, reports, "results", "2", "--diff", "2", "--fail-on", "red")
    assert (code, said.splitlines()) == (1, [
        "still red                   fail → fail        a.x@one@3.13  because fail", "No changes", "still red: 1",
        "exit code 1: 1 red cell"])
    assert "still red: 1" in ask(capsys, reports, "results", "2", "--diff", "2")[1]
    code, said = ask(capsys, reports, "results", "2", "--diff", "2", "--fail-on", "red", "--json")
    assert (code, [item["kind"] for item in json.loads(said.splitlines()[0])]) == (1, ["still red"])


@pytest.mark.parametrize(("words", "said"), [
    (["--subject", "onne"], "--subject onne: the run 2 has no such server. Did you mean one?"),
    (["--subject", "one", "--subject", "zz"], "--subject zz: the run 2 has no such server. Available: one, two."),
    (["--python", "3.31"], "--python 3.31: the run 2 has no such Python. Did you mean 3.13?"),
    (["--scenario", "a.w"], "--scenario a.w: no scenario of the run 2 has this in its id. Did you mean a.z or a.y or a.x?"),
    (["--subject", "one", "--python", "2.7"],
     "--subject one, --python 2.7: the run 2 has each of these, but no cell that matches all of them"),
    (["--diff", "1", "--subject", "onne"], "--subject onne: the runs 2 and 1 have no such server. Did you mean one?"),
])
@pytest.mark.parametrize("form", [[], ["--json"], ["--fail-on", "red"]])
def test_a_filter_that_chooses_nothing_is_refused_with_the_nearest_name(reports, capsys, words, said, form):
    code, shown = ask(capsys, reports, "results", *words, *form)
    assert (code, shown) == (2, f"server-matrix: {said}\n")


NEW = ["--fail-on", "new-failures"]


@pytest.mark.parametrize(("now", "code"), [
    ({"a.x": ("pass", "pass"), "a.z": ("pass", "pass")}, 1),  # a scenario is gone
    ({"a.x": ("pass", "missing"), "a.y": ("fail", "pass"), "a.z": ("pass", "pass")}, 1),
    ({"a.x": ("pass", "unsupported"), "a.y": ("fail", "pass"), "a.z": ("pass", "pass")}, 1),
    ({"a.x": ("pass", "not-run"), "a.y": ("fail", "pass"), "a.z": ("pass", "pass")}, 1),
    ({"a.x": ("pass", "pass"), "a.y": ("missing", "pass"), "a.z": ("pass", "pass")}, 0),  # red then: it is no loss
    ({"a.x": ("pass", "pass"), "a.y": ("timeout", "pass"), "a.z": ("pass", "pass")}, 0),
    ({"a.x": ("pass", "pass"), "a.y": ("fail", "pass"), "a.z": ("pass", "pass"), "a.new": ("pass", "pass")}, 0),
    ({"a.x": ("pass", "pass"), "a.y": ("fail", "pass"), "a.z": ("pass", "pass"), "a.new": ("pass", "fail")}, 1),
])
@pytest.mark.parametrize("digest", ["1", "2"])
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_what_is_gone_or_worse_is_a_new_failure(reports, capsys, now, code, digest, form):
    write(reports, "3", now, digest)
    assert ask(capsys, reports, "results", "3", "--diff", "1", *NEW, *form)[0] == code


def test_a_target_that_is_gone_is_a_new_failure_and_is_said(reports, capsys):
    write(reports, "3", {"a.x": ("pass",), "a.y": ("fail",), "a.z": ("pass",)}, targets=TARGETS[:1])
    code, said = ask(capsys, reports, "results", "--diff", "1", *NEW)
    assert (code, said.splitlines()[-3:]) == (1, ["vanished 3", "still red: 1", "exit code 1: 3 new failures"])
    code, said = ask(capsys, reports, "results", "--diff", "1", "--subject", "two", *NEW)
    assert code == 1
    assert "no cell of these ran in run 3" in said


def test_what_was_left_out_on_purpose_is_counted_and_no_failure(reports, capsys):
    one = {"a.x": ("pass",), "a.y": ("fail",), "a.z": ("pass",)}
    write(reports, "3", one, targets=TARGETS[:1], asked={"subjects": ["one"]})
    code, said = ask(capsys, reports, "results", "--diff", "1", *NEW)
    assert (code, said.splitlines()) == (0, [
        "No changes", "still red: 1", "not compared: 3 cells of run 1 that run 3 was not asked for"])
    run = write(reports, "4", {"a.x": ("pass", "pass"), "a.y": ("not-run", "not-run"), "a.z": ("not-run", "not-run")})
    select(run, ["a.x@one@3.13", "a.x@two@2.7"])
    code, said = ask(capsys, reports, "results", "--diff", "1", *NEW)
    assert (code, said.splitlines()[-1]) == (0, "not compared: 4 cells of run 1 that run 4 was not asked for")
    code, said = ask(capsys, reports, "results", "--diff", "1", *NEW, "--json")
    assert (code, said) == (0, "[]\nnot compared: 4 cells of run 1 that run 4 was not asked for\n")


def test_a_should_that_fails_is_amber_here_too(reports, capsys):
    write(reports, "3", {"a.x": ("fail", "pass"), "a.y": ("fail", "pass"), "a.z": ("pass", "pass")}, grade="should")
    for words in (["--fail-on", "red"], ["--diff", "1", *NEW], ["--diff", "1", "--fail-on", "red"]):
        assert ask(capsys, reports, "results", *words)[0] == 0
        assert ask(capsys, reports, "results", *words, "--strict-should")[0] == 1


@pytest.mark.parametrize("words", [{"a.x": ("missing", "missing")}, {"a.x": ("unsupported", None)}, {}])
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_run_in_which_no_cell_ran_is_never_green(reports, capsys, words, form):
    write(reports, "3", words)
    for fail_on in ("red", "new-failures"):
        code, said = ask(capsys, reports, "results", "3", "--diff", "1", "--fail-on", fail_on, *form)
        assert code == 1
        assert "no cell ran in run 3" in said
    code, said = ask(capsys, reports, "results", "3", "--fail-on", "red", *form)
    assert (code, "no cell ran in run 3" in said) == (1, True)
    code, said = ask(capsys, reports, "results", "3", *form)
    assert (code, "no cell ran in run 3" in said) == (0, True)
    assert "no cell ran" not in ask(capsys, reports, "results", *form)[1], "the newest run is one in which a cell ran"


def test_a_part_of_a_run_in_which_no_cell_ran_is_never_green_either(reports, capsys):
    write(reports, "3", {"a.x": ("pass", "missing")})
    assert ask(capsys, reports, "results", "--fail-on", "red")[0] == 0
    code, said = ask(capsys, reports, "results", "--fail-on", "red", "--subject", "two")
    assert (code, "no cell of these ran in run 3" in said) == (1, True)


def test_a_baseline_in_which_no_cell_ran_is_said(reports, capsys):
    write(reports, "0", {"a.x": ("missing", "missing")})
    code, said = ask(capsys, reports, "results", "1", "--diff", "0", *NEW)
    assert code == 1, "its red cell is new"
    assert "none of the compared cells ran in run 0, so nothing can be worse than it was there" in said


@pytest.mark.parametrize("command", [
    ["results", "20261125T"], ["results", "--diff", "20261125T"], ["report", "20261125T"], ["reproduce", "--run", "20261125T"],
    ["report", "--baseline", "20261125T"], ["matrix", "--python", "banana", "--baseline", "20261125T"],
])
def test_a_run_that_is_misspelt_is_refused_with_the_nearest(reports, capsys, command):
    write(reports, "20261125T145847-46", {"a.x": ("pass", "pass")})
    code, said = ask(capsys, reports, *command)
    assert code == 2
    assert said.endswith("data: there is no run 20261125T. Did you mean 20261125T145847-46?\n")
    assert said.count("\n") == 1


@pytest.mark.parametrize("command", [["results"], ["report"], ["reproduce", "--run"]])
def test_a_folder_that_is_no_run_is_refused(reports, capsys, tmp_path, command):
    folder = tmp_path / "other"
    folder.mkdir()
    code, said = ask(capsys, reports, *command, str(folder))
    assert (code, "is not a run: it has no plan.json" in said, said.count("\n")) == (2, True, 1)


def test_a_run_is_given_by_its_name_or_its_folder(reports, capsys, monkeypatch):
    monkeypatch.chdir(reports / "data")
    assert ask(capsys, reports, "results", "1")[1] == ask(capsys, reports, "results", str(reports / "data" / "1"))[1]
    (reports / "elsewhere" / "1").mkdir(parents=True)
    monkeypatch.chdir(reports / "elsewhere")
    assert "a.y@one@3.13" in ask(capsys, reports, "results", "1")[1], "a folder of that name that is no run is in nobody's way"


@pytest.mark.parametrize(("run", "found"), [("2", "1"), ("1", None)])
def test_the_last_baseline_is_the_run_before(reports, run, found):
    said = []
    older = baseline("last", Run(reports / "data" / run), reports, said.append)
    assert (older and older.folder.name, said) == (found, [])
    assert baseline("1", Run(reports / "data" / run), reports, said.append).folder.name == "1"


def test_the_last_baseline_is_one_that_tells_something(reports):
    write(reports, "3", {"a.x": ("not-run", "not-run")})
    (write(reports, "4", {"a.x": ("pass", "pass")}).folder / "plan.json").write_text("{")
    said = []
    found = baseline("last", write(reports, "5", {"a.x": ("pass", "pass")}), reports, said.append)
    assert found.folder.name == "2"
    assert [line.partition(":")[0] for line in said] == ["not compared with the run 4", "not compared with the run 3"]
    assert said[1] == "not compared with the run 3: no cell ran in it"


MADE = tuple(replace(target, code="1") for target in TARGETS)


@pytest.fixture
def flaky(tmp_path):
    """Four runs of the same code, and one of another; a.x changes its word twice, a.y once, a.z never."""
    for name, words in (("1", ("pass", "fail", "pass")), ("2", ("fail", "fail", "pass")), ("3", ("pass", "timeout", "pass"))):
        write(tmp_path, name, dict(zip(("a.x", "a.y", "a.z"), [(word, "pass") for word in words], strict=True)), targets=MADE,
              environment={"harness_code": "1"})
    write(tmp_path, "4", {"a.x": ("fail", "pass"), "a.z": ("pass", "fail")}, targets=MADE, environment={"harness_code": "2"})
    write(tmp_path, "5", {"a.x": ("pass", "pass"), "a.y": ("not-run", "pass"), "a.z": ("pass", "pass")}, targets=MADE,
          environment={"harness_code": "1"})
    return tmp_path


def test_flaky_lists_the_cells_that_change_the_worst_first(flaky, capsys):
    code, said = ask(capsys, flaky, "results", "--flaky")
    assert (code, said.splitlines()) == (0, [
        "2 of 3     a.x@one@3.13  pass fail pass pass",
        "1 of 2     a.y@one@3.13  fail fail timeout",
        "2 of 6 cells changed outcome between runs of the same code; 5 runs were examined"])
    found = json.loads(ask(capsys, flaky, "results", "--flaky", "--json")[1].splitlines()[0])
    assert found[0] == {"cell": "a.x@one@3.13", "changes": 2, "comparisons": 3, "words": ["pass", "fail", "pass", "pass"]}
    assert [item["cell"] for item in found] == ["a.x@one@3.13", "a.y@one@3.13"]


@pytest.mark.parametrize(("words", "code"), [
    (["--flaky", "--fail-on", "flaky"], 1), (["--flaky", "--fail-on", "flaky", "--subject", "two"], 0),
    (["--flaky", "--fail-on", "flaky", "--json"], 1), (["--flaky", "--fail-on", "flaky", "--outcome", "known"], 1),
    (["--fail-on", "flaky"], 2), (["--flaky", "--diff", "1"], 2), (["--flaky", "--fail-on", "red"], 2),
    (["--flaky", "--scenario", "nothing"], 2), (["4", "--flaky"], 0),
])
def test_exit_codes_of_flaky(flaky, capsys, words, code):
    assert ask(capsys, flaky, "results", *words)[0] == code


def test_of_runs_that_cannot_be_compared_that_is_said(reports, capsys):
    code, said = ask(capsys, reports, "results", "--flaky", "--fail-on", "flaky")
    assert (code, said) == (0, "no two of the 2 runs ran a cell with the same code, so nothing is known about flaky cells\n")


def test_a_run_that_cannot_be_read_is_said(flaky, capsys):
    (flaky / "data" / "2" / "plan.json").write_text("{")
    code, said = ask(capsys, flaky, "results", "--flaky")
    assert (code, said.splitlines()[-1].partition(": ")[0]) == (0, "not examined")
    assert "is not valid JSON" in said

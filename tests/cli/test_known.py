"""Listing what known.toml expects, and writing a run's failures to it."""

import pytest

from harness.cli import known
from harness.language import expected_failures
from harness.language.expected_failures import ExpectedFailure
from harness.model.refusal import Refusal
from harness.model.values import CellResult, Failure, Verdict

from ..stored import write
from .given import given_by

STATUS, BODY = Failure(2, "status", "200", "500"), Failure(2, "body", "x", "y")
LEFT = Failure(0, "processes", "no process is left", "orphan: 7 sleep")


def cell(name, *failures, cleanup=()):
    behaviour = Verdict("fail", "why", failures) if failures else Verdict("pass")
    return CellResult(name, "ran", "", behaviour, Verdict("fail", "left", cleanup) if cleanup else Verdict("pass"))


def test_each_failure_is_an_entry_with_the_targets_that_have_it():
    results = [cell("a.b@s@2.7", STATUS, BODY), cell("a.b@s@3.13", STATUS), cell("a.c@s@3.13", cleanup=(LEFT,)), cell("a.d@s@3.13")]
    assert known.baseline(results, []) == [
        (("a.b", 2, "body"), ["s@2.7"]), (("a.b", 2, "status"), ["s@2.7", "s@3.13"]), (("a.c", 0, "processes"), ["s@3.13"])]


@pytest.mark.parametrize(("entry", "left"), [
    (ExpectedFailure("a.b", ("s",), "x"), []), (ExpectedFailure("a.b", ("s@2.7",), "x", 2, "status"), ["s@3.13"]),
    (ExpectedFailure("a.b", ("s",), "x", 3), ["s@2.7", "s@3.13"]), (ExpectedFailure("a.c", ("s",), "x"), ["s@2.7", "s@3.13"]),
])
def test_what_is_listed_is_not_written_again(entry, left):
    found = known.baseline([cell("a.b@s@2.7", STATUS), cell("a.b@s@3.13", STATUS)], [entry])
    assert [targets for _, targets in found] == ([left] if left else [])


@pytest.mark.parametrize("outcome", ["known", "fixed", "pass"])
def test_only_what_is_red_for_a_failure_is_written(outcome):
    result = CellResult("a.b@s@2.7", "ran", "", Verdict(outcome, "why", (STATUS,)), Verdict("pass"))
    assert known.baseline([result, CellResult("a.c@s@2.7", "broken", "no")], []) == []


def test_what_is_written_is_read_and_added_to_what_was_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("[tool.server-matrix]\n")
    run = write(tmp_path / "reports", "1", {"a.x": ("fail", "pass")})
    run.write_result(cell("a.x@one@3.13", STATUS), "main")
    lines = []
    assert known.run(given_by("known", "--write"), lines.append) == 0
    file = tmp_path / "known.toml"
    first = expected_failures.read(file)
    assert first
    assert all(entry.why.startswith("not looked at yet") for entry in first)
    assert file.read_text().startswith("#:schema ./.schemas/known.json\n")
    text = file.read_text().replace("not looked at yet: failed in the run 1", "mine")
    file.write_text("# a comment of mine\n" + text)
    assert known.run(given_by("known", "--write", "--known", "known.toml"), lines.append) == 0
    assert file.read_text() == "# a comment of mine\n" + text, "reasons and comments are never overwritten"


@pytest.mark.parametrize(("section", "place"), [
    ("", "known.toml"), ('subjects = ["matrix/subjects"]\n', "matrix/known.toml"), ('scenarios = ["ci/scenarios"]\n', "ci/known.toml"),
    ('subjects = ["subjects"]\n', "known.toml"), ('subjects = ["../others"]\n', "known.toml")])
def test_the_file_stands_where_init_says_that_it_will(tmp_path, monkeypatch, section, place):
    home = tmp_path / "home"
    for folder in ("matrix/subjects", "ci/scenarios", "subjects", "../others"):
        (home / folder).mkdir(parents=True)
    monkeypatch.chdir(home)
    (home / "pyproject.toml").write_text("[tool.server-matrix]\n" + section)
    write(home / "reports", "1", {"a.x": ("fail", "pass")}).write_result(cell("a.x@one@3.13", STATUS), "main")
    lines = []
    assert known.run(given_by("known", "--write"), lines.append) == 0
    assert expected_failures.read(home / place)
    assert f'known = "{place}"' in lines[-1]


def test_options_that_mean_nothing_alone_are_refused(tmp_path):
    with pytest.raises(Refusal, match="--run says from which run --write takes failures"):
        known.run(given_by("known", "--run", "1"), print)


def test_without_a_file_nothing_is_expected(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("[tool.server-matrix]\n")
    lines = []
    assert known.run(given_by("known"), lines.append) == 0
    assert "no failure is expected" in lines[0]


def test_a_file_that_is_not_there_is_refused_with_what_makes_it(tmp_path):
    with pytest.raises(Refusal, match="server-matrix known --write makes it"):
        known.run(given_by("known", "--known", str(tmp_path / "none.toml")), print)


def test_a_file_that_is_named_and_missing_is_made_although_there_is_no_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.server-matrix]\nknown = "matrix/known.toml"\n')
    lines = []
    assert known.run(given_by("known", "--write"), lines.append) == 0
    assert expected_failures.read(tmp_path / "matrix" / "known.toml") == ()
    assert "made" in lines[0]
    assert "make one with: server-matrix" in lines[1]
    assert known.run(given_by("known"), lines.append) == 0, "and what uses the file works"


def test_a_file_that_is_named_and_missing_gets_the_failures_of_a_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.server-matrix]\nknown = "matrix/known.toml"\n')
    run = write(tmp_path / "reports", "1", {"a.x": ("pass", "pass")})
    lines = []
    assert known.run(given_by("known", "--write"), lines.append) == 0
    assert expected_failures.read(tmp_path / "matrix" / "known.toml") == ()
    assert "none was added" in lines[-1]
    (tmp_path / "matrix" / "known.toml").unlink()
    run.write_result(cell("a.x@one@3.13", STATUS), "main")
    assert known.run(given_by("known", "--write"), lines.append) == 0
    assert len(expected_failures.read(tmp_path / "matrix" / "known.toml")) == 1


def test_a_file_that_nothing_names_is_not_passed_over_in_silence(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("[tool.server-matrix]\n")
    write(tmp_path / "reports", "1", {"a.x": ("fail", "pass")}).write_result(cell("a.x@one@3.13", STATUS), "main")
    for words in (("known", "--write"), ("known", "--write"), ("known",)):
        lines = []
        assert known.run(given_by(*words), lines.append) == 0
        assert 'known = "known.toml"' in lines[-1]
    assert "is there, but is not named" in lines[0]


def test_entries_that_nobody_has_looked_at_are_counted(tmp_path):
    file = tmp_path / "known.toml"
    entry = '[[known]]\nscenario = "{}"\ntargets = ["waitress"]\nwhy = "{}"\n'
    file.write_text("format = 1\n" + entry.format("http.head", "not looked at yet: failed in the run 1") + entry.format("http.expect-continue", "x"))
    lines = []
    assert known.run(given_by("known", "--known", str(file)), lines.append) == 0
    assert lines[-1].startswith("1 of them say 'not looked at yet'")


def test_the_list_checks_what_it_shows(tmp_path):
    file = tmp_path / "known.toml"
    file.write_text('format = 1\n[[known]]\nscenario = "http.haed"\ntargets = ["waitress"]\nwhy = "x"\n')
    with pytest.raises(Refusal, match=r"Did you mean 'http\.head'"):
        known.run(given_by("known", "--known", str(file)), print)
    file.write_text(file.read_text().replace("haed", "head"))
    lines = []
    assert known.run(given_by("known", "--known", str(file)), lines.append) == 0
    assert "http.head" in lines[0]
    assert "1 expected failure" in lines[1]


@pytest.mark.parametrize(("scenario", "target", "said"), [
    ("bus.access-log", "waitress", "waitress does not support bus.access-log: this never fails there"), ("http.head", "uvicorn@2.7", "uvicorn is for Python"),
])
def test_an_entry_about_a_cell_that_can_never_run_is_refused(tmp_path, scenario, target, said):
    file = tmp_path / "known.toml"
    file.write_text(f'format = 1\n[[known]]\nscenario = "{scenario}"\ntargets = ["{target}"]\nwhy = "x"\n')
    with pytest.raises(Refusal, match=said):
        known.run(given_by("known", "--known", str(file)), print)


def test_what_an_author_wrote_is_printed_without_terminal_escapes(tmp_path):
    file = tmp_path / "known.toml"
    file.write_text('format = 1\n[[known]]\nscenario = "http.head"\ntargets = ["waitress"]\nwhy = "\\u001b[31mred\\u0007"\n')
    lines = []
    known.run(given_by("known", "--known", str(file)), lines.append)
    assert "\x1b" not in lines[0]
    assert "\x07" not in lines[0]


def test_a_folder_is_no_file_of_known_failures(tmp_path):
    with pytest.raises(Refusal, match="is a folder"):
        known.run(given_by("known", "--known", str(tmp_path)), print)

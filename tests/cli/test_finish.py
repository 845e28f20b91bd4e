"""The end of a run: whose report stands there then, and the exit code."""

import pytest

from harness.cli.finish import finish, get_ready
from harness.coverage import parse_once
from harness.machine.places import GUEST
from harness.model.refusal import Refusal
from harness.report import build
from harness.run.exit_code import CRASHED
from harness.run.guardian import LEFT_OVER
from harness.run.project import Project
from harness.targets.load_subjects import BUNDLED

from ..stored import write


@pytest.fixture
def end(tmp_path):
    """Finish a run of some words; returns its exit code, what was said, and the report that stands there then."""
    def run(*words, old="", **given):
        index = tmp_path / "index.html"
        if old:
            index.write_text(old, "utf-8")
        said = []
        stored = write(tmp_path, "2", {f"a.{number}": (word, "missing") for number, word in enumerate(words)})
        baseline, driver_code = given.pop("baseline", None), given.pop("driver_code", 0)
        code = finish(stored, Project(reports=tmp_path, **given), baseline, said.append, driver_code)
        return code, "\n".join(said), index.read_text("utf-8")
    return run


@pytest.mark.parametrize(("words", "code", "replaced"), [
    (("pass", "pass"), 0, True), (("pass", "fail"), 1, True), (("fail", "not-run"), 1, True),
    (("missing", "missing"), 1, False), (("error", "error"), 1, False), (("not-run", "not-run"), 1, False),
])
def test_the_report_of_an_earlier_run_is_replaced_only_when_a_cell_ran(end, words, code, replaced):
    found, said, report = end(*words, old="of an earlier run")
    assert found == code
    assert (report != "of an earlier run") is replaced
    assert ("is still the report of an earlier run" in said) is not replaced


@pytest.mark.parametrize("words", [("missing",), ("not-run",)])
def test_without_an_earlier_report_one_is_written_all_the_same(end, words):
    code, said, report = end(*words)
    assert (code, "<html" in report) == (1, True)
    assert "report: " in said


@pytest.mark.parametrize(("given", "code"), [
    ({}, 0), ({"strict": True}, 1), ({"strict_should": True}, 0), ({"driver_code": LEFT_OVER}, 1), ({"driver_code": CRASHED}, 1),
])
def test_the_exit_code_is_that_of_the_run(end, given, code):
    found, said, _ = end("pass", **given)
    assert (found, f"exit code {code}: " in said) == (code, bool(code))


def test_a_run_is_compared_with_the_last_one_and_not_with_itself(end, tmp_path):
    write(tmp_path, "1", {"a.0": ("fail", "missing")})
    assert '"baseline":"1"' in end("pass", baseline="last")[2]
    assert '"baseline":""' in end("pass")[2]


def test_a_report_that_cannot_be_written_is_said_with_all_else(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device", "index.html")

    monkeypatch.setattr(build, "build", full)
    said = []
    run = write(tmp_path, "2", {"a.0": ("fail", "pass")})
    with pytest.raises(Refusal, match=r"^exit code 2: the report could not be written \(index\.html: No space left on device"):
        finish(run, Project(reports=tmp_path), None, said.append)
    assert not any(line.startswith("exit code") for line in said), "one exit code is said, and it is the one"
    assert any("FAIL" in line for line in said)


@pytest.mark.parametrize(("setting", "lines"), [("true", 1), ("", 0), ("false", 0)])
def test_annotations_are_for_github_alone(end, monkeypatch, setting, lines):
    monkeypatch.setenv("GITHUB_ACTIONS", setting)
    assert end("fail", "pass")[1].count("::error file=") == lines


def test_getting_ready_imports_the_report_and_parses_what_will_be_measured(monkeypatch):
    parsed = []
    monkeypatch.setattr(parse_once, "parse_ahead", lambda folders: parsed.append(set(folders)))
    subjects = [BUNDLED.load(name) for name in ("enginebus", "waitress")]
    get_ready(subjects, coverage=False)
    assert parsed == []
    get_ready(subjects, coverage=True)
    assert parsed == [{GUEST / "enginebus"}], "the sources that are here; those of a server are in its target"

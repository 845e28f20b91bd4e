"""What a user types wrong costs nothing: it is said at once, and the report and the history stay as they were."""

import argparse
import json
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.cell.server_verbs import TERM_FIRST_SECONDS
from harness.cli import matrix
from harness.machine.interpreters import current
from harness.model.refusal import Refusal
from harness.model.values import Cell
from harness.run.run_folder import Run
from harness.verdict.endings import STOP_SECONDS

from ..conftest import HELLO, ROOT, START, WRONG, run_harness, scenario
from ..stored import write
from .given import given_by

HERE = current()
GOOD = scenario("a.good", START, HELLO)


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    """A folder with two scenarios, one run of them, and its report; nothing of these tests may change it."""
    folder = tmp_path_factory.mktemp("reported")
    (folder / "scenarios").mkdir()
    for name, text in (("good", GOOD), ("other", scenario("b.other", START, HELLO))):
        (folder / "scenarios" / f"{name}.toml").write_text(text, "utf-8")
    assert run_harness("matrix", "--python", HERE, *words_of(folder)).returncode == 0
    return folder


def words_of(folder):
    return ["--scenarios", str(folder / "scenarios"), "--no-bundled-scenarios", "--reports", str(folder / "reports")]


def state(folder):
    """What a reports folder holds: the index and the runs, with their times."""
    reports = folder / "reports"
    return (reports / "index.html").stat().st_mtime_ns, sorted(path.name for path in (reports / "data").iterdir())


@pytest.mark.parametrize(("words", "problem"), [
    (["matrix", "--bogus"], "there is no option '--bogus'"),
    (["matrix", "--subjct", "x"], "there is no option '--subjct'. Did you mean '--subject'"),
    (["matrix", "--version"], "there is no option '--version'"),
    (["matrix", "--collect-only"], "there is no option '--collect-only'"),
    (["matrix", "--sub", "enginebus"], "there is no option '--sub'"),
    (["matrix", "extra"], "unexpected argument 'extra'"),
    (["prots"], "unknown command 'prots'. Did you mean 'ports'?"),
    (["matrix", "-k", "nosuchthing"], "-k 'nosuchthing' selects none of"),
    (["matrix", "-k", "a.gd"], "Did you mean a.good?"),
    (["matrix", "-k", "port and ("], "a word is missing at the end"),
    (["matrix", "-k", "and"], "a word is needed instead of 'and'"),
    (["matrix", "-k", "good other"], "unexpected 'other'"),
    (["matrix", "--cell", "a.god@enginebus@HERE"], "Did you mean a.good@enginebus@HERE"),
    (["matrix", "--shard", "4/3"], "must be K/N"), (["matrix", "--shard", "1"], "must be K/N"), (["matrix", "--shard", "-1/3"], "--shard"),
    (["matrix", "--baseline", "nosuchrun"], "nosuchrun"),
    (["matrix", "--subject", "waitress<<2"], "is not a version or a range"),
    (["matrix", "--subject", "<2"], "give a name, optionally with a version or path"),
    (["results", "--nosuch"], "there is no option '--nosuch'"),
])
def test_bad_input_is_2_and_changes_nothing(reported, words, problem):
    before = state(reported)
    words = [word.replace("HERE", HERE) for word in words]
    more = [*words_of(reported), *([] if "--python" in words else ["--python", HERE])] if words[0] == "matrix" else []
    done = run_harness(*words, *more)
    assert done.returncode == 2, done.stdout
    assert problem.replace("HERE", HERE) in done.stderr
    assert "preparing targets" not in done.stdout
    assert "Traceback" not in done.stderr
    assert state(reported) == before


def test_a_run_in_which_no_cell_ran_keeps_the_report_and_is_not_the_newest(reported):
    before = state(reported)
    done = run_harness("matrix", "--python", "3.99", *words_of(reported))
    assert done.returncode == 1
    assert "no cell ran" in done.stdout
    assert state(reported)[0] == before[0]
    told = run_harness("results", "--json", "--reports", str(reported / "reports"), "--outcome", "pass")
    assert {cell["cell"] for cell in json.loads(told.stdout)} == {f"a.good@enginebus@{HERE}", f"b.other@enginebus@{HERE}"}


def test_last_failed_is_the_red_cells_of_the_newest_run_on_its_targets(project, tmp_path):
    words = project(a__good=GOOD, a__wrong=scenario("a.wrong", START, WRONG))
    assert run_harness("matrix", "--python", HERE, *words).returncode == 1
    done = run_harness("matrix", "--lf", "--reports", words[-1], "--subject", "enginebus")
    assert done.returncode == 1
    assert "1 cell planned" in done.stdout
    newest = Run(max((tmp_path / "reports" / "data").iterdir()))
    assert list(newest.results()) == [f"a.wrong@enginebus@{HERE}"]


def test_last_failed_without_a_red_cell_has_nothing_to_do(reported):
    before = state(reported)
    done = run_harness("matrix", "--lf", *words_of(reported))
    assert (done.returncode, "nothing was red" in done.stdout) == (0, True)
    assert state(reported) == before


def test_the_plan_is_listed_and_nothing_is_made(project, tmp_path):
    words = project(a__good=GOOD, b__other=scenario("b.other", START, HELLO), c__absurd=scenario(
        "c.absurd", START, HELLO, top='needs = ["tells-the-future"]'))
    done = run_harness("matrix", "--plan", "--python", HERE, "--python", "3.99", *words)
    assert done.returncode == 0
    assert done.stdout.splitlines()[:2] == [f"a.good@enginebus@{HERE}", f"b.other@enginebus@{HERE}"]
    assert done.stdout.splitlines()[2].startswith("2 planned, 2 unsupported, 2 missing")
    assert not (tmp_path / "reports").exists()
    done = run_harness("matrix", "--plan", "-k", "other", "--python", HERE, *words)
    assert done.stdout.splitlines()[0] == f"b.other@enginebus@{HERE}"


def test_what_is_left_out_is_not_counted_as_planned(reported):
    done = run_harness("matrix", "--python", HERE, "-k", "good", *words_of(reported))
    assert "1 cell planned" in done.stdout


@pytest.mark.parametrize("blocked", ["a file", "below a file", "data is a file", "no such device"])
def test_a_reports_folder_that_cannot_be_written_is_one_sentence(project, tmp_path, blocked):
    words = project(a__good=GOOD)
    reports = tmp_path / "reports"
    if blocked == "a file":
        reports.write_text("mine")
    elif blocked == "below a file":
        reports.write_text("mine")
        reports = reports / "below"
    elif blocked == "data is a file":
        reports.mkdir()
        (reports / "data").write_text("mine")
    else:
        reports = Path("/proc/no-such-folder")
    done = run_harness("matrix", "--python", HERE, *words[:2], "--reports", str(reports))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1, done.stderr
    assert "Give another folder with --reports DIR" in done.stderr
    assert "preparing targets" not in done.stdout


def test_a_report_that_cannot_be_written_at_the_end_keeps_the_data(project, tmp_path):
    words = project(a__good=GOOD)
    (tmp_path / "reports" / "index.html").mkdir(parents=True)  # found when the report is put in place
    (tmp_path / "reports" / "index.html" / "mine").write_text("")
    done = run_harness("matrix", "--python", HERE, *words)
    assert done.returncode == 2
    assert "The run's data are in" in done.stderr
    assert "Traceback" not in done.stderr
    run = Run(next((tmp_path / "reports" / "data").iterdir()))
    assert [result.word for result in run.results().values()] == ["pass"]
    again = run_harness("report", str(run.folder), "--reports", str(tmp_path / "elsewhere"))
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "elsewhere" / "index.html").is_file()


def test_escapes_and_lines_of_a_server_do_not_reach_the_terminal(project):
    body = '[[step]]\nact = "request"\npath = "/two?a=%1B%5B31mred%0Aline&b=2"\nexpect = { body = "nothing" }'
    done = run_harness("matrix", "--python", HERE, *project(a__wrong=scenario("a.wrong", START, body)))
    assert done.returncode == 1
    assert "\x1b" not in done.stdout
    reason = done.stdout.splitlines()[done.stdout.splitlines().index(f"FAIL     a.wrong@enginebus@{HERE}") + 1]
    assert reason.startswith("         step 2: body: expected nothing, observed ")


def test_the_check_command_says_all_mistakes_at_once(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one.toml").write_text(scenario("a.one", START, HELLO, top='needs = ["thread"]'))
    (tmp_path / "a" / "two.toml").write_text(scenario("a.two", START, HELLO).replace('app = "tree"', 'app = "life"'))
    (tmp_path / "a" / "three.toml").write_text(scenario("a.three", START, HELLO).replace('app = "tree"', 'app = "life"'))
    (tmp_path / "a" / "four.toml").write_text("format = ")
    done = run_harness("check", "--scenarios", str(tmp_path), "--no-bundled-scenarios")
    assert done.returncode == 2
    assert "unknown capability 'thread'. Did you mean 'threads'?" in done.stderr
    assert "four.toml: is not valid TOML" in done.stderr
    (tmp_path / "a" / "four.toml").unlink()
    (tmp_path / "a" / "one.toml").unlink()
    done = run_harness("check", "--scenarios", str(tmp_path), "--no-bundled-scenarios")
    assert done.returncode == 2
    assert "does and expects the same as" in done.stderr
    (tmp_path / "a" / "two.toml").unlink()
    done = run_harness("check", "--scenarios", str(tmp_path), "--no-bundled-scenarios")
    subjects = len(list((ROOT / "harness" / "subjects").glob("*/subject.toml")))
    assert (done.returncode, done.stdout.startswith(f"1 scenario and {subjects} subjects are right")) == (0, True), done.stderr
    assert run_harness("check", str(tmp_path / "nowhere.toml")).returncode == 2
    assert run_harness("check", str(ROOT / "scenarios" / "http" / "head.toml")).returncode == 0


def parsed(*words):
    return given_by("matrix", *words)


@pytest.mark.parametrize(("words", "workers", "stop_after", "verbosity", "isolated"), [
    ([], 0, 0, 0, False), (["-x"], 0, 1, 0, False), (["--maxfail", "3"], 0, 3, 0, False), (["--maxfail", "0"], 0, 0, 0, False),
    (["-vv"], 0, 0, 2, False), (["-q"], 0, 0, -1, False), (["-qq"], 0, 0, -2, False), (["-n", "3", "--isolated"], 3, 0, 0, True),
])
def test_what_reaches_the_driver(words, workers, stop_after, verbosity, isolated):
    options = matrix._options(parsed(*words), ())
    assert (options.workers, options.stop_after, options.verbosity, options.isolated) == (workers, stop_after, verbosity, isolated)


NOTHING = {"subjects": [], "pythons": [], "cells": [], "keyword": "", "scenarios": "", "quick": "", "weights": ""}


@pytest.mark.parametrize(("words", "asked"), [
    ([], {}), (["--subject", "wsgiref", "--subject", "cheroot"], {"subjects": ["cheroot", "wsgiref"]}),
    (["--all-subjects", "--subject", "wsgiref==1"], {"subjects": ["--all-subjects", "wsgiref==1"]}),
    (["--python", "3.13", "--python", "2.7"], {"pythons": ["2.7", "3.13"]}), (["-k", "port"], {"keyword": "port"}),
    (["--cell", "b@s@1", "--cell", "a@s@1"], {"cells": ["a@s@1", "b@s@1"]}),
    (["--scenarios", str(ROOT / "tests")], {"scenarios": "tests"}), (["--shard", "1/2", "-x", "--no-coverage"], {}),
])
def test_what_narrowed_a_run_is_recorded(words, asked):
    given = parsed(*words)
    assert matrix._options(given, tuple(given.cell)).asked == {**NOTHING, **asked}


def test_several_cells_are_asked_for_with_the_servers_and_pythons_of_all_of_them():
    cells = ("a.x@wsgiref@3.13", "a.y@cheroot@2.7", "a.y@wsgiref@3.6")
    options = matrix._options(parsed(*(word for cell in cells for word in ("--cell", cell))), cells)
    assert (options.cells, options.subjects, options.pythons) == (cells, ("wsgiref", "cheroot"), ("3.13", "2.7", "3.6"))
    options = matrix._options(parsed("--python", "3.12", "--subject", "tornado"), cells)
    assert (options.subjects, options.pythons) == (("tornado",), ("3.12",)), "what is said outweighs what is understood"


@pytest.fixture
def asked_for(monkeypatch):
    """What a run would be of; it goes no further."""
    class Enough(Exception):
        pass

    seen = []

    def ask(options):
        seen.append(options)
        raise Enough

    monkeypatch.setattr(matrix, "ask", ask)

    def run(*words):
        with pytest.raises(Enough):
            matrix.run(parsed(*words), lambda line: None)
        return seen[-1]

    return run


def test_last_failed_and_cell_narrow_together(asked_for, tmp_path):
    write(tmp_path, "1", {"a.x": ("fail", "timeout"), "a.y": ("pass", "fail"), "a.z": ("known", "missing")},
          subjects=("one==1", "two"))
    words = ["--lf", "--reports", str(tmp_path)]
    assert asked_for(*words).cells == ("a.x@one@3.13", "a.x@two@2.7", "a.y@two@2.7")
    found = asked_for(*words, "--cell", "a.y@two@2.7", "--cell", "a.x@one@3.13")
    assert (found.cells, found.subjects, found.pythons) == (
        ("a.x@one@3.13", "a.y@two@2.7"), ("one==1", "two"), ("3.13", "2.7"))


@pytest.fixture
def weights(tmp_path):
    """The results.json of a run in which one cell ran."""
    file = tmp_path / "results.json"
    file.write_text(json.dumps({"cells": [{"scenario": "a.x", "target": "s@3.13", "status": "ran", "seconds": 2.5}]}), "utf-8")
    return file


def test_the_split_of_an_earlier_run_reaches_the_plan_and_is_recorded_for_merge(asked_for, weights):
    found = asked_for("--shard", "1/2", "--weights", str(weights))
    assert found.weights == {"a.x@s@3.13": 2.5}
    assert found.asked["weights"] == sha256(weights.read_bytes()).hexdigest()


@pytest.mark.parametrize(("words", "problem"), [
    (["--quick", "--shard", "1/2"], "--quick chooses cells by the runs that this machine has stored"),
    (["--weights", "results.json"], "add --shard K/N"),
])
def test_options_that_do_not_go_together(words, problem):
    with pytest.raises(Refusal, match=problem):
        matrix.run(parsed(*words), lambda line: None)


def test_a_plan_lists_the_cells_of_the_shard_alone(monkeypatch, tmp_path):
    cells = [Cell(f"a.{name}@s@9", f"a.{name}", "s@9") for name in "xy"]
    monkeypatch.setattr(matrix, "ask", lambda options: SimpleNamespace(scenarios=(), subjects=(), left_out=""))
    monkeypatch.setattr(matrix, "foresee", lambda asked: tuple(cells))
    monkeypatch.setattr(matrix, "shard", lambda asked, options, cells: cells[1:] if options.shard == "2/2" else cells)
    said = []
    assert matrix.run(parsed("--reports", str(tmp_path), "--plan", "--shard", "2/2"), said.append) == 0
    assert [line for line in said if line.startswith("a.")] == ["a.y@s@9"]


@pytest.mark.parametrize(("here", "elsewhere", "code"), [(0, 1, 0), (0, 0, 5), (1, 1, 5)])
def test_a_shard_that_is_left_without_a_cell_is_right_if_the_others_have_some(monkeypatch, tmp_path, here, elsewhere, code):
    cells = [Cell("a.b@s@9", "a.b", "s@9")]
    begun = SimpleNamespace(read_plan=lambda: SimpleNamespace(cells=cells[:here]), results=dict, folder=tmp_path)
    monkeypatch.setattr(matrix, "ask", lambda options: SimpleNamespace(scenarios=(), subjects=(), left_out="", likely=frozenset()))
    monkeypatch.setattr(matrix, "foresee", lambda asked: tuple(cells[:elsewhere]))
    monkeypatch.setattr(matrix, "prepare", lambda *_: begun)
    monkeypatch.setattr(matrix, "execute", lambda *_, meanwhile: 0)
    monkeypatch.setattr(matrix, "finish", lambda *_: 5)
    said = []
    assert matrix.run(parsed("--reports", str(tmp_path), "--shard", "2/2"), said.append) == code
    assert any(f"merge still needs its folder, {tmp_path}" in line for line in said) is (code == 0)


@pytest.mark.parametrize(("words", "coverage"), [([], True), (["--no-coverage"], False), (["--quick"], False)])
def test_coverage_is_measured_unless_it_would_take_too_long(words, coverage):
    assert matrix._options(parsed(*words), ()).coverage is coverage


def test_what_quick_left_out_is_said_and_recorded_and_what_is_likely_comes_first(monkeypatch, tmp_path):
    asked = SimpleNamespace(scenarios=(), subjects=(), left_out="--quick left out 7 of 9 cells", likely=frozenset({"a.x@s@3.13"}))
    said, options = [], []

    def prepare(_, given, say):
        options.append(given)
        raise Refusal("enough")

    monkeypatch.setattr(matrix, "ask", lambda given: asked)
    monkeypatch.setattr(matrix, "prepare", prepare)
    with pytest.raises(Refusal, match="enough"):
        matrix.run(parsed("--quick", "--reports", str(tmp_path)), said.append)
    assert asked.left_out in said
    assert (options[0].quick, options[0].likely, options[0].asked["quick"]) == (True, asked.likely, asked.left_out)


def test_a_plan_of_nothing_is_no_success():
    said = []
    cells = [Cell(f"a.b@s@{number}", "a.b", f"s@{number}", status) for number, status in enumerate(("missing", "unsupported"))]
    assert matrix._plan(tuple(cells), said.append) == 1
    assert said[0].startswith("1 unsupported, 1 missing")
    assert matrix._plan((*cells, Cell("a.b@s@9", "a.b", "s@9")), said.append) == 0
    assert said[1:] == ["a.b@s@9", said[-1]]


@pytest.mark.parametrize("words", [[], ["--strict"], ["--strict-should"], ["--strict", "--strict-should"]])
def test_what_is_strict_reaches_the_end_of_the_run(monkeypatch, tmp_path, words):
    begun = SimpleNamespace(read_plan=lambda: SimpleNamespace(cells=()), results=dict)
    ends = []
    monkeypatch.setattr(matrix, "ask", lambda options: SimpleNamespace(scenarios=(), subjects=(), left_out="", likely=frozenset()))
    monkeypatch.setattr(matrix, "prepare", lambda *_: begun)
    monkeypatch.setattr(matrix, "execute", lambda *_, meanwhile: 5)

    def finish(run, project, baseline, say, driver_code=0):
        ends.append((run, driver_code, project.strict, project.strict_should))
        return 9

    monkeypatch.setattr(matrix, "finish", finish)
    assert matrix.run(parsed("--reports", str(tmp_path), *words), lambda line: None) == 9
    assert ends == [(begun, 5, "--strict" in words, "--strict-should" in words)]


def test_how_long_a_server_has_to_stop_is_said_as_it_is():
    told = f"{TERM_FIRST_SECONDS:g} s from SIGTERM", f"{STOP_SECONDS:g} s at the end of its cell"
    parser = argparse.ArgumentParser()
    matrix.configure(parser)
    for text in (parser.epilog, (ROOT / "README.md").read_text("utf-8")):
        assert all(words in " ".join(text.split()) for words in told)

"""What the plugin makes of a plan: which cells are items, what is recorded of each, and what pytest counts as red."""

import errno
from types import SimpleNamespace

import pytest

from harness.language.parse_scenario import parse
from harness.machine import places
from harness.model.outcomes import BY_WORD, OUTCOMES, RED, SEVERITY, WORDS
from harness.model.values import Cell, CellResult, History, Plan, Target, Verdict
from harness.run import pytest_plugin
from harness.run.run_folder import Run

STEPS = [{"act": "start"}, {"act": "request", "path": "/", "expect": {"status": 200}}]
SCENARIO = parse({"format": 1, "id": "a.b", "title": "t", "paper": "unexposed", "app": "life", "grade": "should", "step": STEPS}, "f.toml")
TARGET = Target("waitress@3.13", "waitress", "3.13", "3.0")
CELL = Cell("a.b@waitress@3.13", "a.b", TARGET.id)


def result(word, grade="must"):
    verdicts = (Verdict(word, "why"), Verdict("pass")) if word in SEVERITY else ()
    return CellResult(CELL.id, "ran" if verdicts else word, "why", *verdicts, grade=grade)


@pytest.fixture
def context(tmp_path, monkeypatch):
    run = Run(tmp_path / "run")
    run.write_plan(Plan("run", (TARGET,), (CELL,), ("a.b 1",), (), {}, coverage=False))
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw7")
    return pytest_plugin.Context(run.folder, (tmp_path / "scenarios",), (places.SUBJECTS,), tmp_path)


@pytest.mark.parametrize("status", ["broken", "error"])
def test_a_cell_of_what_does_not_start_is_not_driven(context, monkeypatch, status):
    monkeypatch.setattr(pytest_plugin, "refuses", lambda *_: (status, "no module"))
    monkeypatch.setattr(pytest_plugin, "play", lambda *_: pytest.fail("it was driven"))
    assert pytest_plugin.run_cell(context, CELL, SCENARIO).word == status
    (kept,) = context.run.results().values()
    assert (kept.word, kept.reason, kept.worker, kept.grade) == (status, "no module", "gw7", "should")


def test_a_cell_is_recorded_before_it_is_judged_and_its_line_is_kept(context, monkeypatch):
    history = History(CELL.id, "1", "h", 1, (), {}, {}, "off", "", 1.0)

    def judge(*_):
        assert context.run.read_history(CELL.id) == history
        return result("fail")

    monkeypatch.setattr(pytest_plugin, "refuses", lambda *_: ("", ""))
    monkeypatch.setattr(pytest_plugin, "play", lambda *_: history)
    monkeypatch.setattr(pytest_plugin, "judge", judge)
    assert pytest_plugin.run_cell(context, CELL, SCENARIO).word == "fail"
    assert [(one.word, one.worker) for one in context.run.results().values()] == [("fail", "gw7")]


FULL = OSError(errno.ENOSPC, "No space left on device", "history.json")


def fails(problem):
    def fail(*_):
        raise problem
    return fail


@pytest.mark.parametrize(("place", "problem", "status", "reason"), [
    ("play", FULL, "not-run", "No space left on device: the history of this cell could not be written"),
    ("write_history", FULL, "not-run", "No space left on device: the history of this cell could not be written"),
    ("refuses", FULL, "not-run", "No space left on device: the history of this cell could not be written"),
    ("play", OSError(errno.EDQUOT, "Disk quota exceeded"), "not-run", "Disk quota exceeded: the history of this cell"),
    ("play", OSError(errno.EIO, "Input/output error"), "error", "the harness crashed: OSError: [Errno 5] Input/output error"),
    ("refuses", ValueError("damaged"), "error", "the harness crashed: ValueError: damaged"),
    ("judge", KeyError("log"), "error", "the harness crashed: KeyError: 'log'"),
])
def test_a_cell_in_which_the_harness_breaks_says_so_itself(context, monkeypatch, place, problem, status, reason):
    monkeypatch.setattr(pytest_plugin, "refuses", lambda *_: ("", ""))
    monkeypatch.setattr(pytest_plugin, "play", lambda *_: History(CELL.id, "1", "h", 1, (), {}, {}, "off", "", 1.0))
    monkeypatch.setattr(context.run if place == "write_history" else pytest_plugin, place, fails(problem))
    assert pytest_plugin.run_cell(context, CELL, SCENARIO).word == status
    (kept,) = context.run.results().values()
    assert (kept.word, kept.worker, kept.grade) == (status, "gw7", "should")
    assert kept.reason.startswith(reason)


def test_where_not_even_the_line_can_be_written_the_command_line_is_told_elsewhere(context, monkeypatch, tmp_path):
    monkeypatch.setattr(pytest_plugin, "refuses", lambda *_: ("broken", "no module"))
    monkeypatch.setattr(context.run, "write_result", fails(FULL))
    assert pytest_plugin.run_cell(context, CELL, SCENARIO).word == "not-run"
    (kept,) = Run(context.run.folder).results().values()
    assert kept.reason == "the run was interrupted, or this cell's worker died"
    run = Run(context.run.folder)
    run.recall(context.scratch)
    (told,) = run.results().values()
    assert (told.word, told.reason.partition(":")[0]) == ("not-run", "No space left on device")


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("grade", ["must", "should"])
def test_a_red_word_is_a_failure_of_pytest_and_a_should_that_fails_is_none(monkeypatch, word, grade):
    monkeypatch.setattr(pytest_plugin, "run_cell", lambda *_: result(word, grade))
    item = SimpleNamespace(config=SimpleNamespace(stash={pytest_plugin.CONTEXT: None}), cell=CELL, scenario=SCENARIO, user_properties=[])
    if word in RED and not (grade == "should" and word in ("fail", "timeout")):
        with pytest.raises(pytest_plugin.Red, match="why"):
            pytest_plugin.CellItem.runtest(item)
    else:
        pytest_plugin.CellItem.runtest(item)
    assert item.user_properties == [("word", word)]


def test_the_items_of_a_file_are_its_planned_cells(monkeypatch):
    cells = (CELL, Cell("a.b@waitress@2.7", "a.b", "waitress@2.7", "missing", "no"), Cell("a.c@waitress@3.13", "a.c", TARGET.id),
             Cell("a.b@wsgiref@3.13", "a.b", "wsgiref@3.13"))
    monkeypatch.setattr(pytest_plugin, "load", lambda *_: SCENARIO)
    monkeypatch.setattr(pytest_plugin, "CellItem", SimpleNamespace(from_parent=lambda parent, **given: given["cell"].id))
    context = SimpleNamespace(plan=SimpleNamespace(cells=cells), scenarios=())
    file = SimpleNamespace(config=SimpleNamespace(stash={pytest_plugin.CONTEXT: context}), path=None)
    assert list(pytest_plugin.ScenarioFile.collect(file)) == [CELL.id, "a.b@wsgiref@3.13"]


@pytest.mark.parametrize(("worker", "numprocesses", "adopts"), [
    (True, None, True), (True, 4, True), (False, None, True), (False, 0, True), (False, 4, False)])
def test_orphans_come_to_whoever_runs_cells(context, tmp_path, monkeypatch, worker, numprocesses, adopts):
    done = []
    monkeypatch.setattr(pytest_plugin.server_process, "become_subreaper", lambda: done.append("adopts"))
    monkeypatch.setattr(pytest_plugin.server_process, "reset_signals", lambda: done.append("signals"))
    options = {"harness_run": str(context.run.folder), "harness_scenarios": [str(tmp_path)], "harness_subjects": [str(places.SUBJECTS)], "harness_scratch": str(tmp_path),
               "numprocesses": numprocesses}
    config = SimpleNamespace(getoption=lambda name, default=None: options.get(name, default), stash={},
                             **({"workerinput": {}} if worker else {}))
    pytest_plugin.pytest_configure(config)
    assert done == (["adopts", "signals"] if adopts else [])
    assert config.stash[pytest_plugin.CONTEXT].plan == context.plan


def test_a_pytest_without_a_run_is_left_alone(monkeypatch):
    monkeypatch.setattr(pytest_plugin.server_process, "become_subreaper", lambda: pytest.fail("it became one"))
    config = SimpleNamespace(getoption=lambda name, default=None: default, stash={})
    pytest_plugin.pytest_configure(config)
    assert config.stash == {}


def report(word, when="call", node="scenarios/a/b.toml::a.b@s@3.13"):
    return SimpleNamespace(user_properties=[("word", word)] if word else [], when=when, nodeid=node)


@pytest.mark.parametrize("word", sorted(BY_WORD))
def test_each_word_has_a_letter_of_its_own(word):
    assert pytest_plugin.pytest_report_teststatus(report(word)) == (word, BY_WORD[word].letter, word.upper())
    assert pytest_plugin.pytest_report_teststatus(report(word, "teardown")) == ("", "", "")
    assert len({outcome.letter for outcome in OUTCOMES}) == len(OUTCOMES)


def test_what_is_no_cell_is_pytest_s_business():
    assert pytest_plugin.pytest_report_teststatus(report("", node="tests/test_x.py::test_y")) is None
    assert pytest_plugin.pytest_report_teststatus(report("")) == ("", "", "")


@pytest.mark.parametrize(("name", "is_one"), [("scenarios/a/b.toml", True), ("scenarios/a/README.md", False), ("other/b.toml", False)])
def test_scenario_files_are_those_below_their_folder(context, tmp_path, monkeypatch, name, is_one):
    monkeypatch.setattr(pytest_plugin, "ScenarioFile", SimpleNamespace(from_parent=lambda parent, path: path))
    parent = SimpleNamespace(config=SimpleNamespace(stash={pytest_plugin.CONTEXT: context}))
    assert pytest_plugin.pytest_collect_file(tmp_path / name, parent) == (tmp_path / name if is_one else None)
    parent = SimpleNamespace(config=SimpleNamespace(stash={}))
    assert pytest_plugin.pytest_collect_file(tmp_path / name, parent) is None

"""What the plugin makes of a plan: which cells are items, what is recorded of each, and what pytest counts as red."""

from types import SimpleNamespace

import pytest

from harness import plugin
from harness.model import RED, SEVERITY, WORDS, Cell, CellResult, History, Plan, Target, Verdict
from harness.scenario_parse import parse
from harness.store import Run

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
    return plugin.Context(run.folder, tmp_path / "scenarios", tmp_path)


@pytest.mark.parametrize("status", ["broken", "error"])
def test_a_cell_of_what_does_not_start_is_not_driven(context, monkeypatch, status):
    monkeypatch.setattr(plugin, "refuses", lambda *_: (status, "no module"))
    monkeypatch.setattr(plugin, "drive", lambda *_: pytest.fail("it was driven"))
    assert plugin.run_cell(context, CELL, SCENARIO).word == status
    (kept,) = context.run.results().values()
    assert (kept.word, kept.reason, kept.worker, kept.grade) == (status, "no module", "gw7", "should")


def test_a_cell_is_recorded_before_it_is_judged_and_its_line_is_kept(context, monkeypatch):
    history = History(CELL.id, "1", "h", 1, (), {}, {}, "off", "", 1.0)

    def judge(*_):
        assert context.run.read_history(CELL.id) == history
        return result("fail")

    monkeypatch.setattr(plugin, "refuses", lambda *_: ("", ""))
    monkeypatch.setattr(plugin, "drive", lambda *_: history)
    monkeypatch.setattr(plugin, "judge", judge)
    assert plugin.run_cell(context, CELL, SCENARIO).word == "fail"
    assert [(one.word, one.worker) for one in context.run.results().values()] == [("fail", "gw7")]


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("grade", ["must", "should"])
def test_a_red_word_is_a_failure_of_pytest_and_a_should_that_fails_is_none(monkeypatch, word, grade):
    monkeypatch.setattr(plugin, "run_cell", lambda *_: result(word, grade))
    item = SimpleNamespace(config=SimpleNamespace(stash={plugin.CONTEXT: None}), cell=CELL, scenario=SCENARIO, user_properties=[])
    if word in RED and not (grade == "should" and word in ("fail", "timeout")):
        with pytest.raises(plugin.Red, match="why"):
            plugin.CellItem.runtest(item)
    else:
        plugin.CellItem.runtest(item)
    assert item.user_properties == [("word", word)]


def test_the_items_of_a_file_are_its_planned_cells(monkeypatch):
    cells = (CELL, Cell("a.b@waitress@2.7", "a.b", "waitress@2.7", "missing", "no"), Cell("a.c@waitress@3.13", "a.c", TARGET.id),
             Cell("a.b@wsgiref@3.13", "a.b", "wsgiref@3.13"))
    monkeypatch.setattr(plugin, "load", lambda *_: SCENARIO)
    monkeypatch.setattr(plugin, "CellItem", SimpleNamespace(from_parent=lambda parent, **given: given["cell"].id))
    context = SimpleNamespace(plan=SimpleNamespace(cells=cells), scenarios=None)
    file = SimpleNamespace(config=SimpleNamespace(stash={plugin.CONTEXT: context}), path=None)
    assert list(plugin.ScenarioFile.collect(file)) == [CELL.id, "a.b@wsgiref@3.13"]

"""One cell from its plan to its line: what is recorded of it, and what becomes of a cell that is red on a shared launch."""

import errno
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cell.shared_launch import Played
from harness.language.parse_scenario import parse
from harness.model.outcomes import SEVERITY
from harness.model.values import Cell, CellResult, Failure, History, Plan, Target, Verdict
from harness.run import one_cell
from harness.run.context import Context
from harness.run.run_folder import Run
from harness.targets.load_subjects import BUNDLED

STEPS = [{"act": "start"}, {"act": "request", "path": "/", "expect": {"status": 200}}]
TARGET = Target("waitress@3.13", "waitress", "3.13", "3.0")
NAMES = ("a.b", "a.c", "a.d")
CELLS = tuple(Cell(f"{name}@{TARGET.id}", name, TARGET.id) for name in NAMES)
CELL = CELLS[0]
SCENARIOS = [parse({"format": 1, "id": name, "title": "t", "paper": "unexposed", "app": "life", "grade": "should", "launch": "shared",
                    "step": STEPS}, "f.toml") for name in NAMES]


def history(cell=CELL.id, **more):
    return History(cell, "1", "h", 1, (), {}, {}, "off", "", 1.0, **more)


def result(word, cell=CELL.id):
    if word in SEVERITY:
        failures = (Failure(2, "status", "200", "500"),) if word != "pass" else ()
        return CellResult(cell, "ran", f"why {word}" if failures else "", Verdict(word, "why", failures), Verdict("pass"), grade="should")
    return CellResult(cell, word, "why", grade="should")


@pytest.fixture
def context(tmp_path, monkeypatch):
    run = Run(tmp_path / "run")
    run.write_plan(Plan("run", (TARGET,), CELLS, tuple(f"{name} 1" for name in NAMES), (), {}, coverage=False))
    found = Context.of(run, SCENARIOS, [BUNDLED.load("waitress")], tmp_path)
    found.worker = "w7"
    monkeypatch.setattr(Context, "refusal", lambda *_: ("", ""))
    return found


@pytest.mark.parametrize("status", ["broken", "error"])
def test_a_cell_of_what_does_not_start_is_not_driven(context, monkeypatch, status):
    monkeypatch.setattr(Context, "refusal", lambda *_: (status, "no module"))
    monkeypatch.setattr(one_cell, "play", lambda *_: pytest.fail("it was driven"))
    assert one_cell.run_alone(context, CELL).word == status
    kept = context.run.results()[CELL.id]
    assert (kept.word, kept.reason, kept.worker, kept.grade) == (status, "no module", "w7", "should")


def test_whether_a_target_starts_is_tried_once_for_all_of_its_cells(tmp_path, monkeypatch):
    tried = []
    monkeypatch.setattr("harness.run.context.refuses", lambda target, *_: tried.append(target.id) or ("broken", "why"))
    run = Run(tmp_path / "run")
    run.write_plan(Plan("run", (TARGET,), CELLS, (), (), {}, coverage=False))
    context = Context.of(run, SCENARIOS, [BUNDLED.load("waitress")], tmp_path)
    assert [one_cell.run_alone(context, cell).word for cell in CELLS] == ["broken"] * 3
    assert tried == [TARGET.id]


def test_a_cell_is_recorded_before_it_is_judged_and_its_line_is_kept(context, monkeypatch):
    def judge(*_):
        assert context.run.read_history(CELL.id) == history()
        return result("fail")

    monkeypatch.setattr(one_cell, "play", lambda *_: history())
    monkeypatch.setattr(one_cell, "judge", judge)
    assert one_cell.run_alone(context, CELL).word == "fail"
    kept = context.run.results()[CELL.id]
    assert (kept.word, kept.worker) == ("fail", "w7")


FULL = OSError(errno.ENOSPC, "No space left on device", "history.json")


def fails(problem):
    def fail(*_):
        raise problem
    return fail


@pytest.mark.parametrize(("place", "problem", "status", "reason"), [
    ("play", FULL, "not-run", "No space left on device: the history of this cell could not be written"),
    ("write_history", FULL, "not-run", "No space left on device: the history of this cell could not be written"),
    ("play", OSError(errno.EDQUOT, "Disk quota exceeded"), "not-run", "Disk quota exceeded: the history of this cell"),
    ("play", OSError(errno.EIO, "Input/output error"), "error", "the harness crashed: OSError: [Errno 5] Input/output error"),
    ("refusal", ValueError("damaged"), "error", "the harness crashed: ValueError: damaged"),
    ("judge", KeyError("log"), "error", "the harness crashed: KeyError: 'log'"),
])
def test_a_cell_in_which_the_harness_breaks_says_so_itself(context, monkeypatch, place, problem, status, reason):
    monkeypatch.setattr(one_cell, "play", lambda *_: history())
    where = context.run if place == "write_history" else Context if place == "refusal" else one_cell
    monkeypatch.setattr(where, place, fails(problem))
    assert one_cell.run_alone(context, CELL).word == status
    kept = context.run.results()[CELL.id]
    assert (kept.word, kept.worker, kept.grade) == (status, "w7", "should")
    assert kept.reason.startswith(reason)


def test_where_not_even_the_line_can_be_written_the_command_line_is_told_elsewhere(context, monkeypatch):
    monkeypatch.setattr(Context, "refusal", lambda *_: ("broken", "no module"))
    monkeypatch.setattr(context.run, "write_result", fails(FULL))
    assert one_cell.run_alone(context, CELL).word == "not-run"
    assert Run(context.run.folder).results()[CELL.id].reason == "the run was interrupted, or this cell's worker died"
    run = Run(context.run.folder)
    run.recall(context.scratch)
    told = run.results()[CELL.id]
    assert (told.word, told.reason.partition(":")[0]) == ("not-run", "No space left on device")


class Launches:
    """Shared launches that see what they are told to: words by scenario, one table for each launch, and what has to be played again."""

    def __init__(self, monkeypatch, *launches, alone=()):
        self.launches, self.alone, self.made, self.played = list(launches), dict(alone), [], []
        self.words = {}
        monkeypatch.setattr(one_cell, "SharedLaunch", self)
        monkeypatch.setattr(one_cell, "play", self.play)
        monkeypatch.setattr(one_cell, "judge", lambda scenario, seen, dialect: result(self.words[seen.cell, bool(seen.shared)], seen.cell))

    def __call__(self, jobs, folder):
        self.made.append((folder.name, [job.scenario.id for job in jobs]))
        self.jobs = jobs
        return SimplePlay(self)

    def play(self, job):
        self.played.append(job.scenario.id)
        self.words[job.cell, False] = self.alone.get(job.scenario.id, "pass")
        return history(job.cell)


class SimplePlay:
    def __init__(self, launches):
        self.launches = launches

    def play(self):
        words = self.launches.launches.pop(0)
        if isinstance(words, Exception):
            raise words
        names = [job.scenario.id for job in self.launches.jobs]
        done = [job for job in self.launches.jobs if job.scenario.id in words]
        for job in done:
            self.launches.words[job.cell, True] = words[job.scenario.id]
        return Played(
            tuple(history(job.cell, shared={"launch": "l", "after": [f"{name}@{TARGET.id}" for name in names[:names.index(job.scenario.id)]]})
                  for job in done),
            tuple(job for job in self.launches.jobs if job.scenario.id not in words))


def shared(context, launches, go_on=lambda: True):
    told = []
    one_cell.run_shared(context, CELLS, "launch", told.append, go_on)
    assert {one.cell: one.word for one in told} == {cell: kept.word for cell, kept in context.run.results().items() if kept.worker}
    return {one.cell.partition("@")[0]: one for one in told}


def test_cells_that_are_green_on_a_shared_launch_are_not_played_again(context, monkeypatch):
    launches = Launches(monkeypatch, {"a.b": "pass", "a.c": "known", "a.d": "pass"})
    told = shared(context, launches)
    assert {name: one.word for name, one in told.items()} == {"a.b": "pass", "a.c": "known", "a.d": "pass"}
    assert (launches.made, launches.played) == ([("launch-1", list(NAMES))], [])


@pytest.mark.parametrize("there", ["fail", "timeout", "fixed", "error"])
@pytest.mark.parametrize("alone", ["fail", "timeout", "fixed", "error"])
def test_what_is_red_alone_as_well_has_the_verdict_that_it_has_alone(context, monkeypatch, there, alone):
    Launches(monkeypatch, {"a.b": "pass", "a.c": there, "a.d": "pass"}, alone={"a.c": alone})
    told = shared(context, None)
    assert (told["a.c"].word, told["a.c"].reason) == (alone, f"why {alone}" if alone in SEVERITY else "why")
    kept = context.run.read_history(CELLS[1].id)
    assert kept.shared == {"launch": "l", "after": [CELLS[0].id], "alone": alone, "there": there}


@pytest.mark.parametrize("there", ["fail", "timeout", "fixed", "error"])
@pytest.mark.parametrize("alone", ["pass", "known"])
def test_what_is_green_alone_fails_by_the_order_of_the_cells_and_both_histories_are_kept(context, monkeypatch, there, alone):
    Launches(monkeypatch, {"a.b": "pass", "a.c": "pass", "a.d": there}, alone={"a.d": alone})
    told = shared(context, None)["a.d"]
    assert told.word == "fail"
    assert told.reason.startswith("only after a.c, a.b on the same launch: why")
    assert told.reason.endswith(f"(alone: {alone})")
    kept = context.run.read_history(CELLS[2].id)
    assert (kept.shared["alone"], kept.shared["there"]) == (alone, there)
    assert (context.run.cell_folder(CELLS[2].id) / "alone.json").exists()


def test_the_first_cell_of_a_launch_is_after_nothing(context, monkeypatch):
    Launches(monkeypatch, {"a.b": "fail", "a.c": "pass", "a.d": "pass"})
    assert shared(context, None)["a.b"].reason.startswith("only as the first cell of a shared launch: why fail")


def test_cells_whose_launch_was_spoilt_get_a_new_one_and_at_last_run_alone(context, monkeypatch):
    launches = Launches(monkeypatch, {"a.b": "fail"}, {"a.c": "fail", "a.d": "pass"}, alone={"a.b": "fail", "a.c": "fail"})
    assert {name: one.word for name, one in shared(context, launches).items()} == {"a.b": "fail", "a.c": "fail", "a.d": "pass"}
    assert launches.made == [("launch-1", ["a.b", "a.c", "a.d"]), ("launch-2", ["a.c", "a.d"])]


@pytest.mark.parametrize("launch", [{}, RuntimeError("no free channel")], ids=["it does not get ready", "it cannot be made"])
def test_cells_run_alone_where_no_launch_can_be_shared(context, monkeypatch, launch):
    launches = Launches(monkeypatch, launch)
    assert {name: one.word for name, one in shared(context, launches).items()} == dict.fromkeys(NAMES, "pass")
    assert (len(launches.made), launches.played) == (1, list(NAMES))
    notes = list(Path(context.run.folder).glob("notes.w7.jsonl"))
    assert [("no free channel" in note.read_text("utf-8")) for note in notes] == ([True] if launch else [])


def test_a_run_that_is_to_end_begins_no_other_cell(context, monkeypatch):
    launches = Launches(monkeypatch, {"a.b": "fail"})
    asked = iter([True, False, False])
    assert list(shared(context, launches, lambda: next(asked))) == ["a.b"]
    assert launches.played == ["a.b"], "once more, alone"


def test_cells_of_a_target_that_does_not_start_are_not_launched(context, monkeypatch):
    launches = Launches(monkeypatch)
    monkeypatch.setattr(Context, "refusal", lambda *_: ("broken", "no module"))
    assert {one.word for one in shared(context, launches).values()} == {"broken"}
    assert launches.made == []


def test_both_verdicts_that_are_red_become_failures(context):
    red = replace(result("timeout"), cleanup=Verdict("fixed", "gone"))
    assert [one_cell._failed(verdict, "why").outcome for verdict in (red.behaviour, red.cleanup, Verdict("pass"), Verdict("known"))] == [
        "fail", "fail", "pass", "known"]

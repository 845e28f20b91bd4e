"""The driver and its workers, with real processes: what it gives them, hears from them, and does when one dies."""

import os
import signal
import time

import pytest

from harness.language.parse_scenario import parse
from harness.machine.deadlines import Deadline
from harness.machine.process_tree import descendant_pids
from harness.model.values import Cell, CellResult, Plan, Target, Verdict
from harness.run import workers
from harness.run.context import Context
from harness.run.driver import INTERRUPTED, Driver, Limits
from harness.run.run_folder import Run
from harness.run.schedule import Task
from harness.targets.load_subjects import BUNDLED

STEPS = [{"act": "start"}, {"act": "request", "path": "/", "expect": {"status": 200}}]
TARGET = Target("waitress@3.13", "waitress", "3.13", "3.0")


class Shown:
    """What was told of the cells."""

    def __init__(self):
        self.begun, self.ended, self.ticks = [], {}, 0

    def started(self, cell):
        self.begun.append(name_of(cell))

    def done(self, cell, word, reason, seconds, red):
        self.ended[name_of(cell)] = word

    def tick(self):
        self.ticks += 1


def name_of(cell):
    return cell.partition("@")[0].removeprefix("a.")


@pytest.fixture
def drive(tmp_path, monkeypatch):
    """Run cells by name on real workers; ``does`` says what happens in each, in the worker."""
    def run(names, does, limits=None, launch=()):
        cells = [Cell(f"a.{name}@{TARGET.id}", f"a.{name}", TARGET.id) for name in names]
        scenarios = [parse({"format": 1, "id": cell.scenario, "title": "t", "paper": "unexposed", "app": "life", "step": STEPS}, "f.toml")
                     for cell in cells]
        folder = Run(tmp_path / "run")
        folder.write_plan(Plan("run", (TARGET,), tuple(cells), (), (), {}, coverage=False))
        context = Context.of(folder, scenarios, [BUNDLED.load("waitress")], tmp_path)

        def alone(context, cell):
            word = does(name_of(cell.id)) or "pass"
            verdicts = (Verdict(word), Verdict("pass"))
            result = CellResult(cell.id, "ran", "why", *verdicts)
            context.run.write_result(result, context.worker)
            return result

        def shared(context, cells, launch, done, go_on):
            for cell in cells:
                if go_on():
                    done(alone(context, cell))

        monkeypatch.setattr(workers, "run_alone", alone)
        monkeypatch.setattr(workers, "run_shared", shared)
        todo = [Task((cell.id,), 1.0) for cell in cells if name_of(cell.id) not in launch]
        todo += [Task(tuple(cell.id for cell in cells if name_of(cell.id) in launch), 1.0, "launch")] if launch else []
        shown = Shown()
        driver = Driver(context, todo, limits or Limits(2), shown)
        before = signal.getsignal(signal.SIGINT)
        try:
            code = driver.run()
        finally:
            signal.signal(signal.SIGINT, before)
        words = {name_of(cell): result.word for cell, result in folder.results().items()}
        assert descendant_pids(os.getpid()) == [], "workers are ended"
        return code, words, shown, {result.worker for result in folder.results().values() if result.worker}

    return run


def test_every_cell_is_run_by_some_worker_and_told(drive):
    code, words, shown, by = drive("abcdef", lambda name: "fail" if name == "c" else Deadline(0.05).wait(lambda: False) and None)
    assert (code, words) == (0, {name: "fail" if name == "c" else "pass" for name in "abcdef"})
    assert sorted(shown.begun) == list("abcdef")
    assert shown.ended == words
    assert by == {"w1", "w2"}


def test_no_more_workers_than_cells(drive):
    *_, by = drive("a", lambda name: "", Limits(8))
    assert by == {"w1"}


def test_the_cells_of_a_launch_are_one_worker_s(drive):
    _, words, shown, _ = drive("abcd", lambda name: "", launch="abc")
    assert words == shown.ended == dict.fromkeys("abcd", "pass")
    assert shown.begun == ["d"], "of cells on a launch, only the end is told"


def test_a_worker_that_is_killed_costs_the_cell_that_it_was_at_and_no_other(drive):
    code, words, shown, by = drive("abcd", lambda name: os.kill(os.getpid(), signal.SIGKILL) if name == "b" else "", Limits(1))
    assert (code, words) == (0, {"a": "pass", "b": "not-run", "c": "pass", "d": "pass"})
    assert (shown.ended, by) == ({"a": "pass", "c": "pass", "d": "pass"}, {"w1", "w2"})


def test_what_is_left_of_a_launch_whose_worker_was_killed_runs_alone(drive, tmp_path):
    def does(name):
        if name == "b" and not (tmp_path / "once").exists():
            (tmp_path / "once").touch()
            os.kill(os.getpid(), signal.SIGKILL)

    _, words, shown, _ = drive("abc", does, Limits(1), launch="abc")
    assert words == dict.fromkeys("abc", "pass")
    assert sorted(shown.begun) == ["b", "c"], "nobody knows which of them it was"


@pytest.mark.parametrize(("most", "ran"), [(0, 6), (1, 1), (2, 2)])
def test_enough_red_cells_end_the_run(drive, most, ran):
    code, words, *_ = drive("abcdef", lambda name: "fail", Limits(1, most))
    assert code == 0
    assert [word for word in words.values() if word != "not-run"] == ["fail"] * ran


@pytest.mark.parametrize(("limits", "does", "why"), [
    (Limits(1, 2), lambda name: "fail", "the run was stopped by -x or --maxfail, at 2 red cells"),
    (Limits(1), lambda name: (name == "c" and os.kill(os.getppid(), signal.SIGINT)) or (Deadline(0.3).wait(lambda: False) and ""),
     "the run was interrupted"),
    (Limits(1), lambda name: name == "c" and os.kill(os.getpid(), signal.SIGKILL), "the run was interrupted, or this cell's worker died"),
])
def test_a_cell_that_did_not_run_says_why(drive, tmp_path, limits, does, why):
    drive("abcd", does, limits)
    reasons = {result.reason for result in Run(tmp_path / "run").results().values() if result.word == "not-run"}
    assert reasons == {why}


def test_a_launch_ends_in_the_middle_when_enough_cells_are_red(drive):
    def does(name):
        Deadline(0.3).wait(lambda: False)
        return "fail"

    _, words, *_ = drive("abcd", does, Limits(1, 1), launch="abcd")
    assert 1 <= sum(word == "fail" for word in words.values()) <= 2


def test_an_interrupt_ends_the_run_at_once_and_says_so(drive):
    def does(name):
        if name == "a":
            os.kill(os.getppid(), signal.SIGINT)
            Deadline(60).wait(lambda: False)

    began = time.monotonic()
    code, words, *_ = drive("abc", does, Limits(1))
    assert (code, words) == (INTERRUPTED, dict.fromkeys("abc", "not-run"))
    assert time.monotonic() - began < 30


def test_a_worker_leaves_interrupts_to_the_driver_and_its_servers_still_get_theirs(drive):
    def does(name):
        os.kill(os.getpid(), signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) not in (signal.SIG_IGN, signal.default_int_handler)

    assert drive("a", does)[1] == {"a": "pass"}

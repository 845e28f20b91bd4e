"""The command line's process while others run the cells."""

import os

import pytest

from harness.machine.interpreters import current
from harness.model.values import Cell, Plan, Target
from harness.run import start_driver
from harness.run.prepare import Options
from harness.run.run_folder import Run
from harness.targets.load_subjects import BUNDLED

from .test_prepare import SCENARIOS

TARGET = Target(f"waitress@{current()}", "waitress", current(), python="/p")


@pytest.fixture
def execute(tmp_path, monkeypatch):
    """Fork a guardian and a driver that does what it is told, and wait for them; returns the exit code."""
    monkeypatch.setattr(start_driver.Driver, "run", lambda driver: driver.context.does())
    cells = tuple(Cell(f"{one.id}@{TARGET.id}", one.id, TARGET.id) for one in SCENARIOS)
    run = Run(tmp_path / "run")
    run.write_plan(Plan("run", (TARGET,), cells, (), (), {}, coverage=False))

    def execute(does, planned=True, **more):
        monkeypatch.setattr(start_driver.Context, "does", staticmethod(does), raising=False)
        if not planned:
            run.write_plan(Plan("run", (TARGET,), (), (), (), {}, coverage=False))
        options = Options(cache=tmp_path / "cache", verbosity=-2)
        return start_driver.execute(run, options, SCENARIOS, (BUNDLED.load("waitress"),), tmp_path, **more)

    return execute


@pytest.mark.parametrize("code", [0, 2, 98])
def test_the_exit_code_of_the_driver_comes_back(execute, code):
    assert execute(lambda: code) == code


def test_a_driver_that_breaks_is_told_from_one_that_does_not(execute, capfd):
    def broken():
        raise RuntimeError("it broke")

    assert execute(broken) == start_driver.CRASHED
    assert "RuntimeError: it broke" in capfd.readouterr().err


def test_something_else_can_be_done_meanwhile_and_it_is_done_here(execute, tmp_path):
    """The driver waits until it has been done, so it cannot have been done before or after."""
    done = tmp_path / "done"
    seen = []

    def meanwhile():
        seen.append(os.getpid())
        done.touch()

    def waits():
        return 0 if start_driver.Deadline(30).wait(done.exists) else 1

    assert execute(waits, meanwhile=meanwhile) == 0
    assert seen == [os.getpid()]


def test_without_a_cell_nothing_is_forked(execute):
    assert execute(lambda: 1, planned=False) == 0

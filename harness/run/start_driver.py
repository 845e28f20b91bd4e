"""Run the planned cells: the guardian and the driver are forked from the command line's process, and waited for."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from ..language.scenario import Scenario
from ..machine import server_process
from ..machine.deadlines import Deadline
from ..model.values import Cell
from ..targets.subject import Subject
from .context import Context
from .driver import Driver, Limits
from .durations import Durations
from .exit_code import CRASHED, is_red
from .guardian import LEFT_OVER, Forked, Guardian, end_marked
from .one_cell import run_alone
from .prepare import Options
from .progress import Progress, updates
from .run_folder import Run
from .schedule import Task, launch_key, tasks

GUARDIAN, DRIVER = "matrix-guardian", "matrix-driver"  # as ps and top show them
END_SECONDS = 10.0


def execute(
    run: Run,
    options: Options,
    scenarios: tuple[Scenario, ...],
    subjects: tuple[Subject, ...],
    scratch: Path,
    output: int | None = None,
    meanwhile: Callable[[], None] = lambda: None,
) -> int:
    """Run the planned cells; return the driver's exit code, or LEFT_OVER.

    ``output`` is the descriptor for what is told of the cells; None means the command line's own. ``meanwhile`` is called
    while others run the cells: here is time to import what is needed after them.
    """
    context = Context.of(run, scenarios, subjects, scratch)
    todo = _tasks(context, options)
    if not todo:
        return 0
    drive = _drive if hasattr(os, "fork") else _drive_here
    try:
        return drive(context, todo, options, output, meanwhile)
    finally:
        run.recall(scratch)


def _tasks(context: Context, options: Options) -> list[Task]:
    """What there is to do, from the plan."""
    planned = [cell for cell in context.plan.cells if cell.status == "planned"]
    durations = Durations.read(options.cache)

    def key(cell: Cell) -> str:
        if options.isolated or not hasattr(os, "fork"):
            return ""
        target = context.targets[cell.target]
        subject = context.subjects[target.subject].on(target)
        return launch_key(context.scenarios[cell.scenario], target, subject, context.plan.coverage)

    def expected(cell: Cell) -> float:
        return durations.expected(cell.id, context.scenarios[cell.scenario])

    found = tasks(planned, context.scenarios, key, expected)
    return sorted(found, key=lambda task: not options.likely.intersection(task.cells))


def _progress(todo: list[Task], options: Options) -> Progress:
    expected = {cell: task.seconds / len(task.cells) for task in todo for cell in task.cells}
    return Progress(expected, sys.stdout, updates(sys.stdout, os.environ), verbosity=options.verbosity)


def _drive(context: Context, todo: list[Task], options: Options, output: int | None, meanwhile: Callable[[], None]) -> int:
    """Fork the guardian, which forks the driver, and wait for it."""
    server_process.become_subreaper()  # if the guardian itself is killed, its processes become ours
    theirs, ours = os.pipe()

    def drive() -> int:
        server_process.name_process(DRIVER)
        server_process.reset_signals({signal.SIGINT})
        os.close(theirs)
        progress = _progress(todo, options)
        try:
            return Driver(context, todo, Limits(options.workers, options.stop_after), progress).run()
        finally:
            progress.finish()

    def guard() -> int:
        server_process.name_process(GUARDIAN)
        os.setsid()
        os.close(ours)
        if output is not None:
            os.dup2(output, sys.stdout.fileno())
        server_process.reset_signals({signal.SIGINT})
        return Guardian(context.plan.run, lambda: Forked(drive, CRASHED), theirs).watch()

    guardian = Forked(guard, CRASHED)
    os.close(theirs)
    handlers = {number: signal.signal(number, _passing_on(guardian)) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        meanwhile()
        code = guardian.wait()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        os.close(ours)
    if server_process.descendants():  # the guardian died before it could clean up
        server_process.end_all(Deadline(END_SECONDS))
        return LEFT_OVER
    return code


def _passing_on(guardian: Forked) -> Callable[..., None]:
    return lambda *_: guardian.send_signal(signal.SIGINT)


def _drive_here(context: Context, todo: list[Task], options: Options, output: int | None, meanwhile: Callable[[], None]) -> int:
    """Run one task after the other in this process: for systems without fork (Windows)."""
    progress = _progress(todo, options)
    red = 0
    try:
        for task in todo:
            cells = [context.cells[cell] for cell in task.cells]
            for cell in cells:
                progress.started(cell.id)
                result = run_alone(context, cell)
                progress.done(cell.id, result.word, result.reason, result.seconds, is_red(result))
                red += is_red(result)
                if options.stop_after and red >= options.stop_after:
                    return 0
    finally:
        progress.finish()
        left = end_marked(context.plan.run)
    return LEFT_OVER if left else 0

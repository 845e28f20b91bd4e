"""One cell from its plan to its line: played, recorded, judged; and several of them on a shared launch."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable
from dataclasses import replace

from ..cell.job import CellJob
from ..cell.play_cell import play
from ..cell.shared_launch import SharedLaunch
from ..machine.atomic_files import write_json
from ..model.ids import CellId
from ..model.outcomes import RED
from ..model.stored_json import to_json
from ..model.values import Cell, CellResult, History, Verdict
from ..targets.resolution import resolve
from ..verdict.answers import answer
from ..verdict.expected import weigh
from ..verdict.judge import judge
from .context import Context
from .run_folder import Run

FULL = (errno.ENOSPC, errno.EDQUOT)
MOST_SPOILT = 2  # launches that may be spoilt by one of their cells; what is left then runs alone
MOST_NAMED = 3

Done = Callable[[CellResult], None]


def run_alone(context: Context, cell: Cell) -> CellResult:
    """Run a cell on launches of its own, record its history, judge it, and append its line.

    A crash of the harness becomes the cell's result.
    """
    try:
        result = _refused(context, cell) or _played(context, cell)
        context.run.write_result(result, context.worker)
    except Exception as problem:  # it is reported in this cell, and the others go on
        result = _lost(context, cell, problem)
    return result


def run_shared(context: Context, cells: Iterable[Cell], launch: str, done: Done, go_on: Callable[[], bool]) -> None:
    """Run several cells of one target on a shared launch, and tell ``done`` of each.

    A cell that is red there runs again alone. If one spoils the launch, the others get a new one, but not for ever: then
    they run alone. ``go_on`` is asked before each new launch.
    """
    left = list(cells)
    for number in range(1, MOST_SPOILT + 2):
        if len(left) < 2 or not go_on() or _refused(context, left[0]):
            break
        try:
            folder = context.run.launch_folder(f"{launch}-{number}")
            played = SharedLaunch([_job(context, cell) for cell in left], folder).play()
        except Exception as problem:  # a cell that is alone will meet it again, if it lasts, and say so
            context.run.note(context.worker, f"{launch}-{number}: {type(problem).__name__}: {problem}")
            break
        for history in played.histories:
            done(_judged(context, context.cells[history.cell], history))
        left = [context.cells[job.cell] for job in played.again]
        if not played.histories:
            break
    for cell in left:
        if not go_on():
            return
        done(run_alone(context, cell))


def _refused(context: Context, cell: Cell) -> CellResult | None:
    """The result of a cell whose target does not start."""
    status, reason = context.refusal(context.targets[cell.target])
    return CellResult(cell.id, status, reason, grade=context.scenarios[cell.scenario].grade) if status else None


def _job(context: Context, cell: Cell) -> CellJob:
    target = context.targets[cell.target]
    subject = context.subjects[target.subject].on(target)
    scenario = resolve(context.scenarios[cell.scenario], target, subject)
    folder, plan = context.run.cell_folder(cell.id), context.plan
    return CellJob(cell.id, scenario, target, subject, plan.run, folder, context.scratch, plan.coverage)


def _played(context: Context, cell: Cell) -> CellResult:
    job = _job(context, cell)
    history = play(job)
    context.run.write_history(history)
    return _weighed(context, job, history)


def _weighed(context: Context, job: CellJob, history: History) -> CellResult:
    judged = weigh(judge(job.scenario, history, job.subject.dialect), job.scenario, context.expected)
    return replace(judged, answer=answer(job.scenario, history, job.subject.dialect))


def _judged(context: Context, cell: Cell, history: History) -> CellResult:
    """The result of a cell on a shared launch: what is red there has to be so alone, or depends on what came before it."""
    try:
        job = _job(context, cell)
        context.run.write_history(history)
        result = _weighed(context, job, history)
        if result.word in RED:
            result = _again(context, job, history, result)
        context.run.write_result(result, context.worker)
    except Exception as problem:  # as in run_alone
        result = _lost(context, cell, problem)
    return result


def _again(context: Context, job: CellJob, history: History, result: CellResult) -> CellResult:
    """Play a red cell alone. Its verdict is the one that it has then, unless that is green: then the order decides."""
    alone = play(job)
    judged = _weighed(context, job, alone)
    if judged.word in RED:
        context.run.write_history(replace(alone, shared={**history.shared, "alone": judged.word, "there": result.word}))
        return judged
    write_json(context.run.cell_folder(job.cell) / "alone.json", to_json(alone))
    context.run.write_history(replace(history, shared={**history.shared, "alone": judged.word, "there": result.word}))
    reason = f"only {_where(history.shared['after'])}: {result.reason} (alone: {judged.word})"
    spoilt = [verdict for verdict in (result.behaviour, result.cleanup) if verdict and verdict.outcome in RED]
    if not spoilt:
        return replace(result, status="ran", reason=reason, behaviour=Verdict("fail", reason), cleanup=Verdict("pass"))
    return replace(
        result,
        reason=reason,
        behaviour=_failed(result.behaviour, reason),
        cleanup=_failed(result.cleanup, reason),
    )


def _failed(verdict: Verdict | None, reason: str) -> Verdict | None:
    """A red verdict as a failure for this reason; another one as it is."""
    return replace(verdict, outcome="fail", reason=reason) if verdict and verdict.outcome in RED else verdict


def _where(cells: list[str]) -> str:
    """Behind which scenarios a cell asked the server, the last one first."""
    names = [str(CellId(cell).scenario) for cell in cells]
    if not names:
        return "as the first cell of a shared launch"
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"after {', '.join(reversed(names[-MOST_NAMED:]))}{more} on the same launch"


def _lost(context: Context, cell: Cell, problem: Exception) -> CellResult:
    """Record that a cell has no result, and why; if the disk is full, where the command line looks for it."""
    full = isinstance(problem, OSError) and problem.errno in FULL
    reason = f"the harness crashed: {type(problem).__name__}: {problem}"
    if isinstance(problem, OSError) and full:
        reason = (
            f"{problem.strerror}: the history of this cell could not be written to the reports folder; free some space, "
            "and run it again with --lf"
        )
    grade = context.scenarios[cell.scenario].grade
    result = CellResult(cell.id, "not-run" if full else "error", reason, grade=grade)
    try:
        context.run.write_result(result, context.worker)
    except OSError:
        Run(context.scratch).write_result(result, context.worker)
    return result

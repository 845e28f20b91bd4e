"""Run a scenario on a target: every step is done and recorded, and the cell is always cleaned up."""

from __future__ import annotations

import shutil
import tempfile
import traceback
from pathlib import Path

from ..language.scenario import Scenario, Step
from ..language.shareable import only_asks
from ..machine import addresses, port_probes, server_process
from ..machine.deadlines import Deadline
from ..model.stored_json import to_json
from ..model.values import History, Json, Observation
from ..verdict.endings import let_rest, named
from . import server_launch
from .app_copies import copy_apps
from .cleanup import VANISH_SECONDS, clean_up
from .job import CellJob
from .resource_samples import Ledger
from .running_cell import CellRun, TimedOut, Unable
from .server_watch import Watch
from .step_verbs import perform

ANSWER_SECONDS = 5.0  # for a server that was asked all that a cell asks, and must answer whoever comes next
WHOLE_SECONDS = 0.5  # for the rest of that answer
DEFAULT_CHANNEL_SECONDS = 120.0  # cells on 127.0.0.1:8080 take turns


def play(job: CellJob) -> History:
    """Run one cell and return its history.

    An error of the harness itself is recorded in the history (``error``), and does not prevent the cleanup.
    """
    job.folder.mkdir(parents=True, exist_ok=True)
    try:
        claim = claim_channel(job.scenario)
    except (RuntimeError, OSError) as problem:
        return _broken(job, str(problem))
    work = Path(tempfile.mkdtemp(prefix="cell-", dir=job.scratch))
    copy_apps(job.subject, job.scratch, work)
    cell = CellRun(job, claim, work)
    observations: list[Observation] = []
    error = ""
    ledger, watch = Ledger(cell), Watch(cell)
    ledger.start()
    answers: Json = {}
    try:
        do_steps(cell, watch, observations, job.scenario.steps)
        done = len(observations) == len(job.scenario.steps)
        if done and only_asks(job.scenario) and cell.servers["main"].running:  # how one has ended is told as its exit
            answers = {"silent": silence(cell)}
    except Exception:  # an error of the harness: recorded as such, with its traceback
        error = traceback.format_exc()
    try:
        cleanup = {**clean_up(cell, watch), **answers}
    except Exception:
        error += traceback.format_exc()
        cleanup = {}
        server_process.end_all(Deadline(VANISH_SECONDS))
    finally:
        sampled = ledger.stop()
        claim.close()
        shutil.rmtree(work, ignore_errors=True)
    state, note = server_launch.overall(cell.launches)
    logs = {name: server.text(0) for name, server in cell.servers.items()}
    return History(
        cell=job.cell,
        scenario_hash=job.scenario.hash,
        host=cell.host,
        port=cell.base_port,
        observations=tuple(observations),
        cleanup=cleanup,
        logs=logs,
        coverage=state,
        coverage_note=note,
        seconds=round(cell.clock(), 3),
        error=error,
        values=dict(cell.values),
        steps=tuple(to_json(step) for step in job.scenario.steps),
        ledger=sampled,
    )


def silence(cell: CellRun) -> str:
    """Why the server is of no use to whoever asks next; "" if it answers a GET of /, with any status."""
    cell.close_clients()
    server = cell.servers["main"]
    if not server.running:
        return f"it has ended, with {named(server.exit or 0)}"
    if not Deadline(ANSWER_SECONDS).wait(lambda: cell.answers(server.channel, WHOLE_SECONDS), 0.05):
        return f"no answer to GET / within {ANSWER_SECONDS:g} s"
    let_rest(server.pid, lambda: server.running)  # it may log the request
    return ""


def claim_channel(scenario: Scenario) -> addresses.Claim:
    """Claim the kind of channel that a scenario needs; raises RuntimeError if there is none."""
    if scenario.channel == "own":
        return addresses.claim_own(addresses.has_loopback_range())
    if scenario.channel == "ports":
        return addresses.claim_own(False)
    if scenario.channel == "ipv6":
        return addresses.claim_ipv6()
    if scenario.channel != "default":  # a path, a port that the system chooses, or a socket that is handed over
        return addresses.claim_own(addresses.has_loopback_range())
    claim: addresses.Claim | None = None

    def claimed() -> bool:
        nonlocal claim
        claim = addresses.claim_default()
        return claim is not None

    if not Deadline(DEFAULT_CHANNEL_SECONDS).wait(claimed, 0.05) or claim is None:
        raise RuntimeError(f"127.0.0.1:8080 was in use by other cells for {DEFAULT_CHANNEL_SECONDS:g} s")
    if not Deadline(VANISH_SECONDS).wait(lambda: port_probes.bind_state(claim.host, claim.port) == "free", 0.05):
        claim.close()  # a guardian of another run, whose driver was killed, has had time to clean up
        raise RuntimeError("127.0.0.1:8080 is held by another program, and this scenario needs the default channel")
    return claim


def _broken(job: CellJob, error: str) -> History:
    return History(
        cell=job.cell,
        scenario_hash=job.scenario.hash,
        host="",
        port=0,
        observations=(),
        cleanup={},
        logs={},
        coverage="off",
        coverage_note="",
        seconds=0.0,
        error=error,
    )


def do_steps(cell: CellRun, watch: Watch, observations: list[Observation], steps: tuple[Step, ...]) -> None:
    """Do steps until one cannot be done, misses its deadline, or leaves nothing to continue with."""
    for step in steps:
        at = cell.clock()
        seen: Json = {}
        timeout, unable = False, ""
        try:
            seen = dict(perform(cell, step))
            cell.save(step, seen)
        except Unable as problem:
            unable = str(problem)
        except TimedOut as late:
            timeout, seen = True, late.seen
        watch.look(step.number)
        observations.append(
            Observation(
                step=step.number,
                act=step.act,
                at=round(at, 4),
                seconds=round(cell.clock() - at, 4),
                server=step.server,
                seen=seen,
                wire=tuple(cell.transcript.entries),
                timeout=timeout,
                unable=unable,
            )
        )
        if timeout or unable or any(name not in cell.values for name in step.save):
            return
        if "ready" in step.expect and seen.get("ready") != step.expect["ready"]:
            return  # later steps would only repeat that the server is in the wrong state

"""Run the planned cells with pytest under the guardian, and derive the exit code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from ..machine import server_process
from ..machine.atomic_files import write_text
from ..machine.deadlines import Deadline
from ..machine.places import PACKAGE
from ..model.outcomes import RED
from ..model.values import CellResult
from .guardian import LEFT_OVER
from .prepare import Options
from .run_folder import Run

INTERNAL_ERRORS = (3, 4)  # pytest's: internal error, usage error


def execute(run: Run, options: Options, scratch: Path, output: int | None = None) -> int:
    """Run the planned cells with pytest under the guardian; return pytest's exit code, or LEFT_OVER.

    ``output`` is the descriptor for pytest's output; None means the command line's own.
    """
    planned = run.read_plan().cells
    runnable = [cell for cell in planned if cell.status == "planned"]
    if not runnable:
        return 0
    folders = options.project.scenario_folders
    ini = scratch / "pytest.ini"
    write_text(ini, f"[pytest]\ncache_dir = {options.cache / 'pytest'}\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-c",
        str(ini),
        f"--rootdir={os.path.commonpath(folders)}",
        "-p",
        "harness.run.pytest_plugin",
        "-q",
        "--no-header",
        "--tb=short",
        "-rN",
        "-p",
        "no:hypothesispytest",
        f"--harness-run={run.folder}",
        *(f"--harness-scenarios={folder}" for folder in folders),
        *(f"--harness-subjects={folder}" for folder in options.project.catalog.folders),
        f"--harness-scratch={scratch}",
        *(["-n", str(min(options.workers, len(runnable))), "--dist=worksteal"] if options.workers > 1 else []),
        *options.pytest,
        *map(str, folders),
    ]
    server_process.become_subreaper()  # if the guardian itself is killed, its processes become ours
    guarded = subprocess.Popen(
        [sys.executable, "-m", "harness.run.guardian", run.folder.name, "--", *command],
        cwd=PACKAGE.parent,
        stdin=subprocess.PIPE,
        stdout=output,
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
        start_new_session=True,
    )
    handlers = {
        number: signal.signal(number, lambda *_: guarded.send_signal(signal.SIGINT))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        code = guarded.wait()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        run.recall(scratch)
    if server_process.descendants():  # the guardian died before it could clean up
        server_process.end_all(Deadline(10.0))
        return LEFT_OVER
    return code


def exit_code(results: dict[str, CellResult], pytest_code: int, strict: bool, strict_should: bool) -> tuple[int, str]:
    """The exit code of a run, and the reason if it is not 0 (DESIGN.md, "Words")."""
    if pytest_code in INTERNAL_ERRORS:
        return (2, "pytest rejected its arguments") if pytest_code == 4 else (1, "pytest crashed")
    if pytest_code == LEFT_OVER:
        return 1, "processes of the run were left behind, or the guardian was killed"
    red = [r for r in results.values() if is_red(r, strict_should)]
    if red:
        return 1, f"{len(red)} red cells"
    if not any(r.status == "ran" for r in results.values()):
        return 1, "no cell ran"
    if strict and any(r.status == "missing" for r in results.values()):
        return 1, "interpreters are missing, and --strict was given"
    return 0, ""


def is_red(result: CellResult, strict_should: bool = False) -> bool:
    """Whether a cell makes the run fail; a ``should`` that fails does so only with --strict-should."""
    forgiven = result.grade == "should" and result.word in ("fail", "timeout") and not strict_should
    return result.word in RED and not forgiven

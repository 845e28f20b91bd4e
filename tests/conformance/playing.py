"""Play one check against a server of these tests, which is right, or is told how to be wrong.

Such a server is one script of the standard library alone: ``server.py HOST PORT [--wrong WAY]``. It prints "ready" when it
listens. A WAY names one mistake; each check has at least one way, in which it must be red.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from harness.cell.job import CellJob
from harness.cell.play_cell import play
from harness.language.files import load_all
from harness.language.scenario import Scenario
from harness.machine import server_process
from harness.model.values import CellResult, Target
from harness.targets.resolution import resolve
from harness.targets.subject import Subject
from harness.verdict.judge import judge

from ..conftest import ROOT

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


def family(name: str) -> dict[str, Scenario]:
    """The checks of a family by id, and none of its other scenarios."""
    return {one.id: one for one in load_all(ROOT / "scenarios") if one.family == name and one.table}


def subject(script: Path, wrong: str = "", **changes: object) -> Subject:
    """The server as a subject; "" is the right one. ``changes`` are fields of Subject, such as ``capabilities``."""
    args = ("{host}", "{port}", *(("--wrong", wrong) if wrong else ()))
    made = Subject(
        name="small", title="the small server", entry=(str(script),), args=args, default_channel_args=(), tls_args=(),
        reload_args=(), ready=("/^ready$/",), folder=script.parent, exits={"stop": (0, -15), "interrupt": (0, 1, -2)})
    return replace(made, **changes)


def result(check: Scenario, server: Subject) -> CellResult:
    """Play a check alone, and judge it without its known failures."""
    target = Target(f"{server.name}@{PYTHON}", server.name, PYTHON, python=sys.executable)
    server_process.become_subreaper()
    try:
        with tempfile.TemporaryDirectory() as folder:
            job = CellJob(
                f"{check.id}@{target.id}", resolve(replace(check, known=(), app=""), target, server), target, server, "run",
                Path(folder) / "cell", Path(folder), False)
            return judge(job.scenario, play(job), server.dialect)
    finally:
        server_process.become_subreaper(False)


def without_a_way(checks: Iterable[str], ways: Mapping[str, object]) -> tuple[list[str], list[str]]:
    """The checks that no way makes red, and the ways of checks that are not there."""
    checks = set(checks)
    return sorted(checks - set(ways)), sorted(set(ways) - checks)

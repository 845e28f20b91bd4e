"""``matrix``: its options, and a run from the command line to the exit code."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from ..machine.places import SCENARIOS
from ..model.counting import counted
from ..model.refusal import Refusal
from ..model.values import Cell, Json
from ..run.durations import remember, slowest
from ..run.prepare import Options, ask, foresee, known_subjects, prepare, pythons_of, shard
from ..run.project import Project
from ..run.run_folder import newest
from ..run.selection import select
from ..run.sharding import weights_from
from ..run.start_driver import execute
from ..targets.load_subjects import BUNDLED
from .finish import add_baseline, check_baseline, finish, get_ready
from .last_failed import as_last_time, red_cells, subjects_again
from .options import add_workers, number, some_path, some_text
from .output_folder import check_writable
from .project_options import check_expected, expected_of


def configure(parser: argparse.ArgumentParser) -> None:
    """Options of ``matrix``."""
    parser.description = (
        "Run the scenarios on every Python of this machine and write reports/index.html. Everything is checked before "
        "anything is installed, and the report of an earlier run is replaced only if a cell ran."
    )
    parser.epilog = (
        "Exit codes: 0 nothing is red; 1 a cell is fail, timeout, fixed, error, broken or not-run, or no cell "
        "ran; 2 bad input, and nothing was run. A server that is told to stop has 10 s from SIGTERM in a "
        "step, and 15 s at the end of its cell; then it is ended by SIGKILL, which is a failure."
    )
    parser.add_argument(
        "--python",
        type=some_text,
        action="append",
        default=[],
        metavar="NAME",
        help="an interpreter: 3.13, 3.13t, pypy3.11, 3.13.0 or a path; repeatable "
        "(default: interpreters in [tool.server-matrix] of pyproject.toml, or every Python of this machine)",
    )
    parser.add_argument(
        "--subject",
        type=some_text,
        action="append",
        default=[],
        metavar="NAME[=EDITION]",
        help=f"a server under test; repeatable (bundled: {', '.join(BUNDLED.names())}; default: subject in "
        "[tool.server-matrix], or your own servers). EDITION is a version other than the locked release: cherrypy==18.9.0, "
        "cherrypy=../checkout, cherrypy=dist/x.whl; several editions of one server run side by side",
    )
    parser.add_argument("--all-subjects", action="store_true", help="all servers, beside the editions that --subject names")
    parser.add_argument(
        "--cell",
        type=some_text,
        action="append",
        default=[],
        metavar="ID",
        help="one cell, as the report names it: scenario@subject@interpreter; repeatable",
    )
    parser.add_argument(
        "-k",
        type=some_text,
        dest="keyword",
        metavar="EXPRESSION",
        help="the cells whose id contains these words: -k 'port and not 2.7'",
    )
    parser.add_argument(
        "--lf",
        "--last-failed",
        dest="last_failed",
        action="store_true",
        help="only the red cells of the newest run, on its servers and Pythons",
    )
    parser.add_argument("--plan", action="store_true", help="list the cells that would run, and run none")
    add_workers(parser)
    parser.add_argument(
        "--quick",
        action="store_true",
        help="a selection to run before a push: each scenario on the oldest and the newest Python of each server, and on the "
        "Pythons that differed in stored runs, beginning with what was red lately; coverage is not measured, and the report "
        "says what was left out",
    )
    parser.add_argument(
        "--isolated",
        action="store_true",
        help="start a server for each cell, also for those whose scenarios only ask and may share a launch",
    )
    ends = parser.add_mutually_exclusive_group()
    ends.add_argument(
        "-x", "--exitfirst", action="store_true", help="stop at the first red cell (cells that share its server still finish)"
    )
    ends.add_argument("--maxfail", type=number(0), metavar="N", help="stop after N red cells; 0 never stops early")
    says = parser.add_mutually_exclusive_group()
    says.add_argument("-v", "--verbose", action="count", default=0, help="a line for each cell")
    says.add_argument("-q", "--quiet", action="count", default=0, help="print less while cells run")
    parser.add_argument("--durations", type=number(0), metavar="N", help="list the N slowest cells at the end; 0 lists all")
    parser.add_argument("--strict", action="store_true", help="treat a missing interpreter as an error")
    parser.add_argument("--strict-should", action="store_true", help='treat a failed scenario of grade "should" as an error')
    parser.add_argument("--download", action="store_true", help="let uv download interpreters that this machine lacks")
    parser.add_argument("--upgrade", action="store_true", help="resolve the servers' requirements again and lock the result")
    parser.add_argument(
        "--shard",
        type=some_text,
        metavar="K/N",
        help="run only the K-th of N parts, which should all take about the same time; merge combines them",
    )
    parser.add_argument(
        "--weights",
        type=some_path,
        metavar="FILE",
        help="split by the durations in this results.json of an earlier run; give all shards the same file",
    )
    add_baseline(parser)
    parser.add_argument(
        "--no-coverage", action="store_true", help="do not measure coverage (each launch is about 0.1 s faster)"
    )


def run(given: argparse.Namespace, say: Callable[[str], None]) -> int:
    """Run what the command line asks for; return the exit code. Raises Refusal for bad input, before anything is made."""
    twice = [name for name in given.subject if name in given.project.catalog.names()] if given.all_subjects else []
    if twice:
        raise Refusal(f"--all-subjects already includes {twice[0]}; leave out --subject {twice[0]}, or --all-subjects")
    if given.quick and given.shard:
        raise Refusal(
            "--quick chooses cells by the runs that this machine has stored, so shards on other machines would choose others; "
            "leave out --quick or --shard"
        )
    if given.weights and not given.shard:
        raise Refusal("--weights says how --shard splits the cells; add --shard K/N, or leave out --weights")
    check_baseline(given)
    if given.project.file is None and not given.subject and not given.plan:
        say("no [tool.server-matrix] in a pyproject.toml here or above: running the bundled servers")
    cells = tuple(given.cell)
    if given.last_failed:
        last = newest(given.reports)
        select((cell.id for cell in last.read_plan().cells), cells, "", f" in the newest run, {last.folder.name}")
        cells = tuple(cell for cell in red_cells(last, given.project.strict_should) if not cells or cell in cells)
        given.project = as_last_time(given, last)
    options = _options(given, cells)
    asked = ask(options)
    check_expected(options.expected, asked.scenarios, known_subjects(given.project), given.project)
    if given.last_failed and not cells:
        said = "none of these cells" if given.cell else "nothing"
        say(f"{said} was red in the newest run, {last.folder.name}, so there is nothing to run again")
        return 0
    if asked.left_out:
        say(asked.left_out)
    if given.plan:
        return _plan(shard(asked, options, foresee(asked)), say)
    options = replace(options, likely=asked.likely, asked={**options.asked, "quick": asked.left_out})
    check_writable(given.reports)
    begun = prepare(asked, options, say)
    planned = sum(cell.status == "planned" for cell in begun.read_plan().cells)
    say(f"{counted(planned, 'cell')} planned")
    if options.shard and not planned and any(cell.status == "planned" for cell in foresee(asked)):
        say(f"shard {options.shard} has no cells: the others have all of them. merge still needs its folder, {begun.folder}")
        return 0
    scratch = Path(tempfile.mkdtemp(prefix="harness-"))
    try:
        code = execute(
            begun,
            options,
            asked.scenarios,
            asked.subjects,
            scratch,
            meanwhile=lambda: get_ready(asked.subjects, options.coverage),
        )
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    results = begun.results()
    remember(options.cache, results)
    if given.durations is not None:
        for line in slowest(results, given.durations):
            say(line)
    return finish(begun, given.project, given.baseline, say, code)


def _options(given: argparse.Namespace, cells: tuple[str, ...]) -> Options:
    """What the command line says, and what it leaves to be understood: of cells, their own servers and Pythons."""
    project: Project = given.project
    named = (*(project.catalog.names() if given.all_subjects else ()), *given.subject)
    return Options(
        pythons=tuple(given.python) or pythons_of(cells),
        subjects=named or subjects_again(given, cells) or project.chosen,
        cells=cells,
        keyword=given.keyword or "",
        workers=given.workers,
        coverage=not (given.no_coverage or given.quick),
        download=given.download,
        upgrade=given.upgrade,
        project=project,
        expected=expected_of(project),
        stop_after=1 if given.exitfirst else given.maxfail or 0,
        verbosity=given.verbose - given.quiet,
        isolated=given.isolated,
        quick=given.quick,
        weights=weights_from(given.weights) if given.weights else {},
        command=tuple(sys.argv[1:]),
        shard=given.shard or "",
        asked=_narrowing(given, cells),
    )


def _narrowing(given: argparse.Namespace, cells: tuple[str, ...]) -> Json:
    """The options that choose what is in a run: a comparison asks whether something is gone, or was not asked for."""
    every = ["--all-subjects"] if given.all_subjects else []
    return {
        "subjects": sorted([*every, *given.subject]),
        "pythons": sorted(given.python),
        "cells": sorted(cells),
        "keyword": given.keyword or "",
        "scenarios": " ".join(folder.name for folder in given.project.scenario_folders if folder != SCENARIOS),
        "quick": "",
        "weights": sha256(given.weights.read_bytes()).hexdigest() if given.weights else "",
    }


def _plan(cells: tuple[Cell, ...], say: Callable[[str], None]) -> int:
    """List what would run."""
    for cell in cells:
        if cell.status == "planned":
            say(cell.id)
    counts = {status: sum(cell.status == status for cell in cells) for status in ("planned", "unsupported", "missing")}
    say(
        ", ".join(f"{count} {status}" for status, count in counts.items() if count)
        + " (what depends on a server's version is only known once it is installed)"
    )
    return 0 if counts["planned"] else 1

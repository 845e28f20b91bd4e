"""``server-matrix bugs``: play each citation on the release that has it, and on the one that has it not."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ..language.files import load_all
from ..language.scenario import for_target
from ..machine import interpreters
from ..model.counting import counted
from ..model.ids import CellId
from ..model.values import Cell, CellResult, Target
from ..report import build
from ..report.publishable import Redactor
from ..report.view import RunView
from ..run import prepare
from ..run.bugs import text
from ..run.bugs.plays import Play, collect, narrow
from ..run.bugs.record import Played, document, keep, read
from ..run.bugs.verdicts import RED, UNPLAYED, Side, look, verdict
from ..run.exit_code import CRASHED
from ..run.guardian import LEFT_OVER
from ..run.host import environment
from ..run.plan import plan
from ..run.run_folder import REFUSES, Run
from ..run.start_driver import execute
from ..targets import provision
from .options import add_workers, some_text

FOLDER = "bugs"  # below reports: its runs are no runs of the matrix
FILE = "bugs.json"
STDERR = 2


def configure(parser: argparse.ArgumentParser) -> None:
    """Give a parser the command's options."""
    parser.description = (
        "Scenarios cite bug reports. A [[bug]] table in a scenario says which release has the bug and which does not; each "
        "citation is played on both, and must be red on the first and green on the second. Writes reports/bugs.json and a page "
        "of the cells that were played, reports/bugs/index.html."
    )
    parser.epilog = (
        "Exit codes: 0 at least one citation was played and all of them were caught; 1 one was not, or none was "
        "played; 2 bad input, such as options that match none."
    )
    parser.add_argument(
        "-k",
        type=some_text,
        dest="text",
        metavar="TEXT",
        help="only citations with this in the scenario's id, the report or the release (cheroot8.5.1)",
    )
    parser.add_argument("--scenario", type=some_text, action="append", default=[], metavar="ID", help="repeatable")
    parser.add_argument("--subject", type=some_text, action="append", default=[], metavar="NAME", help="repeatable")
    parser.add_argument("--python", type=some_text, action="append", default=[], metavar="ID", help="repeatable")
    parser.add_argument("--strict", action="store_true", help="treat a citation that cannot be played as an error")
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_workers(parser)


def run(given: argparse.Namespace, say: Callable[[str], None], aside: Callable[[str], None]) -> int:
    """Play what was asked for; return the exit code. ``aside`` takes what is not part of the answer. Raises Refusal."""
    tell = aside if given.json else say
    reports = given.reports.resolve()
    options = prepare.Options(
        workers=given.workers,
        coverage=False,
        project=replace(given.project, reports=reports / FOLDER),
        command=tuple(sys.argv[1:]),
        verbosity=-2,  # what is hoped for is a red cell, and would be shown as a failure
        isolated=True,
    )
    read(reports / FILE)  # one that cannot be added to is refused before anything is played
    everything = collect(load_all(*given.project.scenario_folders), given.project.catalog)
    asked = narrow(everything, given.text or "", given.scenario, given.subject, given.python, given.project.catalog)
    played: list[Played] = []
    code = 0
    if asked:
        planned, cells = _prepare(asked, options, tell)
        code = _execute(planned, asked, options, STDERR if given.json else None)
        played = judge(planned, asked, cells)
    said = document(played, planned.folder.name if asked else "", environment(given.project.file))
    if asked:
        keep(reports / FILE, said, everything, Redactor(Path.cwd()).json)
        index = build.build(RunView.load(planned, options.project.reports, [], Path.cwd()))
    say(json.dumps(said) if given.json else f"\n{text.table(played)}\n\n{text.counts(played)}")
    number, reason = exit_code(played, code, given.strict)
    if reason:
        tell(f"exit code {number}: {reason}")
    if asked:
        tell(f"cells: {os.path.relpath(index)}")
    return number


def _prepare(
    plays: tuple[Play, ...],
    options: prepare.Options,
    tell: Callable[[str], None],
) -> tuple[Run, dict[str, tuple[Target, Cell]]]:
    """Make the editions and plan the cells; return the run, and the target of each cell."""
    found, _ = interpreters.discover(options.cache / "interpreters.json")
    wanted = list(dict.fromkeys(play.python for play in plays))
    chosen = {name: (interpreter, reason) for name, interpreter, reason in interpreters.choose(wanted, found, "[[bug]]")}
    pairs = {(edition.column, play.python): edition for play in plays for edition in play.editions}
    tell(f"{counted(len(plays), 'citation')}; preparing {counted(len(pairs), 'target')} …")
    targets = provision.provision(
        [(edition, python, *chosen[python]) for (_, python), edition in pairs.items()],
        options.cache,
        progress=lambda target: tell(prepare.progress(target)),
    )
    by_id = {target.id: target for target in targets}
    by_name = {edition.name: edition for edition in pairs.values()}
    cells: dict[str, tuple[Target, Cell]] = {}
    for play in plays:
        for name in play.cells:
            target = by_id[CellId(name).target]
            (cell,) = plan([play.scenario], [target], by_name)
            cells[cell.id] = (target, cell)
    scenarios = tuple({play.scenario.id: play.scenario for play in plays}.values())
    begun = prepare.begin(options, scenarios, targets, by_name, tuple(cell for _, cell in cells.values()))
    return begun, cells


def _execute(planned: Run, plays: tuple[Play, ...], options: prepare.Options, output: int | None) -> int:
    scenarios = {play.scenario.id: play.scenario for play in plays}
    subjects = {edition.name: edition for play in plays for edition in play.editions}
    scratch = Path(tempfile.mkdtemp(prefix="harness-"))
    try:
        return execute(planned, options, tuple(scenarios.values()), tuple(subjects.values()), scratch, output)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def judge(planned: Run, plays: tuple[Play, ...], cells: dict[str, tuple[Target, Cell]]) -> list[Played]:
    """What is to be said of each citation of a run."""
    results = planned.results()
    refusals = planned.folder.glob(f"trials/*/{REFUSES}")
    refused = {file.parent.name: str(json.loads(file.read_text("utf-8"))) for file in refusals}
    played = []
    for play in plays:
        sides = [_side(play, number, name, results[name], cells[name][0], refused) for number, name in enumerate(play.cells)]
        broken, fixed = sides[0], sides[1] if len(sides) > 1 else None
        said, reason = verdict(broken, fixed)
        played.append(
            Played(
                play.scenario.id, play.scenario.hash, play.bug, play.python, broken, fixed, said, reason, planned.folder.name
            )
        )
    return played


def _side(play: Play, number: int, name: str, result: CellResult, target: Target, refused: dict[str, str]) -> Side:
    release = (play.bug.broken, play.bug.fixed)[number]
    shown = f"{play.bug.project} {release}" if play.bug.project else release
    resolved = for_target(play.scenario, target) if result.status == "ran" else play.scenario
    return look(shown, resolved, play.bug, result, refused.get(target.id, "") or _installer_said(target))


def _installer_said(target: Target) -> str:
    """Why a target cannot be had, in the installer's own words; "" where it can, or where no installer was asked."""
    said = [line.strip() for line in target.detail.splitlines() if line.strip()]
    reasons = [line.partition(":")[2].strip() for line in said if line.startswith(("cause:", "hint:"))]
    return f"does not install: {' '.join(reasons or said)}" if said else ""


def exit_code(played: list[Played], driver_code: int, strict: bool) -> tuple[int, str]:
    """The exit code, and the reason where it is not 0."""
    if driver_code == CRASHED:
        return 1, "the harness crashed"
    if driver_code == LEFT_OVER:
        return 1, "processes of the run were left behind, or the guardian was killed"
    if red := sum(one.verdict in RED for one in played):
        what = "is not what it promises" if red == 1 else "are not what they promise"
        return 1, f"{red} of {counted(len(played), 'citation')} {what}"
    if all(one.verdict == UNPLAYED for one in played):
        return 1, "no citation was played"
    if strict and (absent := sum(one.verdict == UNPLAYED for one in played)):
        return 1, f"{absent} cannot be played, and --strict was given"
    return 0, ""

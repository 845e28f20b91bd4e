"""``results``: a run on the command line, beside an earlier one, with an exit code for other programs."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable

from ..model.counting import counted
from ..model.ids import CellId
from ..model.outcomes import QUIET, WORDS
from ..model.printable import plain
from ..model.refusal import Refusal
from ..model.stored_json import to_json
from ..model.suggestions import perhaps
from ..model.values import CellResult
from ..report.beside import Beside, beside
from ..report.compare import KINDS, Transition, regressions
from ..report.past import Past
from ..run.exit_code import is_red
from ..run.run_folder import Run, newest
from .console import Say
from .find_run import baseline as earlier_run
from .find_run import find
from .options import some_text

FAIL_ON = ("red", "new-failures", "flaky", "nothing")
STILL_RED = "still red"
MAX_REASON = 160


def configure_results(parser: argparse.ArgumentParser) -> None:
    """Options of ``results``."""
    parser.description = (
        "Show the cells of a run, or what changed since an earlier one. Without options: the cells worth a look."
    )
    parser.epilog = (
        "Exit codes: 0; 1 if --fail-on says so, or if it was given and no cell ran; 2 bad input. A new failure is a cell "
        "that is newly red, that passed and is no longer tried, or that has vanished although this run was asked for it. "
        "--outcome chooses what is shown, never what fails. RUN and BASELINE are folders, or names below reports/data. "
        "Example: results --subject cherrypy --diff BASELINE --fail-on new-failures"
    )
    parser.add_argument("run", type=some_text, nargs="?", metavar="RUN", help="default: the newest")
    parser.add_argument("--outcome", action="append", default=[], choices=WORDS, help="repeatable")
    parser.add_argument("--subject", type=some_text, action="append", default=[], metavar="NAME", help="repeatable")
    parser.add_argument("--python", type=some_text, action="append", default=[], metavar="NAME", help="repeatable")
    parser.add_argument("--scenario", type=some_text, metavar="TEXT", help="part of a scenario's id")
    parser.add_argument("--diff", type=some_text, metavar="BASELINE", help="an earlier run: show what changed since then")
    parser.add_argument(
        "--flaky",
        action="store_true",
        help="the cells whose outcome changed between this run and older ones that are kept, although "
        "scenario, server, Python and harness did not; the worst first",
    )
    parser.add_argument(
        "--fail-on",
        choices=FAIL_ON,
        default="nothing",
        help="exit with 1 on red cells, on new failures (needs --diff), or on flaky cells (needs --flaky); default %(default)s",
    )
    parser.add_argument("--strict-should", action="store_true", help='a failed scenario of grade "should" is red as well')
    parser.add_argument("--json", action="store_true", help="print JSON")


def results(options: argparse.Namespace, say: Say, note: Say) -> int:
    """Show the cells that were asked for; return the exit code. ``note`` takes what is not part of the JSON."""
    _check(options)
    run = find(options.run, options.reports) if options.run else newest(options.reports)
    baseline = earlier_run(options.diff, run, options.reports, note) if options.diff else None
    if options.diff and baseline is None:
        raise Refusal(f"--diff {options.diff}: there is no earlier run in which a cell ran")
    found = run.results()
    compared = beside(baseline, run, found) if baseline else None
    names = [one.folder.name for one in (run, baseline) if one]
    chosen = _chosen(options, {*found, *(compared.before if compared else ()), *(compared.unasked if compared else ())}, names)
    cells = {cell: result for cell, result in found.items() if cell in chosen}
    note = note if options.json else say
    if options.flaky:
        fails = _show_flakes(options, Past(run, found), chosen, say, note)
    elif compared and baseline:
        fails = _show_difference(options, cells, _narrowed(compared, chosen), baseline, run, say, note)
    else:
        _show_cells(options, cells, len(found), say)
        fails = []
    if options.fail_on == "red":
        fails = [cell for cell, result in cells.items() if is_red(result, options.strict_should)]
    nothing_ran = not any(result.status == "ran" for result in cells.values())
    if nothing_ran:
        whole = not any(result.status == "ran" for result in found.values())
        note(f"no cell{'' if whole else ' of these'} ran in run {run.folder.name}")
    code = int(options.fail_on != "nothing" and (bool(fails) or nothing_ran))
    if fails and code:
        kind = {"red": "red cell", "new-failures": "new failure", "flaky": "flaky cell"}[options.fail_on]
        note(f"exit code 1: {len(fails)} {kind}{'' if len(fails) == 1 else 's'}")
    return code


def _check(options: argparse.Namespace) -> None:
    """Options that need each other, or exclude each other."""
    if options.flaky and options.diff:
        raise Refusal("--flaky looks at all runs that are kept, --diff at one; give only one of them")
    if options.fail_on == "new-failures" and not options.diff:
        raise Refusal("--fail-on new-failures needs a run to compare with: --diff BASELINE")
    if options.fail_on == "flaky" and not options.flaky:
        raise Refusal("--fail-on flaky needs --flaky")
    if options.flaky and options.fail_on == "red":
        raise Refusal("--fail-on red is about one run, --flaky about all runs; leave one of them out")


def _show_cells(options: argparse.Namespace, cells: dict[str, CellResult], total: int, say: Say) -> None:
    shown = [result for result in cells.values() if _worth(options, result)]
    if options.json:
        say(json.dumps([{**to_json(result), "word": result.word} for result in shown]))
        return
    for result in shown:
        say(f"{result.word:12} {result.cell}  {_one_line(result.reason)}".rstrip())
    say(f"{len(shown)} of {counted(total, 'cell')}")


def _narrowed(compared: Beside, chosen: set[str]) -> Beside:
    return Beside(
        [transition for transition in compared.transitions if transition.cell in chosen],
        {cell: result for cell, result in compared.before.items() if cell in chosen},
        [cell for cell in compared.unasked if cell in chosen],
    )


def _show_difference(
    options: argparse.Namespace,
    cells: dict[str, CellResult],
    compared: Beside,
    baseline: Run,
    run: Run,
    say: Say,
    note: Say,
) -> list[str]:
    """Show what is not as it was, and what cannot be compared; return the cells that are new failures."""

    def red(result: CellResult) -> bool:
        return is_red(result, options.strict_should)

    transitions, before = compared.transitions, compared.before
    changed = {transition.cell for transition in transitions if transition.kind != "slower"}
    still = [
        Transition(cell, STILL_RED, before[cell].word, result.word, result.reason)
        for cell, result in cells.items()
        if red(result) and cell in before and cell not in changed
    ]
    shown = [
        transition
        for transition in (transitions + still if options.fail_on == "red" else transitions)
        if not options.outcome or transition.now in options.outcome
    ]
    if options.json:
        say(json.dumps([to_json(transition) for transition in shown]))
    else:
        for transition in shown:
            say(
                f"{transition.kind:20} {transition.was or '-':>11} → {transition.now or '-':11} {transition.cell}  "
                f"{_one_line(transition.reason) if transition.kind in ('new failure', 'lost', STILL_RED) else ''}".rstrip()
            )
        counts = [f"{kind} {count}" for kind in KINDS if (count := sum(t.kind == kind for t in transitions))] or ["No changes"]
        say("; ".join(counts))
        if still:
            say(f"{STILL_RED}: {len(still)}")
    if compared.unasked:
        note(
            f"not compared: {counted(len(compared.unasked), 'cell')} of run {baseline.folder.name} that run "
            f"{run.folder.name} was not asked for"
        )
    if not any(result.status == "ran" for result in before.values()):
        note(f"none of the compared cells ran in run {baseline.folder.name}, so nothing can be worse than it was there")
    return [transition.cell for transition in regressions(transitions, before, cells, red)]


def _show_flakes(options: argparse.Namespace, past: Past, chosen: set[str], say: Say, note: Say) -> list[str]:
    """Show the cells that changed their word although nothing else changed; return them."""
    found = [flake for flake in past.flakes() if flake.cell in chosen]
    shown = [flake for flake in found if not options.outcome or set(options.outcome) & set(flake.words)]
    compared = past.compared(chosen)
    if options.json:
        say(json.dumps([to_json(flake) for flake in shown]))
    else:
        for flake in shown:
            say(f"{f'{flake.changes} of {flake.comparisons}':10} {flake.cell}  {' '.join(flake.words)}")
    if compared:
        note(
            f"{len(found)} of {counted(compared, 'cell')} changed outcome between runs of the same code; "
            f"{counted(past.looked_at, 'run was', 'runs were')} examined"
        )
    else:
        note(f"no two of the {past.looked_at} runs ran a cell with the same code, so nothing is known about flaky cells")
    for name, problem in past.unreadable:
        note(f"not examined: run {name}: {problem}")
    return [flake.cell for flake in found]


def _chosen(options: argparse.Namespace, cells: Iterable[str], names: list[str]) -> set[str]:
    """The cells that the options choose; raises Refusal for an option that chooses none of them.

    An option that is misspelt would find nothing to complain of, and be green.
    """
    parted = {cell: _parts(cell) for cell in cells}
    where = f"the run{'s' if len(names) > 1 else ''} {' and '.join(names)}"
    has = "have" if len(names) > 1 else "has"
    for option, place, what in (("subject", 1, "server"), ("python", 2, "Python")):
        known = {parts[place] for parts in parted.values()}
        for wanted in getattr(options, option):
            if wanted not in known:
                raise Refusal(f"--{option} {wanted}: {where} {has} no such {what}. {perhaps(wanted, known)}")
    scenarios = {parts[0] for parts in parted.values()}
    if options.scenario and not any(options.scenario in scenario for scenario in scenarios):
        raise Refusal(
            f"--scenario {options.scenario}: no scenario of {where} has this in its id. {perhaps(options.scenario, scenarios)}"
        )
    chosen = {
        cell
        for cell, (scenario, subject, python) in parted.items()
        if (not options.subject or subject in options.subject)
        and (not options.python or python in options.python)
        and (options.scenario or "") in scenario
    }
    if parted and not chosen:
        given = ", ".join(
            f"--{option} {value}" for option in ("subject", "python", "scenario") for value in _listed(getattr(options, option))
        )
        raise Refusal(f"{given}: {where} {has} each of these, but no cell that matches all of them")
    return chosen


def _parts(cell: str) -> tuple[str, str, str]:
    """Scenario, column and interpreter."""
    target = CellId(cell).target
    return CellId(cell).scenario, target.column, target.interpreter


def _listed(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []


def _worth(options: argparse.Namespace, result: CellResult) -> bool:
    if options.outcome:
        return result.word in options.outcome
    return result.word not in QUIET


def _one_line(text: str) -> str:
    line = " ".join(plain(text).split())
    return line if len(line) <= MAX_REASON else line[: MAX_REASON - 1] + "…"

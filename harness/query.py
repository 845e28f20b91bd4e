"""``results`` and ``history``: a run on the command line, beside an earlier one, and old runs removed."""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Callable
from pathlib import Path

from .model import RED, WORDS, CellResult, Refusal, to_json
from .plain import plain
from .report.compare import KINDS, Transition, compare
from .store import Run, newest, runs

FAIL_ON = ("red", "new-failures", "nothing")
MAX_REASON = 160


def configure_results(parser: argparse.ArgumentParser) -> None:
    """Options of ``results``."""
    parser.description = "The cells of a run, or what is not as it was in an earlier one. Without options: those worth a look."
    parser.epilog = ("Exit codes: 0, or 1 where --fail-on says so; 2 bad input. RUN and BASELINE are folders, or names below "
                     "reports/data. Example: results --outcome fail --subject cherrypy --diff BASELINE --fail-on new-failures")
    parser.add_argument("run", nargs="?", metavar="RUN", help="default: the newest")
    parser.add_argument("--outcome", action="append", default=[], choices=WORDS, help="repeatable")
    parser.add_argument("--subject", action="append", default=[], metavar="NAME", help="repeatable")
    parser.add_argument("--python", action="append", default=[], metavar="NAME", help="repeatable")
    parser.add_argument("--scenario", default="", metavar="TEXT", help="a part of the scenario's id")
    parser.add_argument("--diff", metavar="BASELINE", help="an earlier run: show what is not as it was")
    parser.add_argument("--fail-on", choices=FAIL_ON, default="nothing",
                        help="exit with 1 for red cells, or for new failures (needs --diff); default %(default)s")
    parser.add_argument("--json", action="store_true", help="for programs")


def configure_history(parser: argparse.ArgumentParser) -> None:
    """Options of ``history``."""
    parser.description = ("The runs that are kept in reports/data, newest last. prune removes all but the newest ones; slim "
                          "leaves of all but the newest what comparing needs, and removes logs, bytes and coverage.")
    parser.add_argument("action", choices=["list", "prune", "slim"], nargs="?", default="list")
    parser.add_argument("--keep", type=int, default=10, metavar="N", help="how many prune leaves (default %(default)s)")


def results(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    """Show the cells that were asked for; return the exit code."""
    run = find(options.run, options.reports) if options.run else newest(options.reports)
    found = run.results()
    if options.diff:
        return _diff(options, run, found, say)
    if options.fail_on == "new-failures":
        raise Refusal("--fail-on new-failures needs a run to compare with: --diff BASELINE")
    chosen = [result for cell, result in found.items() if _asked(options, cell) and _worth(options, result)]
    if options.json:
        say(json.dumps([{**to_json(result), "word": result.word} for result in chosen]))
    else:
        for result in chosen:
            say(f"{result.word:12} {result.cell}  {_one_line(result.reason)}".rstrip())
        say(f"{len(chosen)} of {len(found)} cells")
    red = any(result.word in RED for cell, result in found.items() if _asked(options, cell))
    return int(options.fail_on == "red" and red)


def _diff(options: argparse.Namespace, run: Run, found: dict[str, CellResult], say: Callable[[str], None]) -> int:
    baseline = find(options.diff, options.reports)
    transitions = [t for t in compare(baseline.results(), found, _hashes(baseline), _hashes(run))
                   if _asked(options, t.cell) and (not options.outcome or t.now in options.outcome)]
    if options.json:
        say(json.dumps([to_json(transition) for transition in transitions]))
    else:
        for transition in transitions:
            say(f"{transition.kind:20} {transition.was or '-':>11} → {transition.now or '-':11} {transition.cell}  "
                f"{_one_line(transition.reason) if transition.kind == 'new failure' else ''}".rstrip())
        counts = {kind: sum(t.kind == kind for t in transitions) for kind in KINDS}
        say("; ".join(f"{kind} {count}" for kind, count in counts.items() if count) or "nothing is other than it was")
    return int(_fails(options.fail_on, transitions))


def _fails(fail_on: str, transitions: list[Transition]) -> bool:
    if fail_on == "new-failures":
        return any(transition.kind == "new failure" for transition in transitions)
    return fail_on == "red" and any(transition.now in RED for transition in transitions)


def history(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    """List the runs, or remove all but the newest ones."""
    found = runs(options.reports)
    if options.action == "prune":
        if options.keep < 1:
            raise Refusal(f"--keep {options.keep}: at least the newest run is kept")
        for old in found[:-options.keep]:
            shutil.rmtree(old.folder)
            say(f"removed {old.folder.name}")
        found = found[-options.keep:]
    if options.action == "slim":
        for old in found[:-1]:
            for name in ("cells", "coverage"):
                shutil.rmtree(old.folder / name, ignore_errors=True)
            say(f"slimmed {old.folder.name}")
    for run in found:
        counts: dict[str, int] = {}
        for result in run.results().values():
            counts[result.word] = counts.get(result.word, 0) + 1
        say(f"{run.folder.name}  " + ", ".join(f"{counts[word]} {word}" for word in reversed(WORDS) if word in counts))
    say(f"{len(found)} runs")
    return 0


def find(name: str, reports: Path) -> Run:
    """A run by its folder, or by its name below reports/data."""
    folder = Path(name)
    return Run(folder if folder.is_dir() else reports / "data" / name)


def baseline(name: str, run: Run, reports: Path) -> Run | None:
    """The run to compare with; "last" is the newest before this one, and None where there is none."""
    if name != "last":
        return find(name, reports)
    older = [other for other in runs(reports) if other.folder.name < run.folder.name]
    return older[-1] if older else None


def _hashes(run: Run) -> dict[str, str]:
    return {scenario["id"]: scenario["hash"] for scenario in run.read_scenarios()}


def _asked(options: argparse.Namespace, cell: str) -> bool:
    scenario, subject, python = cell.split("@")
    return ((not options.subject or subject in options.subject) and (not options.python or python in options.python)
            and options.scenario in scenario)


def _worth(options: argparse.Namespace, result: CellResult) -> bool:
    if options.outcome:
        return result.word in options.outcome
    return result.word not in ("pass", "missing", "unsupported")


def _one_line(text: str) -> str:
    line = " ".join(plain(text).split())
    return line if len(line) <= MAX_REASON else line[:MAX_REASON - 1] + "…"

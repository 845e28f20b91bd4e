"""Measure the matrix: ``python -m tests.bench``, or ``nox -s bench -- OPTIONS``.

Figures come one by one, each a ratio with its spread over the rounds. The reports folder of the checkout is left alone, but
for --out.
"""

from __future__ import annotations

import argparse
import contextlib
import platform
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.machine import interpreters
from harness.machine.atomic_files import write_json

from . import against, lower_bound, page, plain_pytest, report_build, scenario_folders, sizes, starts, table
from .measured_run import ROOT, Failed, measure_cells

PARTS = {
    "a": "a run's wall time against its lower bound, and where the rest goes",
    "b": "the driver's CPU time a cell, beside the servers' (from the runs of a)",
    "c": "the same checks as plain pytest files, Python by Python",
    "d": "what a cell costs in runs of 100, 1,000 and (--full) 10,000 cells",
    "e": "command to first cell; one cell, from command to result, with and without nox; all warm",
    "f": "the report of 100,000 cells, relative to json.loads of its results",
}
QUICK = {"rounds": 2, "sample": 12, "sizes": (10, 50), "report": (100, 100)}
USUAL = {"rounds": 3, "sample": 0, "sizes": sizes.SIZES, "report": (1000, 100)}


def parser() -> argparse.ArgumentParser:
    """The options."""
    found = argparse.ArgumentParser(
        prog="nox -s bench --", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measure the speed of the matrix. Nothing is asserted: each figure is a ratio of two things that were measured "
        "side by side,\nwith the median, the least and the most of its rounds. The parts:\n\n"
        + "\n".join(f"  {key}  {words}" for key, words in PARTS.items()),
        epilog="examples:\n"
        "  nox -s bench -- --quick                        a few minutes\n"
        "  nox -s bench -- --only a,b --python 2.7 --python 3.13\n"
        "  nox -s bench -- --only d --sizes 100,1000,10000\n"
        "  nox -s bench -- --against HEAD~5 --sample 40   this checkout and another commit, in turn")
    found.add_argument("--only", metavar="a,b,…", help="some of the parts (default: all of them; with --against: none)")
    found.add_argument("--rounds", type=int, metavar="N", help="how often each is measured (default 3; --quick: 2)")
    found.add_argument("--python", action="append", metavar="NAME",
                       help="a Python of the servers, repeatable (default: that of the driver, or the first that is found)")
    found.add_argument("--subject", action="append", metavar="NAME", help="a server, repeatable (default: enginebus)")
    found.add_argument("--sample", type=int, metavar="N", help="scenarios of a, b, c and --against, evenly spread; 0: all "
                       "(default 0; --quick: 12)")
    found.add_argument("--sizes", metavar="N,N,…", help="cells of the runs of d (default 100,1000; --quick: 10,50)")
    found.add_argument("--full", action="store_true", help="10,000 cells in d, too")
    found.add_argument("--quick", action="store_true", help="small samples and two rounds: to see that it works")
    found.add_argument("--against", metavar="COMMIT", help="compare with another commit, on the cells that both have")
    found.add_argument("--out", type=Path, default=ROOT / "reports" / "bench.json", metavar="FILE",
                       help="the figures as JSON, and as a page beside it (default reports/bench.json)")
    return found


def the_python(asked: Sequence[str] | None) -> list[str]:
    """The Pythons of the servers: those asked for, or the driver's own if it is found, or the first one."""
    if asked:
        return list(asked)
    ids = [one.id for one in interpreters.discover(ROOT / ".cache" / "interpreters.json")[0]]
    if not ids:
        raise SystemExit("no Python was found; see nox -s doctor")
    own = ".".join(platform.python_version_tuple()[:2])
    return [own if own in ids else ids[0]]


def say(text: str) -> None:
    """Say what is going on, apart from the figures."""
    print(text, file=sys.stderr, flush=True)


def whole_runs(
    work: Path, subjects: Sequence[str], pythons: Sequence[str], rounds: int, count: int, parts: Sequence[str]
) -> list[table.Figure]:
    """The figures of a and b, from the same runs: one run of the scenarios, untimed, and then the rounds."""
    ids = scenario_folders.sample(list(scenario_folders.tables()), count)
    folder = scenario_folders.copy(ids, work / "scenarios")
    runs = []
    for turn in range(-1, rounds):
        say(f"a, b: {len(ids)} scenarios, round {turn + 1} of {rounds} …" if turn >= 0 else f"a, b: {len(ids)} scenarios, untimed …")
        reports = work / "reports"
        run = measure_cells(scenario_folders.command(folder, reports, *scenario_folders.chosen(subjects, pythons)), reports)
        runs += [run] if turn >= 0 else []
    return [*(lower_bound.figures(runs, table.cores()) if "a" in parts else []),
            *(lower_bound.driver_figures(runs) if "b" in parts else [])]


def main(words: Sequence[str] | None = None) -> int:
    """Measure what is asked for; print the figures, and write them."""
    given = parser().parse_args(words)
    usual = QUICK if given.quick else USUAL
    parts = given.only.split(",") if given.only else [] if given.against else list(PARTS)
    if unknown := [part for part in parts if part not in PARTS]:
        raise SystemExit(f"--only {','.join(unknown)}: the parts are {', '.join(PARTS)}")
    rounds = given.rounds or usual["rounds"]
    count = usual["sample"] if given.sample is None else given.sample
    pythons, subjects = the_python(given.python), given.subject or ["enginebus"]
    lengths = [int(word) for word in given.sizes.split(",")] if given.sizes else [*usual["sizes"]]
    lengths += [sizes.FULL] if given.full and sizes.FULL not in lengths else []
    tasks: list[tuple[str, Callable[[Path], list[table.Figure]]]] = []
    if {"a", "b"} & set(parts):
        tasks.append(("a", lambda work: whole_runs(work, subjects, pythons, rounds, count, parts)))
    tasks += [(part, task) for part, task in (
        ("c", lambda work: plain_pytest.compare(work, subjects, pythons, rounds, count, say)),
        ("d", lambda work: sizes.grow(work, subjects[0], pythons[0], lengths, rounds, say)),
        ("e", lambda work: starts.starts(work, subjects, pythons, rounds, say)),
        ("f", lambda work: report_build.build(work, *usual["report"], rounds, say))) if part in parts]
    if given.against:
        tasks.append(("against", lambda work: against.compare(work, given.against, subjects, pythons, rounds, count, say)))
    where, options = table.machine(ROOT), {
        "parts": parts, "rounds": rounds, "pythons": pythons, "subjects": subjects, "sample": count, "sizes": lengths,
        "against": given.against or ""}
    print(f"{where['cores']} cores, {where['processor']}, {where['python']}, {where['commit'][:9]}"
          f"{', modified' if where['modified'] else ''}, {where['date']}, load {where['load']}")
    print(table.heading(), flush=True)
    figures: list[table.Figure] = []
    skipped: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as name, contextlib.suppress(KeyboardInterrupt):
        for key, task in tasks:
            try:
                new = task(Path(name) / key)
            except (Failed, SystemExit) as problem:
                skipped[key] = str(problem)
                say(f"{key}: not measured: {problem}")
                continue
            figures += new
            for figure in new:
                print(table.row(figure), flush=True)
            said = table.document(where, options, figures, skipped)
            write_json(given.out, said, indent=1)
            page.write(given.out.with_suffix(".html"), said)
    print(f"written: {given.out} and {given.out.with_suffix('.html').name}, which the report links to" if figures
          else "nothing was measured")
    return 1 if skipped or not figures else 0


if __name__ == "__main__":
    sys.exit(main())

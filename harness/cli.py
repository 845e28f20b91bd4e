"""``python -m harness``: the command line, and the only place that prints."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from . import coverage_data, doctor, matrix, query, scaffold, subjects
from .bugs import command as bugs
from .matrix import Options
from .merging import merge
from .model import WORDS, CellResult, Refusal
from .plain import plain
from .ports import command as ports
from .report import build
from .report.exports import github_annotations
from .reproducer import command as reproducer
from .store import Run, newest

COMMANDS = ("matrix", "report", "results", "history", "reproduce", "merge", "doctor", "new", "ports", "bugs")
SHOWN = 15  # cells that the summary names


def main(argv: list[str] | None = None) -> int:
    """Run a command; return its exit code: 0, 1 (red cells), 2 (bad input)."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] not in (*COMMANDS, "-h", "--help"):
        words.insert(0, "matrix")
    parser = _parser()
    options, rest = parser.parse_known_args(words)
    if rest and options.command != "matrix":
        parser.error(f"unknown: {' '.join(rest)}")
    try:
        handlers = {"matrix": _matrix, "report": _report, "merge": _merge, "doctor": _doctor, "new": _new, "ports": _ports,
                    "results": _results, "history": _history, "reproduce": _reproduce, "bugs": _bugs}
        return handlers[options.command](options, rest)
    except Refusal as problem:
        print(f"harness: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("harness: interrupted", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m harness",
        description="Does my server answer what it should, stop when told, give back its port, and start again, "
                    "on every Python? Without a command: matrix.")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser(
        "matrix", help="run the scenarios on every Python and write the report",
        description="Run the scenario files on every Python of this machine and write reports/index.html. "
                    "Options that are not listed go to pytest: -k EXPRESSION, -x, --lf, -v.",
        epilog="Exit codes: 0 nothing red; 1 fail, timeout, fixed, error, not-run, or no cell ran; 2 bad input.")
    run.add_argument("--python", action="append", default=[], metavar="NAME",
                     help="an interpreter: 3.13, 3.13t, pypy3.11, 3.13.0 or a path; repeatable "
                          "(default: [tool.harness] interpreters of pyproject.toml)")
    run.add_argument("--subject", action="append", default=[], metavar="NAME[=EDITION]",
                     help=f"a server under test; repeatable (there are: {', '.join(subjects.names())}; default: [tool.harness] "
                          "subjects of pyproject.toml). EDITION is another than the locked release: cherrypy==18.9.0, "
                          "cherrypy=../checkout, cherrypy=dist/x.whl; several of one server stand side by side")
    run.add_argument("--all-subjects", action="store_true", help="every server that there is")
    run.add_argument("--cell", action="append", default=[], metavar="ID",
                     help="one cell, as the report names it: scenario@subject@interpreter; repeatable")
    run.add_argument("-n", "--workers", type=int, default=max(4, 2 * (os.cpu_count() or 1)), metavar="N",
                     help="cells that run at once (default %(default)s); 1 runs them in one process")
    run.add_argument("--strict", action="store_true", help="a wanted interpreter that is missing is an error")
    run.add_argument("--strict-should", action="store_true", help='a failed scenario of grade "should" is an error')
    run.add_argument("--download", action="store_true", help="let uv fetch interpreters that are absent")
    run.add_argument("--upgrade", action="store_true", help="resolve the subjects' requirements anew and lock them")
    run.add_argument("--shard", default="", metavar="K/N", help="run the K-th of N parts only; merge puts all N together")
    _baseline(run)
    run.add_argument("--no-coverage", action="store_true", help="do not measure coverage (each launch is 0.1 s faster)")
    _reports(run)
    run.add_argument("--scenarios", type=Path, default=matrix.ROOT / "scenarios", metavar="DIR",
                     help="where scenario files are")
    again = commands.add_parser("report", help="write the report of a run again")
    again.add_argument("run", nargs="?", type=Path, help="a folder below reports/data (default: the newest)")
    _baseline(again)
    _reports(again)
    asked = commands.add_parser("results", help="the cells of a run on the command line, or what changed since another")
    query.configure_results(asked)
    _reports(asked)
    kept = commands.add_parser("history", help="the runs that are kept; prune old ones")
    query.configure_history(kept)
    _reports(kept)
    again = commands.add_parser("reproduce", help="a cell as one Python file that does the same without the harness")
    reproducer.configure(again)
    _reports(again)
    joined = commands.add_parser("merge", help="merge the data folders of several machines, and report on them")
    joined.add_argument("shards", nargs="+", type=Path, help="data folders of runs")
    joined.add_argument("--allow-red", action="store_true", help="exit with 0 although cells are red: their shards said so")
    joined.add_argument("--expect", type=int, default=0, metavar="N", help="refuse unless there are N shards")
    _baseline(joined)
    joined.add_argument("-o", "--out", type=Path, help="the merged folder (default: reports/data/merged)")
    _reports(joined)
    commands.add_parser("doctor", help="say what this machine has and lacks")
    ports.configure(commands.add_parser("ports", help="who holds a port, what happens to a server there, and freeing it"))
    cited = commands.add_parser("bugs", help="play each report that a scenario cites on the release that has it")
    bugs.configure(cited)
    _reports(cited)
    new = commands.add_parser("new", help="begin a subject: a folder with a subject.toml to fill in")
    new.add_argument("what", choices=["subject"])
    new.add_argument("name", help="its name, which becomes a part of each cell's id")
    new.add_argument("--package", default="", help="its name on PyPI, where that is another")
    new.add_argument("--interface", choices=scaffold.INTERFACES, default="wsgi",
                     help="wsgi, asgi: it serves MODULE:app; script: a few lines of Python do (default %(default)s)")
    return parser


def _baseline(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--baseline", metavar="RUN", help="an earlier run, a folder or a name, or \"last\": the newest before "
                        "this one, if there is one. The report says what changed since then")


def _reports(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reports", type=Path, default=matrix.ROOT / "reports", metavar="DIR", help="where reports go")


def _say(text: str) -> None:
    """Print whole lines, from whatever thread."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _matrix(given: argparse.Namespace, rest: list[str]) -> int:
    if given.workers < 1:
        raise Refusal(f"--workers {given.workers}: give at least 1")
    chosen = (*(subjects.names() if given.all_subjects else ()), *given.subject) or matrix.subjects_of(given.cell) or \
        matrix.default_subjects()
    options = Options(
        pythons=tuple(given.python) or matrix.pythons_of(given.cell), subjects=chosen, cells=tuple(given.cell),
        workers=given.workers, coverage=not given.no_coverage, download=given.download, upgrade=given.upgrade,
        scenarios=given.scenarios.resolve(), reports=given.reports.resolve(), pytest=tuple(rest),
        command=tuple(sys.argv[1:]), shard=given.shard)
    run = matrix.prepare(options, _say)
    planned = sum(cell.status == "planned" for cell in run.read_plan().cells)
    _say(f"{planned} cells planned, {options.workers} at a time")
    scratch = Path(tempfile.mkdtemp(prefix="harness-"))
    try:
        code = matrix.execute(run, options, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return _finish(run, options.reports, code, given.strict, given.strict_should, given.baseline)


def _report(given: argparse.Namespace, rest: list[str]) -> int:
    run = Run(given.run.resolve()) if given.run else newest(given.reports)
    return _finish(run, given.reports.resolve(), 0, False, False, given.baseline)


def _merge(given: argparse.Namespace, rest: list[str]) -> int:
    out = (given.out or given.reports / "data" / "merged").resolve()
    run = merge([shard.resolve() for shard in given.shards], out, given.expect)
    code = _finish(run, given.reports.resolve(), 0, False, False, given.baseline)
    return 0 if given.allow_red and code == 1 else code


def _doctor(given: argparse.Namespace, rest: list[str]) -> int:
    _say(doctor.describe(matrix.wanted_interpreters()))
    return 0


def _results(given: argparse.Namespace, rest: list[str]) -> int:
    return query.results(given, _say)


def _history(given: argparse.Namespace, rest: list[str]) -> int:
    return query.history(given, _say)


def _reproduce(given: argparse.Namespace, rest: list[str]) -> int:
    return reproducer.reproduce(given, query.find(given.run, given.reports) if given.run else newest(given.reports), _say)


def _ports(given: argparse.Namespace, rest: list[str]) -> int:
    return ports.run(given, _say, _ask)


def _bugs(given: argparse.Namespace, rest: list[str]) -> int:
    return bugs.run(given, _say, lambda line: print(line, file=sys.stderr, flush=True))


def _ask(question: str) -> bool:
    """Ask the user; where nobody can answer, the answer is no."""
    try:
        return input(question).strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _new(given: argparse.Namespace, rest: list[str]) -> int:
    files = scaffold.subject(given.name, given.package, given.interface)
    for file in files:
        _say(f"wrote {os.path.relpath(file)}")
    _say("Now look at launch and exits in it, and try it: "
         f"python -m harness matrix --subject {given.name} -k restart-after-stop")
    return 0


def _finish(
    run: Run, reports: Path, pytest_code: int, strict: bool, strict_should: bool, baseline: str | None = None,
) -> int:
    plan, results = run.read_plan(), run.results()
    known = {name: subjects.load(name) for name in {target.subject for target in plan.targets}}
    measured = coverage_data.combine(run, plan, results, known) if plan.coverage else []
    index = build.build(run, reports, measured, matrix.ROOT, query.baseline(baseline, run, reports) if baseline else None)
    _say(summary(results))
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for line in github_annotations(results, {s["id"]: s["file"] for s in run.read_scenarios()}, plain):
            _say(line)
    code, reason = matrix.exit_code(results, pytest_code, strict, strict_should)
    if reason:
        _say(f"exit code {code}: {reason}")
    _say(f"report: {os.path.relpath(index)}")
    return code


def summary(results: dict[str, CellResult]) -> str:
    """A run on one screen: a line for each target, and the cells that are worth a look."""
    targets: dict[str, dict[str, int]] = {}
    for cell, result in results.items():
        counts = targets.setdefault(cell.partition("@")[2], {})
        counts[result.word] = counts.get(result.word, 0) + 1
    words = [word for word in reversed(WORDS) if any(word in counts for counts in targets.values())]
    lines = ["", f"{'':24}" + "".join(f"{word:>12}" for word in words)]
    for target, counts in targets.items():
        lines.append(f"{target:24}" + "".join(f"{counts.get(word) or '·':>12}" for word in words))
    total = {word: sum(counts.get(word, 0) for counts in targets.values()) for word in words}
    lines.append(f"{'all ' + str(len(results)) + ' cells':24}" + "".join(f"{total[word]:>12}" for word in words))
    worth = [r for r in results.values() if r.word not in ("pass", "missing", "unsupported")]
    worth.sort(key=lambda result: WORDS.index(result.word))
    for result in worth[:SHOWN]:
        lines.append(f"{result.word.upper():8} {result.cell}\n         {result.reason[:200]}")
    if len(worth) > SHOWN:
        lines.append(f"… and {len(worth) - SHOWN} more: see the report")
    return "\n".join(lines)

"""``python -m harness``: the command line, and the only place that prints."""

from __future__ import annotations

import argparse
import os
import sys

from .. import __version__
from ..model.printable import plain
from ..model.refusal import Refusal
from ..model.suggestions import meant, unknown
from ..run.merging import merge
from ..run.run_folder import newest
from ..run.settings import ROOT, wanted_interpreters
from . import bugs, check, doctor, history, matrix, new, ports, reproduce, results
from .find_run import find
from .finish import add_baseline, check_baseline, finish
from .options import Parser, number, some_path, some_text

COMMANDS = ("matrix", "check", "report", "results", "history", "reproduce", "merge", "doctor", "new", "ports", "bugs")
GLOBAL = ("-h", "--help", "--version")


def main(argv: list[str] | None = None) -> int:
    """Run a command; return its exit code: 0, 1 (red cells), 2 (bad input)."""
    words = list(sys.argv[1:] if argv is None else argv)
    handlers = {
        "matrix": _matrix,
        "check": _check,
        "report": _report,
        "merge": _merge,
        "doctor": _doctor,
        "new": _new,
        "ports": _ports,
        "results": _results,
        "history": _history,
        "reproduce": _reproduce,
        "bugs": _bugs,
    }
    try:
        if words and not words[0].startswith("-") and words[0] not in COMMANDS:
            raise Refusal(f"{unknown('command', words[0], COMMANDS)} Without a command: matrix.")
        if not words or words[0] not in (*COMMANDS, *GLOBAL):
            words.insert(0, "matrix")
        options, rest = _parser().parse_known_args(words)
        if rest:
            _refuse_rest(options.command, rest)
        return handlers[options.command](options)
    except Refusal as problem:
        print(f"harness: {plain(str(problem))}", file=sys.stderr)
        return 2
    except OSError as problem:
        where = f"{problem.filename}: " if problem.filename else ""
        print(f"harness: {plain(where)}{problem.strerror or problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("harness: interrupted", file=sys.stderr)
        return 1


def _refuse_rest(command: str, rest: list[str]) -> None:
    """Say what is wrong with words that no option takes; nothing is passed on to anybody in silence."""
    word = rest[0]
    if word.startswith("-"):
        known = [option for action in _parser_of(command)._actions for option in action.option_strings]
        raise Refusal(
            f"{command}: there is no option {word[:80]!r}.{meant(word.partition('=')[0], known)} "
            f"All there are: python -m harness {command} --help"
        )
    raise Refusal(f"{command}: {word[:80]!r} is more than it takes. See python -m harness {command} --help")


def _parser_of(command: str) -> Parser:
    choices: dict[str, Parser] = next(
        action.choices for action in _parser()._actions if isinstance(action, argparse._SubParsersAction)
    )
    return choices[command]


def _parser() -> Parser:
    parser = Parser(
        prog="python -m harness",
        description="Does my server answer what it should, stop when told, give back its port, and start again, "
        "on every Python? Without a command: matrix.",
    )
    parser.add_argument("--version", action="version", version=f"harness {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    played = commands.add_parser("matrix", help="run the scenarios on every Python and write the report")
    matrix.configure(played)
    _reports(played)
    check.configure(commands.add_parser("check", help="all mistakes of scenario and subject files, without running them"))
    again = commands.add_parser("report", help="write the report of a run again")
    again.add_argument(
        "run", type=some_text, nargs="?", metavar="RUN", help="a folder, or a name below reports/data (default: the newest)"
    )
    add_baseline(again)
    _reports(again)
    asked = commands.add_parser("results", help="the cells of a run on the command line, or what changed since another")
    results.configure_results(asked)
    _reports(asked)
    kept = commands.add_parser("history", help="the runs that are kept; prune old ones")
    history.configure_history(kept)
    _reports(kept)
    again = commands.add_parser("reproduce", help="a cell as one Python file that does the same without the harness")
    reproduce.configure(again)
    _reports(again)
    joined = commands.add_parser("merge", help="merge the data folders of several machines, and report on them")
    joined.add_argument("shards", nargs="+", type=some_path, help="data folders of runs")
    joined.add_argument("--allow-red", action="store_true", help="exit with 0 although cells are red: their shards said so")
    joined.add_argument("--expect", type=number(1), default=0, metavar="N", help="refuse unless there are N shards")
    add_baseline(joined)
    joined.add_argument("-o", "--out", type=some_path, help="the merged folder (default: reports/data/merged)")
    _reports(joined)
    commands.add_parser("doctor", help="say what this machine has and lacks")
    ports.configure(commands.add_parser("ports", help="who holds a port, what happens to a server there, and freeing it"))
    cited = commands.add_parser("bugs", help="play each report that a scenario cites on the release that has it")
    bugs.configure(cited)
    _reports(cited)
    begun = commands.add_parser("new", help="begin a subject: a folder with a subject.toml to fill in")
    begun.add_argument("what", choices=["subject"])
    begun.add_argument("name", type=some_text, help="its name, which becomes a part of each cell's id")
    begun.add_argument("--package", type=some_text, help="its name on PyPI, where that is another")
    begun.add_argument(
        "--interface",
        choices=new.INTERFACES,
        default="wsgi",
        help="wsgi, asgi: it serves MODULE:app; script: a few lines of Python do (default %(default)s)",
    )
    return parser


def _reports(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reports", type=some_path, default=ROOT / "reports", metavar="DIR", help="where reports go")


def _say(text: str) -> None:
    """Print whole lines, from whatever thread."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _matrix(given: argparse.Namespace) -> int:
    return matrix.run(given, _say)


def _check(given: argparse.Namespace) -> int:
    return check.run(given, _say)


def _report(given: argparse.Namespace) -> int:
    check_baseline(given)
    run = find(given.run, given.reports) if given.run else newest(given.reports.resolve())
    return finish(run, given.reports.resolve(), given.baseline, _say)


def _merge(given: argparse.Namespace) -> int:
    check_baseline(given)
    out = (given.out or given.reports / "data" / "merged").resolve()
    run = merge([shard.resolve() for shard in given.shards], out, given.expect)
    code = finish(run, given.reports.resolve(), given.baseline, _say)
    return 0 if given.allow_red and code == 1 else code


def _doctor(given: argparse.Namespace) -> int:
    _say(doctor.describe(wanted_interpreters()))
    return 0


def _results(given: argparse.Namespace) -> int:
    return results.results(given, _say, lambda text: print(text, file=sys.stderr))


def _history(given: argparse.Namespace) -> int:
    return history.history(given, _say)


def _reproduce(given: argparse.Namespace) -> int:
    reproduce.check(given)
    return reproduce.reproduce(given, find(given.run, given.reports) if given.run else newest(given.reports), _say)


def _ports(given: argparse.Namespace) -> int:
    return ports.run(given, _say, _ask)


def _bugs(given: argparse.Namespace) -> int:
    return bugs.run(given, _say, lambda line: print(line, file=sys.stderr, flush=True))


def _ask(question: str) -> bool:
    """Ask the user; where nobody can answer, the answer is no."""
    try:
        return input(question).strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _new(given: argparse.Namespace) -> int:
    files = new.subject(given.name, given.package or "", given.interface)
    for file in files:
        _say(f"wrote {os.path.relpath(file)}")
    _say(
        f"Now look at launch and exits in it, and try it: python -m harness matrix --subject {given.name} -k restart-after-stop"
    )
    return 0

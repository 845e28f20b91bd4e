"""``server-matrix``, or ``server-matrix``: the table of commands, and what becomes of what they refuse."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass

from .. import __version__
from ..model.refusal import Refusal
from ..model.suggestions import meant, unknown
from . import (
    bugs,
    capabilities,
    check,
    doctor,
    history,
    init,
    known,
    matrix,
    merge,
    new,
    ports,
    report,
    reproduce,
    results,
    schema,
)
from .console import confirm, note, problem, say
from .options import Parser
from .project_options import add_folders, add_known, add_reports, project_of


@dataclass(frozen=True, slots=True)
class Command:
    """A command: a sentence for the list of all, its options, what it does, and which options about the project it takes."""

    help: str
    configure: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
    options: tuple[Callable[[argparse.ArgumentParser], None], ...] = ()


COMMANDS = {
    "matrix": Command(
        "run the scenarios on every Python and write the report",
        matrix.configure,
        lambda given: matrix.run(given, say),
        (add_folders, add_known, add_reports),
    ),
    "check": Command(
        "find all mistakes in scenario and subject files, without running them",
        check.configure,
        lambda given: check.run(given, say),
        (add_folders, add_known),
    ),
    "report": Command(
        "write the report of a run again", report.configure, lambda given: report.run(given, say), (add_folders, add_reports)
    ),
    "results": Command(
        "show the cells of a run on the command line, or what changed since another run",
        results.configure_results,
        lambda given: results.results(given, say, note),
        (add_reports,),
    ),
    "history": Command(
        "list the runs that are kept; remove old ones",
        history.configure_history,
        lambda given: history.history(given, say),
        (add_reports,),
    ),
    "reproduce": Command(
        "write a cell as one Python file that does the same without the harness",
        reproduce.configure,
        lambda given: reproduce.run(given, say),
        (add_reports,),
    ),
    "merge": Command(
        "merge the data folders of several machines, and report on them",
        merge.configure,
        lambda given: merge.run(given, say),
        (add_folders, add_reports),
    ),
    "known": Command(
        "list the failures that your known.toml expects, or write today's failures to it",
        known.configure,
        lambda given: known.run(given, say),
        (add_folders, add_known, add_reports),
    ),
    "capabilities": Command(
        "show what a server can promise, and which scenarios need it",
        capabilities.configure,
        lambda given: capabilities.run(given, say),
        (add_folders,),
    ),
    "init": Command("set up the matrix in your own repository", init.configure, lambda given: init.run(given, say)),
    "new": Command("begin a subject or a scenario", new.configure, lambda given: new.run(given, say), (add_folders,)),
    "schema": Command(
        "print the JSON Schema of a kind of file, for editors and validators",
        schema.configure,
        lambda given: schema.run(given, say),
    ),
    "ports": Command(
        "show who holds a port and what happens to a server there; free it",
        ports.configure,
        lambda given: ports.run(given, say, confirm),
    ),
    "bugs": Command(
        "play each report that a scenario cites on the release that has it",
        bugs.configure,
        lambda given: bugs.run(given, say, note),
        (add_folders, add_reports),
    ),
    "doctor": Command(
        "show what this machine has and lacks", doctor.configure, lambda given: doctor.run(given, say), (add_folders,)
    ),
}
GLOBAL = ("-h", "--help", "--version")


def main(argv: list[str] | None = None) -> int:
    """Run a command; return its exit code: 0, 1 (red cells), 2 (bad input)."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        if words and not words[0].startswith("-") and words[0] not in COMMANDS:
            raise Refusal(f"{unknown('command', words[0], COMMANDS)} Without a command: matrix.")
        if not words or words[0] not in (*COMMANDS, *GLOBAL):
            words.insert(0, "matrix")
        given, rest = _parser().parse_known_args(words)
        if rest:
            _refuse_rest(given.command, rest)
        command = COMMANDS[given.command]
        if command.options:
            given.project = project_of(given)
            given.reports = given.project.reports
        return command.run(given)
    except Refusal as refused:
        problem(str(refused))
        return 2
    except OSError as error:
        problem(f"{f'{error.filename}: ' if error.filename else ''}{error.strerror or error}")
        return 2
    except KeyboardInterrupt:
        problem("interrupted")
        return 1


def _refuse_rest(command: str, rest: list[str]) -> None:
    """Say what is wrong with words that no option takes; nothing is passed on to anybody in silence."""
    word = rest[0]
    if word.startswith("-"):
        known_options = [option for action in _parser_of(command)._actions for option in action.option_strings]
        raise Refusal(
            f"{command}: there is no option {word[:80]!r}.{meant(word.partition('=')[0], known_options)} "
            f"See server-matrix {command} --help for all options"
        )
    raise Refusal(f"{command}: unexpected argument {word[:80]!r}. See server-matrix {command} --help")


def _parser_of(command: str) -> Parser:
    choices: dict[str, Parser] = next(
        action.choices for action in _parser()._actions if isinstance(action, argparse._SubParsersAction)
    )
    return choices[command]


def _parser() -> Parser:
    parser = Parser(
        prog="server-matrix",
        description="Does my server answer what it should, stop when told, give back its port, and start again, "
        "on every Python? Without a command: matrix.",
    )
    parser.add_argument("--version", action="version", version=f"server-matrix {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        added = commands.add_parser(name, help=command.help)
        command.configure(added)
        for add in command.options:
            add(added)
    return parser

"""``server-matrix``, or ``python -m harness``: the table of commands, and what becomes of what they refuse."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

from .. import __version__
from ..model.refusal import Refusal
from ..model.suggestions import meant, unknown
from .console import confirm, note, problem, say
from .options import Parser
from .project_options import add_folders, add_known, add_reports, project_of


@dataclass(frozen=True, slots=True)
class Command:
    """A command: a sentence for the list of all, what it does, the options about the project that it takes, and its module.

    The module is imported when the command is used; ``configure`` is the name of the function in it that adds its options.
    """

    help: str
    run: Callable[[ModuleType, argparse.Namespace], int]
    options: tuple[Callable[[argparse.ArgumentParser], None], ...] = ()
    configure: str = "configure"


def _say(module: ModuleType, given: argparse.Namespace) -> int:
    """Run a command that only says things."""
    code: int = module.run(given, say)
    return code


def _of(module: str) -> ModuleType:
    """The module of a command."""
    return import_module(f"{__package__}.{module}")


COMMANDS = {
    "matrix": Command("run the scenarios on every Python and write the report", _say, (add_folders, add_known, add_reports)),
    "check": Command("find all mistakes in scenario and subject files, without running them", _say, (add_folders, add_known)),
    "report": Command("write the report of a run again", _say, (add_folders, add_reports)),
    "results": Command(
        "show the cells of a run on the command line, or what changed since another run",
        lambda module, given: module.results(given, say, note),
        (add_reports,),
        "configure_results",
    ),
    "history": Command(
        "list the runs that are kept; remove old ones",
        lambda module, given: module.history(given, say),
        (add_reports,),
        "configure_history",
    ),
    "reproduce": Command("write a cell as one Python file that does the same without the harness", _say, (add_reports,)),
    "merge": Command("merge the data folders of several machines, and report on them", _say, (add_folders, add_reports)),
    "site": Command("write a site to publish: the newest report, the runs before it, badges", _say, (add_reports,)),
    "known": Command(
        "list the failures that your known.toml expects, or write today's failures to it",
        _say,
        (add_folders, add_known, add_reports),
    ),
    "capabilities": Command("show what a server can promise, and which scenarios need it", _say, (add_folders,)),
    "init": Command("set up the matrix in your own repository", _say),
    "new": Command("begin a subject or a scenario", _say, (add_folders,)),
    "schema": Command("print the JSON Schema of a kind of file, for editors and validators", _say),
    "ports": Command(
        "show who holds a port and what happens to a server there; free it",
        lambda module, given: module.run(given, say, confirm),
    ),
    "bugs": Command(
        "play each report that a scenario cites on the release that has it",
        lambda module, given: module.run(given, say, note),
        (add_folders, add_reports),
    ),
    "doctor": Command("show what this machine has and lacks", _say, (add_folders,)),
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
        given, rest = _parser(words[0]).parse_known_args(words)
        if rest:
            _refuse_rest(given.command, rest)
        command = COMMANDS[given.command]
        if command.options:
            given.project = project_of(given)
            given.reports = given.project.reports
        return command.run(_of(given.command), given)
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
        action.choices for action in _parser(command)._actions if isinstance(action, argparse._SubParsersAction)
    )
    return choices[command]


def _parser(word: str) -> Parser:
    """The parser for a command line that begins with a word; of the other commands it has the names alone."""
    parser = Parser(
        prog="server-matrix",
        description="Does my server answer what it should, stop when told, give back its port, and start again, "
        "on every Python? Without a command: matrix.",
    )
    parser.add_argument("--version", action="version", version=f"server-matrix {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        added = commands.add_parser(name, help=command.help)
        if name == word:
            getattr(_of(name), command.configure)(added)
            for add in command.options:
                add(added)
    return parser

"""Servers, Pythons and commands as people say them."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

from ..model.values import Json, Target

#: The commands that are tasks of this repository's noxfile.py; script/commands.js has them, too.
BY_NOX = ("matrix", "report", "bugs", "merge")


def own_command(command: Sequence[str], environment: Json) -> str:
    """The command that made a run, as one types it where it was made; it can be pasted into a shell."""
    name, words = (command[0], command[1:]) if command and not command[0].startswith("-") else ("matrix", command)
    if environment.get("commands") == "server-matrix":
        return shlex.join(["server-matrix", *([name] if name != "matrix" else []), *words])
    if name not in BY_NOX:
        return shlex.join([".nox/matrix/bin/server-matrix", name, *words])
    return shlex.join(["nox", "-s", name, *(["--"] if words else []), *words])


def pythons_in_words(some: list[str], all_of_them: list[str]) -> str:
    """ "3.6 to 3.9, 3.13": ranges of neighbours among the Pythons that the server has cells on."""
    chosen = [python for python in all_of_them if python in some]
    runs: list[list[str]] = []
    for python in chosen:
        if runs and all_of_them.index(runs[-1][-1]) + 1 == all_of_them.index(python):
            runs[-1].append(python)
        else:
            runs.append([python])
    return ", ".join(
        run[0] if len(run) == 1 else f"{run[0]}, {run[1]}" if len(run) == 2 else f"{run[0]} to {run[-1]}" for run in runs
    )


def pythons_of(targets: Iterable[Target]) -> dict[str, list[str]]:
    """The Pythons of each column that cells could run on, in order: ranges are of neighbours among these."""
    found: dict[str, list[str]] = {}
    for target in targets:
        its = found.setdefault(target.column, [])
        if target.ready:
            its.append(target.interpreter_id)
    return found

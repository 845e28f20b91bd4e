"""Folders of scenario files to run: a sample of the bundled ones, some by id, or synthetic ones."""

from __future__ import annotations

import functools
import re
import shutil
import sys
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from harness.language import parse_scenario

from .measured_run import ROOT

SCENARIOS = ROOT / "scenarios"
PROSE = ("format", "title", "why", "paper", "shows", "differs", "issue", "source", "bug", "grade", "launch")

#: A small scenario: three questions, which leave the server as it was.
SYNTHETIC = """\
format = 1
id     = "synthetic-{family}.question-{number}"
title  = "Question {number}: a page is served, and one that is not there is not"
source = ["tests/bench"]
app    = "tree"
{launch}
[[step]]
act = "start"

[[step]]
act    = "request"
path   = "/?number={number}"
expect = {{ status = 404 }}

[[step]]
act    = "request"
path   = "/"
expect = {{ status = 200, body = "hello" }}

[[step]]
act    = "request"
path   = "/none/{number}"
expect = {{ status = 404, body = {{ some_line = "/The path '.none.{number}' was not found/" }} }}
"""


@functools.cache
def tables(folder: Path = SCENARIOS) -> dict[str, tuple[Path, dict[str, Any]]]:
    """The scenarios below a folder as tables, by id."""
    found = {}
    for file in sorted(folder.rglob("*.toml")):
        table = tomllib.loads(file.read_text("utf-8"))
        found[table["id"]] = (file, table)
    return found


def sample(ids: Sequence[str], count: int) -> list[str]:
    """Some ids, evenly spread; all of them for 0."""
    ids = sorted(ids)
    if not count or count >= len(ids):
        return ids
    return [ids[place * len(ids) // count] for place in range(count)]


def copy(ids: Iterable[str], folder: Path, source: Path = SCENARIOS) -> Path:
    """Copy some scenarios into a folder of their own; return it."""
    shutil.rmtree(folder, ignore_errors=True)
    for scenario in ids:
        file, _ = tables(source)[scenario]
        place = folder / file.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, place)
    return folder


def acts(table: dict[str, Any]) -> dict[str, Any]:
    """What a scenario does and expects: without its prose, and without the notes of its steps."""
    def bare(steps: Any) -> Any:
        return [{key: bare(value) if key == "step" else value for key, value in step.items() if key != "note"} for step in steps]

    return {key: bare(value) if key == "step" else value for key, value in table.items() if key not in PROSE}


def synthetic(count: int, folder: Path) -> Path:
    """Write small scenarios, fifty to a family; return the folder. They share their server where the language has that."""
    launch = 'launch = "shared"\n' if "launch" in parse_scenario._TOP else ""
    for place in range(count):
        file = folder / f"{place // 50}" / f"{place}.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(SYNTHETIC.format(family=place // 50, number=place, launch=launch), "utf-8")
    return folder


def command(scenarios: Path, reports: Path, *words: str, help_text: str | None = None) -> list[str]:
    """The command that runs the scenarios of a folder, and no others; ``help_text`` is of the harness that is to run them."""
    alone = help_text is None or "--no-bundled-scenarios" in help_text
    return [sys.executable, "-m", "harness", "matrix", "--scenarios", str(scenarios),
            *(["--no-bundled-scenarios"] if alone else []), "--reports", str(reports), *words]


def chosen(subjects: Iterable[str], pythons: Iterable[str]) -> list[str]:
    """The options for servers and Pythons."""
    return [word for subject in subjects for word in ("--subject", subject)] + \
        [word for python in pythons for word in ("--python", python)]


def identifier(scenario: str) -> str:
    """An id as a name in Python."""
    return re.sub(r"\W", "_", scenario)

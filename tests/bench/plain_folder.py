"""A folder of plain pytest files for one target: test files, a conftest, and what they share."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from harness.language.scenario import Scenario
from harness.model.values import Target
from harness.targets.resolution import resolve
from harness.targets.subject import Subject

from .plain_writer import Unwritable, Writer
from .scenario_folders import identifier

SUPPORT = Path(__file__).with_name("plain_support.py")
CONFTEST = '''\
"""The server under test: {target}."""

import pytest
from support import Server

COMMAND = {command!r}
APPS = {apps!r}


@pytest.fixture
def server(tmp_path):
    """A server that is ended after the test."""
    running = Server(COMMAND, APPS, tmp_path)
    yield running
    running.stop()
'''
HEAD = '''\
"""{family}: generated from scenarios/{family}."""

import json
import re

from support import closes, in_order, lines, text
'''


@dataclass(frozen=True, slots=True)
class Written:
    """A folder of plain tests: how many asserts each scenario has in it, and why some are left out."""

    folder: Path
    target: str
    asserted: dict[str, int]
    left_out: dict[str, str]


def write(folder: Path, scenarios: Iterable[Scenario], subject: Subject, target: Target) -> Written:
    """Write the tests of one target; the folder is made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    mine = subject.on(target)
    tests: dict[str, list[str]] = {}
    asserted: dict[str, int] = {}
    left_out: dict[str, str] = {}
    for scenario in scenarios:
        writer = Writer(resolve(scenario, target, mine), mine)
        try:
            tests.setdefault(scenario.family, []).append(writer.write())
            asserted[scenario.id] = writer.asserted
        except Unwritable as problem:
            left_out[scenario.id] = str(problem)
    for family, functions in tests.items():
        (folder / f"test_{identifier(family)}.py").write_text(
            "\n\n\n".join([HEAD.format(family=family), *functions]).replace("\n\n\n\n", "\n\n\n") + "\n", "utf-8")
    for home in mine.app_folders:
        shutil.copytree(home, folder / "apps", dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    apps = {name: str(folder / "apps" / file.name) for name, file in mine.apps.items()}
    # As in a repository where the tests have run before: compiled, as far as this Python can parse them.
    subprocess.run([target.python, "-m", "compileall", "-q", str(folder / "apps")], capture_output=True, check=False)
    entry = [target.python, "-s", "-E", *mine.entry, *(arg.replace("{folder}", str(mine.folder)) for arg in mine.args)]
    (folder / "conftest.py").write_text(CONFTEST.format(target=target.id, command=entry, apps=apps), "utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", "utf-8")
    shutil.copy(SUPPORT, folder / "support.py")
    return Written(folder, target.id, asserted, left_out)

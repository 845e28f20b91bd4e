"""The unmutated server, seen by every scenario: which are green, how long they take, and which lines each reaches.

Asked once for each Python, and kept in reports/mutants/: of each scenario until the server, the harness, the scenario or its
application changes. Each is played as the mutants are, and measured by coverage while it is, so that what it says of one it
does not say without it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.language.scenario import Scenario
from harness.machine.atomic_files import write_json
from harness.machine.places import APPS
from harness.targets import fingerprints
from harness.targets.subject import Subject

from .pool import Job, Pool
from .reach import Ground

HERE = Path(__file__).parent
GREEN = ("pass", "known")
STOP_SECONDS = 15.0
_IMPORT = re.compile(r"^\s*(?:from|import) (\w+)", re.MULTILINE)

Seen = dict[str, Any]  # what is known of one scenario: key, green, flaky, blind, seconds, steps, stop, lines


def source_hash(package: Path) -> str:
    """A hash of the package's source."""
    digest = hashlib.sha256()
    for file in sorted(package.rglob("*.py")):
        digest.update(file.relative_to(package).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def keys(scenarios: dict[str, Scenario], subject: Subject, package: Path) -> dict[str, str]:
    """Of each scenario a hash of all that decides what is seen."""
    launched = replace(subject, capabilities=(), apps={}, requirements=(), when=(), title="")  # the rest decides how it is run
    own = b"".join((HERE / name).read_bytes() for name in ("cells.py", "measuring.py", "ground.py"))
    same = f"{source_hash(package)} {fingerprints.driver()} {launched!r}".replace(str(APPS.parents[2]), "")
    same += hashlib.sha256(own).hexdigest()
    found = {}
    for name, scenario in scenarios.items():
        apps = {str(step.args["app"]) for step in scenario.steps if "app" in step.args} | {scenario.app}
        files = sorted(_with_imports({subject.apps[app] for app in apps if app in subject.apps}))
        digest = hashlib.sha256(f"{same} {scenario.hash}".encode())
        for file in files:
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
        found[name] = digest.hexdigest()[:16]
    return found


def _with_imports(files: set[Path]) -> set[Path]:
    """Applications, and those that they import."""
    found: set[Path] = set()
    todo = list(files)
    while todo:
        file = todo.pop()
        if file not in found and file.exists():
            found.add(file)
            todo += [APPS / f"{name}.py" for name in _IMPORT.findall(file.read_text("utf-8"))]
    return found


def cell_of(scenario: str, **more: Any) -> Job:
    """A cell of a job, as patient as its scenario is."""
    return {"scenario": scenario, "steps": {}, "stop": STOP_SECONDS, "flaky": False, **more}


def survey(
    pool: Pool, plan: dict[str, list[str]], scenarios: dict[str, Scenario], told: Callable[[str, str, Seen], None],
    say: Callable[[str], None],
) -> None:
    """See the unmutated server on some Pythons, each with some scenarios; ``told`` is called for each of them.

    Each is measured; one that says that it does not want to be is played without that, too, and so is one that is red.
    """
    cells: dict[tuple[str, str], list[Job]] = defaultdict(list)
    queue = deque((python, scenario, True) for python, names in plan.items() for scenario in names)
    total, done_with = len(queue), 0

    def take() -> tuple[Any, Job] | None:
        if not queue:
            return None
        python, scenario, measure = queue.popleft()
        return (python, scenario), {"python": python, "files": {}, "cells": [cell_of(scenario)], "measure": measure,
                                    "until_red": False}

    def give(asked: Any, seen: list[Job], done: Job) -> None:
        nonlocal done_with
        python, scenario = asked
        if "broke" in done:
            raise RuntimeError(f"{scenario} on {python}, unmutated: {done['broke']}")
        cells[asked] += seen
        if len(cells[asked]) == 1 and (seen[0]["word"] not in GREEN or not scenarios[scenario].coverage):
            queue.appendleft((python, scenario, False))
            return
        told(python, scenario, _seen(cells[asked], scenarios[scenario].coverage))
        done_with += 1
        if done_with % 50 == 0:
            say(f"  {done_with} of {total}")

    pool.run(take, give)


def _seen(cells: list[Job], may_be_measured: bool) -> Seen:
    """What is kept of one scenario: measured first, and then without that where it was asked for or was red."""
    measured, counts = cells[0], cells if may_be_measured else cells[1:]
    green = [cell for cell in counts if cell["word"] in GREEN]
    best = green[0] if green else counts[-1]
    return {
        "green": bool(green), "flaky": bool(green) and len(green) < len(counts), "reason": "" if green else best["reason"],
        "blind": measured["blind"] or not may_be_measured, "seconds": best["seconds"], "steps": best["steps"], "stop": best["stop"],
        "lines": measured["lines"]}


def ground(seen: dict[str, Seen]) -> Ground:
    """What is known of one Python, of the scenarios that are green on it."""
    green = {name: one for name, one in seen.items() if one["green"]}
    lines: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for name, one in green.items():
        for file, reached in one["lines"].items():
            for line in reached:
                lines[file][line].add(name)
    return Ground(
        {file: {line: frozenset(names) for line, names in found.items()} for file, found in lines.items()},
        {name: one["seconds"] for name, one in green.items()},
        {name: {int(step): seconds for step, seconds in one["steps"].items()} for name, one in green.items()},
        {name: one["stop"] for name, one in green.items()},
        frozenset(name for name, one in green.items() if one["blind"]),
        frozenset(name for name, one in green.items() if one["flaky"]))


def keep(file: Path, known_by: dict[str, str], seen: dict[str, Seen]) -> None:
    """Write down what was seen."""
    write_json(file, {name: {"key": known_by[name], **one} for name, one in seen.items()})


def recall(file: Path, known_by: dict[str, str]) -> dict[str, Seen]:
    """What was seen of this very server by scenarios that are as they were."""
    kept: dict[str, Seen] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return {name: one for name, one in kept.items() if one["key"] == known_by.get(name)}

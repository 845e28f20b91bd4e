"""The first question to a target: does it start at all, and answer? What does not is an error in every cell, with its reason.

Without it a start command that is nonsense would pass where a scenario expects that a server does not start.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from filelock import FileLock

from .atomic import write_json
from .drive import drive
from .judge import judge
from .model import Refusal, Target
from .scenario import Scenario, for_target
from .scenario_files import parse
from .store import REFUSES, Run
from .subjects import APPS, FOLDER, Subject

SECONDS = 180.0  # for the trial of another worker
TAIL_LINES = 6
NAME = "harness.trial"


def refuses(target: Target, subject: Subject, run: Run, scratch: Path) -> str:
    """Return "" for a target that starts and answers, else why it is no target; asked once for each launch description.

    That it did is kept in the target's folder; that it did not is kept for this run.
    """
    marker = Path(target.python).parents[1] / "starts.json"
    key = _key(subject)
    folder = run.folder / "trials" / target.id
    folder.mkdir(parents=True, exist_ok=True)
    failure = folder / REFUSES
    with FileLock(str(folder) + ".lock", timeout=SECONDS):
        if marker.exists() and json.loads(marker.read_text("utf-8")) == key:
            return ""
        if failure.exists():
            return str(json.loads(failure.read_text("utf-8")))
        reason = _try(target, subject, folder, run, scratch)
        write_json(failure if reason else marker, reason or key)
    return reason


def _key(subject: Subject) -> str:
    """A hash of all that a launch is made of, beside what is installed."""
    digest = hashlib.sha256(repr(subject).encode())
    for file in sorted([*APPS.glob("*.py"), *FOLDER.glob("*/*.py")]):  # subjects use each other's scripts, too
        digest.update(file.as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def scenario(subject: Subject) -> Scenario:
    """Start it, and ask for its first page."""
    if not subject.apps:
        raise Refusal(f"{subject.name} has no app; add one under [apps] of its subject.toml")
    return parse({
        "format": 1, "id": NAME, "title": "It starts, and answers", "source": ["the harness itself"],
        "app": "life" if "life" in subject.apps else sorted(subject.apps)[0],
        "step": [{"act": "start"}, {"act": "request", "path": "/", "expect": {"status": 200}}],
    }, "harness/trial.py")


def _try(target: Target, subject: Subject, folder: Path, run: Run, scratch: Path) -> str:
    asked = for_target(scenario(subject), target)
    history = drive(f"{NAME}@{target.id}", asked, target, subject, folder, run.folder.name, scratch, False)
    result = judge(asked, history, subject.patterns, subject.exits)
    if result.behaviour is not None and result.behaviour.outcome == "pass":
        return ""
    log = [line.strip() for line in "".join(history.logs.values()).splitlines() if line.strip()]
    said = f"; its last words: {' / '.join(log[-TAIL_LINES:])}" if log else "; it said nothing"
    return f"{target.id} does not start as subjects/{subject.name}/subject.toml says: {result.reason}{said}"

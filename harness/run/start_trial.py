"""A trial start of each target: if it does not start and answer, it is `broken` in every cell, with the reason.

Without the trial, a nonsensical start command would pass scenarios that expect a server not to start.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from filelock import FileLock

from ..cell.job import CellJob
from ..cell.play_cell import play
from ..language.parse_scenario import parse
from ..language.scenario import Scenario
from ..machine.atomic_files import write_json
from ..machine.places import PACKAGE
from ..model.ids import CellId
from ..model.refusal import Refusal
from ..model.values import Target
from ..targets.resolution import resolve
from ..targets.subject import Subject
from ..verdict.judge import judge
from .run_folder import REFUSES, Run, read_refusal

SECONDS = 180.0  # to wait for another worker's trial
TAIL_LINES = 6
NAME = "harness.trial"


def refuses(target: Target, subject: Subject, run: Run, scratch: Path) -> tuple[str, str]:
    """Return ("", "") for a target that starts and answers, else the status of its cells and the reason; done once a launch.

    The status is "broken" if the server does not start, and "error" if the harness could not try. Success is recorded in the
    target's folder, a failure only for this run.
    """
    marker = Path(target.python).parents[1] / "starts.json"
    key = _key(subject)
    folder = run.folder / "trials" / target.id
    folder.mkdir(parents=True, exist_ok=True)
    failure = folder / REFUSES
    with FileLock(str(folder) + ".lock", timeout=SECONDS):
        if marker.exists() and json.loads(marker.read_text("utf-8")) == key:
            return "", ""
        if failure.exists():
            return read_refusal(failure)
        status, reason = _try(target, subject, folder, run, scratch)
        write_json(failure if status else marker, {"status": status, "reason": reason} if status else key)
    return status, reason


def _key(subject: Subject) -> str:
    """A hash of everything a launch depends on, except the installed packages."""
    home = subject.folder.parent
    text = repr(subject).replace(str(home.parent), "").replace(str(PACKAGE), "")  # independent of their location
    digest = hashlib.sha256(text.encode())
    apps = [file for folder in subject.app_folders for file in sorted(folder.glob("*.py"))]
    for file in [*apps, *sorted(home.glob("*/*.py"))]:  # subjects may share scripts
        digest.update("/".join(file.parts[-2:]).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def scenario(subject: Subject) -> Scenario:
    """A scenario that starts the server and requests its first page."""
    if not subject.apps:
        raise Refusal(f"{subject.name} has no app; add one to [apps] in its subject.toml")
    return parse(
        {
            "format": 1,
            "id": NAME,
            "title": "It starts and answers",
            "source": ["the harness itself"],
            "app": "life" if "life" in subject.apps else sorted(subject.apps)[0],
            "step": [{"act": "start"}, {"act": "request", "path": "/", "expect": {"status": 200}}],
        },
        "harness/run/start_trial.py",
    )


def _try(target: Target, subject: Subject, folder: Path, run: Run, scratch: Path) -> tuple[str, str]:
    asked = resolve(scenario(subject), target, subject)
    history = play(CellJob(CellId.of(NAME, target.id), asked, target, subject, run.folder.name, folder, scratch, False))
    result = judge(asked, history, subject.dialect)
    if result.status == "error":
        return "error", f"the trial start of {target.id} could not be made: {result.reason}"
    if result.behaviour is not None and result.behaviour.outcome == "pass":
        return "", ""
    log = [line.strip() for line in "".join(history.logs.values()).splitlines() if line.strip()]
    last = log[-1] if log else "no output"
    before = f"; before that: {' / '.join(log[-TAIL_LINES:-1])}" if log[:-1] else ""
    return "broken", (
        f"{last} ({target.id} is installed, but does not start as described in subjects/{subject.name}/subject.toml: "
        f"{result.reason}{before})"
    )

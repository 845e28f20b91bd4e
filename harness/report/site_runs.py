"""The runs that a site keeps: what the list says of each, which earlier ones stay, and what their folders are called."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from ..model.printable import plain
from ..model.values import Json
from .overview import STATES
from .phrases import own_command
from .publishable import bounded
from .site_links import FIRST, regular

FACTS = "run.json"  # in the folder of each run
MOST_TEXT = 500  # characters of a fact
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,120}")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the list of runs says of one; ``state`` is the run in one word, as the overview has it."""

    run: str
    started: str
    commit: str
    command: str
    sentence: str
    state: str

    @property
    def day(self) -> str:
        """When it began, as a day."""
        return self.started[:10]

    @property
    def look(self) -> tuple[str, str]:
        """How its state looks: a style, and a shape."""
        return STATES.get(self.state, STATES["nothing"])


@dataclass(frozen=True, slots=True)
class Earlier:
    """A run of an earlier site: its folder."""

    folder: Path
    facts: Facts


def facts_of(data: Json) -> Facts:
    """What the data of a report's page say of its run."""
    overview = data["overview"]
    return Facts(
        str(data["run"]),
        str(data["environment"].get("started", "")),
        str(overview["commit"]),
        own_command(data["command"], data["environment"]),
        str(overview["sentence"]),
        str(overview["state"]),
    )


def folder_name(run: str) -> str:
    """The folder of a run in a site: nothing in a run's name can lead elsewhere, or take the place of the list of runs."""
    if _NAME.fullmatch(run) and run != FIRST:
        return run
    return f"run-{hashlib.sha256(run.encode('utf-8', 'replace')).hexdigest()[:12]}"


def write_facts(facts: Facts) -> str:
    """The file that keeps the facts of a run beside its page."""
    return json.dumps({"format": 1, **asdict(facts)}, ensure_ascii=False, indent=1) + "\n"


def read_facts(folder: Path) -> Facts | None:
    """The facts of a run in an earlier site; None if there are none that can be read."""
    path = regular(folder, FACTS)
    try:
        found = json.loads(path.read_text("utf-8")) if path else None
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    told = {one.name: found.get(one.name) for one in fields(Facts)}
    texts = {name: bounded(plain(text), MOST_TEXT) for name, text in told.items() if isinstance(text, str)}
    return Facts(**texts) if len(texts) == len(told) else None


def earlier(site: Path, note: Callable[[str], None]) -> list[Earlier]:
    """The runs of an earlier site, the newest first; what is no run of ours is named, and passed over."""
    runs = site / "runs"
    found = []
    for folder in sorted(runs.iterdir()) if runs.is_dir() and not runs.is_symlink() else []:
        if folder.name == FIRST:
            continue
        facts = None
        if _NAME.fullmatch(folder.name) and not folder.is_symlink() and folder.is_dir() and regular(folder, FIRST):
            facts = read_facts(folder)
        if facts is None:
            note(f"not carried over, since it is no run of a site: runs/{bounded(plain(folder.name), 80)}")
        else:
            found.append(Earlier(folder, facts))
    return sorted(found, key=lambda one: (one.facts.started, one.folder.name), reverse=True)

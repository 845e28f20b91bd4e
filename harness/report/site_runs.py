"""The runs that a site keeps: what the list says of each, which earlier ones stay, and what their folders are called."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ..model.printable import plain
from ..model.refusal import Refusal
from ..model.values import Json
from .overview import STATES
from .phrases import own_command
from .publishable import bounded
from .site_links import FIRST, data_of, read, regular

FACTS = "run.json"  # in the folder of each run
FORMAT = 1
CLOCKS_DIFFER = timedelta(days=1)  # between the machines of runs
MOST_TEXT = 500  # characters of a fact
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
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
    def began(self) -> datetime | None:
        """When it began; None if what is said is no time, or one that is still to come."""
        try:
            found = datetime.fromisoformat(self.started) if _STAMP.match(self.started) else None
        except ValueError:
            return None
        if found is None:
            return None
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return found if found < datetime.now(UTC) + CLOCKS_DIFFER else None

    @property
    def order(self) -> float:
        """What runs are sorted by; a run that does not say when it began is older than all that do."""
        return self.began.timestamp() if self.began else float("-inf")

    @property
    def day(self) -> str:
        """When it began, as a day; "" if it does not say."""
        return self.started[:10] if self.began else ""

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
    return json.dumps({"format": FORMAT, **asdict(facts)}, ensure_ascii=False, indent=1) + "\n"


def read_facts(folder: Path) -> Facts | None:
    """The facts of a run in an earlier site; None if there are none that can be read."""
    path = regular(folder, FACTS)
    try:
        found = json.loads(path.read_text("utf-8")) if path else None
    except (OSError, ValueError, RecursionError):
        return None
    return _checked(found) if isinstance(found, dict) and found.get("format") == FORMAT else None


def _checked(found: Json) -> Facts | None:
    """Facts whose texts are bounded and printable; None if one is missing."""
    told = {one.name: found.get(one.name) for one in fields(Facts)}
    texts = {name: bounded(plain(text), MOST_TEXT) for name, text in told.items() if isinstance(text, str)}
    return Facts(**texts) if len(texts) == len(told) else None


def facts_of_page(folder: Path) -> Facts | None:
    """The facts of a run from the data of its page, which has all of them; None if there is none that can be read."""
    path = regular(folder, FIRST)
    try:
        data = data_of(read(path).decode("utf-8", "replace")) if path else None
        return _checked(asdict(facts_of(data))) if data else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def earlier(site: Path, note: Callable[[str], None]) -> list[Earlier]:
    """The runs of an earlier site, the newest first; raises Refusal for what is none, since a new site would not have it.

    Facts that are damaged are taken from the run's own page, and this is noted.
    """
    runs = site / "runs"
    found, problems = [], []
    for folder in sorted(runs.iterdir()) if runs.is_dir() and not runs.is_symlink() else []:
        if folder.name == FIRST:
            continue
        named = f"runs/{bounded(plain(folder.name), 80)}"
        if not _NAME.fullmatch(folder.name) or folder.is_symlink() or not folder.is_dir():
            problems.append(named)
            continue
        facts = read_facts(folder)
        if facts is None or facts.began is None:
            told = facts_of_page(folder)
            if told is not None and (facts is None or told.began is not None):
                facts = told
                note(f"{named}/{FACTS} is damaged; what it said was taken from the page of the run")
        if facts is None or not regular(folder, FIRST):
            problems.append(named)
        else:
            found.append(Earlier(folder, facts))
    if problems:
        raise Refusal(
            f"{site}: damaged, or not a run of a site: {', '.join(problems)}. A new site would leave it out. "
            "Restore it, or delete it if you no longer need it, and write the site again"
        )
    return sorted(found, key=lambda one: (one.facts.order, one.folder.name), reverse=True)

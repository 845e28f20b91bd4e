"""``reports/bugs.json``: the verdict on each citation when it was last replayed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ...language.scenario import Bug
from ...machine import atomic_files
from ...model.refusal import Refusal
from ...model.stored_json import to_json
from ...model.values import Json
from .plays import Play
from .verdicts import Side

FORMAT = 1
PROSE = ("why", "note")


@dataclass(frozen=True, slots=True)
class Played:
    """A citation that was replayed, or could not be, and its verdict."""

    scenario: str
    hash: str
    bug: Bug
    python: str
    broken: Side
    fixed: Side | None
    verdict: str
    reason: str
    run: str


def document(played: Iterable[Played], run: str, environment: Json) -> Json:
    """The form that ``--json`` prints and the file stores."""
    return {"format": FORMAT, "run": run, "environment": environment, "played": to_json(tuple(played))}


def keep(file: Path, now: Json, plays: Iterable[Play], publishable: Callable[[Json], str]) -> None:
    """Write the file: the citations replayed now, and earlier records of those that have not changed since."""
    current = [
        _mark({"scenario": play.scenario.id, "hash": play.scenario.hash, "bug": to_json(play.bug), "python": play.python})
        for play in plays
    ]
    anew = [_mark(entry) for entry in now["played"]]
    entries = {_mark(entry): entry for entry in (*read(file), *now["played"]) if _mark(entry) in current}
    rest = [entry for mark, entry in entries.items() if mark not in anew]
    document = {**now, "played": sorted([*rest, *now["played"]], key=lambda entry: current.index(_mark(entry)))}
    atomic_files.write_text(file, publishable(document) + "\n")


def _mark(entry: Json) -> str:
    """What identifies an entry as the record of an unchanged citation: everything but its prose."""
    bug = {key: value for key, value in entry["bug"].items() if key not in PROSE}
    return json.dumps([entry["scenario"], entry["hash"], bug, entry["python"]], sort_keys=True)


def read(file: Path) -> list[Json]:
    """The earlier records; raises Refusal for an unexpected file."""
    if not file.exists():
        return []
    try:
        found = json.loads(file.read_text("utf-8"))
        if found["format"] != FORMAT:
            raise ValueError(f"format {found['format']}")
        entries: list[Json] = [entry for entry in found["played"] if _mark(entry)]
    except (ValueError, KeyError, TypeError) as error:
        raise Refusal(f"{file}: invalid contents ({error!r}). Remove it, and replay all citations.") from error
    return entries

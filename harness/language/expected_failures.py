"""``known.toml``: failures that an adopter expects, kept in the adopter's own repository.

format = 1

[[known]]
scenario = "http.head"
targets  = ["myserver@2.7", "otherserver@3.13-windows", "third"]   # a server, or a server on one Python
step     = 3                                 # optional; without it, any failure of the cell
key      = "status"                          # optional
why      = "HEAD has a body before version 4"
link     = "https://github.com/me/myserver/issues/12"
until    = 2027-06-30                        # optional: the entry is an error after this day
sometimes = true                             # optional: it does not fail in each run, so a pass is not "fixed"
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..model.ids import SEPARATOR, CellId, TargetId
from ..model.suggestions import shown, unknown
from ..model.values import Json
from .files import table
from .scenario import Mistakes, Scenario
from .verbs import CLEANUP_KEYS, INTERPRETER_ID, PYTHONS, SYSTEMS

FORMAT = 1
_TOP = ("format", "known")
_KEYS = {
    "scenario": str,
    "targets": list,
    "step": int,
    "key": str,
    "why": str,
    "link": str,
    "until": datetime.date,
    "sometimes": bool,
}
_WORDS = {
    str: "a string",
    list: "a list of servers",
    int: "a whole number",
    datetime.date: "a date such as 2027-06-30",
    bool: "true or false",
}
_REQUIRED = ("scenario", "targets", "why")


@dataclass(frozen=True, slots=True)
class ExpectedFailure:
    """One entry; ``step`` 0 and ``key`` "" match any; ``sometimes``: it does not fail in each run."""

    scenario: str
    targets: tuple[str, ...]
    why: str
    step: int = 0
    key: str = ""
    link: str = ""
    until: str = ""
    sometimes: bool = False

    def names(self, cell: str) -> bool:
        """Whether the entry applies to a cell."""
        scenario, target = CellId(cell).parts
        return scenario == self.scenario and (target in self.targets or TargetId(target).column in self.targets)

    @property
    def reason(self) -> str:
        """Why it fails, and where that was reported."""
        return f"{self.why} ({self.link})" if self.link else self.why


def read(file: Path) -> tuple[ExpectedFailure, ...]:
    """The entries of a file; raises Refusal with every mistake in its keys, types and values."""
    name = file.name
    data = table(file, name)
    mistakes = Mistakes(name)
    for key in data:
        if key not in _TOP:
            mistakes.add("", unknown("key", key, _TOP))
    if type(data.get("format")) is not int or data["format"] != FORMAT:
        mistakes.add("format", f"must be {FORMAT}, not {shown(data.get('format'))}")
    entries = data.get("known", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        mistakes.add("known", "must be a list of tables: [[known]]")
        entries = []
    found = []
    for number, entry in enumerate(entries, 1):
        if _check_types(entry, f"known {number}", mistakes):
            found.append(
                ExpectedFailure(
                    entry["scenario"],
                    tuple(entry["targets"]),
                    entry["why"],
                    entry.get("step", 0),
                    entry.get("key", ""),
                    entry.get("link", ""),
                    entry["until"].isoformat() if "until" in entry else "",
                    entry.get("sometimes", False),
                )
            )
    mistakes.raise_any()
    return tuple(found)


def _check_types(entry: Json, where: str, mistakes: Mistakes) -> bool:
    """Whether an entry has the required keys, with values of the right types."""
    before = len(mistakes.found)
    for key, value in entry.items():
        if key not in _KEYS:
            mistakes.add(where, unknown("key", key, _KEYS))
        elif type(value) is not _KEYS[key]:
            mistakes.add(f"{where}: {key}", f"must be {_WORDS[_KEYS[key]]}, not {shown(value)}")
    for key in _REQUIRED:
        if key not in entry:
            mistakes.add(where, f"{key} is missing")
    if len(mistakes.found) > before:
        return False
    if not entry["targets"] or not all(isinstance(item, str) and item for item in entry["targets"]):
        mistakes.add(f"{where}: targets", 'must be a list of servers, such as ["myserver@2.7", "otherserver"]')
    if not entry["why"].strip():
        mistakes.add(f"{where}: why", "is empty: explain why this fails, and whose fault it is")
    if not entry.get("link", "https://").startswith(("https://", "http://")):
        mistakes.add(f"{where}: link", "must be an address that begins with https://")
    if entry.get("step", 1) < 1:
        mistakes.add(f"{where}: step", "steps are counted from 1")
    return len(mistakes.found) == before


def check(
    entries: Iterable[ExpectedFailure],
    scenarios: Mapping[str, Scenario],
    subjects: Collection[str],
    name: str,
    today: datetime.date | None = None,
) -> None:
    """Raise Refusal with every entry that matches nothing or has expired; ``name`` is the name of the file."""
    mistakes = Mistakes(name)
    day = (today or datetime.datetime.now(datetime.UTC).date()).isoformat()
    seen: dict[tuple[Any, ...], int] = {}
    for number, entry in enumerate(entries, 1):
        where = f"known {number}"
        if entry.scenario not in scenarios:
            mistakes.add(f"{where}: scenario", unknown("scenario", entry.scenario, scenarios))
        else:
            _check_place(entry, scenarios[entry.scenario], where, mistakes)
        for target in entry.targets:
            if entry.targets.count(target) > 1 or ("@" in target and TargetId(target).column in entry.targets):
                mistakes.add(f"{where}: targets", f"names {target} more than once")
                break
            _check_target(target, subjects, f"{where}: targets", mistakes)
            twin = seen.setdefault((entry.scenario, target, entry.step, entry.key), number)
            if twin != number:
                mistakes.add(where, f"repeats known {twin} for {target}: keep one of them")
        if entry.until and entry.until < day:
            mistakes.add(
                f"{where}: until",
                f"expired on {entry.until}: check whether {entry.scenario} still fails; renew or remove it",
            )
    mistakes.raise_any()


def _check_target(target: str, subjects: Collection[str], where: str, mistakes: Mistakes) -> None:
    subject = TargetId(target).subject
    if subject not in subjects:
        mistakes.add(where, unknown("server", subject, subjects))
    python, dash, system = TargetId(target).interpreter.partition("-")
    if dash and system not in SYSTEMS:
        mistakes.add(where, f"{shown(target)}: {unknown('system', system, SYSTEMS)}")
    if SEPARATOR in target and not (
        INTERPRETER_ID.fullmatch(python) and (python.startswith("pypy") or python.rstrip("t") in PYTHONS)
    ):
        mistakes.add(where, f"{shown(target)}: {unknown('Python', python, PYTHONS)}")


def _check_place(entry: ExpectedFailure, scenario: Scenario, where: str, mistakes: Mistakes) -> None:
    """Check that the step exists and that the key can fail."""
    if entry.step > len(scenario.steps):
        mistakes.add(f"{where}: step", f"{entry.scenario} has steps 1 to {len(scenario.steps)}, not {entry.step}")
        return
    steps = [scenario.steps[entry.step - 1]] if entry.step else scenario.steps
    able = {key for step in steps for key in step.failing_keys}
    if not entry.step:
        able |= set(CLEANUP_KEYS)
    if entry.key and entry.key not in able:
        of = f"step {entry.step} of {entry.scenario}" if entry.step else entry.scenario
        mistakes.add(f"{where}: key", f"{of} cannot fail there: {unknown('key', entry.key, able)}")


#: A key's type -> what JSON Schema can say of it; a date of TOML has no quotes, and JSON has it as a string.
_SCHEMAS: dict[type, Json] = {
    str: {"type": "string", "minLength": 1},
    list: {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}},
    int: {"type": "integer", "minimum": 1},
    datetime.date: {"type": "string", "format": "date", "description": _WORDS[datetime.date]},
    bool: {"type": "boolean"},
}


def schema() -> Json:
    """The JSON Schema of the file, from the same table of keys."""
    entry = {
        "type": "object",
        "additionalProperties": False,
        "required": list(_REQUIRED),
        "properties": {key: _SCHEMAS[kind] for key, kind in _KEYS.items()},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Failures that are expected, of server-matrix",
        "type": "object",
        "additionalProperties": False,
        "required": ["format"],
        "properties": {"format": {"const": FORMAT}, "known": {"type": "array", "items": entry}},
    }

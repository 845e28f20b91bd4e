"""Turn a scenario's table into a Scenario. All mistakes are reported together, each with file, step and key."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from ..model.suggestions import shown, unknown
from ..model.values import FORMAT, Json
from .capabilities import CAPABILITIES
from .expand_checks import expand, has_checks
from .paper_claims import CLAIMS
from .parse_bugs import ISSUE, parse_bugs
from .parse_known import parse_known
from .parse_step import parse_step
from .scenario import LEVELS, Bug, Mistakes, Scenario, ScenarioError, Step
from .server_states import check_states
from .shareable import check_shared
from .socket_words import WIDE_HOLDERS
from .step_order import check_order
from .value_checks import check_range, only
from .verbs import BUILT_IN, MAX_REPEAT, REPEAT

GRADES = ("must", "should")  # of a scenario; a check also has the other levels
SHOWS = ("reproduced", "not reproduced")  # what a passing cell means for the paper's claims
#: The cell's own address; 127.0.0.1:8080; its own ports on 127.0.0.1, for holders on wider addresses; and those of
#: cell/channel_kinds.py: a Unix socket, a port of ::1, one that the system chooses, and a socket that the server is given.
CHANNELS = ("own", "default", "ports", "unix", "ipv6", "system-port", "handed-over", "handed-over-unix")
LAUNCHES = ("own", "shared")  # a server of the cell's own, or one that answers several cells in turn

_TOP: dict[str, type] = {
    "format": int,
    "id": str,
    "title": str,
    "why": str,
    "paper": list,
    "shows": str,
    "differs": str,
    "issue": list,
    "source": list,
    "grade": str,
    "needs": list,
    "python": str,
    "app": str,
    "channel": str,
    "launch": str,
    "tls": bool,
    "reload": bool,
    "coverage": bool,
    "leaves": list,
    "step": list,
    "known": list,
    "bug": list,
}
_KINDS: dict[type, str] = {int: "a whole number", str: "a string", list: "a list", bool: "true or false"}
_PROSE = ("title", "why", "paper", "shows", "differs", "issue", "source", "bug")
_UNHASHED = (*_PROSE, "launch")  # a cell has the same verdict on a launch of its own and on a shared one
_CHOICES = (("channel", CHANNELS), ("launch", LAUNCHES), ("shows", SHOWS))
_LISTS = ("paper", "issue", "source", "needs", "leaves")
_ADDRESS = re.compile(r"https?://[^\s/]+/\S*")
_ID = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


def parse_file(data: Json, file: str) -> list[Scenario]:
    """Turn a file's table into its scenarios: one, or one for each check; raises Refusal with every mistake."""
    if not has_checks(data):
        return [parse(data, file)]
    mistakes, found = Mistakes(file), []
    for key in ("id", "title"):
        if not isinstance(data.get(key), str) or not data[key].strip():
            mistakes.add(key, "is missing: a table of checks has an id and a title, too")
    if not mistakes.found and not _ID.fullmatch(data["id"]):
        mistakes.add("id", f"{shown(data['id'])} must be family.name, in lowercase letters, digits and hyphens")
    mistakes.raise_any()
    with mistakes.collected():
        for name, table in expand(data, file):
            with mistakes.collected():
                found.append(replace(parse(table, f"{file}: check {name}", LEVELS), file=file, table=str(data.get("id"))))
    mistakes.raise_any()
    return found


def parse(data: Json, file: str, grades: tuple[str, ...] = GRADES) -> Scenario:
    """Turn a scenario's table into a Scenario; raises Refusal with every mistake."""
    if isinstance(data.get("paper"), str):
        data = {**data, "paper": [data["paper"]]}
    if "bug" in data and not isinstance(data["bug"], list):  # a single table needs no list; anything else is rejected later
        data = {**data, "bug": [data["bug"]]}
    mistakes = Mistakes(file)
    _check_kinds(data, mistakes)  # the checks below read the values
    with mistakes.collected():
        _check_head(data, mistakes, grades)
    with mistakes.collected():
        _check_words(data, mistakes)
    mistakes.raise_any()
    steps = _steps(data, mistakes)
    known = parse_known(data.get("known", ()), steps, mistakes)
    bugs: tuple[Bug, ...] = ()
    with mistakes.collected():
        bugs = parse_bugs(data.get("bug", ()), steps, data.get("issue", ()), data.get("source", ()), file)
    mistakes.raise_any()
    act = {key: value for key, value in data.items() if key not in _UNHASHED}
    digest = hashlib.sha256(json.dumps(act, sort_keys=True, default=str).encode()).hexdigest()[:16]
    return Scenario(
        id=data["id"],
        title=data["title"],
        file=file,
        family=data["id"].split(".")[0],
        hash=digest,
        steps=tuple(steps),
        why=data.get("why", ""),
        paper=tuple(data.get("paper", ())),
        shows=data.get("shows", SHOWS[0]),
        differs=data.get("differs", ""),
        issues=tuple(data.get("issue", ())),
        sources=tuple(data.get("source", ())),
        grade=data.get("grade", "must"),
        needs=tuple(data.get("needs", ())),
        python=data.get("python", ""),
        app=data.get("app", ""),
        channel=data.get("channel", CHANNELS[0]),
        launch=data.get("launch", LAUNCHES[0]),
        tls=data.get("tls", False),
        reload=data.get("reload", False),
        coverage=data.get("coverage", True),
        leaves=tuple(data.get("leaves", ())),
        known=known,
        bugs=bugs,
    )


def _check_kinds(data: Json, mistakes: Mistakes) -> None:
    """Check that each key is known and has a value of its type."""
    for key, value in data.items():
        kind = _TOP.get(key)
        if kind is None:
            mistakes.add("", unknown("key", key, _TOP))
        elif type(value) is not kind:
            mistakes.add(key, f"must be {_KINDS[kind]}, not {shown(value)}")
        elif key in _LISTS and isinstance(value, list) and not all(isinstance(item, str) for item in value):
            mistakes.add(key, "must be a list of strings")
    for key in ("format", "id", "title"):
        if key not in data:
            mistakes.add(key, "is missing; every scenario needs format, id and title")
    mistakes.raise_any()


def _check_head(data: Json, mistakes: Mistakes, grades: tuple[str, ...]) -> None:
    if data["format"] != FORMAT:
        mistakes.add("format", f"{data['format']!r} is not supported; this harness reads format {FORMAT}")
    if not _ID.fullmatch(data["id"]):
        mistakes.add("id", f"{shown(data['id'])} must be family.name, in lowercase letters, digits and hyphens")
    for key, allowed in (("grade", grades), *_CHOICES):
        if data.get(key, allowed[0]) not in allowed:
            mistakes.add(key, unknown("value", data[key], allowed))
    if not data.get("step"):
        mistakes.add("step", "no steps: add a [[step]]")
    if not (data.get("paper") or data.get("issue") or data.get("source")):
        mistakes.add("paper", "name the paper's claim, the issue, or the source (such as an RFC section) that this is about")
    check_range(data.get("python", ""), mistakes.file, "python", python=True)
    if not data["title"].strip() or "\n" in data["title"]:
        mistakes.add("title", "must be a single line that states what should hold")
    for issue in data.get("issue", ()):
        if not (ISSUE.fullmatch(issue) or _ADDRESS.fullmatch(issue)):
            mistakes.add("issue", f"{shown(issue)} is neither owner/name#number nor a URL (https://…)")
    if not all(source.strip() for source in data.get("source", ())):
        mistakes.add("source", "is empty: name a document and its section")


def _check_words(data: Json, mistakes: Mistakes) -> None:
    """Reject misspelt words: they would make a scenario `unsupported` everywhere, or leave a claim unproven for ever."""
    vocabulary: tuple[tuple[str, str, Collection[str]], ...] = (
        ("needs", "capability", CAPABILITIES),
        ("paper", "claim of the paper", CLAIMS),
    )
    for key, what, known in vocabulary:
        for word in data.get(key, ()):
            if word not in known:
                mistakes.add(key, unknown(what, word, known))


def _steps(data: Json, mistakes: Mistakes) -> list[Step]:
    """The valid steps; adds whatever is wrong in the others, or between steps, to the mistakes."""
    names = set(BUILT_IN) if str(data.get("channel")).endswith("unix") else set(BUILT_IN) - {"socket"}
    servers: set[str] = set()
    steps = []
    unrolled: list[tuple[Any, int]] = []
    with mistakes.collected():
        unrolled = _unrolled(data["step"], mistakes.file)
    for number, (table, _) in enumerate(unrolled, 1):
        with mistakes.collected():
            steps.append(parse_step(number, table, mistakes.file, names, servers))
    mistakes.raise_any()
    for name in data.get("leaves", ()):
        if name not in names or name in BUILT_IN:
            mistakes.add("leaves", f"{shown(name)} is not saved by any step")
    wide = [step.args["how"] for step in steps if step.args.get("how") in WIDE_HOLDERS]
    if wide and data.get("channel") != "ports":
        mistakes.add("channel", f'a {wide[0]!r} holder would block other cells: use channel = "ports"')
    check_order(steps, [written for _, written in unrolled], mistakes)
    check_states(steps, data, mistakes)
    if data.get("launch") == "shared":
        check_shared(data, steps, mistakes)
    return steps


def _unrolled(tables: Any, file: str) -> list[tuple[Any, int]]:
    """The steps with each ``repeat`` unrolled, and the written step that each came from."""
    found: list[tuple[Any, int]] = []
    written = 0
    for number, table in enumerate(tables, 1):
        if not isinstance(table, dict) or table.get("act") != REPEAT:
            written += 1
            found.append((table, written))
            continue
        where = f"step {number} ({REPEAT})"
        only(table, {"act", "times", "step", "note", "level"}, file, where)
        times, nested = table.get("times"), table.get("step")
        if type(times) is not int or not 2 <= times <= MAX_REPEAT:
            raise ScenarioError(file, f"{where}: times", f"must be a whole number from 2 to {MAX_REPEAT}, not {shown(times)}")
        if not isinstance(nested, list) or not all(isinstance(step, dict) for step in nested) or not nested:
            raise ScenarioError(file, f"{where}: step", "no nested steps: add a [[step.step]]")
        if any(step.get("act") == REPEAT for step in nested):
            raise ScenarioError(file, f"{where}: step", "nested repeats are not supported")
        for turn in range(1, times + 1):
            level = {"level": table["level"]} if "level" in table else {}  # of a check: its steps have it, too
            found += [
                ({**level, **_noted(step, f"{turn} of {times}")}, written + place) for place, step in enumerate(nested, 1)
            ]
        written += len(nested)
    return found


def _noted(step: Json, turn: str) -> Json:
    note = step.get("note", "")
    return {**step, "note": " · ".join(filter(None, (turn, note)))} if isinstance(note, str) else step

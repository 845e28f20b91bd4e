"""Scenario files: TOML in, frozen Scenario out. What is wrong in one is said with file, step and key."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from pathlib import Path
from typing import Any

from .language import COMMON, MAX_REPEAT, PLACEHOLDER, REPEAT, VERBS, WIDE_HOLDERS, Verb, seconds
from .matching import is_pattern
from .model import FORMAT, Json, Refusal
from .scenario import Case, Known, Scenario, ScenarioError, Step
from .scenario_bugs import parse_bugs
from .scenario_checks import check_names, check_range, check_value, check_where, only

GRADES = ("must", "should")
SHOWS = ("reproduced", "not reproduced")  # what a cell that passes says of the paper's claims
#: An address of its own; 127.0.0.1:8080; or ports of its own on 127.0.0.1, for holders on wider addresses.
CHANNELS = ("own", "default", "ports")
MAX_CHANNELS = 9

_TOP = {
    "format": int, "id": str, "title": str, "why": str, "paper": list, "shows": str, "differs": str, "issue": list,
    "source": list, "grade": str, "needs": list, "python": str, "app": str, "channel": str, "tls": bool, "reload": bool,
    "coverage": bool, "leaves": list, "step": list, "known": list, "bug": list,
}
_PROSE = ("title", "why", "paper", "shows", "differs", "issue", "source", "bug")
_KNOWN = {"where", "verdict", "step", "key", "observed", "why"}
_COMMON_KINDS = {"id": "text", "server": "text", "note": "text", "within": "duration", "save": "table"}
_ID = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


def load_all(folder: Path) -> tuple[Scenario, ...]:
    """Load every scenario below a folder, sorted by id; raises ScenarioError, for two files with one id too."""
    files = sorted(folder.rglob("*.toml"))
    if not files:
        raise Refusal(f"{folder}: no scenario files (*.toml) here; is this the repository's root?")
    found: dict[str, Scenario] = {}
    for file in files:
        scenario = load(file, folder)
        if scenario.id in found:
            raise ScenarioError(scenario.file, "id", f"{scenario.id!r} is also the id of {found[scenario.id].file}")
        found[scenario.id] = scenario
    return tuple(found[key] for key in sorted(found))


def load(file: Path, folder: Path) -> Scenario:
    """Load one scenario file; raises ScenarioError."""
    shown = f"{folder.name}/{file.relative_to(folder).as_posix()}"
    try:
        data = tomllib.loads(file.read_bytes().decode("utf-8"))
    except OSError as error:
        raise ScenarioError(shown, "", f"cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ScenarioError(shown, "", f"is not valid TOML: {error}") from error
    return parse(data, shown)


def parse(data: Json, file: str) -> Scenario:
    """Turn a scenario's table into a Scenario; raises ScenarioError."""

    def wrong(where: str, problem: str) -> ScenarioError:
        return ScenarioError(file, where, problem)

    only(data, _TOP, file, "")
    if isinstance(data.get("paper"), str):
        data = {**data, "paper": [data["paper"]]}
    if "bug" in data and not isinstance(data["bug"], list):  # one table needs no list; what is no table is refused as one
        data = {**data, "bug": [data["bug"]]}
    for key, kind in _TOP.items():
        if key in data and type(data[key]) is not kind:
            raise wrong(key, f"{data[key]!r} is no {kind.__name__}")
    for key in ("format", "id", "title"):
        if key not in data:
            raise wrong(key, "is missing; every scenario has format, id and title")
    if data["format"] != FORMAT:
        raise wrong("format", f"{data['format']!r} is not known; this harness reads format {FORMAT}")
    if not _ID.fullmatch(data["id"]):
        raise wrong("id", f"{data['id']!r} must look like family.name, in small letters, digits and hyphens")
    for key, allowed in (("grade", GRADES), ("channel", CHANNELS), ("shows", SHOWS)):
        if data.get(key, allowed[0]) not in allowed:
            raise wrong(key, f"{data[key]!r} is none of {', '.join(allowed)}")
    if not data.get("step"):
        raise wrong("step", "there is no step: a scenario that does nothing proves nothing; add a [[step]]")
    for key in ("paper", "issue", "source", "needs", "leaves"):
        if not all(isinstance(item, str) for item in data.get(key, ())):
            raise wrong(key, "must be a list of strings")
    if not (data.get("paper") or data.get("issue") or data.get("source")):
        raise wrong("paper", "name the paper's claim, the field's issue, or the source (an RFC's section) that this is about")
    check_range(data.get("python", ""), file, "python")
    names = {"host", "port"} | {f"port{n}" for n in range(2, MAX_CHANNELS + 1)}
    servers: set[str] = set()
    steps = []
    for number, table in enumerate(_unrolled(data["step"], file), 1):
        steps.append(_step(number, table, file, names, servers))
    for name in data.get("leaves", ()):
        if name not in names:
            raise wrong("leaves", f"{name!r} is not saved by any step")
    _check_growth(steps, file)
    wide = [step.args["how"] for step in steps if step.args.get("how") in WIDE_HOLDERS]
    if wide and data.get("channel") != "ports":
        raise wrong("channel", f'a holder {wide[0]!r} is in the way of other cells: it needs channel = "ports"')
    known = tuple(_known(n, table, file, len(steps)) for n, table in enumerate(data.get("known", ()), 1))
    bugs = parse_bugs(data.get("bug", ()), steps, data.get("issue", ()), data.get("source", ()), file)
    act = {key: value for key, value in data.items() if key not in _PROSE}
    digest = hashlib.sha256(json.dumps(act, sort_keys=True).encode()).hexdigest()[:16]
    return Scenario(
        id=data["id"], title=data["title"], file=file, family=data["id"].split(".")[0], hash=digest,
        steps=tuple(steps), why=data.get("why", ""), paper=tuple(data.get("paper", ())), shows=data.get("shows", SHOWS[0]),
        differs=data.get("differs", ""), issues=tuple(data.get("issue", ())), sources=tuple(data.get("source", ())),
        grade=data.get("grade", "must"), needs=tuple(data.get("needs", ())), python=data.get("python", ""),
        app=data.get("app", ""), channel=data.get("channel", "own"), tls=data.get("tls", False),
        reload=data.get("reload", False), coverage=data.get("coverage", True),
        leaves=tuple(data.get("leaves", ())), known=known, bugs=bugs)


def _unrolled(tables: Any, file: str) -> list[Any]:
    """The steps, each ``repeat`` replaced by its nested steps, as often as it says."""
    found: list[Any] = []
    for number, table in enumerate(tables, 1):
        if not isinstance(table, dict) or table.get("act") != REPEAT:
            found.append(table)
            continue
        where = f"step {number} ({REPEAT})"
        only(table, {"act", "times", "step", "note"}, file, where)
        times, nested = table.get("times"), table.get("step")
        if type(times) is not int or not 2 <= times <= MAX_REPEAT:
            raise ScenarioError(file, f"{where}: times", f"{times!r} must be a whole number from 2 to {MAX_REPEAT}")
        if not isinstance(nested, list) or not all(isinstance(step, dict) for step in nested) or not nested:
            raise ScenarioError(file, f"{where}: step", "there is no [[step.step]]: a repeat of nothing proves nothing")
        if any(step.get("act") == REPEAT for step in nested):
            raise ScenarioError(file, f"{where}: step", "a repeat inside a repeat is not read")
        for turn in range(1, times + 1):
            found += [{**step, "note": " · ".join(filter(None, (f"{turn} of {times}", step.get("note"))))} for step in nested]
    return found


def _check_growth(steps: list[Step], file: str) -> None:
    """A growth step judges samples that were taken before it."""
    for step in steps:
        if step.act == "growth" and not any(
                other.act == "sample" and other.id == step.args["of"] and other.number < step.number for other in steps):
            raise ScenarioError(file, f"step {step.number} (growth): of", f"no earlier sample has the id {step.args['of']!r}")


def _step(number: int, table: Any, file: str, names: set[str], servers: set[str]) -> Step:
    act = table.get("act") if isinstance(table, dict) else None
    where = f"step {number}"
    if not isinstance(act, str) or act not in VERBS:
        raise ScenarioError(file, where, f"act: unknown verb {act!r}; there are: {', '.join(sorted(VERBS))}")
    verb = VERBS[act]
    where = f"step {number} ({act})"
    only(table, set(verb.args) | COMMON, file, where)
    for key, value in table.items():
        if key in verb.args:
            check_value(verb.args[key], value, file, f"{where}: {key}")
            if key in verb.choices and value not in verb.choices[key]:
                raise ScenarioError(file, f"{where}: {key}", f"{value!r} is none of {', '.join(verb.choices[key])}")
        elif key in _COMMON_KINDS:
            check_value(_COMMON_KINDS[key], value, file, f"{where}: {key}")
    for key in verb.required:
        if key not in table:
            raise ScenarioError(file, where, f"{key!r} is missing")
    if verb.one_of and len([key for key in verb.one_of if key in table]) != 1:
        raise ScenarioError(file, where, f"exactly one of {', '.join(verb.one_of)} must be given")
    check_names({key: table[key] for key in table if key in verb.args}, names, file, where)
    if act == "sweep" and table["points"] not in range(2, MAX_REPEAT):
        raise ScenarioError(file, f"{where}: points", f"{table['points']} must be from 2 to {MAX_REPEAT - 1}")
    server = table.get("server", "main")
    if act in ("start", "sweep"):
        servers.add(server)
    elif act not in ("hold", "release", "raw", "request", "sockets") and server not in servers:
        raise ScenarioError(file, where, f"server {server!r} was not started by an earlier step")
    observe = _observe(verb, table.get("observe", []), act, file, f"{where}: observe")
    expect = _expect(verb, table.get("expect"), file, f"{where}: expect", names)
    if not isinstance(table.get("case", []), list):
        raise ScenarioError(file, f"{where}: case", "cases are tables: [[step.case]]")
    cases = tuple(_case(verb, case, file, f"{where}: case {n}", names) for n, case in enumerate(table.get("case", ()), 1))
    if not expect and not cases:
        if not verb.default and not observe and not table.get("save") and act not in (
                "wait", "request", "raw", "disconnect", "touch", "sample"):
            raise ScenarioError(file, where, "expects nothing: add expect, case or observe")
        if act in ("request", "raw") and not observe and not table.get("background") and table.get("until") != "nothing":
            raise ScenarioError(file, where, "expects nothing: add expect, case or observe")
        background_start = act == "start" and table.get("background")
        observed_only = observe and table.get("expect") == {}
        expect = {} if background_start or observed_only else dict(verb.default)
    save = table.get("save", {})
    for name, source in save.items():
        if not PLACEHOLDER.fullmatch("{" + name + "}"):
            raise ScenarioError(file, f"{where}: save", f"{name!r} must be a name in small letters")
        if not re.fullmatch(r"json:(/[^/]+)+|body|pid|descriptors|threads", str(source)):
            raise ScenarioError(
                file, f"{where}: save", f'{source!r} must be "json:/pointer", "body", "pid", "descriptors" or "threads"')
        names.add(name)
    return Step(
        number=number, act=act, args={key: table[key] for key in table if key in verb.args}, expect=expect,
        within=seconds(table.get("within", verb.within)), id=table.get("id", ""), server=server, observe=observe,
        save=save, cases=cases, note=table.get("note", ""))


def _observe(verb: Verb, wanted: Any, act: str, file: str, where: str) -> dict[str, str]:
    """What is recorded and never judged: question -> what answers it; a list asks by the names of what is seen."""
    check_value("strings" if isinstance(wanted, list) else "table", wanted, file, where)
    questions = {name: name for name in wanted} if isinstance(wanted, list) else wanted
    for source in questions.values():
        name, _, pattern = source.partition(":")
        if name not in verb.expects or (pattern and (name != "log" or not is_pattern(pattern))):
            raise ScenarioError(file, where, f"{act} does not see {source!r}; it sees {', '.join(sorted(verb.expects))}, "
                                             "and log:/regular expression/ is the first line that matches")
        if pattern:
            check_value("matcher", pattern, file, where)
    return questions


def _expect(verb: Verb, table: Any, file: str, where: str, names: set[str]) -> Json:
    if table is None:
        return {}
    only(table, verb.expects, file, where)
    for key, value in table.items():
        check_value(verb.expects[key], value, file, f"{where}: {key}")
    check_names(table, names, file, where)
    return dict(table)


def _case(verb: Verb, table: Any, file: str, where: str, names: set[str]) -> Case:
    only(table, {"where", "expect"}, file, where)
    check_where(table.get("where"), file, where)
    expect = _expect(verb, table.get("expect"), file, f"{where}: expect", names)
    if not expect:
        raise ScenarioError(file, where, "expects nothing")
    return Case(table["where"], expect)


def _known(number: int, table: Any, file: str, steps: int) -> Known:
    where = f"known {number}"
    only(table, _KNOWN, file, where)
    if missing := sorted(_KNOWN - {"step"} - set(table)):
        raise ScenarioError(file, where, f"{', '.join(missing)} missing: say exactly what fails, and whose fault it is")
    check_where(table["where"], file, where)
    if table["verdict"] not in ("behaviour", "cleanup"):
        raise ScenarioError(file, where, f"verdict {table['verdict']!r} is neither behaviour nor cleanup")
    step = table.get("step", 0)
    if table["verdict"] == "behaviour" and step not in range(1, steps + 1):
        raise ScenarioError(file, where, f"step {step!r}: there are steps 1 to {steps}")
    check_value("matcher", table["observed"], file, f"{where}: observed")
    return Known(table["where"], table["verdict"], step, table["key"], table["observed"], table["why"])

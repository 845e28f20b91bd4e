"""Turn a step's table into a Step: the verb's arguments, and what the step expects, observes and saves."""

from __future__ import annotations

import re
from typing import Any

from ..model.suggestions import meant, shown, unknown
from ..model.values import Json
from .matching import is_pattern
from .scenario import LEVELS, Case, ScenarioError, Step
from .step_checks import check_step
from .value_checks import check_names, check_value, check_where, only
from .verbs import BUILT_IN, COMMON, MAX_REPEAT, PLACEHOLDER, REPEAT, VERBS, Verb, seconds
from .volley_checks import expects_too_little

_COMMON_KINDS = {
    "id": "text",
    "server": "text",
    "note": "text",
    "within": "duration",
    "save": "table",
    "traceback": "bool",
    "level": "text",
}
_SAVED = re.compile(r"json:(/[^/]+)+|header:[!#-'*+.^-z|~\w-]+|cookie:[!#-'*+.^-z|~\w-]+|body|content|pid|descriptors|threads")
#: Verbs that may expect nothing: a wait is itself an expectation, and later steps judge the others.
_MAY_EXPECT_NOTHING = ("wait", "request", "raw", "disconnect", "touch", "sample", "volley", "file")
#: Verbs that do not need a server started by an earlier step.
_NEED_NO_SERVER = ("hold", "release", "raw", "request", "sockets", "volley", "file")


def parse_step(number: int, table: Any, file: str, names: set[str], servers: set[str]) -> Step:
    """Turn a step's table into a Step; records the names it saves and the server it starts. Raises ScenarioError."""
    act = table.get("act") if isinstance(table, dict) else None
    if not isinstance(act, str) or act not in VERBS:
        raise ScenarioError(file, f"step {number}: act", unknown("verb", act, [*VERBS, REPEAT]))
    verb = VERBS[act]
    where = f"step {number} ({act})"
    _check_arguments(verb, table, file, where)
    for key in table:
        if key in verb.args:
            check_names(table[key], names, file, f"{where}: {key}")
    if act == "sweep" and table["points"] not in range(2, MAX_REPEAT):
        raise ScenarioError(file, f"{where}: points", f"must be from 2 to {MAX_REPEAT - 1}, not {table['points']}")
    server = table.get("server", "main")
    if act in ("start", "sweep"):
        servers.add(server)
    elif act not in _NEED_NO_SERVER and server not in servers:
        raise ScenarioError(file, where, f"server {shown(server)} was not started by an earlier step.{meant(server, servers)}")
    observe = _observe(verb, table.get("observe", []), act, file, f"{where}: observe")
    expect = _expect(verb, table.get("expect"), file, f"{where}: expect", names)
    if not isinstance(table.get("case", []), list):
        raise ScenarioError(file, f"{where}: case", "must be a list of tables: [[step.case]]")
    cases = tuple(_case(verb, case, file, f"{where}: case {n}", names) for n, case in enumerate(table.get("case", ()), 1))
    _check_else(cases, file, where)
    either = _either(verb, table.get("either"), expect, file, f"{where}: either", names)
    if not expect and not cases and not either:
        _check_expects_nothing(verb, table, observe, file, where)
        background_start = act == "start" and table.get("background")
        observed_only = observe and table.get("expect") == {}
        expect = {} if background_start or observed_only else dict(verb.default)
    step = Step(
        number=number,
        act=act,
        args={key: table[key] for key in table if key in verb.args},
        expect=expect,
        within=seconds(table.get("within", verb.within)),
        id=table.get("id", ""),
        server=server,
        observe=observe,
        save=_save(table.get("save", {}), names, file, f"{where}: save"),
        cases=cases,
        note=table.get("note", ""),
        traceback=table.get("traceback", False),
        level=table.get("level", ""),
        either=either,
    )
    check_step(step, names.difference(BUILT_IN), servers, file, where)
    return step


def _check_arguments(verb: Verb, table: Json, file: str, where: str) -> None:
    """Check that the arguments belong to the verb, have the right types and are complete, with exactly one of each choice."""
    only(table, set(verb.args) | COMMON, file, where)
    for key, value in table.items():
        if key in verb.args:
            check_value(verb.args[key], value, file, f"{where}: {key}")
            if key in verb.choices and value not in verb.choices[key]:
                raise ScenarioError(file, f"{where}: {key}", unknown("value", value, verb.choices[key]))
        elif key in _COMMON_KINDS:
            check_value(_COMMON_KINDS[key], value, file, f"{where}: {key}")
    if table.get("level", "must") not in LEVELS:
        raise ScenarioError(file, f"{where}: level", unknown("level", table["level"], LEVELS))
    for key in verb.required:
        if key not in table:
            raise ScenarioError(file, where, f"{key!r} is missing")
    if verb.one_of and len([key for key in verb.one_of if key in table]) != 1:
        raise ScenarioError(file, where, f"give exactly one of {', '.join(verb.one_of)}")


def _check_expects_nothing(verb: Verb, table: Json, observe: dict[str, str], file: str, where: str) -> None:
    """Reject a step that can never fail."""
    act = table["act"]
    nothing = ScenarioError(file, where, "expects nothing: add expect, case or observe")
    if not verb.default and not observe and not table.get("save") and act not in _MAY_EXPECT_NOTHING:
        raise nothing
    if act in ("request", "raw") and not observe and not table.get("background") and table.get("until") != "nothing":
        raise nothing
    if expects_too_little(act, table) and not observe and not table.get("save"):
        raise nothing
    if act == "wait" and "response" in table and not observe:
        raise ScenarioError(file, where, "expects nothing of the answer: add expect, case or observe")


def _save(save: dict[str, str], names: set[str], file: str, where: str) -> dict[str, str]:
    for name, source in save.items():
        if not PLACEHOLDER.fullmatch("{" + name + "}"):
            raise ScenarioError(file, where, f"{shown(name)} must be a name in lowercase letters")
        if not _SAVED.fullmatch(source):
            raise ScenarioError(
                file,
                where,
                f'{shown(source)} must be "json:/pointer", "header:NAME", "cookie:NAME", "body", "content", "pid", '
                '"descriptors" or "threads"',
            )
        if name in BUILT_IN:
            raise ScenarioError(file, where, f"{shown(name)} is predefined in every cell: save it under another name")
        names.add(name)
    return save


def _observe(verb: Verb, wanted: Any, act: str, file: str, where: str) -> dict[str, str]:
    """What is recorded but never judged: label -> source; in a list, each source is its own label."""
    check_value("strings" if isinstance(wanted, list) else "table", wanted, file, where)
    questions = {name: name for name in wanted} if isinstance(wanted, list) else wanted
    for source in questions.values():
        name, _, pattern = source.partition(":")
        if name not in verb.expects or (pattern and (name != "log" or not is_pattern(pattern))):
            raise ScenarioError(
                file,
                where,
                f"{act} does not observe {shown(source)}; it observes {', '.join(sorted(verb.expects))}, "
                "and log:/regular expression/ gives the first line that matches",
            )
        if pattern:
            check_value("matcher", pattern, file, where)
    return questions


def _expect(verb: Verb, table: Any, file: str, where: str, names: set[str]) -> Json:
    if table is None:
        return {}
    only(table, verb.expects, file, where)
    for key, value in table.items():
        check_value(verb.expects[key], value, file, f"{where}: {key}")
        check_names(value, names, file, f"{where}: {key}")
    return dict(table)


def _either(verb: Verb, tables: Any, expect: Json, file: str, where: str, names: set[str]) -> tuple[Json, ...]:
    """The alternatives, of which one must hold whole; each may have a name ("as")."""
    if tables is None:
        return ()
    if not isinstance(tables, list) or len(tables) < 2:
        raise ScenarioError(file, where, "must be a list of at least two expectations; one of them must hold")
    found: list[Json] = []
    for number, table in enumerate(tables, 1):
        place = f"{where} {number}"
        only(table, {*verb.expects, "as"}, file, place)
        check_value("text", table.get("as", ""), file, f"{place}: as")
        wanted = _expect(verb, {key: value for key, value in table.items() if key != "as"}, file, place, names)
        if not wanted:
            raise ScenarioError(file, place, "expects nothing")
        if wanted in [{key: value for key, value in other.items() if key != "as"} for other in found]:
            raise ScenarioError(file, place, "is the same as an earlier one")
        if twice := sorted(set(wanted) & set(expect)):
            raise ScenarioError(file, place, f"{', '.join(twice)} is expected of every alternative already")
        for other in found:
            key = _undecided(wanted, other)
            if key and "as" not in table:
                raise ScenarioError(file, place, f"with an earlier one it allows {key} to be true or false: leave {key} out")
        found.append(dict(table))
    return tuple(found)


def _undecided(one: Json, other: Json) -> str:
    """The key that is true in one alternative and false in the other, where they are the same but for it; "" if none."""
    differ = [key for key in {*one, *other} - {"as"} if key not in one or key not in other or one[key] != other[key]]
    return differ[0] if len(differ) == 1 and isinstance(one.get(differ[0]), bool) and differ[0] in other else ""


def _check_else(cases: tuple[Case, ...], file: str, where: str) -> None:
    """Check that an else is alone in its where, and comes last: it is for targets that no other case matches."""
    for number, case in enumerate(cases, 1):
        if "else" in case.where and len(case.where) > 1:
            raise ScenarioError(
                file, f"{where}: case {number}: where", "else cannot be combined: it is for targets that no other case matches"
            )
        if "else" in case.where and number < len(cases):
            raise ScenarioError(
                file, f"{where}: case {number + 1}", "comes after the else: the only else must be the last case"
            )


def _case(verb: Verb, table: Any, file: str, where: str, names: set[str]) -> Case:
    only(table, {"where", "expect"}, file, where)
    check_where(table.get("where"), file, where)
    expect = _expect(verb, table.get("expect"), file, f"{where}: expect", names)
    if not expect:
        raise ScenarioError(file, where, "expects nothing")
    return Case(table["where"], expect)

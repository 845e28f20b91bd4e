"""A file with a table of checks: each ``[[check]]`` becomes a scenario of its own, with the file's first steps before its own.

What all checks of a file have in common stands once: ``[each]`` is what the step of every check begins with, ``[answer.NAME]``
is an expectation that checks name in ``either`` or ``expect``, and ``with`` fills {names} in a check's step.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..model.suggestions import shown, unknown
from ..model.values import Json
from .scenario import LEVELS, ScenarioError
from .value_checks import only
from .verbs import COMMON, PLACEHOLDER, VERBS

#: What a check says of itself; any other key belongs to its step.
ABOUT = ("id", "title", "why", "level", "source", "issue", "needs", "python", "coverage", "known", "with", "step")
#: Keys of a file that are for its checks, and those that a file with checks cannot have, since each check has its own.
OF_CHECKS = ("check", "each", "answer")
_NOT_BESIDE = ("known", "bug", "paper", "grade", "shows", "differs", "leaves")
STEP_KEYS = frozenset({*COMMON, *(key for verb in VERBS.values() for key in verb.args)})


def has_checks(data: Json) -> bool:
    """Whether a scenario file is a table of checks."""
    return any(key in data for key in OF_CHECKS)


def expand(data: Json, file: str) -> Iterator[tuple[str, Json]]:
    """The tables of a file's scenarios: (the check's id, its table); raises ScenarioError for a mistake in the table."""
    checks = data.get("check")
    if not isinstance(checks, list) or not checks or not all(isinstance(check, dict) for check in checks):
        raise ScenarioError(file, "check", "no checks: add a [[check]]")
    for key in _NOT_BESIDE:
        if key in data:
            raise ScenarioError(file, key, "belongs to a single scenario; a file with checks says it in a [[check]], if at all")
    answers = _answers(data.get("answer", {}), file)
    each = data.get("each", {})
    only(each, STEP_KEYS, file, "each")
    _check_used(answers, [each, *checks], file)
    seen: set[str] = set()
    for number, check in enumerate(checks, 1):
        name = check.get("id")
        where = f"check {name if isinstance(name, str) else number}"
        if not isinstance(name, str) or not name or set(name) - set("abcdefghijklmnopqrstuvwxyz0123456789-"):
            raise ScenarioError(file, f"{where}: id", f"{shown(name)} must be lowercase letters, digits and hyphens")
        if name in seen:
            raise ScenarioError(file, f"{where}: id", "is already the id of an earlier check")
        seen.add(name)
        yield name, _scenario(data, check, each, answers, file, where)


def _answers(table: Any, file: str) -> Json:
    if not isinstance(table, dict) or not all(isinstance(answer, dict) and answer for answer in table.values()):
        raise ScenarioError(file, "answer", "must be tables of expectations: [answer.NAME]")
    return dict(table)


def _check_used(answers: Json, tables: list[Any], file: str) -> None:
    """Reject an answer that no check names: it would look as if it were expected."""
    steps = [step for table in tables for step in (table, *_listed(table.get("step"))) if isinstance(step, dict)]
    named = [name for step in steps for name in (step.get("expect"), *_listed(step.get("either")))]
    for name in answers:
        if name not in named:
            raise ScenarioError(file, f"answer.{name}", "no check names it in expect or either: use it, or remove it")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _scenario(data: Json, check: Json, each: Json, answers: Json, file: str, where: str) -> Json:
    for key in check:
        if key not in (*ABOUT, *STEP_KEYS):
            raise ScenarioError(file, where, unknown("key", key, (*ABOUT, *STEP_KEYS)))
    for key in ("title", "level", "source"):
        if key not in check and not (key == "source" and "source" in data):
            raise ScenarioError(file, where, f"{key!r} is missing: every check has id, title, level and source")
    level, source = check["level"], check.get("source", data.get("source"))
    if level not in LEVELS:
        raise ScenarioError(file, f"{where}: level", unknown("level", level, LEVELS))
    own_steps = _own_steps(check, each, file, where)
    _check_judged(level, own_steps, file, where)
    steps = [_step(step, level, answers, file, where) for step in _filled(own_steps, check, file, where)]
    before = data.get("step", [])
    if not isinstance(before, list) or not all(isinstance(step, dict) for step in before):
        raise ScenarioError(file, "step", "must be a list of tables: [[step]]")
    common = {key: value for key, value in data.items() if key not in (*OF_CHECKS, "step", "source", "needs")}
    own: Json = {key: check[key] for key in ("why", "issue", "python", "coverage", "known") if key in check}
    return {
        **common,
        **own,
        "id": f"{data.get('id')}.{check['id']}",
        "title": check["title"],
        "grade": level,
        "source": [source] if isinstance(source, str) else source,
        "needs": _together(data.get("needs", []), check.get("needs", [])),
        "step": [*({"level": "must", **step} for step in before), *steps],
    }


def _together(one: Any, other: Any) -> Any:
    """The words of both lists; what is no list is left for the parser to refuse."""
    if not isinstance(one, list) or not isinstance(other, list):
        return one if not isinstance(one, list) else other
    return [*one, *(word for word in other if word not in one)]


def _own_steps(check: Json, each: Json, file: str, where: str) -> list[Json]:
    inline = {key: value for key, value in check.items() if key not in ABOUT}
    if "step" not in check:
        return [{**each, **inline}]
    if inline:
        raise ScenarioError(
            file, f"{where}: {next(iter(inline))}", "a check with [[check.step]] has no step of its own beside them"
        )
    steps = check["step"]
    if not isinstance(steps, list) or not steps or not all(isinstance(step, dict) for step in steps):
        raise ScenarioError(file, f"{where}: step", "must be a list of tables: [[check.step]]")
    return [dict(step) for step in steps]


def _check_judged(level: str, steps: list[Json], file: str, where: str) -> None:
    """A check of level "record" judges nothing, and any other has to judge something."""
    judged = [key for step in steps for key in ("expect", "either", "case") if step.get(key)]
    if level == "record" and judged:
        raise ScenarioError(file, f"{where}: {judged[0]}", 'a check of level "record" judges nothing: use observe')
    if level == "record" and not any(step.get("observe") for step in steps):
        raise ScenarioError(file, f"{where}: observe", "is missing: say what is recorded")
    if level != "record" and not judged:
        raise ScenarioError(file, where, 'expects nothing: add expect or either, or make its level "record"')


def _step(step: Json, level: str, answers: Json, file: str, where: str) -> Json:
    named: Json = {key: _named(step[key], answers, file, f"{where}: {key}") for key in ("expect", "either") if key in step}
    return {"level": level, **step, **named}


def _named(value: Any, answers: Json, file: str, where: str) -> Any:
    """An expectation in place of its name."""
    if isinstance(value, list):
        return [_named(item, answers, file, where) for item in value]
    if not isinstance(value, str):
        return value
    if value not in answers:
        raise ScenarioError(file, where, unknown("answer", value, answers))
    return {**answers[value], "as": value} if where.endswith("either") else answers[value]


def _filled(steps: list[Json], check: Json, file: str, where: str) -> list[Json]:
    """The steps with the values of ``with`` in place of their {names}; other names stay."""
    values = check.get("with", {})
    if not isinstance(values, dict) or not all(isinstance(item, str) for item in values.values()):
        raise ScenarioError(file, f"{where}: with", "must be a table of strings")
    used: set[str] = set()

    def put(item: Any) -> Any:
        if isinstance(item, dict):
            return {key: put(one) for key, one in item.items()}
        if isinstance(item, list):
            return [put(one) for one in item]
        if not isinstance(item, str):
            return item
        used.update(name for name in PLACEHOLDER.findall(item) if name in values)
        return PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), item)

    filled: list[Json] = put(steps)
    if unused := sorted(values.keys() - used):
        raise ScenarioError(file, f"{where}: with", f"{', '.join(unused)} fills nothing: no {{{unused[0]}}} in the step")
    return filled

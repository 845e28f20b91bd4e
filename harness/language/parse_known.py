"""``[[known]]`` tables of a scenario file: exactly which failure is expected, where, and whose fault it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..model.suggestions import shown, unknown
from ..model.values import Json
from .matching import is_pattern
from .pattern_checks import check_pattern, fits_all
from .scenario import Known, Mistakes, ScenarioError, Step
from .socket_words import CLOSED
from .value_checks import check_value, check_where, only
from .verbs import CLEANUP_KEYS, VERBS

_OPTIONAL = {"step", "sometimes"}
_KNOWN = {"where", "verdict", "key", "observed", "why"} | _OPTIONAL

#: Dissimilar values of the kinds that are not free text; a pattern that matches all of them says nothing.
_UNLIKE_VALUES: dict[str, tuple[str, ...]] = {
    "int": ("0", "17", "404", "65535"),
    "bool": ("True", "False"),
    "exit": ("0", "1", "70", "-9", "-15"),
    "seconds": ("0.001", "3.25", "17.5", "60.0"),
    "bound": ("-1.5", "0", "12.25", "98304"),
}
_STATUSES = ("200", "206", "301", "404", "418", "500", "503")


def parse_known(tables: Iterable[Any], steps: list[Step], mistakes: Mistakes) -> tuple[Known, ...]:
    """Turn a scenario's ``known`` tables into entries; adds whatever is wrong to the mistakes."""
    found: dict[int, Known] = {}
    for number, table in enumerate(tables, 1):
        entry = _known(number, table, steps, mistakes)
        if entry is None:
            continue
        twin = next((other for other, known in found.items() if _same(known, entry)), 0)
        if twin:
            mistakes.add(f"known {number}", f"is the same as known {twin}: keep one of them")
        found[number] = entry
    return tuple(found.values())


def _same(one: Known, other: Known) -> bool:
    return (one.where, one.verdict, one.step, one.key, one.observed) == (
        other.where,
        other.verdict,
        other.step,
        other.key,
        other.observed,
    )


def _known(number: int, table: Any, steps: list[Step], mistakes: Mistakes) -> Known | None:
    file, where = mistakes.file, f"known {number}"
    before = len(mistakes.found)
    checks: tuple[Callable[[], None], ...] = (
        lambda: only(table, _KNOWN, file, where),
        lambda: _check_entry(table, file, where),
        lambda: _check_failing(table, steps, file, where),
        lambda: _check_observed(table, steps, file, f"{where}: observed"),
    )
    for check in checks:
        with mistakes.collected():
            check()
        if len(mistakes.found) > before:
            return None
    texts = (table["key"], table["observed"], table["why"])
    return Known(table["where"], table["verdict"], table.get("step", 0), *texts, table.get("sometimes", False))


def _check_entry(table: Json, file: str, where: str) -> None:
    if missing := sorted(_KNOWN - _OPTIONAL - set(table)):
        raise ScenarioError(file, where, f"{', '.join(missing)} missing: state exactly what fails, and whose fault it is")
    check_where(table["where"], file, where)
    if not table["where"] or "else" in table["where"]:
        raise ScenarioError(file, f"{where}: where", "matches every server: name the servers or the Pythons")
    for key in ("verdict", "key", "why"):
        check_value("text", table[key], file, f"{where}: {key}")
    if table["verdict"] not in ("behaviour", "cleanup"):
        raise ScenarioError(file, where, unknown("verdict", table["verdict"], ("behaviour", "cleanup")))
    if not table["why"].strip():
        raise ScenarioError(file, f"{where}: why", "is empty: say whose fault it is, and where it was reported")
    check_value("bool", table.get("sometimes", False), file, f"{where}: sometimes")
    check_value("text", table["observed"], file, f"{where}: observed")
    if is_pattern(table["observed"]):
        check_pattern(table["observed"], file, f"{where}: observed")


def _check_failing(table: Json, steps: list[Step], file: str, where: str) -> None:
    """Check that the entry names something that can fail: a key that its step expects, or one that the cleanup checks."""
    key, number = table["key"], table.get("step", 0)
    if table["verdict"] == "cleanup":
        if "step" in table:
            raise ScenarioError(file, f"{where}: step", "the cleanup has no steps: omit it")
        if key not in CLEANUP_KEYS:
            raise ScenarioError(file, f"{where}: key", unknown("key of the cleanup", key, CLEANUP_KEYS))
        return
    if type(number) is not int or number not in range(1, len(steps) + 1):
        raise ScenarioError(file, f"{where}: step", f"{shown(number)}: must be a step from 1 to {len(steps)}")
    step = steps[number - 1]
    if key not in step.failing_keys:
        expected = sorted({*step.failing_keys} - {step.act})
        raise ScenarioError(
            file,
            f"{where}: key",
            f"step {number} ({step.act}) cannot fail at {shown(key)}: it expects "
            f"{', '.join(expected) or 'nothing'}; {step.act!r} is the key for an act that timed out or was not possible."
            + ("" if key not in VERBS[step.act].expects else f" Add {key!r} to the step's expect, or correct the entry."),
        )


def _check_observed(table: Json, steps: list[Step], file: str, where: str) -> None:
    """Check that ``observed`` is possible, is not what the step expects, and does not match every value of its key."""
    key, observed = table["key"], table["observed"]
    if table["verdict"] == "cleanup":
        if key == "exit":
            _check_says_something(observed, _UNLIKE_VALUES["exit"], key, file, where)
        return
    step = steps[table["step"] - 1]
    kind = VERBS[step.act].expects.get(key, "")
    wanted = [case.expect[key] for case in step.cases if key in case.expect]
    if key in step.expect and not (step.cases and all(key in case.expect for case in step.cases)):
        wanted.append(step.expect[key])
    spelt = {str(value) for value in wanted}
    if spelt == {observed} and not is_pattern(observed):
        raise ScenarioError(file, where, f"{shown(observed)} is what step {step.number} expects, so it is not a failure")
    values = _STATUSES if key == "status" else CLOSED.get(key, _UNLIKE_VALUES.get(kind, ()))
    if key in CLOSED and not is_pattern(observed) and observed not in (*values, "nothing"):
        raise ScenarioError(file, where, unknown("value", observed, values))
    others = tuple(value for value in values if value not in spelt)
    _check_says_something(observed, others if len(others) > 1 else values, key, file, where)


def _check_says_something(observed: str, values: tuple[str, ...], key: str, file: str, where: str) -> None:
    if values and is_pattern(observed) and fits_all(observed, values):
        raise ScenarioError(
            file,
            where,
            f"{shown(observed)} matches every value of {key!r} and would hide other failures: be more specific",
        )

"""``[[known]]`` tables of a scenario file: exactly which failure is expected, where, and whose fault it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..model.suggestions import shown, unknown
from ..model.values import Json
from .matching import is_pattern
from .pattern_checks import check_pattern, fits_all
from .scenario import Known, Mistakes, ScenarioError, Step
from .value_checks import check_value, check_where, only
from .verbs import CLEANUP_KEYS, CLOSED, VERBS

_KNOWN = {"where", "verdict", "step", "key", "observed", "why"}

#: Values that have nothing in common, of the kinds that are no free text; a pattern that fits all of them tells nothing.
_UNLIKE_VALUES: dict[str, tuple[str, ...]] = {
    "int": ("0", "17", "404", "65535"),
    "bool": ("True", "False"),
    "exit": ("0", "1", "70", "-9", "-15"),
    "seconds": ("0.001", "3.25", "17.5", "60.0"),
    "bound": ("-1.5", "0", "12.25", "98304"),
}
_STATUSES = ("200", "206", "301", "404", "418", "500", "503")


def parse_known(tables: Iterable[Any], steps: list[Step], mistakes: Mistakes) -> tuple[Known, ...]:
    """Turn a scenario's ``known`` tables into entries; what is wrong is among the mistakes."""
    found: dict[int, Known] = {}
    for number, table in enumerate(tables, 1):
        entry = _known(number, table, steps, mistakes)
        if entry is None:
            continue
        twin = next((other for other, known in found.items() if _same(known, entry)), 0)
        if twin:
            mistakes.add(f"known {number}", f"is known {twin} again: keep one of them")
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
    return Known(table["where"], table["verdict"], table.get("step", 0), table["key"], table["observed"], table["why"])


def _check_entry(table: Json, file: str, where: str) -> None:
    if missing := sorted(_KNOWN - {"step"} - set(table)):
        raise ScenarioError(file, where, f"{', '.join(missing)} missing: say exactly what fails, and whose fault it is")
    check_where(table["where"], file, where)
    if not table["where"] or "else" in table["where"]:
        raise ScenarioError(file, f"{where}: where", "means every server there is: name the servers, or the Pythons")
    for key in ("verdict", "key", "why"):
        check_value("text", table[key], file, f"{where}: {key}")
    if table["verdict"] not in ("behaviour", "cleanup"):
        raise ScenarioError(file, where, unknown("verdict", table["verdict"], ("behaviour", "cleanup")))
    if not table["why"].strip():
        raise ScenarioError(file, f"{where}: why", "is empty: say whose fault it is, and where that was reported")
    check_value("text", table["observed"], file, f"{where}: observed")
    if is_pattern(table["observed"]):
        check_pattern(table["observed"], file, f"{where}: observed")


def _check_failing(table: Json, steps: list[Step], file: str, where: str) -> None:
    """The entry names something that can fail: a key that its step expects, or what the cleanup looks at."""
    key, number = table["key"], table.get("step", 0)
    if table["verdict"] == "cleanup":
        if "step" in table:
            raise ScenarioError(file, f"{where}: step", "the cleanup has no steps: leave it out")
        if key not in CLEANUP_KEYS:
            raise ScenarioError(file, f"{where}: key", unknown("key of the cleanup", key, CLEANUP_KEYS))
        return
    if type(number) is not int or number not in range(1, len(steps) + 1):
        raise ScenarioError(file, f"{where}: step", f"{shown(number)}: there are steps 1 to {len(steps)}")
    step = steps[number - 1]
    can_fail = {
        step.act,
        *step.expect,
        *(key for case in step.cases for key in case.expect),
        *(f"save {name}" for name in step.save),
    }
    if key not in can_fail:
        expected = sorted(can_fail - {step.act})
        raise ScenarioError(
            file,
            f"{where}: key",
            f"step {number} ({step.act}) cannot fail in {shown(key)}: it expects "
            f"{', '.join(expected) or 'nothing'}; {step.act!r} is the key of an act that timed out or could not be done."
            + ("" if key not in VERBS[step.act].expects else f" Add {key!r} to what the step expects, or correct the entry."),
        )


def _check_observed(table: Json, steps: list[Step], file: str, where: str) -> None:
    """What is observed can be, is no value that the step expects, and is not every value that its key can have."""
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
        raise ScenarioError(file, where, f"{shown(observed)} is what step {step.number} expects: that is no failure")
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
            f"{shown(observed)} fits every value that {key!r} can have, and would hide any other failure: say which it is",
        )

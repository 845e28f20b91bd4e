"""Which axis explains a failure: the smallest statement about servers and Pythons that separates failing from passing cells."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

from packaging.version import Version

from ..model import CellResult, Target

FAILING = ("fail", "timeout", "known")
PASSING = ("pass",)
MOST_SUBJECTS = 4  # a list of more servers is no explanation

Holds = Callable[[Target], bool]


@dataclass(frozen=True, slots=True)
class Statement:
    """Something that is true of some targets."""

    text: str
    holds: Holds


def explain(scenario: str, targets: tuple[Target, ...], results: dict[str, CellResult]) -> str:
    """The smallest statement that holds for each target on which a scenario fails, and for none on which it passes.

    "" where nothing failed, nothing passed, or nothing separates them. Cells that did not run say nothing.
    """
    words = [(target, result.word) for target in targets if (result := results.get(f"{scenario}@{target.id}"))]
    bad = [target for target, word in words if word in FAILING]
    good = [target for target, word in words if word in PASSING]
    if not bad or not good:
        return ""
    for statement in statements(bad):
        if all(map(statement.holds, bad)) and not any(map(statement.holds, good)):
            return statement.text
    return ""


def statements(bad: list[Target]) -> Iterator[Statement]:
    """Statements that could hold for these targets, the smallest first."""
    columns = list(dict.fromkeys(target.column for target in bad))
    single = [*_columns(columns[:1] if len(columns) == 1 else []), *_pythons(bad), *_kinds(bad)]
    yield from single
    if len(columns) == 1:
        versions = list(_versions(bad))
        yield from versions
        yield from _both([*_columns(columns)], [*_pythons(bad), *_kinds(bad)])
    elif len(columns) <= MOST_SUBJECTS:
        several = list(_columns(columns))
        yield from several
        yield from _both(several, [*_pythons(bad), *_kinds(bad)])
    yield from (Statement(f"{a.text}, {b.text}", _and(a.holds, b.holds)) for a, b in combinations(_pythons(bad), 2))
    if len(columns) <= MOST_SUBJECTS:
        bounds = [Statement(f"{a.text}, {b.text}", _and(a.holds, b.holds)) for a, b in combinations(_pythons(bad), 2)]
        yield from _both(list(_columns(columns)), bounds)


def _columns(columns: list[str]) -> Iterator[Statement]:
    if columns:
        yield Statement(" and ".join(columns) + " only", lambda target: target.column in columns)


def _pythons(bad: list[Target]) -> Iterator[Statement]:
    """Bounds by the Pythons that were seen to fail: what lies between two that ran is not known."""
    ran = sorted(_python(target) for target in bad)
    low, high = ran[0], ran[-1]
    yield Statement(f"Python ≤ {_short(high)}", lambda target: _python(target) <= high)
    yield Statement(f"Python ≥ {_short(low)}", lambda target: _python(target) >= low)


def _kinds(bad: list[Target]) -> Iterator[Statement]:
    for name in ("implementation", "build"):
        values = {getattr(target.interpreter, name) for target in bad if target.interpreter}
        if len(values) == 1:
            value = values.pop()
            yield Statement(f"{value} only", lambda target, name=name, value=value: bool(  # type: ignore[misc]
                target.interpreter and getattr(target.interpreter, name) == value))


def _versions(bad: list[Target]) -> Iterator[Statement]:
    """Bounds by the one server's version."""
    column = bad[0].column
    known = sorted(_version(target.subject_version) for target in bad if target.subject_version)
    if len(known) != len(bad):
        return
    low, high = known[0], known[-1]
    yield Statement(f"{column} ≤ {high}", lambda t: t.column == column and _version(t.subject_version) <= high)
    yield Statement(f"{column} ≥ {low}", lambda t: t.column == column and _version(t.subject_version) >= low)


def _both(first: list[Statement], second: list[Statement]) -> Iterator[Statement]:
    for a in first:
        for b in second:
            yield Statement(f"{a.text.removesuffix(' only')} on {b.text.removesuffix(' only')}", _and(a.holds, b.holds))


def _and(first: Holds, second: Holds) -> Holds:
    return lambda target: first(target) and second(target)


def _python(target: Target) -> Version:
    return _version(target.interpreter.version if target.interpreter else "0")


@functools.cache  # the same few versions are compared for each scenario
def _version(text: str) -> Version:
    return Version(text)


def _short(version: Version) -> str:
    return f"{version.major}.{version.minor}"

"""Which axis explains a failure: the smallest statements about servers and Pythons that separate failing from passing cells."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

from packaging.version import InvalidVersion, Version

from ..model.values import CellResult, Target

FAILING = ("fail", "timeout", "known")
PASSING = ("pass",)
MOST_SUBJECTS = 4  # a list of more servers is no explanation
MOST_SAID = 3  # statements that all separate; more than that explain nothing either
TIE = ": the cells cannot tell which"

Holds = Callable[[Target], bool]


@dataclass(frozen=True, slots=True)
class Statement:
    """Something that is true of some targets; ``parts`` are its conditions."""

    text: str
    parts: frozenset[str]
    holds: Holds


def explain(scenario: str, targets: tuple[Target, ...], results: dict[str, CellResult]) -> str:
    """The smallest statement that holds for each target on which a scenario fails, and for none on which it passes.

    Where several do, all of them: the cells cannot tell which it is. "" if nothing failed, nothing passed, or nothing
    separates them. Cells that did not run are ignored.
    """
    words = [(target, result.word) for target in targets if (result := results.get(f"{scenario}@{target.id}"))]
    bad = [target for target, word in words if word in FAILING]
    good = [target for target, word in words if word in PASSING]
    if not bad or not good:
        return ""
    found = [statement.text for statement in separating(bad, good)]
    if len(found) < 2:
        return "".join(found)
    return ", or ".join(found[:MOST_SAID] + ["…"] * (len(found) > MOST_SAID)) + TIE


def separating(bad: list[Target], good: list[Target]) -> list[Statement]:
    """The smallest statements that hold for all of the first targets and for none of the others.

    A statement that only adds a condition to another one that separates is left out.
    """
    for level in _levels(bad):
        found = [statement for statement in level if all(map(statement.holds, bad)) and not any(map(statement.holds, good))]
        if found:
            return [one for one in found if not any(other.parts < one.parts for other in found)]
    return []


def _levels(bad: list[Target]) -> Iterator[list[Statement]]:
    """Statements that could hold for these targets: first with one condition besides the server's name, then with two."""
    columns = list(dict.fromkeys(target.column for target in bad))
    named = [_columns(columns)] if len(columns) <= MOST_SUBJECTS else []
    single = [*_pythons(bad), *_kinds(bad)]
    versions = list(_versions(bad)) if len(columns) == 1 else []
    yield [*named, *single, *_both(named, single), *versions]
    ranges = [
        Statement(f"{a.text}, {b.text}", a.parts | b.parts, _and(a.holds, b.holds)) for a, b in combinations(_pythons(bad), 2)
    ]
    yield [*ranges, *_both(named, ranges)]


def _columns(columns: list[str]) -> Statement:
    text = " and ".join(columns)
    return Statement(f"{text} only", frozenset([text]), lambda target: target.column in columns)


def _pythons(bad: list[Target]) -> Iterator[Statement]:
    """Bounds by the Pythons that failed: nothing is known about versions between two that ran."""
    ran = sorted(_python(target) for target in bad)
    low, high = ran[0], ran[-1]
    yield _single(f"Python ≤ {_short(high)}", lambda target: _python(target) <= high)
    yield _single(f"Python ≥ {_short(low)}", lambda target: _python(target) >= low)


def _kinds(bad: list[Target]) -> Iterator[Statement]:
    for name in ("implementation", "build", "system"):
        values = {getattr(target.interpreter, name) for target in bad if target.interpreter}
        if len(values) == 1 and (value := values.pop()):  # the system is known if runs on several were merged
            yield _single(
                f"{value} only",
                lambda target, name=name, value=value: bool(  # type: ignore[misc]
                    target.interpreter and getattr(target.interpreter, name) == value
                ),
            )


def _versions(bad: list[Target]) -> Iterator[Statement]:
    """Bounds by the one server's version; none if one of its versions cannot be ordered."""
    column = bad[0].column
    known = sorted(version for target in bad if (version := _version(target.subject_version)) is not None)
    if len(known) != len(bad):
        return
    for sign, bound, inside in (("≤", known[-1], Version.__le__), ("≥", known[0], Version.__ge__)):

        def holds(target: Target, bound: Version = bound, inside: Callable[[Version, Version], bool] = inside) -> bool:
            version = _version(target.subject_version)
            return target.column == column and version is not None and inside(version, bound)

        yield Statement(f"{column} {sign} {bound}", frozenset([column, f"version {sign} {bound}"]), holds)


def _single(text: str, holds: Holds) -> Statement:
    return Statement(text, frozenset([text]), holds)


def _both(first: list[Statement], second: list[Statement]) -> Iterator[Statement]:
    for a in first:
        for b in second:
            yield Statement(
                f"{a.text.removesuffix(' only')} on {b.text.removesuffix(' only')}", a.parts | b.parts, _and(a.holds, b.holds)
            )


def _and(first: Holds, second: Holds) -> Holds:
    return lambda target: first(target) and second(target)


def _python(target: Target) -> Version:
    return (_version(target.interpreter.version) if target.interpreter else None) or Version("0")


@functools.cache  # the same few versions are compared for each scenario
def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _short(version: Version) -> str:
    return f"{version.major}.{version.minor}"

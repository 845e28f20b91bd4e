"""Steps whose cases miss a server on some Python, or match it twice: reported before anything is installed.

Whether a ``where`` with a server version matches is unknown until the server is installed; such mistakes are first found
when a run is planned.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from packaging.specifiers import SpecifierSet

from ..language.scenario import Mistakes, Scenario, Step, holds
from ..language.verbs import PYTHONS
from ..model.values import Interpreter, Json, Target
from .subject import Subject

_PATCHES = (0, 9, 24)  # of each minor Python release: the first, a middle one, a late one
#: Kinds of interpreters that a case can ask for, and the Pythons of each kind.
_KINDS = (("cpython", "gil", ">=2.7"), ("cpython", "free-threaded", ">=3.13"), ("pypy", "gil", ">=2.7"))
_MOST = 3  # servers listed in one line


@dataclass(frozen=True, slots=True)
class _Place:
    """A server on a Python of some kind."""

    subject: str
    minor: str
    kind: str
    target: Target


def check_cases(scenario: Scenario, able: Iterable[Subject], mistakes: Mistakes) -> None:
    """Add each step without exactly one case for a server that supports the scenario, on a Python that both support."""
    able = list(able)
    for step in scenario.steps:
        if not step.cases:
            continue
        found: dict[int, list[_Place]] = {}
        for place in _places(scenario, step, able):
            if (count := _fitting(step, place.target)) is not None and count != 1:
                found.setdefault(min(count, 2), []).append(place)
        for count, places in found.items():
            what = "no case matches" if count == 0 else "two cases match"
            advice = "add one, or an else: where = { else = true }" if count == 0 else "narrow a where"
            mistakes.add(f"step {step.number} ({step.act}): case", f"{what} {_told(places)}: {advice}")


def _fitting(step: Step, target: Target) -> int | None:
    """How many cases match; None if that depends on the server's release."""
    fits = [_fits(case.where, target) for case in step.cases if "else" not in case.where]
    sure = fits.count(True)
    if sure < 2 and None in fits:
        return None
    return 1 if sure == 0 and len(fits) < len(step.cases) else sure


def _fits(where: Json, target: Target) -> bool | None:
    """Whether a ``where`` matches a target; None if that depends on the server's release."""
    rest = {key: value for key, value in where.items() if key != "version"}
    if not holds(rest, target):
        return False
    return None if "version" in where else True


def _places(scenario: Scenario, step: Step, able: Iterable[Subject]) -> Iterator[_Place]:
    """The servers and Pythons for which a step needs a case; one Python is enough if no case mentions Pythons."""
    asked = {key for case in step.cases for key in case.where}
    kinds = _KINDS if asked & {"implementation", "build"} else _KINDS[:1]
    for subject in able:
        if any("version" in entry.where and entry.capabilities is not None for entry in subject.when):
            continue  # until it is installed, whether it supports the scenario is unknown
        for implementation, build, since in kinds:
            for minor, version in _versions(f"{since},{scenario.python},{subject.python}"):
                interpreter = Interpreter(minor, implementation, version, build, "")
                target = Target(f"{subject.name}@{minor}", subject.name, minor, "", interpreter)
                if set(scenario.needs) <= set(subject.on(target).capabilities):
                    kind = "" if (implementation, build) == _KINDS[0][:2] else f"{implementation}, {build}"
                    yield _Place(subject.name, minor, kind, target)


@cache
def _versions(wanted: str) -> tuple[tuple[str, str], ...]:
    """The Python releases in a range that are tried: (minor, full version)."""
    asked = SpecifierSet(",".join(filter(None, wanted.split(","))))
    found = [(minor, f"{minor}.{patch}") for minor in PYTHONS for patch in _PATCHES]
    return tuple(pair for pair in found if asked.contains(pair[1], prereleases=True))


def _told(places: list[_Place]) -> str:
    """Servers and Pythons for a message, with only a few servers by name."""
    by_server: dict[str, list[_Place]] = {}
    for place in places:
        by_server.setdefault(place.subject, []).append(place)
    parts: Mapping[str, list[str]] = {
        name: list(dict.fromkeys(place.minor + (f" ({place.kind})" if place.kind else "") for place in there))
        for name, there in by_server.items()
    }
    told = [
        f"{name} on Python {one}" + (f" and {len(more)} more, up to {more[-1]}" if more else "")
        for name, (one, *more) in list(parts.items())[:_MOST]
    ]
    return "; ".join(told) + (f"; and {len(parts) - _MOST} more servers" if len(parts) > _MOST else "")

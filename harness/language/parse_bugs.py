"""``[[bug]]`` tables of a scenario file: an issue, the release with the bug, and the release with the fix.

[[bug]]
report  = "Pylons/waitress#428"     # one of the scenario's issues, an advisory that it names, or a description
subject = "waitress"
broken  = "2.1.2"
fixed   = "3.0.0"                   # omit if no release has the fix
python  = ["3.11"]                  # where it was seen
failing = ["2.closed"]              # the step, or step and key, that must be red; omit for any
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from ..model.suggestions import meant
from .scenario import Bug, ScenarioError, Step
from .value_checks import check_value, only
from .verbs import CLEANUP_KEYS, INTERPRETER_ID, PYTHONS

_REQUIRED = ("report", "subject", "broken", "python")
_TEXTS = ("report", "subject", "broken", "fixed", "before", "project", "why", "note")
_LISTS = ("python", "requires", "failing")
ISSUE = re.compile(r"[\w.-]+/[\w.-]+#\d+")
_ADVISORIES = (
    ("CVE-", re.compile(r"CVE-\d{4}-\d{4,}"), "CVE-2020-5236"),
    ("GHSA-", re.compile(r"GHSA(-[0-9a-z]{4}){3}"), "GHSA-qppv-j76h-2rpx"),
)
_DISTRIBUTION = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_MINOR = re.compile("^pypy|t$")  # what an interpreter's id has beside it
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_PLACE = re.compile(r"(\d+)(?:\.(.+))?")


def parse_bugs(
    tables: Iterable[Any],
    steps: list[Step],
    issues: Iterable[str],
    sources: Iterable[str],
    file: str,
) -> tuple[Bug, ...]:
    """Turn a scenario's ``bug`` tables into Bugs; raises ScenarioError."""
    found: list[Bug] = []
    cited: dict[tuple[str, ...], int] = {}
    for number, table in enumerate(tables, 1):
        where = f"bug {number}"
        bug = _bug(table, steps, file, where)
        _check_report(bug.report, tuple(issues), tuple(sources), file, f"{where}: report")
        for python in bug.python:
            key = (bug.report, bug.subject, bug.project, bug.broken, python)
            if (other := cited.setdefault(key, number)) != number:
                what = f"{bug.report} of {bug.project or bug.subject} {bug.broken} on {python}"
                raise ScenarioError(file, where, f"{what} is already in bug {other}")
        found.append(bug)
    return tuple(found)


def _bug(table: Any, steps: list[Step], file: str, where: str) -> Bug:
    only(table, (*_TEXTS, *_LISTS), file, where)
    for key in _REQUIRED:
        if key not in table:
            raise ScenarioError(
                file,
                f"{where}: {key}",
                f"is missing; a bug needs {', '.join(_REQUIRED)}, and fixed if a release has the fix",
            )
    texts = {key: table[key] for key in _TEXTS if key in table}
    lists = {key: table[key] for key in _LISTS if key in table}
    if isinstance(lists["python"], str):
        lists["python"] = [lists["python"]]
    for key, value in (*texts.items(), *lists.items()):
        check_value("text" if key in texts else "strings", value, file, f"{where}: {key}")
    bug = Bug(**{"fixed": "", **texts, **{key: tuple(value) for key, value in lists.items()}})

    def wrong(key: str, problem: str) -> ScenarioError:
        return ScenarioError(file, f"{where}: {key}", problem)

    broken = _version(bug.broken, file, f"{where}: broken")
    fixed = _version(bug.fixed, file, f"{where}: fixed") if "fixed" in table else None
    if fixed == broken:
        raise wrong("fixed", f"{bug.fixed} is also the broken release")
    if fixed is not None and fixed < broken:
        raise wrong("fixed", f"{bug.fixed} is older than {bug.broken}, the broken release: swap them, or omit fixed")
    if not bug.python:
        raise wrong("python", "give at least one interpreter on which it was seen, such as 3.8")
    for name in bug.python:
        if not INTERPRETER_ID.fullmatch(name):
            raise wrong("python", f"{name!r} is not an interpreter id such as 3.8, 3.13t or pypy3.11")
        if _MINOR.sub("", name) not in PYTHONS:
            known = f"{PYTHONS[0]}, {PYTHONS[1]} to {PYTHONS[-1]}"
            raise wrong("python", f"{name!r}: there is no such Python; known are {known}, also as 3.13t or pypy3.11")
        if bug.python.count(name) > 1:
            raise wrong("python", f"{name!r} is listed twice")
    for text in bug.requires:
        _check_pin(text, file, f"{where}: requires")
    if "before" in table:
        _check_date(bug.before, file, f"{where}: before")
        if old := [name for name in bug.python if name.startswith("2.")]:
            raise wrong("before", f"pip on Python {old[0]} does not support dates; use a separate [[bug]] with `requires`")
    if "project" in table and not _DISTRIBUTION.fullmatch(bug.project):
        raise wrong("project", f"{bug.project!r} is not a valid distribution name")
    if "failing" in table and not bug.failing:
        raise wrong("failing", "give at least one, or omit it to allow any step")
    for place in bug.failing:
        _check_place(place, steps, file, f"{where}: failing")
    return bug


def _check_report(report: str, issues: tuple[str, ...], sources: tuple[str, ...], file: str, where: str) -> None:
    """A report with a number must be one that the scenario names; anything else is free text."""
    if not report.strip():
        raise ScenarioError(file, where, "is empty: name the report")
    if ISSUE.fullmatch(report):
        if report not in issues:
            raise ScenarioError(file, where, f"{report!r} is not in the scenario's `issue`.{meant(report, issues)}")
        return
    if lone := re.search(r"#\d+", report):
        raise ScenarioError(
            file, where, f"{report!r} is not a complete reference: write owner/repo{lone[0]}, one report in each [[bug]]"
        )
    for prefix, form, example in _ADVISORIES:
        if report.upper().startswith(prefix):
            if not form.fullmatch(report):
                raise ScenarioError(file, where, f"{report!r} does not look like {example}")
            if not any(re.search(rf"(?<![\w-]){re.escape(report)}(?![\w-])", text) for text in (*issues, *sources)):
                raise ScenarioError(file, where, f"{report!r} is neither in the scenario's `source` nor in its `issue`")


def _version(text: str, file: str, where: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion as error:
        raise ScenarioError(file, where, f"{text!r} is not a version such as 1.4.2") from error


def _check_pin(text: str, file: str, where: str) -> None:
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        raise ScenarioError(file, where, f"{text!r} is not a requirement such as setuptools<81") from error
    if not requirement.specifier:
        raise ScenarioError(file, where, f"{text!r} has no version; pin it, as in {requirement.name}==1.2.3")


def _check_date(text: str, file: str, where: str) -> None:
    try:
        date.fromisoformat(text if _DATE.fullmatch(text) else "")
    except ValueError as error:
        raise ScenarioError(file, where, f'{text!r} is not a date such as "2020-01-05"') from error


def _check_place(place: str, steps: list[Step], file: str, where: str) -> None:
    """Reject a "STEP" or "STEP.key" at which this scenario cannot fail."""
    match = _PLACE.fullmatch(place)
    if match is None:
        raise ScenarioError(file, where, f'{place!r} is not "STEP" or "STEP.key", as in "3.status"')
    number, key = int(match[1]), match[2]
    if number > len(steps):
        raise ScenarioError(file, where, f"{place!r}: steps are 1 to {len(steps)}, and 0 is the cleanup")
    step = steps[number - 1] if number else None
    keys = step.failing_keys if step else CLEANUP_KEYS
    if key and key not in keys:
        what = f"step {number} ({step.act})" if step else "the cleanup"
        raise ScenarioError(
            file, where, f"{place!r}: {what} cannot fail at {key!r}.{meant(key, keys)} It can at: {', '.join(keys)}."
        )

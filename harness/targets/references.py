"""Check what scenario files say about servers against the subjects, before anything is installed or run.

A name that no subject defines would make a scenario `unsupported` everywhere, an entry match nothing, or a run stop with a
traceback. Each is reported as the author's mistake, with the nearest known name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from packaging.specifiers import SpecifierSet

from ..language.capabilities import NOBODY_S
from ..language.scenario import Mistakes, Scenario
from ..language.verbs import PYTHONS, VERBS
from ..model.suggestions import shown, unknown
from ..model.values import Json
from .case_checks import check_cases
from .expectations import expectations
from .subject import ARGS_OF, Subject
from .subject_references import check_files, check_sweeps

_MOST = 3  # servers or places listed in one line
_BUILDS = ("gil", "free-threaded", "debug")
_IMPLEMENTATIONS = ("cpython", "pypy", "graalpy")


def check_references(scenarios: Iterable[Scenario], subjects: Mapping[str, Subject]) -> None:
    """Raise Refusal with every name that no subject defines, and every entry that cannot match anything."""
    mistakes = Mistakes("")
    for scenario in scenarios:
        mistakes.file = scenario.file
        able = [subject for subject in subjects.values() if supports(scenario, subject)]
        _check_apps(scenario, subjects, mistakes)
        for number, bug in enumerate(scenario.bugs, 1):
            if bug.subject not in subjects:
                mistakes.add(f"bug {number}: subject", unknown("subject", bug.subject, subjects))
            elif not subjects[bug.subject].requirements:
                mistakes.add(f"bug {number}: subject", f"{bug.subject} is not installed from releases, so none can be broken")
        for where, label in _wheres(scenario):
            _check_where(where, label, scenario, able, subjects, mistakes)
        check_cases(scenario, able, mistakes)
        _check_patterns(scenario, able, mistakes)
        check_files(scenario, able, mistakes)
        check_sweeps(scenario, able, mistakes)
        if not able and NOBODY_S not in scenario.needs:
            other_kind = f", channel = {scenario.channel!r}" if scenario.channel in ARGS_OF else ""
            mistakes.add(
                "",
                f"no subject supports this scenario, which requires: needs = {list(scenario.needs)}, "
                f"app = {scenario.app!r}{other_kind}{', tls' * scenario.tls}{', reload' * scenario.reload}",
            )
        if scenario.python and not _some_python(scenario.python):
            mistakes.add("python", f"{shown(scenario.python)} matches no Python")
    mistakes.raise_any()


def supports(scenario: Scenario, subject: Subject) -> bool:
    """Whether a subject declares everything a scenario needs, on at least one target."""
    declared = {*subject.capabilities, *(word for entry in subject.when for word in entry.capabilities or ())}
    return (
        declared.issuperset(scenario.needs)
        and (not scenario.app or scenario.app in subject.apps)
        and (not scenario.tls or bool(subject.tls_args))
        and (not scenario.reload or bool(subject.reload_args))
        and (scenario.channel not in ARGS_OF or any(_on_channel(subject, ARGS_OF[scenario.channel])))
    )


def _on_channel(subject: Subject, key: str) -> Iterator[tuple[str, ...]]:
    """A server's arguments for a kind of channel, on one target or another."""
    yield subject.channel_args.get(key, ())
    yield from (entry.channel_args.get(key, ()) for entry in subject.when)


def _check_apps(scenario: Scenario, subjects: Mapping[str, Subject], mistakes: Mistakes) -> None:
    apps = {app for subject in subjects.values() for app in subject.apps}
    asked = [
        ("app", scenario.app),
        *((f"step {step.number} (start): app", step.args["app"]) for step in scenario.steps if "app" in step.args),
    ]
    for where, app in asked:
        if app and app not in apps:
            mistakes.add(where, unknown("app", app, apps))


def _wheres(scenario: Scenario) -> Iterator[tuple[Json, str]]:
    for number, entry in enumerate(scenario.known, 1):
        yield entry.where, f"known {number}"
    for step in scenario.steps:
        for number, case in enumerate(step.cases, 1):
            yield case.where, f"step {step.number} ({step.act}): case {number}"


def _check_where(
    where: Json,
    label: str,
    scenario: Scenario,
    able: list[Subject],
    subjects: Mapping[str, Subject],
    mistakes: Mistakes,
) -> None:
    """Check that each name in a ``where`` is known, and that it can match a target."""
    named = [name.strip() for name in where["subject"].split(",")] if "subject" in where else []
    wrong = [name for name in named if name not in subjects]
    for name in wrong:
        mistakes.add(f"{label}: where: subject", unknown("subject", name, subjects))
    for key, values in (("implementation", _IMPLEMENTATIONS), ("build", _BUILDS)):
        if where.get(key, values[0]) not in values:
            mistakes.add(f"{label}: where: {key}", unknown(key, where[key], values))
    if wrong:
        return
    meant = [subject for subject in able if not named or subject.name in named]
    for name in named:
        if name not in [subject.name for subject in able]:
            mistakes.add(f"{label}: where: subject", f"{name} does not support this scenario, so this matches nothing")
    if able and not meant and not named:
        mistakes.add(f"{label}: where", "matches nothing")
    if "version" in where and meant and not any(subject.version for subject in meant):
        mistakes.add(f"{label}: where: version", f"{', '.join(s.name for s in meant)} has no version of its own")
    python = where.get("python", "")
    if python and meant and not any(_some_python(f"{python},{subject.python}".strip(",")) for subject in meant):
        mistakes.add(f"{label}: where: python", f"{shown(python)} matches no Python, or none that the server supports")


def _some_python(wanted: str) -> bool:
    """Whether any Python release is in a range; tries the first, a middle and a late release of each minor."""
    asked = SpecifierSet(wanted)
    return any(asked.contains(f"{minor}.{patch}", prereleases=True) for minor in PYTHONS for patch in range(25))


def _check_patterns(scenario: Scenario, able: Iterable[Subject], mistakes: Mistakes) -> None:
    """Check that the subjects define each @name that a step uses, in [exits] or [patterns]. Reports one line for each name."""
    lacking: dict[tuple[str, str], dict[str, None]] = {}  # (table, name) -> servers, in order
    used: dict[tuple[str, str], dict[str, None]] = {}  # (table, name) -> places, in order
    spelt: dict[tuple[str, str], Collection[str]] = {}
    for subject in able:
        for place, table, name in _uses(scenario, subject):
            words = subject.exits if table == "exits" else subject.patterns
            if name not in words:
                lacking.setdefault((table, name), {})[subject.name] = None
                used.setdefault((table, name), {})[place] = None
                spelt.setdefault((table, name), words)
    for (table, name), servers in lacking.items():
        first, *others = servers
        places = list(used[table, name])
        also = f" Nor {'does' if len(others) == 1 else 'do'} {_few(others)}." if others else ""
        again = f" Also used in {_few(places[1:])}." if len(places) > 1 else ""
        mistakes.add(
            places[0],
            f"subjects/{first}/subject.toml defines no "
            f"{unknown('@name', name, spelt[table, name])[8:]}{also}{again} "
            f"Add it to [{table}] there, or move the expectation to a case for the servers that define it.",
        )


def _uses(scenario: Scenario, subject: Subject) -> Iterator[tuple[str, str, str]]:
    """Each use of a @name that can apply to a subject: its place, the table in which it is looked up, and the name."""
    for step in scenario.steps:
        kinds = VERBS[step.act]
        used = [(key, value, kinds.args[key]) for key, value in step.args.items() if kinds.args[key] in ("log", "pattern")]
        used += [(key, value, kinds.expects[key]) for expect in expectations(step, subject) for key, value in expect.items()]
        for key, value, kind in used:
            for name in _named(value):
                yield f"step {step.number} ({step.act}): {key}", "exits" if kind == "exit" else "patterns", name


def _few(names: list[str]) -> str:
    """The first few names, and how many more there are."""
    return ", ".join(names[:_MOST]) + (f" and {len(names) - _MOST} more" if len(names) > _MOST else "")


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value.startswith("@"):
        yield value[1:]
    elif isinstance(value, list):
        for item in value:
            yield from _named(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _named(item)

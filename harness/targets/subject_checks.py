"""Contradictions in a subject.toml, checked once every value is of its kind."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..language.capabilities import APPS, TIMEOUTS
from ..language.matching import compile_pattern
from ..language.pattern_checks import faults_matched, problem_of
from ..language.scenario import Mistakes
from ..language.verbs import exit_problem
from ..model.suggestions import nearest, shown, unknown
from ..model.values import Json
from .subject import CHANNEL_ARGS

_VERSIONED = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?")
_MODULE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


def check_meaning(data: Json, folder: Path, mistakes: Mistakes, own: Collection[str] = ()) -> None:
    """Add what is wrong with a description whose values have the right kinds; ``folder`` is the subject's own."""
    for check in (_check_title, _check_patterns, _check_exits, _check_version):
        check(data, mistakes)
    _check_names(data, mistakes, own)
    _check_launch(data, folder, mistakes)


def _check_title(data: Json, mistakes: Mistakes) -> None:
    title = data.get("title", "x")
    if not title.strip() or "\n" in title:
        mistakes.add("title", "must be a single line that names the server; omit it to use the folder's name")


def _check_patterns(data: Json, mistakes: Mistakes) -> None:
    """Reject patterns that match every line: a server would be ready at its first line, or every traceback a habit."""
    for where, pattern in _line_patterns(data):
        if problem := problem_of(pattern):
            mistakes.add(where, problem)
    for name, pattern in data.get("patterns", {}).items():
        if problem := problem_of(pattern, lines=False):
            mistakes.add(f"patterns.{name}", problem)
        if name == "bound-port" and (groups := compile_pattern(pattern).groups) != 1:
            mistakes.add(
                f"patterns.{name}",
                f"has {groups} groups; it needs exactly one, the number, as in '/Listening on .*:(\\d+)$/'; (?:…) is none",
            )
    for number, habit in enumerate(data.get("habit", ()), 1):
        if not habit.get("before") and (excused := faults_matched(habit["said"])):
            mistakes.add(
                f"habit {number}: said",
                f"{shown(habit['said'])} would excuse {', '.join(excused[:3])} and others: name the error and what it says, "
                "or add before",
            )


def _line_patterns(data: Json) -> Iterator[tuple[str, str]]:
    ready = [
        ("launch.ready", data.get("launch", {}).get("ready", "")),
        *((f"when {number}: ready", entry.get("ready", "")) for number, entry in enumerate(data.get("when", ()), 1)),
    ]
    for where, lines in ready:
        for pattern in lines if isinstance(lines, list) else [lines] if lines else []:
            yield where, pattern
    for number, habit in enumerate(data.get("habit", ()), 1):
        for key in ("said", "before"):
            if habit.get(key):
                yield f"habit {number}: {key}", habit[key]


def _check_names(data: Json, mistakes: Mistakes, own: Collection[str]) -> None:
    """Check that apps and timeouts have names that scenarios use; the author's ``own`` apps may have other names."""
    for table, what, known in (("apps", "app", APPS), ("timeouts", "time-out", TIMEOUTS)):
        for name in data.get(table, {}):
            if name not in known and not (table == "apps" and name in own):
                mistakes.add(table, unknown(what, name, known))


def _check_exits(data: Json, mistakes: Mistakes) -> None:
    tables = [
        ("exits", data.get("exits", {})),
        *((f"when {number}: exits", entry.get("exits", {})) for number, entry in enumerate(data.get("when", ()), 1)),
    ]
    for where, table in tables:
        for name, codes in table.items():
            for code in codes:
                if problem := exit_problem(code):
                    mistakes.add(f"{where}.{name}", problem)


def _check_launch(data: Json, folder: Path, mistakes: Mistakes) -> None:
    launch: Json = data.get("launch", {})
    tables: list[tuple[str, Json]] = [
        ("launch.", launch),
        *((f"when {number}: ", entry) for number, entry in enumerate(data.get("when", ()), 1)),
    ]
    for where, table in tables:
        for key in ("args", "tls_args", "reload_args", "default_channel_args", *CHANNEL_ARGS):
            if any("\0" in item for item in table.get(key, ())):
                mistakes.add(f"{where}{key}", "a process argument cannot contain a NUL character")
            given = table.get(key) or (key == "args" and table is launch and key in table)
            if key == "unix_args" and given and not any("{socket}" in item for item in table[key]):
                mistakes.add(f"{where}{key}", "{socket} is missing: it is the path at which clients ask")
            elsewhere = ("default_channel_args", "unix_args", "handed_over_args")
            if given and key not in elsewhere and not any("{port}" in item for item in table[key]):
                mistakes.add(
                    f"{where}{key}",
                    "{port} is missing: each cell has its own address, and without it the server would listen elsewhere",
                )
        if table.get("ready") == []:
            mistakes.add(f"{where}ready", 'is an empty list; use "" for a server that is ready when it answers a request')
    if "module" in launch and not _MODULE.fullmatch(launch["module"]):
        mistakes.add("launch.module", f"{shown(launch['module'])} is not a module name such as gunicorn.app.wsgiapp")
    if "script" in launch and not _is_inside(launch["script"], folder):
        mistakes.add(
            "launch.script", f"{shown(launch['script'])} is not one of the subjects' files: put a copy next to subject.toml"
        )


def _is_inside(script: str, folder: Path) -> bool:
    """Whether a script belongs to this subject, or to another with the same server (``../cherrypy/serve.py``)."""
    try:
        return (folder / script).resolve().is_relative_to(folder.parent.resolve())
    except (OSError, ValueError):  # not a possible file name: reported elsewhere
        return True


def _check_version(data: Json, mistakes: Mistakes) -> None:
    """Check that the installed server has a version, which reports show and a `where` can use."""
    required = {canonicalize_name(Requirement(text).name) for text in data.get("requirements", ())}
    version: Any = data.get("version", "")
    if version and not _VERSIONED.fullmatch(version):
        mistakes.add("version", f"{shown(version)} is neither the name of a distribution nor module.attribute")
        return
    if required and not version:
        mistakes.add("version", f'is missing: name the distribution of the server, as in version = "{sorted(required)[0]}"')
    if not version or not required or canonicalize_name(version) in required or "." in version:
        return
    if near := nearest(canonicalize_name(version), required):  # an unrelated name may be a dependency's
        mistakes.add("version", f"{shown(version)} is not one of the requirements; did you mean {near[0]!r}?")

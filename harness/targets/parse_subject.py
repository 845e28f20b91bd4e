"""Turn a subject.toml's table into a Subject: every value is checked, and all mistakes are reported together."""

from __future__ import annotations

from pathlib import Path

from ..language.capabilities import CAPABILITIES
from ..language.scenario import Mistakes
from ..language.verbs import seconds
from ..machine.places import GUEST
from ..model.suggestions import shown, unknown
from ..model.values import Json
from .subject import CHANNEL_ARGS, Habit, Subject, When
from .subject_checks import check_meaning
from .subject_files import check_script, checkout_of, find_file, project_of
from .subject_kinds import FORMAT, KINDS, is_texts

TOP = {
    "format": "format",
    "title": "text",
    "python": "range",
    "requirements": "requirements",
    "checkout": "text",
    "pip": "texts",
    "guest": "texts",
    "coverage": "texts",
    "capabilities": "texts",
    "version": "text",
    "oracle": "text",
    "launch": "table",
    "apps": "table",
    "exits": "table",
    "patterns": "table",
    "timeouts": "table",
    "when": "tables",
    "habit": "tables",
}
LAUNCH = {
    "module": "text",
    "script": "text",
    "args": "arguments",
    "default_channel_args": "arguments",
    "tls_args": "arguments",
    "reload_args": "arguments",
    "unix_args": "arguments",
    "ipv6_args": "arguments",
    "handed_over_args": "arguments",
    "ready": "lines",
}
WHEN = {
    "where": "table",
    "capabilities": "texts",
    "exits": "table",
    "ready": "lines",
    "args": "arguments",
    "tls_args": "arguments",
    "unix_args": "arguments",
    "ipv6_args": "arguments",
    "handed_over_args": "arguments",
}
HABIT = {"where": "table", "before": "pattern", "said": "pattern", "why": "text"}
WHERE = {"version": "range", "python": "range", "implementation": "text"}
#: Default patterns for any server written in Python; its description can override them.
PATTERNS = {"traceback": r"/^Traceback \(most recent call last\):/"}
#: capability -> the bundled applications that a server with it can run
BUNDLED_APPS = {
    "wsgi": {"life": "apps/wsgi_life.py", "wsgi": "apps/wsgi_report.py"},
    "asgi": {"life": "apps/asgi_life.py", "asgi": "apps/asgi_report.py"},
}
#: Tables with names chosen by the author as keys: the kind of their values.
NAMED = {"apps": "text", "exits": "codes", "patterns": "pattern", "timeouts": "duration"}


def parse_subject(name: str, data: Json, folder: Path, file: str = "", guest: Path = GUEST) -> Subject:
    """Turn a subject's table into a Subject; raises Refusal with every mistake.

    ``folder`` has the subject's own files; a target's applications and packages are looked up there, then in the parent
    folder of subjects, then in ``guest``. ``file`` is the description's name in mistakes.
    """
    mistakes = Mistakes(file or f"subjects/{name}/subject.toml")
    _check(data, TOP, "", mistakes)
    if "format" not in data:
        mistakes.add("format", f"is missing: it must be {FORMAT}")
    mistakes.raise_any()
    launch: Json = data.get("launch", {})
    _check(launch, LAUNCH, "launch.", mistakes)
    for table, kind in NAMED.items():
        _check(data.get(table, {}), dict.fromkeys(data.get(table, {}), kind), f"{table}.", mistakes)
    for number, entry in enumerate(data.get("when", ()), 1):
        _check_when(entry, f"when {number}: ", mistakes)
    for number, entry in enumerate(data.get("habit", ()), 1):
        _check_habit(entry, f"habit {number}: ", mistakes)
    _check_words(data, mistakes)
    _check_launch(launch, folder, mistakes)
    if "stop" not in data.get("exits", {}):
        mistakes.add("exits.stop", "is missing: give the exit codes of the server on SIGTERM")
    homes = (folder, folder.parent, guest)
    apps: dict[str, Path] = {}
    for contract, path in {**_bundled_apps(data), **data.get("apps", {})}.items():
        if not isinstance(path, str):
            continue  # already reported
        if app := find_file(path, homes, Path.is_file):
            apps[contract] = app
        else:
            mistakes.add(
                f"apps.{contract}",
                f"no file {shown(path)} next to subject.toml, in {folder.parent.name}/, or among the bundled applications",
            )
    packages: list[Path] = []
    for package in data.get("guest", ()) if is_texts(data.get("guest", [])) else ():
        if there := find_file(package, homes, lambda there: (there / "__init__.py").is_file()):
            packages.append(there)
        else:
            mistakes.add("guest", f"no package {shown(package)} next to subject.toml, in {folder.parent.name}/, or bundled")
    checkout = checkout_of(data, folder, mistakes)
    mistakes.raise_any()
    check_meaning(data, folder, mistakes, own={contract for contract, app in apps.items() if not app.is_relative_to(guest)})
    mistakes.raise_any()
    return Subject(
        name=name,
        title=data.get("title", name),
        entry=("-m", launch["module"]) if "module" in launch else (str(folder / launch["script"]),),
        args=tuple(launch["args"]),
        default_channel_args=tuple(launch.get("default_channel_args", ())),
        tls_args=tuple(launch.get("tls_args", ())),
        reload_args=tuple(launch.get("reload_args", ())),
        channel_args={key: tuple(launch[key]) for key in CHANNEL_ARGS if key in launch},
        ready=_lines(launch["ready"]),
        folder=folder,
        python=data.get("python", ""),
        requirements=(*([str(checkout)] if checkout else []), *data.get("requirements", ())),
        pip=tuple(data.get("pip", ())),
        guest=tuple(packages),
        coverage=tuple(data.get("coverage", ())),
        capabilities=tuple(data.get("capabilities", ())),
        patterns={**PATTERNS, **data.get("patterns", {})},
        apps=apps,
        exits=_exits(data["exits"]),
        timeout=min((seconds(duration) for duration in data.get("timeouts", {}).values()), default=None),
        version=data.get("version", ""),
        oracle=data.get("oracle", ""),
        when=tuple(map(_when, data.get("when", ()))),
        habits=tuple(Habit(e.get("where", {}), e.get("before", ""), e["said"], e["why"]) for e in data.get("habit", ())),
        checkout=checkout,
        project=project_of(data),
    )


def _bundled_apps(data: Json) -> dict[str, str]:
    """The applications that a server gets without being told: those for the interface that it promises."""
    words = data.get("capabilities", ())
    return {
        contract: path
        for interface, apps in BUNDLED_APPS.items()
        if isinstance(words, list) and interface in words
        for contract, path in apps.items()
    }


def _check(table: Json, kinds: dict[str, str], where: str, mistakes: Mistakes) -> None:
    """Check that each key is known and has a value of its kind."""
    for key, value in table.items():
        if key not in kinds:
            mistakes.add(where.rstrip(".: "), unknown("key", key, kinds))
            continue
        words, is_one = KINDS[kinds[key]]
        if not is_one(value):
            mistakes.add(f"{where}{key}", f"must be {words}, not {shown(value)}")


def _check_when(entry: Json, where: str, mistakes: Mistakes) -> None:
    _check(entry, WHEN, where, mistakes)
    if not isinstance(entry.get("where"), dict) or not entry["where"]:
        mistakes.add(where.rstrip(": "), f"where is missing: give the {' or '.join(WHERE)} to which it applies")
        return
    _check(entry["where"], WHERE, f"{where}where.", mistakes)
    exits = entry.get("exits", {})
    if isinstance(exits, dict):
        _check(exits, dict.fromkeys(exits, "codes"), f"{where}exits.", mistakes)


def _check_habit(entry: Json, where: str, mistakes: Mistakes) -> None:
    _check(entry, HABIT, where, mistakes)
    if isinstance(entry.get("where"), dict):
        _check(entry["where"], WHERE, f"{where}where.", mistakes)
    for key in ("said", "why"):
        if not entry.get(key):
            mistakes.add(f"{where}{key}", "is missing: say which traceback it matches, and where it was reported")


def _check_words(data: Json, mistakes: Mistakes) -> None:
    promised = [("capabilities", data.get("capabilities", ()))]
    promised += [
        (f"when {number}: capabilities", entry.get("capabilities", ())) for number, entry in enumerate(data.get("when", ()), 1)
    ]
    for where, words in promised:
        for word in words if is_texts(list(words)) else ():
            if word not in CAPABILITIES:
                mistakes.add(where, unknown("capability", word, CAPABILITIES))


def _check_launch(launch: Json, folder: Path, mistakes: Mistakes) -> None:
    for key in ("args", "ready"):
        if key not in launch:
            mistakes.add(f"launch.{key}", "is missing")
    if ("module" in launch) == ("script" in launch):
        mistakes.add("launch", "needs either a module or a script")
    script = launch.get("script")
    if isinstance(script, str):
        with mistakes.collected():
            check_script(folder, script, mistakes.file)


def _when(data: Json) -> When:
    return When(
        where=data["where"],
        capabilities=tuple(data["capabilities"]) if "capabilities" in data else None,
        exits=_exits(data.get("exits", {})),
        ready=_lines(data["ready"]) if "ready" in data else None,
        args=tuple(data["args"]) if "args" in data else None,
        tls_args=tuple(data["tls_args"]) if "tls_args" in data else None,
        channel_args={key: tuple(data[key]) for key in CHANNEL_ARGS if key in data},
    )


def _exits(table: dict[str, list[int]]) -> dict[str, tuple[int, ...]]:
    return {key: tuple(codes) for key, codes in table.items()}


def _lines(ready: str | list[str]) -> tuple[str, ...]:
    """The log lines of a ready server, in order; empty if it logs nothing."""
    return tuple(ready) if isinstance(ready, list) else (ready,) if ready else ()

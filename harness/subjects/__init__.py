"""The servers under test: one folder each, described by its subject.toml and known by nothing else."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..model import Json, Refusal, Target
from ..scenario import holds
from ..scenario_checks import subject_names

FOLDER = Path(__file__).parent
GUEST = FOLDER.parent / "guest"
APPS = GUEST / "apps"
FORMAT = 1

_KEYS = {"format", "title", "python", "requirements", "pip", "guest", "coverage", "capabilities", "patterns", "launch",
         "apps", "exits", "version", "oracle", "when"}
_LAUNCH = ("module", "script", "args", "default_channel_args", "tls_args", "reload_args", "ready")
_WHEN = ("where", "capabilities", "exits", "ready", "args", "tls_args")
_WHERE = ("version", "python", "implementation")


@dataclass(frozen=True, slots=True)
class When:
    """What is otherwise on some targets; None and {} leave it as it is."""

    where: Json
    capabilities: tuple[str, ...] | None = None
    exits: dict[str, tuple[int, ...]] = field(default_factory=dict)
    ready: tuple[str, ...] | None = None
    args: tuple[str, ...] | None = None
    tls_args: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """A server under test: what to install, how to launch it, when it is ready, what it can do.

    ``entry`` is what the interpreter is told to run: ("-m", module), or the path of a script. ``ready`` are the log
    lines of a server that is ready, in order; none where it says nothing, and an answer to a request is the sign.
    ``edition``, ``source``, ``content`` (a hash), ``before`` (a day: nothing newer is
    installed) and ``checkout`` are of one that is not the locked release (editions).
    """

    name: str
    title: str
    entry: tuple[str, ...]
    args: tuple[str, ...]
    default_channel_args: tuple[str, ...]
    tls_args: tuple[str, ...]
    reload_args: tuple[str, ...]
    ready: tuple[str, ...]
    folder: Path = FOLDER
    python: str = ""
    requirements: tuple[str, ...] = ()
    pip: tuple[str, ...] = ()
    guest: tuple[str, ...] = ()
    coverage: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    patterns: dict[str, str] = field(default_factory=dict)
    apps: dict[str, Path] = field(default_factory=dict)
    exits: dict[str, tuple[int, ...]] = field(default_factory=dict)
    version: str = ""
    oracle: str = ""
    when: tuple[When, ...] = ()
    edition: str = ""
    source: str = ""
    content: str = ""
    before: str = ""
    checkout: Path | None = None

    @property
    def column(self) -> str:
        """Its name in the ids of targets: the name, and the edition where it is not the locked release."""
        return f"{self.name}+{self.edition}" if self.edition else self.name

    def on(self, target: Target) -> Subject:
        """This subject as it is on one target: in that version, on that Python."""
        subject = self
        for entry in self.when:
            if holds(entry.where, target):
                subject = replace(
                    subject, exits={**subject.exits, **entry.exits},
                    capabilities=subject.capabilities if entry.capabilities is None else entry.capabilities,
                    ready=subject.ready if entry.ready is None else entry.ready,
                    args=subject.args if entry.args is None else entry.args,
                    tls_args=subject.tls_args if entry.tls_args is None else entry.tls_args)
        return subject


def names() -> list[str]:
    """All subjects there are."""
    return subject_names()


def load(name: str) -> Subject:
    """Load a subject by its folder's name; raises Refusal for one that is not there, or that is described wrongly."""
    file = FOLDER / name / "subject.toml"
    if not file.is_file():
        raise Refusal(f"--subject {name}: there is no such subject. There are: {', '.join(names())}.")
    try:
        data = tomllib.loads(file.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise Refusal(f"subjects/{name}/subject.toml: is not valid TOML: {error}") from error
    return _parse(name, data)


def _parse(name: str, data: Json) -> Subject:
    where = f"subjects/{name}/subject.toml"
    if unknown := sorted(set(data) - _KEYS):
        raise Refusal(f"{where}: unknown {', '.join(unknown)}; there are: {', '.join(sorted(_KEYS))}")
    if data.get("format") != FORMAT:
        raise Refusal(f"{where}: format must be {FORMAT}")
    launch = _table(data, "launch", where, _LAUNCH)
    for key in ("args", "ready"):
        if key not in launch:
            raise Refusal(f"{where}: launch.{key} is missing")
    if ("module" in launch) == ("script" in launch):
        raise Refusal(f"{where}: launch needs either a module or a script")
    script = FOLDER / name / launch.get("script", "")
    if not script.exists():
        raise Refusal(f"{where}: launch.script: there is no file {launch['script']} beside it")
    exits = _table(data, "exits", where)
    if "stop" not in exits:
        raise Refusal(f"{where}: exits.stop is missing: the exit codes with which the server ends on SIGTERM")
    apps = {}
    for contract, path in _table(data, "apps", where).items():
        app = GUEST / path
        if not app.is_file():
            raise Refusal(f"{where}: apps.{contract}: there is no file {path} under harness/guest")
        apps[contract] = app
    return Subject(
        name=name, title=data.get("title", name),
        entry=("-m", launch["module"]) if "module" in launch else (str(script),), args=tuple(launch["args"]),
        default_channel_args=tuple(launch.get("default_channel_args", ())), tls_args=tuple(launch.get("tls_args", ())),
        reload_args=tuple(launch.get("reload_args", ())),
        ready=_lines(launch["ready"]), folder=FOLDER / name,
        python=data.get("python", ""), requirements=tuple(data.get("requirements", ())), pip=tuple(data.get("pip", ())),
        guest=tuple(data.get("guest", ())),
        coverage=tuple(data.get("coverage", ())), capabilities=tuple(data.get("capabilities", ())),
        patterns=_table(data, "patterns", where), apps=apps,
        exits=_codes(exits), version=data.get("version", ""), oracle=data.get("oracle", ""),
        when=tuple(_when(entry, f"{where}: when {n}") for n, entry in enumerate(data.get("when", ()), 1)))


def _when(data: Json, where: str) -> When:
    table = _table({"when": data}, "when", where, _WHEN)
    if not _table(table, "where", where, _WHERE):
        raise Refusal(f"{where}: where is missing: say on which {' or '.join(_WHERE)} it is otherwise")
    return When(
        where=table["where"], capabilities=tuple(table["capabilities"]) if "capabilities" in table else None,
        exits=_codes(_table(table, "exits", where)), ready=_lines(table["ready"]) if "ready" in table else None,
        args=tuple(table["args"]) if "args" in table else None,
        tls_args=tuple(table["tls_args"]) if "tls_args" in table else None)


def _codes(table: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    return {key: tuple(codes) for key, codes in table.items()}


def _lines(ready: str | list[str]) -> tuple[str, ...]:
    """The log lines of a ready server, in order; none where it says nothing."""
    return tuple(ready) if isinstance(ready, list) else (ready,) if ready else ()


def _table(data: Json, key: str, where: str, known: tuple[str, ...] | None = None) -> dict[str, Any]:
    table = data.get(key, {})
    if not isinstance(table, dict):
        raise Refusal(f"{where}: {key} must be a table")
    if known is not None and (unknown := sorted(set(table) - set(known))):
        raise Refusal(f"{where}: {key}: unknown {', '.join(unknown)}; there are: {', '.join(known)}")
    return table

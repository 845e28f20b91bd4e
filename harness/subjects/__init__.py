"""The servers under test: one folder each, described by its subject.toml and known by nothing else."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..model import Json, Refusal

FOLDER = Path(__file__).parent
GUEST = FOLDER.parent / "guest"
APPS = GUEST / "apps"
FORMAT = 1

_KEYS = {"format", "title", "python", "requirements", "pip", "guest", "coverage", "capabilities", "patterns", "launch",
         "apps", "exits", "version", "oracle"}
_LAUNCH = ("module", "script", "args", "default_channel_args", "ready")


@dataclass(frozen=True, slots=True)
class Subject:
    """A server under test: what to install, how to launch it, when it is ready, what it can do.

    ``entry`` is what the interpreter is told to run: ("-m", module), or the path of a script.
    """

    name: str
    title: str
    entry: tuple[str, ...]
    args: tuple[str, ...]
    default_channel_args: tuple[str, ...]
    ready: str
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


def names() -> list[str]:
    """All subjects there are."""
    return sorted(path.parent.name for path in FOLDER.glob("*/subject.toml"))


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
        default_channel_args=tuple(launch.get("default_channel_args", ())), ready=launch["ready"],
        python=data.get("python", ""), requirements=tuple(data.get("requirements", ())), pip=tuple(data.get("pip", ())),
        guest=tuple(data.get("guest", ())),
        coverage=tuple(data.get("coverage", ())), capabilities=tuple(data.get("capabilities", ())),
        patterns=_table(data, "patterns", where), apps=apps,
        exits={key: tuple(codes) for key, codes in exits.items()}, version=data.get("version", ""),
        oracle=data.get("oracle", ""))


def _table(data: Json, key: str, where: str, known: tuple[str, ...] | None = None) -> dict[str, Any]:
    table = data.get(key, {})
    if not isinstance(table, dict):
        raise Refusal(f"{where}: {key} must be a table")
    if known is not None and (unknown := sorted(set(table) - set(known))):
        raise Refusal(f"{where}: {key}: unknown {', '.join(unknown)}; there are: {', '.join(known)}")
    return table

"""The servers under test: one folder each, described by its subject.toml and known by nothing else."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..model import Json, Refusal

FOLDER = Path(__file__).parent
GUEST = FOLDER.parent / "guest"
FORMAT = 1

_KEYS = {"format", "title", "requirements", "guest", "coverage", "capabilities", "patterns", "launch", "apps", "stop",
         "version"}


@dataclass(frozen=True, slots=True)
class Subject:
    """A server under test: what to install, how to launch it, when it is ready, what it can do."""

    name: str
    title: str
    module: str
    args: tuple[str, ...]
    default_channel_args: tuple[str, ...]
    ready: str
    requirements: tuple[str, ...] = ()
    guest: tuple[str, ...] = ()
    coverage: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    patterns: dict[str, str] = field(default_factory=dict)
    apps: dict[str, Path] = field(default_factory=dict)
    stop_exits: tuple[int, ...] = (0,)
    version: str = ""


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
    launch = _table(data, "launch", where, ("module", "args", "default_channel_args", "ready"))
    for key in ("module", "args", "ready"):
        if key not in launch:
            raise Refusal(f"{where}: launch.{key} is missing")
    apps = {}
    for contract, path in _table(data, "apps", where).items():
        app = GUEST / path
        if not app.is_file():
            raise Refusal(f"{where}: apps.{contract}: there is no file {path} under harness/guest")
        apps[contract] = app
    return Subject(
        name=name, title=data.get("title", name), module=launch["module"], args=tuple(launch["args"]),
        default_channel_args=tuple(launch.get("default_channel_args", ())), ready=launch["ready"],
        requirements=tuple(data.get("requirements", ())), guest=tuple(data.get("guest", ())),
        coverage=tuple(data.get("coverage", ())), capabilities=tuple(data.get("capabilities", ())),
        patterns=_table(data, "patterns", where), apps=apps,
        stop_exits=tuple(_table(data, "stop", where, ("exit",)).get("exit", (0,))), version=data.get("version", ""))


def _table(data: Json, key: str, where: str, known: tuple[str, ...] | None = None) -> dict[str, Any]:
    table = data.get(key, {})
    if not isinstance(table, dict):
        raise Refusal(f"{where}: {key} must be a table")
    if known is not None and (unknown := sorted(set(table) - set(known))):
        raise Refusal(f"{where}: {key}: unknown {', '.join(unknown)}; there are: {', '.join(known)}")
    return table

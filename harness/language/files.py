"""Scenario files: TOML in, frozen Scenario out. All mistakes in all files are reported together."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

from ..model.refusal import Refusal
from ..model.values import Json
from .parse_scenario import parse_file
from .scenario import Mistakes, Scenario, ScenarioError


def table(file: Path, shown: str) -> Json:
    """Read a TOML file; raises ScenarioError, which calls the file ``shown``.

    Only regular files are read: reading a FIFO could block for ever.
    """
    try:
        if file.exists() and not file.is_file():
            kind = "a folder" if file.is_dir() else "a FIFO, a socket or a device"
            raise ScenarioError(
                shown, "", f"cannot be read: it is {kind}, not a file; rename it so that it does not end in .toml"
            )
        return tomllib.loads(file.read_bytes().decode("utf-8"))
    except OSError as error:
        raise ScenarioError(shown, "", f"cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ScenarioError(shown, "", f"is not valid TOML: {error}") from error
    except RecursionError as error:
        raise ScenarioError(shown, "", "is nested too deeply") from error


def load_all(*folders: Path) -> tuple[Scenario, ...]:
    """Load every scenario below some folders, sorted by id; raises Refusal with all mistakes in all files."""
    files: list[Path] = []
    for folder in folders:
        found = sorted(folder.rglob("*.toml")) if folder.is_dir() else []
        if not found:
            raise Refusal(f"{folder}: no scenario files (*.toml) here")
        files += found
    return load_files(files, *folders)


def load_files(files: Iterable[Path], *folders: Path) -> tuple[Scenario, ...]:
    """Load some files, sorted by id; raises Refusal with all their mistakes, duplicate ids included."""
    found: dict[str, Scenario] = {}
    places: dict[str, Path] = {}
    mistakes = Mistakes("")
    for file in files:
        with mistakes.collected():
            for scenario in load(file, *folders):
                if scenario.id in found:
                    other = found[scenario.id].file if found[scenario.id].file != scenario.file else str(places[scenario.id])
                    raise ScenarioError(scenario.file, "id", f"{scenario.id!r} is also the id of {other}")
                found[scenario.id], places[scenario.id] = scenario, file
    mistakes.raise_any()
    return tuple(found[key] for key in sorted(found))


def load(file: Path, *folders: Path) -> list[Scenario]:
    """Load the scenarios of one file: one, or one for each of its checks; raises Refusal.

    A file outside all of the folders is shown as given.
    """
    shown = str(file)
    pairs = [(file.absolute(), folder.absolute()) for folder in folders]
    pairs += [(file.resolve(), folder.resolve()) for folder in folders]
    for one, home in pairs:
        if one.is_relative_to(home) and ".." not in one.parts:
            shown = _named(one, home)
            break
    return parse_file(table(file, shown), shown)


def _named(file: Path, home: Path) -> str:
    """A file as messages show it: relative to the current folder, or to the parent of its scenario folder."""
    here = Path.cwd()
    return (file.relative_to(here if file.is_relative_to(here) else home.parent)).as_posix()

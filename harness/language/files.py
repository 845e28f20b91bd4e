"""Scenario files: TOML in, frozen Scenario out. All mistakes of all files are said at once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

from ..model.refusal import Refusal
from ..model.values import Json
from .parse_scenario import parse
from .scenario import Mistakes, Scenario, ScenarioError


def table(file: Path, shown: str) -> Json:
    """The table that a TOML file is; raises ScenarioError, which calls the file ``shown``.

    Only regular files are read: nobody may ever write to a FIFO, and a read of it would not end.
    """
    try:
        if file.exists() and not file.is_file():
            kind = "a folder" if file.is_dir() else "a FIFO, a socket or a device"
            raise ScenarioError(
                shown, "", f"cannot be read: it is {kind}, and not a file; give it a name that does not end in .toml"
            )
        return tomllib.loads(file.read_bytes().decode("utf-8"))
    except OSError as error:
        raise ScenarioError(shown, "", f"cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ScenarioError(shown, "", f"is not valid TOML: {error}") from error
    except RecursionError as error:
        raise ScenarioError(shown, "", "is nested too deeply") from error


def load_all(folder: Path) -> tuple[Scenario, ...]:
    """Load every scenario below a folder, sorted by id; raises Refusal with all mistakes of all files."""
    files = sorted(folder.rglob("*.toml")) if folder.is_dir() else []
    if not files:
        raise Refusal(f"{folder}: no scenario files (*.toml) here; is this the repository's root?")
    return load_files(files, folder)


def load_files(files: Iterable[Path], folder: Path) -> tuple[Scenario, ...]:
    """Load some files, sorted by id; raises Refusal with all mistakes of all of them, two files with one id included."""
    found: dict[str, Scenario] = {}
    mistakes = Mistakes("")
    for file in files:
        with mistakes.collected():
            scenario = load(file, folder)
            if scenario.id in found:
                raise ScenarioError(scenario.file, "id", f"{scenario.id!r} is also the id of {found[scenario.id].file}")
            found[scenario.id] = scenario
    mistakes.raise_any()
    return tuple(found[key] for key in sorted(found))


def load(file: Path, folder: Path) -> Scenario:
    """Load one scenario file; raises Refusal. A file that is not in the folder is named as it was given."""
    shown = str(file)
    for one, home in ((file.absolute(), folder.absolute()), (file.resolve(), folder.resolve())):
        if one.is_relative_to(home) and ".." not in one.parts:
            shown = f"{folder.name}/{one.relative_to(home).as_posix()}"
            break
    return parse(table(file, shown), shown)

"""What a project's pyproject.toml says that a run is of, unless the command line says otherwise: [tool.server-matrix].

Paths are relative to that file. It is the nearest one, from the current folder upward, that has the section; the harness's
own where there is none and the harness is run from its checkout; and else a run is of the bundled servers, on every Python.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..language.scenario import Mistakes
from ..language.verbs import INTERPRETER_ID
from ..machine.places import SCENARIOS, SUBJECTS, checkout
from ..model.refusal import Refusal
from ..model.suggestions import shown, unknown
from ..model.values import Json
from ..targets.load_subjects import Catalog

NAME = "server-matrix"
SECTION = f"tool.{NAME}"
ALIKE = 0.85  # of a section's name: so much like ours that it is meant
BUNDLED_SUBJECTS = ("enginebus", "cherrypy")  # the bundled server, and the oracle that it is compared with


@dataclass(frozen=True, slots=True)
class Project:
    """What a run is of: ``file`` says so (None: nothing does).

    ``subject`` are what ``--subject`` would be given, ``subjects`` and ``scenarios`` folders beside the bundled ones.
    """

    file: Path | None = None
    subject: tuple[str, ...] = ()
    subjects: tuple[Path, ...] = ()
    scenarios: tuple[Path, ...] = ()
    bundled_subjects: bool = True
    bundled_scenarios: bool = True
    interpreters: tuple[str, ...] = ()
    known: Path | None = None
    strict: bool = False
    strict_should: bool = False
    reports: Path = Path("reports")

    @property
    def catalog(self) -> Catalog:
        """Where the subjects are described that a run can be of."""
        return Catalog((*([SUBJECTS] if self.bundled_subjects else []), *self.subjects))

    @property
    def scenario_folders(self) -> tuple[Path, ...]:
        """Where the scenarios are."""
        return (*([SCENARIOS] if self.bundled_scenarios else []), *self.scenarios)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The subjects of a run that names none: those the file says, else the project's own, else the bundled ones."""
        if self.subject:
            return self.subject
        return tuple(Catalog(self.subjects).names()) if self.subjects else BUNDLED_SUBJECTS


def _texts(value: Any) -> bool:
    return isinstance(value, list) and value != [] and all(isinstance(item, str) and item.strip() for item in value)


#: key -> (what its value is, in words; how it is told)
KEYS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "subject": ('a list of servers, as --subject takes them, such as ["enginebus", "waitress<3"]', _texts),
    "subjects": ('a list of folders that hold subjects, such as ["matrix/subjects"]', _texts),
    "scenarios": ('a list of folders that hold scenarios, such as ["matrix/scenarios"]', _texts),
    "interpreters": ('a list of interpreters, such as ["2.7", "3.13"]', _texts),
    "known": ('a file, such as "matrix/known.toml"', lambda value: isinstance(value, str) and value.strip() != ""),
    "reports": ('a folder, such as "reports"', lambda value: isinstance(value, str) and value.strip() != ""),
    "strict": ("true or false", lambda value: isinstance(value, bool)),
    "strict-should": ("true or false", lambda value: isinstance(value, bool)),
    "bundled": ("true or false", lambda value: isinstance(value, bool)),
    "bundled-subjects": ("true or false", lambda value: isinstance(value, bool)),
    "bundled-scenarios": ("true or false", lambda value: isinstance(value, bool)),
}


def find(start: Path) -> Project:
    """The project of a folder; raises Refusal where its section says what cannot be."""
    top = checkout()
    for folder in [start, *start.parents, *([top] if top else [])]:
        file = folder / "pyproject.toml"
        if file.is_file() and (section := _section(file)) is not None:
            return read(section, file)
    return Project(reports=start / "reports")


def _section(file: Path) -> Json | None:
    """The section of a file; None where it has none. Raises Refusal for a file that cannot be read, or that misspells it."""
    try:
        tool = tomllib.loads(file.read_text("utf-8")).get("tool", {})
    except OSError as error:
        raise Refusal(f"{file}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise Refusal(f"{file}: is not valid TOML in UTF-8: {error}") from error
    if not isinstance(tool, dict):
        raise Refusal(f"{file}: [tool] must be a table, not {shown(tool)}")
    found = tool.get(NAME)
    if found is not None and not isinstance(found, dict):
        raise Refusal(f"{file}: [{SECTION}] must be a table, not {shown(found)}")
    if found is None:
        for other in tool:
            if difflib.SequenceMatcher(None, other.lower().replace("_", "-"), NAME).ratio() > ALIKE:
                raise Refusal(f"{file}: unknown section [tool.{other[:80]}]. Did you mean [{SECTION}]?")
    return found


def read(section: Json, file: Path) -> Project:
    """The section's values, checked; raises Refusal with every mistake."""
    mistakes = Mistakes(f"{file.name}: [{SECTION}]")
    for key, value in section.items():
        if key not in KEYS:
            mistakes.add("", unknown("key", key, KEYS))
            continue
        words, is_one = KEYS[key]
        if not is_one(value):
            mistakes.add(key, f"must be {words}, not {shown(value)}")
    mistakes.raise_any()
    top = file.parent.resolve()
    for name in section.get("interpreters", ()):
        if "/" not in name and "\\" not in name and not INTERPRETER_ID.fullmatch(name):
            mistakes.add("interpreters", f"{shown(name)} is not an interpreter; give an id such as 3.13, 3.13t or pypy3.11")
    mistakes.raise_any()
    bundled: bool = section.get("bundled", True)
    return Project(
        file=file,
        subject=tuple(section.get("subject", ())),
        subjects=_folders(section, "subjects", top),
        scenarios=_folders(section, "scenarios", top),
        bundled_subjects=bool(section.get("bundled-subjects", bundled)),
        bundled_scenarios=bool(section.get("bundled-scenarios", bundled)),
        interpreters=tuple(section.get("interpreters", ())),
        known=top / section["known"] if "known" in section else None,
        strict=section.get("strict", False),
        strict_should=section.get("strict-should", False),
        reports=top / section.get("reports", "reports"),
    )


def _folders(section: Json, key: str, top: Path) -> tuple[Path, ...]:
    """The folders that a key names, each once."""
    return tuple(dict.fromkeys((top / name).resolve() for name in section.get(key, ())))


def check_folders(project: Project) -> None:
    """Raise Refusal for folders that are not there; commands that only read stored runs do not need them."""
    if project.file is None:
        return
    mistakes = Mistakes(f"{project.file.name}: [{SECTION}]")
    for key, folders in (("subjects", project.subjects), ("scenarios", project.scenarios)):
        for folder in folders:
            if not folder.is_dir():
                named = f" To choose servers by name: subject = [{folder.name!r}]." if key == "subjects" else ""
                shorter = os.path.relpath(folder, project.file.parent)
                mistakes.add(key, f"there is no folder {shown(shorter)}, as seen from this file.{named}")
    mistakes.raise_any()

"""The servers under test: one folder each, described only by its subject.toml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ..language.files import table
from ..language.scenario import Mistakes
from ..machine.places import SUBJECTS
from ..model.refusal import Refusal
from ..model.suggestions import unknown
from .parse_subject import parse_subject
from .subject import Subject

DESCRIPTION = "subject.toml"
#: A subject's name, which is that of its folder: the ids of cells and the option --subject hold it.
SUBJECT_NAME = "[A-Za-z0-9][A-Za-z0-9._-]*"


@dataclass(frozen=True, slots=True)
class Catalog:
    """The folders of subjects; subject names are unique across them."""

    folders: tuple[Path, ...] = (SUBJECTS,)

    def files(self) -> dict[str, Path]:
        """The description file of each subject, by name; raises Refusal if a folder has none, or two share a name."""
        found: dict[str, Path] = {}
        for folder in self.folders:
            described = sorted(folder.glob(f"*/{DESCRIPTION}"))
            if not described:
                raise Refusal(f"{folder}: no subjects here; each needs its own folder with a {DESCRIPTION}")
            for file in described:
                other = found.setdefault(file.parent.name, file)
                if other != file:
                    raise Refusal(
                        f"two subjects are called {file.parent.name!r}: {other} and {file}. Rename one of the folders, "
                        "or exclude the bundled subjects with --no-bundled-subjects"
                    )
        return found

    def names(self) -> list[str]:
        """All subjects."""
        return sorted(self.files())

    def load(self, name: str) -> Subject:
        """Load a subject by its folder's name; raises Refusal if it is unknown or its description is invalid."""
        files = self.files()
        if name not in files:
            raise Refusal(f"--subject {name[:80]}: {unknown('subject', name, files)}")
        return load_file(files[name])

    def load_all(self) -> dict[str, Subject]:
        """All subjects by name; raises Refusal with all mistakes in all descriptions."""
        mistakes = Mistakes("")
        found = {}
        for name, file in sorted(self.files().items()):
            with mistakes.collected():
                found[name] = load_file(file)
        mistakes.raise_any()
        return found


BUNDLED = Catalog()


def load_file(file: Path, shown: str = "") -> Subject:
    """Load a subject from a description at any path; raises Refusal, which calls the file ``shown``."""
    shown = shown or "/".join(file.parts[-3:])
    name = file.absolute().parent.name
    if not re.fullmatch(SUBJECT_NAME, name):
        raise Refusal(
            f"{shown}: its folder is called {name[:80]!r}, which cannot be part of a cell's id: rename it, using "
            "small letters, digits, dots and hyphens"
        )
    return parse_subject(name, table(file, shown), file.parent, shown)

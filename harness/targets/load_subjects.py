"""The servers under test: one folder each, described by its subject.toml and known by nothing else."""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True)
class Catalog:
    """The folders in which subjects are described; each of their names is used once."""

    folders: tuple[Path, ...] = (SUBJECTS,)

    def files(self) -> dict[str, Path]:
        """Each subject's description by its name; raises Refusal where a folder has none, or two have the same name."""
        found: dict[str, Path] = {}
        for folder in self.folders:
            described = sorted(folder.glob(f"*/{DESCRIPTION}"))
            if not described:
                raise Refusal(f"{folder}: no subject is described here; each has a folder of its own with a {DESCRIPTION}")
            for file in described:
                other = found.setdefault(file.parent.name, file)
                if other != file:
                    raise Refusal(
                        f"two subjects are called {file.parent.name!r}: {other} and {file}. Rename the folder of one, "
                        "or leave out the bundled subjects with --no-bundled-subjects"
                    )
        return found

    def names(self) -> list[str]:
        """All subjects there are."""
        return sorted(self.files())

    def load(self, name: str) -> Subject:
        """Load a subject by its folder's name; raises Refusal for one that is not there, or that is described wrongly."""
        files = self.files()
        if name not in files:
            raise Refusal(f"--subject {name[:80]}: {unknown('subject', name, files)}")
        return load_file(files[name])

    def load_all(self) -> dict[str, Subject]:
        """All subjects by name; raises Refusal with all mistakes of all descriptions."""
        mistakes = Mistakes("")
        found = {}
        for name, file in sorted(self.files().items()):
            with mistakes.collected():
                found[name] = load_file(file)
        mistakes.raise_any()
        return found


BUNDLED = Catalog()


def load_file(file: Path, shown: str = "") -> Subject:
    """Load a subject from its description, wherever that lies; raises Refusal, which calls the file ``shown``."""
    shown = shown or "/".join(file.parts[-3:])
    return parse_subject(file.parent.name, table(file, shown), file.parent, shown)

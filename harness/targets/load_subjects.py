"""The servers under test: one folder each, described by its subject.toml and known by nothing else."""

from __future__ import annotations

from pathlib import Path

from ..language.files import table
from ..language.scenario import Mistakes
from ..model.refusal import Refusal
from ..model.suggestions import unknown
from .parse_subject import parse_subject
from .subject import Subject

FOLDER = Path(__file__).resolve().parents[1] / "subjects"
GUEST = FOLDER.parent / "guest"
APPS = GUEST / "apps"


def names() -> list[str]:
    """All subjects there are."""
    return sorted(path.parent.name for path in FOLDER.glob("*/subject.toml"))


def load(name: str) -> Subject:
    """Load a subject by its folder's name; raises Refusal for one that is not there, or that is described wrongly."""
    file = FOLDER / name / "subject.toml"
    if name not in names():
        raise Refusal(f"--subject {name[:80]}: {unknown('subject', name, names())}")
    return load_file(file, f"subjects/{name}/subject.toml")


def load_file(file: Path, shown: str) -> Subject:
    """Load a subject from its description, wherever that lies; raises Refusal, which calls the file ``shown``."""
    return parse_subject(file.parent.name, table(file, shown), file.parent, GUEST, shown)


def load_all() -> dict[str, Subject]:
    """All subjects by name; raises Refusal with all mistakes of all descriptions."""
    mistakes = Mistakes("")
    found = {}
    for name in names():
        with mistakes.collected():
            found[name] = load(name)
    mistakes.raise_any()
    return found

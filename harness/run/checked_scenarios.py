"""The scenarios of a run, checked: what was right once, and has not changed since, is not parsed and checked again.

Checking three hundred scenario files takes seconds, mostly for their regular expressions; to see that they are the same takes
milliseconds. Mistakes are never kept: they are found, and said, each time.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from ..language.files import load_all
from ..language.scenario import Scenario
from ..machine.atomic_files import write_bytes
from ..model.stored_json import to_json
from ..targets import fingerprints
from ..targets.references import check_references
from ..targets.subject import Subject

FOLDER = "scenarios"
MOST = 8  # sets of scenarios that are kept: those of several checkouts, or editions of a file


def checked(folders: Iterable[Path], subjects: Mapping[str, Subject], cache: Path) -> tuple[Scenario, ...]:
    """Every scenario below some folders, sorted by id; raises Refusal with all mistakes, those about the subjects included.

    ``cache`` keeps what was right. If it cannot be written, all is checked each time.
    """
    homes = tuple(folders)
    file = cache / FOLDER / f"{_key(homes, subjects)}.json"
    with contextlib.suppress(OSError, msgspec.DecodeError):
        return msgspec.json.decode(file.read_bytes(), type=tuple[Scenario, ...])
    scenarios = load_all(*homes)
    check_references(scenarios, subjects)
    with contextlib.suppress(OSError):
        write_bytes(file, msgspec.json.encode(to_json(scenarios)))
        kept = sorted(file.parent.glob("*.json"), key=lambda one: one.stat().st_mtime)
        for old in kept[:-MOST]:
            old.unlink(missing_ok=True)
    return scenarios


def _key(folders: tuple[Path, ...], subjects: Mapping[str, Subject]) -> str:
    """A hash of all that decides what the scenarios are, and whether they are right; messages name files from here."""
    digest = hashlib.sha256("\0".join([fingerprints.driver(), str(Path.cwd()), repr(sorted(subjects.items()))]).encode())
    for folder in folders:
        for file in sorted(folder.rglob("*.toml")) if folder.is_dir() else ():
            digest.update(b"\0" + str(file).encode("utf-8", "surrogateescape") + b"\0")
            with contextlib.suppress(OSError):  # what cannot be read is a mistake, and is said below
                digest.update(file.read_bytes() if file.is_file() else b"")
    return digest.hexdigest()[:32]

"""``schema``: the JSON Schema of a kind of file; and the line by which an editor finds it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from ..language import expected_failures, scenario_schema
from ..machine.atomic_files import write_text
from ..report.exports import RESULTS_SCHEMA
from ..targets.subject_schema import subject
from .console import Say

FOLDER = ".schemas"


def _results() -> dict[str, object]:
    found: dict[str, object] = json.loads(RESULTS_SCHEMA.read_text("utf-8"))
    return found


SCHEMAS: dict[str, Callable[[], dict[str, object]]] = {
    "scenario": scenario_schema.scenario,
    "subject": subject,
    "known": expected_failures.schema,
    "results": _results,
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Options of ``schema``."""
    parser.description = (
        "Print the JSON Schema of scenario files, subject.toml, known.toml or results.json. Editors with taplo or Even Better "
        "TOML complete and check a file whose first line is #:schema PATH; new, init and known --write begin files so."
    )
    parser.add_argument("kind", choices=list(SCHEMAS))


def run(given: argparse.Namespace, say: Say) -> int:
    """Print it."""
    say(text(given.kind))
    return 0


def text(kind: str) -> str:
    """A schema as a file holds it."""
    return json.dumps(SCHEMAS[kind](), indent=2)


def beside(folder: Path, kind: str, file: Path) -> str:
    """Write a schema into a folder's .schemas, and return the line with which a file below that folder names it."""
    made = folder / FOLDER / f"{kind}.json"
    write_text(made, text(kind) + "\n")
    ups = len(file.parent.relative_to(folder).parts)
    return f"#:schema {'../' * ups or './'}{FOLDER}/{kind}.json\n"

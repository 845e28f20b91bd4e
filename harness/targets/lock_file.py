"""The lock file: the versions that each subject resolved to on each Python, so that versions only change with a commit."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from ..machine.atomic_files import write_text
from ..model.values import Target

NAME = "lock.toml"


def read(folder: Path) -> dict[str, dict[str, list[str]]]:
    """The locked versions of a folder's subjects, and the requirements they were resolved from.

    subject -> interpreter id -> ["coverage==7.17.3", …]
    """
    file = folder / NAME
    return tomllib.loads(file.read_text("utf-8")) if file.exists() else {}


def write(folder: Path, locked: dict[str, dict[str, list[str]]], targets: list[Target], wanted: dict[str, list[str]]) -> None:
    """Record what each target resolved to; other targets keep their lines while their requirements are unchanged."""
    for name, needed in wanted.items():
        if locked.get(name, {}).get("requirements") != needed:
            locked[name] = {"requirements": needed}
    for target in targets:
        if target.ready:
            marker = json.loads((Path(target.python).parents[1] / "ready.json").read_text("utf-8"))
            locked.setdefault(target.subject, {})[target.interpreter_id] = marker["resolved"]
    lines = ["# Resolved versions per subject and Python; `nox -s matrix -- --upgrade` resolves anew."]
    for subject in sorted(locked):
        lines += ["", f"[{json.dumps(subject)}]"]
        lines += [f"{json.dumps(key)} = {json.dumps(value)}" for key, value in sorted(locked[subject].items())]
    write_text(folder / NAME, "\n".join(lines) + "\n")

"""What pyproject.toml says that a run is of, unless the command line says otherwise: [tool.harness]."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from ..model.refusal import Refusal

ROOT = Path(__file__).resolve().parents[2]
_EXAMPLES = {"interpreters": '["2.7", "3.13"]', "subjects": '["enginebus"]'}


def wanted_interpreters() -> list[str]:
    """The interpreters that a run is to have."""
    return _listed("interpreters")


def default_subjects() -> tuple[str, ...]:
    """The subjects that a run is of."""
    return tuple(_listed("subjects"))


def _listed(key: str) -> list[str]:
    try:
        data: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Refusal(f"pyproject.toml: cannot be read: {error}") from error
    found = data.get("tool", {}).get("harness", {}).get(key)
    if not isinstance(found, list) or not found or not all(isinstance(item, str) for item in found):
        raise Refusal(f"pyproject.toml: [tool.harness] {key} must be a list of strings, such as {_EXAMPLES[key]}")
    return found

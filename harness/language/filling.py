"""Fill in the @names and {names} of expected values."""

from __future__ import annotations

from typing import Any

from .verbs import PLACEHOLDER


class JudgeError(Exception):
    """The judge cannot decide: the cell is an ``error``, never a pass."""


def fill(value: Any, values: dict[str, str], patterns: dict[str, str], literal: bool = False) -> Any:
    """Replace @names by the subject's patterns and {names} by their values, escaped inside a pattern.

    Raises JudgeError for a pattern that the subject does not define.
    """
    if isinstance(value, list):
        return [fill(item, values, patterns, literal) for item in value]
    if isinstance(value, dict):
        return {key: fill(item, values, patterns, literal) for key, item in value.items()}
    if not isinstance(value, str):
        return value
    if value.startswith("@") and not literal:
        if value[1:] not in patterns:
            raise JudgeError(f"the subject does not define the pattern {value}; add it to [patterns] in its subject.toml")
        value = patterns[value[1:]]
    escape = value.startswith("/") and value.endswith("/") and not literal

    def put(match: Any) -> str:
        text = values.get(match[1], match[0])
        return "".join("\\" + c if c in ".^$*+?{}[]\\|()/-" else c for c in text) if escape else text

    return PLACEHOLDER.sub(put, value)

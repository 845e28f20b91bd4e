"""The kinds of values in a subject.toml: their description and their check."""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ..language.matching import compile_pattern, is_pattern
from ..language.verbs import seconds

FORMAT = 1
#: Placeholders for command lines and log lines.
PLACEHOLDERS = ("host", "port", "socket", "app", "app_module", "folder", "certificate", "key")


def is_texts(value: Any) -> bool:
    """Whether a value is a list of strings."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _range(value: Any) -> bool:
    try:
        return isinstance(value, str) and SpecifierSet(value) is not None
    except InvalidSpecifier:
        return False


def _duration(value: Any) -> bool:
    try:
        return isinstance(value, str) and seconds(value) > 0
    except ValueError:
        return False


def _pattern(value: Any) -> bool:
    try:
        return isinstance(value, str) and is_pattern(value) and compile_pattern(value) is not None
    except ValueError:
        return False


def _requirements(value: Any) -> bool:
    try:
        return is_texts(value) and all(Requirement(item) for item in value)
    except InvalidRequirement:
        return False


def _arguments(value: Any) -> bool:
    try:
        return is_texts(value) and all(
            name is None or name in PLACEHOLDERS for item in value for _, name, _, _ in string.Formatter().parse(item)
        )
    except ValueError:  # an unclosed brace
        return False


def _codes(value: Any) -> bool:
    return isinstance(value, list) and value != [] and all(type(code) is int for code in value)


#: kind -> (its description, its check)
KINDS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "text": ("a string", lambda value: isinstance(value, str)),
    "texts": ("a list of strings", is_texts),
    "range": ('a PEP 440 range such as ">=3.8", as a string', _range),
    "requirements": ("a list of requirements (PEP 508), as strings", _requirements),
    "arguments": (f"a list of strings whose only placeholders are {', '.join(PLACEHOLDERS)}", _arguments),
    "lines": (
        'a /regular expression/, a list of them, or ""',
        lambda value: value == "" or all(map(_pattern, value if isinstance(value, list) else [value])),
    ),
    "pattern": ("a /regular expression/", _pattern),
    "codes": ("a list of exit codes", _codes),
    "duration": ('a duration such as "10s"', _duration),
    "table": ("a table", lambda value: isinstance(value, dict)),
    "tables": ("a list of tables", lambda value: isinstance(value, list) and all(isinstance(item, dict) for item in value)),
    "format": (f"{FORMAT}", lambda value: type(value) is int and value == FORMAT),
}

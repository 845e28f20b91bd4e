"""Checks of single values of a scenario file; each raises ScenarioError with the file, the place and what is wrong."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from .language import KINDS, NUMBER_BOUND, PLACEHOLDER, seconds
from .matching import compile_pattern, is_pattern
from .scenario import ScenarioError
from .texts import RULES

WHERE = ("subject", "version", "python", "implementation", "build", "else")
SIGNAL_OR_NONZERO = re.compile(r"nonzero|SIG[A-Z0-9]+|@[a-z-]+")

#: A pattern that matches each of these matches anything, and an expectation with it can never fail.
UNLIKE = ("", "0", "Zq \u2603", "<!DOCTYPE html>", "\x00\xff")


def only(table: Any, known: Any, file: str, where: str) -> None:
    """Refuse keys that mean nothing, and say what there is."""
    if not isinstance(table, dict):
        raise ScenarioError(file, where, f"{table!r} must be a table")
    for key in table:
        if key not in known:
            near = "".join(f" (did you mean {name!r}?)" for name in get_close_matches(str(key), list(known), 1))
            raise ScenarioError(file, where, f"unknown key {key!r}{near}; there are: {', '.join(sorted(known))}")


def check_names(value: Any, names: set[str], file: str, where: str) -> None:
    """Every {name} in a value must be known by now."""
    if isinstance(value, str):
        for name in PLACEHOLDER.findall(value):
            if name not in names:
                raise ScenarioError(
                    file, where, f"{{{name}}} is not known here; there are: {', '.join(sorted(names))}")
    elif isinstance(value, dict):
        for item in value.values():
            check_names(item, names, file, where)
    elif isinstance(value, list):
        for item in value:
            check_names(item, names, file, where)


def check_where(table: Any, file: str, where: str) -> None:
    """Refuse a where that names what no target has."""
    only(table, WHERE, file, f"{where}: where")
    for key, value in table.items():
        if key == "else" and value is not True:
            raise ScenarioError(file, f"{where}: where: else", "can only be true")
        if key != "else" and not isinstance(value, str):
            raise ScenarioError(file, f"{where}: where: {key}", f"{value!r} is not a string")
    for key in ("version", "python"):
        check_range(table.get(key, ""), file, f"{where}: where: {key}")


def check_range(value: str, file: str, where: str) -> None:
    """Refuse what is no range of versions."""
    try:
        SpecifierSet(value)
    except InvalidSpecifier as error:
        raise ScenarioError(file, where, f"{value!r} is no PEP 440 range") from error


def check_pattern(pattern: str, file: str, where: str, whole: bool = False) -> None:
    """Refuse a pattern that does not compile, or that matches anything; ``whole`` says that it must match all of a text."""
    try:
        compiled = compile_pattern(pattern)
    except ValueError as error:
        raise ScenarioError(file, where, str(error)) from error
    if compiled.pattern in ("", "^", "$") or all((compiled.fullmatch if whole else compiled.search)(text) for text in UNLIKE):
        raise ScenarioError(file, where, f'{pattern} matches anything, and what is expected could never fail: say more of the '
                                         'text, or leave the key out; an empty text is ""')


def check_document(value: Any, file: str, where: str) -> None:
    """Refuse what says nothing of a text: no table, an empty one, a word that is none of the rules."""
    if isinstance(value, str):
        if is_pattern(value):
            check_pattern(value, file, where, whole=True)
        return
    if not isinstance(value, dict):
        raise ScenarioError(file, where, f"{value!r} is not {KINDS['document']}")
    only(value, RULES, file, where)
    if not value:
        raise ScenarioError(file, where, f"the table is empty, and says nothing of the text; it takes: {', '.join(RULES)}")
    for name, wanted in value.items():
        place = f"{where}.{name}"
        items = wanted if name == "some_line" and isinstance(wanted, list) else [wanted]
        if not items or not all(isinstance(item, str) for item in items):
            takes = "a string (literal, a /regular expression/ or a @named-pattern)"
            raise ScenarioError(file, place, f"{wanted!r} is not {takes}{' or a list of them' if name == 'some_line' else ''}")
        for item in items:
            if is_pattern(item):
                check_pattern(item, file, place, whole=name == "whole")
            elif not item and name == "absent":
                raise ScenarioError(file, place, "an empty string stands in every text: what is expected could never hold")


def check_value(kind: str, value: Any, file: str, where: str) -> None:
    """Refuse a value that is not of its kind, and a pattern that does not compile."""
    wrong = ScenarioError(file, where, f"{value!r} is not {KINDS[kind]}")
    if kind in ("log", "pattern", "absent"):
        for item in value if kind == "log" and isinstance(value, list) and value else [value]:
            if not isinstance(item, str) or not (is_pattern(item) or item.startswith("@")):
                raise wrong
            check_value("matcher", item, file, where)
        return
    if kind in ("text", "matcher", "duration", "seconds"):
        if not isinstance(value, str):
            raise wrong
        if kind == "matcher" and is_pattern(value):
            check_pattern(value, file, where)
        if kind in ("duration", "seconds"):
            try:
                seconds(re.sub(r"^(<=|>=|<|>)\s*", "", value) if kind == "seconds" else value)
            except ValueError:
                raise wrong from None
    elif kind == "document":
        check_document(value, file, where)
    elif kind == "ints":
        if not isinstance(value, list) or not all(type(v) is int for v in value):
            raise wrong
    elif kind in ("table", "matchers"):
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise wrong
        for key, item in value.items():
            check_value("matcher" if kind == "matchers" else "text", item, file, f"{where}.{key}")
    elif kind == "strings":
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise wrong
    elif kind == "bound":
        if not isinstance(value, str) or not NUMBER_BOUND.fullmatch(PLACEHOLDER.sub("0", value)):
            raise wrong
    elif kind == "exit":
        if type(value) is not int and not (isinstance(value, str) and SIGNAL_OR_NONZERO.fullmatch(value)):
            raise wrong
    elif type(value) is not {"int": int, "bool": bool}[kind]:
        raise wrong

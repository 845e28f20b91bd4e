"""Checks of single values in a scenario file; each raises ScenarioError with the file, the place and the problem."""

from __future__ import annotations

import re
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ..model.suggestions import shown, unknown
from .matching import is_pattern
from .pattern_checks import check_pattern, fits_nothing, never
from .request_pieces import pieces
from .scenario import ScenarioError
from .text_matching import RULES
from .verbs import KINDS, LONGEST_SECONDS, NUMBER_BOUND, PLACEHOLDER, seconds

WHERE = ("subject", "version", "python", "implementation", "build", "else")
_NO_LINE = "contains a line end, but is compared with single lines, which have none: it could never hold"
#: What looks like a {name} but may not be one; in a pattern, an escaped brace is a literal brace.
_LIKE_A_NAME = re.compile(r"(?<!\\)(?<!\\[pPN])\{\s*([A-Za-z_]\w*)\s*(\}?)")
_MINOR = re.compile(r"\d+\.\d+")
#: What somebody means who compares with X.Y in this way: {0} is X.Y, and {1} the Python after it.
_MEANT = {"==": "=={0}.*", "===": "=={0}.*", "!=": "!={0}.*", "<=": "<{1}", ">": ">={1}"}
SIGNAL_OR_NONZERO = re.compile(r"nonzero|SIG[A-Z0-9]+|@[a-z-]+")


def only(table: Any, known: Any, file: str, where: str) -> None:
    """Reject unknown keys, and list the known ones."""
    if not isinstance(table, dict):
        raise ScenarioError(file, where, f"must be a table, not {shown(table)}")
    for key in table:
        if key not in known:
            raise ScenarioError(file, where, unknown("key", key, known))


def check_names(value: Any, names: set[str], file: str, where: str) -> None:
    """Check that every {name} in a value is known by now."""
    if isinstance(value, str):
        for name in PLACEHOLDER.findall(value):
            if name not in names:
                raise ScenarioError(file, where, unknown("name", "{" + name[:40] + "}", ("{" + one + "}" for one in names)))
        for match in _LIKE_A_NAME.finditer(value):
            if match[2] and not PLACEHOLDER.fullmatch(match[0]):
                problem = unknown("name", match[0][:40], ("{" + one + "}" for one in names))
                raise ScenarioError(file, where, f"{problem} Names are lowercase, without spaces.")
            if not match[2] and match[1].lower() in names:
                raise ScenarioError(
                    file,
                    where,
                    f"{shown(match[0])} has no closing brace and would not be replaced: write {{{match[1].lower()}}}",
                )
    elif isinstance(value, dict):
        for item in value.values():
            check_names(item, names, file, where)
    elif isinstance(value, list):
        for item in value:
            check_names(item, names, file, where)


def check_where(table: Any, file: str, where: str) -> None:
    """Reject a where that no target could match."""
    only(table, WHERE, file, f"{where}: where")
    for key, value in table.items():
        if key == "else" and value is not True:
            raise ScenarioError(file, f"{where}: where: else", "can only be true")
        if key != "else" and not isinstance(value, str):
            raise ScenarioError(file, f"{where}: where: {key}", f"must be a string, not {shown(value)}")
    check_range(table.get("version", ""), file, f"{where}: where: version")
    check_range(table.get("python", ""), file, f"{where}: where: python", python=True)


def check_range(value: str, file: str, where: str, python: bool = False) -> None:
    """Reject an invalid version range; of Pythons, also one that speaks of X.Y and means its first release, X.Y.0."""
    try:
        found = SpecifierSet(value)
    except InvalidSpecifier as error:
        raise ScenarioError(file, where, f'{shown(value)} is not a PEP 440 range, such as ">=3.4" or ">=1.2,<2"') from error
    for one in found if python else ():
        meant = _MINOR.fullmatch(one.version) and _MEANT.get(one.operator)
        if meant:
            following = f"{one.version.split('.')[0]}.{int(one.version.split('.')[1]) + 1}"
            write = meant.format(one.version, following)
            raise ScenarioError(
                file, where, f"{shown(str(one))} is about {one.version}.0 alone (PEP 440); write {shown(write)}"
            )


def _check_header(pattern: str, file: str, where: str) -> None:
    """Reject a pattern that no header matches; one that matches anything means that the header is present."""
    try:
        if fits_nothing(pattern):
            raise ScenarioError(file, where, never(pattern))
    except ValueError as error:
        raise ScenarioError(file, where, str(error)) from error


def check_document(value: Any, file: str, where: str) -> None:
    """Reject a text expectation that says nothing: not a table, an empty one, or one with an unknown rule."""
    if isinstance(value, str):
        if is_pattern(value):
            check_pattern(value, file, where, whole=True)
        return
    if not isinstance(value, dict):
        raise ScenarioError(file, where, f"must be {KINDS['document']}, not {shown(value)}")
    only(value, RULES, file, where)
    if not value:
        raise ScenarioError(file, where, f"the table is empty; it takes: {', '.join(RULES)}")
    for name, wanted in value.items():
        place = f"{where}.{name}"
        items = wanted if name == "some_line" and isinstance(wanted, list) else [wanted]
        if not items or not all(isinstance(item, str) for item in items):
            takes = "a string (literal, a /regular expression/ or a @named-pattern)"
            takes += " or a list of them" if name == "some_line" else ""
            raise ScenarioError(file, place, f"must be {takes}, not {shown(wanted)}")
        for item in items:
            if is_pattern(item):
                check_pattern(item, file, place, whole=name == "whole", may_be_empty=True)
            elif not item and name == "absent":
                raise ScenarioError(file, place, "every text contains the empty string: this could never hold")
            elif "\n" in item and name in ("some_line", "every_line"):
                raise ScenarioError(file, place, _NO_LINE)


def check_json(value: Any, file: str, where: str) -> None:
    """Reject an expectation of JSON that says nothing, or a place that is no pointer."""
    if not isinstance(value, dict) or not value:
        raise ScenarioError(file, where, f"must be {KINDS['json']}, not {shown(value)}")
    for pointer, wanted in value.items():
        if pointer and not pointer.startswith("/"):
            raise ScenarioError(
                file, where, f"{shown(pointer)} is no JSON Pointer: it begins with /, or is empty for the whole"
            )
        if isinstance(wanted, str) and is_pattern(wanted):
            check_pattern(wanted, file, f"{where}.{pointer}")


def check_value(kind: str, value: Any, file: str, where: str) -> None:
    """Reject a value of the wrong kind, or a pattern that does not compile."""
    wrong = ScenarioError(file, where, f"must be {KINDS[kind]}, not {shown(value)}")
    if kind in ("log", "pattern", "absent"):
        for item in value if kind == "log" and isinstance(value, list) and value else [value]:
            if not isinstance(item, str) or not (is_pattern(item) or item.startswith("@")):
                raise wrong
            if is_pattern(item):
                check_pattern(item, file, where, may_be_empty=kind == "absent")  # "nothing at all was logged" is valid
        return
    if kind in ("text", "matcher", "duration", "seconds"):
        if not isinstance(value, str):
            raise wrong
        if kind == "matcher" and is_pattern(value):
            check_pattern(value, file, where)
        if kind == "matcher" and not is_pattern(value) and "\n" in value:
            raise ScenarioError(file, where, _NO_LINE)
        if kind in ("duration", "seconds"):
            try:
                long = seconds(re.sub(r"^(<=|>=|<|>)\s*", "", value) if kind == "seconds" else value)
            except ValueError:
                raise wrong from None
            if kind == "duration" and long > LONGEST_SECONDS:
                raise ScenarioError(
                    file, where, f'{shown(value)} is longer than an hour, and no run waits so long: use "60m" at most'
                )
    elif kind == "pieces":
        try:
            pieces(value)
        except ValueError as problem:
            raise ScenarioError(file, where, str(problem)) from problem
    elif kind == "json":
        check_json(value, file, where)
    elif kind == "document":
        check_document(value, file, where)
    elif kind == "ints":
        if not isinstance(value, list) or not all(type(v) is int for v in value):
            raise wrong
    elif kind in ("table", "matchers"):
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise wrong
        for key, item in value.items():
            if kind == "matchers" and is_pattern(item):
                _check_header(item, file, f"{where}.{key}")
    elif kind == "strings":
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise wrong
    elif kind == "count" and type(value) is int:
        pass
    elif kind in ("bound", "count"):
        if not isinstance(value, str) or not NUMBER_BOUND.fullmatch(PLACEHOLDER.sub("0", value)):
            raise wrong
    elif kind == "exit":
        if type(value) is not int and not (isinstance(value, str) and SIGNAL_OR_NONZERO.fullmatch(value)):
            raise wrong
    elif type(value) is not {"int": int, "bool": bool}[kind]:
        raise wrong

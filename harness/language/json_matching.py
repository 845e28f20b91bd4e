"""Whether a JSON text has what is expected at some places in it. Standard library only: the reproducer uses it, too.

Places are JSON Pointers (RFC 6901). An expected string is compared as that of a header: a literal must be equal, a
/pattern/ must match in it; "absent" means that there is nothing. Any other expected value must be equal, and of the same type.
"""

from __future__ import annotations

import json
from typing import Any

from .text_matching import Find, is_pattern, value

ABSENT = "absent"
_NOTHING = object()
_NO_JSON = object()


def loaded(text: Any) -> Any:
    """The value of a JSON text; a marker that equals nothing if it is none."""
    try:
        return json.loads(text) if isinstance(text, str) else _NO_JSON
    except ValueError:
        return _NO_JSON


def value_at(data: Any, pointer: str) -> Any:
    """The value at a pointer, or a marker that equals nothing."""
    for key in pointer.split("/")[1:]:
        name = key.replace("~1", "/").replace("~0", "~")
        try:
            data = data[int(name)] if isinstance(data, list) else data[name] if isinstance(data, dict) else _NOTHING
        except (KeyError, IndexError, ValueError):
            return _NOTHING
    return data


def differences(expected: dict[str, Any], text: Any, find: Find) -> list[str]:
    """What is not as expected, one sentence for each place; none if everything is."""
    data = loaded(text)
    if data is _NO_JSON:
        return ["the body is not JSON"]
    return [
        f"{place}: {_as_json(value_at(data, place))}"
        for place, wanted in expected.items()
        if not _is_there(wanted, value_at(data, place), find)
    ]


def _is_there(wanted: Any, found: Any, find: Find) -> bool:
    if wanted == ABSENT:
        return found is _NOTHING
    if isinstance(wanted, str) and is_pattern(wanted):
        return value(wanted, found, find)
    return _equal(wanted, found)


def _equal(wanted: Any, found: Any) -> bool:
    """Equal, with types: 1 is neither true nor 1.0."""
    if isinstance(wanted, list) and isinstance(found, list):
        return len(wanted) == len(found) and all(map(_equal, wanted, found))
    if isinstance(wanted, dict) and isinstance(found, dict):
        return wanted.keys() == found.keys() and all(_equal(wanted[key], found[key]) for key in wanted)
    return type(wanted) is type(found) and bool(wanted == found)


def _as_json(found: Any) -> str:
    return "nothing" if found is _NOTHING else json.dumps(found, ensure_ascii=False, sort_keys=True)

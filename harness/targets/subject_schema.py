"""The JSON Schema of subject.toml, generated from the tables that the checks use."""

from __future__ import annotations

from ..language.capabilities import APPS, CAPABILITIES, TIMEOUTS
from .parse_subject import HABIT, LAUNCH, NAMED, TOP, WHEN, WHERE
from .subject_kinds import FORMAT, KINDS

Schema = dict[str, object]

_STRING: Schema = {"type": "string"}
_STRINGS: Schema = {"type": "array", "items": _STRING}
_PATTERN: Schema = {"type": "string", "pattern": "^/[\\s\\S]*/$"}
#: kind in KINDS -> as much as JSON Schema can express
_KINDS: dict[str, Schema] = {
    "text": _STRING,
    "texts": _STRINGS,
    "range": {"type": "string", "pattern": r"^\s*(([<>=!~]=?=?)[^,]+(,\s*|$))*$"},
    "requirements": {"type": "array", "items": {"type": "string", "pattern": "^[A-Za-z0-9]"}},
    "arguments": _STRINGS,
    "lines": {"anyOf": [{"const": ""}, _PATTERN, {"type": "array", "items": _PATTERN, "minItems": 1}]},
    "pattern": _PATTERN,
    "codes": {"type": "array", "items": {"type": "integer", "minimum": -64, "maximum": 255}, "minItems": 1},
    "duration": {"type": "string", "pattern": r"^\d+(\.\d+)?(ms|s|m)$"},
    "format": {"const": FORMAT},
}


def subject() -> Schema:
    """The schema of a subject's description."""
    where = _table(WHERE)
    exits: Schema = {"type": "object", "additionalProperties": _kind("codes")}
    capabilities: Schema = {"type": "array", "items": {"enum": sorted(CAPABILITIES)}}
    launch = _table(LAUNCH)
    launch["required"] = ["args", "ready"]
    launch["oneOf"] = [{"required": ["module"]}, {"required": ["script"]}]
    when = _table({key: kind for key, kind in WHEN.items() if kind != "table"})
    _properties(when).update(where={**where, "minProperties": 1}, exits=exits, capabilities=capabilities)
    when["required"] = ["where"]
    habit = _table({key: kind for key, kind in HABIT.items() if kind != "table"})
    _properties(habit).update(where=where)
    habit["required"] = ["said", "why"]
    found = _table({key: kind for key, kind in TOP.items() if kind not in ("table", "tables")})
    named = {name: {"type": "object", "additionalProperties": _kind(kind)} for name, kind in NAMED.items()}
    _properties(found).update(
        {
            **named,
            "apps": {**named["apps"], "description": f"bundled contracts: {', '.join(APPS)}"},
            "timeouts": {**named["timeouts"], "propertyNames": {"enum": list(TIMEOUTS)}},
            "exits": {**exits, "required": ["stop"]},
            "capabilities": capabilities,
            "launch": launch,
            "when": {"type": "array", "items": when},
            "habit": {"type": "array", "items": habit},
        }
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A server-matrix subject: a server under test",
        **found,
        "required": ["format", "launch", "exits"],
    }


def _kind(kind: str) -> Schema:
    return {**_KINDS[kind], "description": KINDS[kind][0]}


def _table(kinds: dict[str, str]) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {key: _kind(kind) for key, kind in kinds.items()},
    }


def _properties(schema: Schema) -> dict[str, object]:
    found = schema["properties"]
    assert isinstance(found, dict)
    return found

"""The JSON Schemas of scenario files and known.toml, generated from the tables that the checks use.

A schema tells an editor which keys and values are allowed; `check` finds more, since many mistakes in a scenario are
between two of its steps. JSON Schema 2020-12; taplo reads it.
"""

from __future__ import annotations

from .expand_checks import ABOUT
from .expand_checks import STEP_KEYS as _STEP_KEYS
from .parse_scenario import CHANNELS, GRADES, LAUNCHES, SHOWS
from .request_pieces import AWAITED
from .scenario import LEVELS
from .verbs import CLEANUP_KEYS, KINDS, MAX_REPEAT, REPEAT, VERBS, Verb

Schema = dict[str, object]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_STRING: Schema = {"type": "string"}
_STRINGS: Schema = {"type": "array", "items": _STRING}
_TEXTS: Schema = {"type": "object", "additionalProperties": _STRING}
_PATTERN: Schema = {"type": "string", "pattern": "^(@|/[\\s\\S]*/$)"}
_DURATION: Schema = {"type": "string", "pattern": r"^\d+(\.\d+)?(ms|s|m)$"}
_LINES: Schema = {"anyOf": [_PATTERN, {"type": "array", "items": _PATTERN, "minItems": 1}]}
_RULES: Schema = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": False,
    "properties": {
        "whole": _STRING,
        "some_line": {"anyOf": [_STRING, {"type": "array", "items": _STRING, "minItems": 1}]},
        "every_line": _STRING,
        "absent": _STRING,
    },
}
_PIECES: list[Schema] = [
    {"type": "object", "additionalProperties": False, "required": list(keys), "properties": keys}
    for keys in (
        {"text": _STRING, "times": {"type": "integer", "minimum": 1}},
        {"pause": {"type": "string", "pattern": r"^\d+(\.\d+)?(ms|s)$"}},
        {"await": {"enum": list(AWAITED)}},
        {"end": {"const": True}},
    )
]
#: kind in KINDS -> as much as JSON Schema can express
_KINDS: dict[str, Schema] = {
    "text": _STRING,
    "int": {"type": "integer"},
    "bool": {"type": "boolean"},
    "duration": _DURATION,
    "strings": _STRINGS,
    "table": _TEXTS,
    "ints": {"type": "array", "items": {"type": "integer"}},
    "matcher": _STRING,
    "document": {"anyOf": [_STRING, _RULES]},
    "matchers": _TEXTS,
    "log": _LINES,
    "pattern": _PATTERN,
    "absent": _PATTERN,
    "exit": {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": "^(nonzero|SIG[A-Z0-9]+|@[a-z-]+)$"}]},
    "seconds": {"type": "string", "pattern": r"^(<=|>=|<|>)\s*\d+(\.\d+)?(ms|s|m)$"},
    "bound": {"type": "string", "pattern": r"^(<=|>=|<|>)"},
    "count": {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": r"^(<=|>=|<|>)"}]},
    "pieces": {"anyOf": [_STRING, {"type": "array", "minItems": 1, "items": {"anyOf": [_STRING, *_PIECES]}}]},
    "json": {"type": "object", "minProperties": 1},
}
_WHERE: Schema = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        **dict.fromkeys(("subject", "version", "python", "implementation", "build"), _STRING),
        "else": {"const": True},
    },
}


def scenario() -> Schema:
    """The schema of a scenario file."""
    steps: Schema = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/step"}}
    issue: Schema = {"type": "string", "pattern": r"^(https?://|[\w.-]+/[\w.-]+#\d+$)"}
    return {
        "$schema": DIALECT,
        "title": "A server-matrix scenario",
        "type": "object",
        "additionalProperties": False,
        "required": ["format", "id", "title"],
        "anyOf": [
            {"required": ["check"]},
            *({"required": ["step", about], "not": {"required": ["check"]}} for about in ("paper", "issue", "source")),
        ],
        "properties": {
            "format": {"const": 1},
            "id": {"type": "string", "pattern": r"^[a-z0-9-]+(\.[a-z0-9-]+)+$"},
            "title": {"type": "string", "minLength": 1},
            "why": _STRING,
            "paper": {"anyOf": [_STRING, _STRINGS]},
            "shows": {"enum": list(SHOWS)},
            "differs": _STRING,
            "issue": {"type": "array", "items": issue},
            "source": _STRINGS,
            "grade": {"enum": list(GRADES)},
            "needs": _STRINGS,
            "python": _STRING,
            "app": _STRING,
            "channel": {"enum": list(CHANNELS)},
            "launch": {"enum": list(LAUNCHES)},
            "tls": {"type": "boolean"},
            "reload": {"type": "boolean"},
            "coverage": {"type": "boolean"},
            "leaves": _STRINGS,
            "step": steps,
            "check": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/check"}},
            "each": {"type": "object", "propertyNames": {"enum": sorted(_STEP_KEYS)}},
            "answer": {"type": "object", "additionalProperties": {"type": "object", "minProperties": 1}},
            "known": {"type": "array", "items": {"$ref": "#/$defs/known"}},
            "bug": {"anyOf": [{"$ref": "#/$defs/bug"}, {"type": "array", "items": {"$ref": "#/$defs/bug"}}]},
        },
        "$defs": {
            "step": {"oneOf": [*(_step(act, verb) for act, verb in VERBS.items()), _repeat()]},
            "check": _check(),
            "known": _known(),
            "bug": _bug(),
        },
    }


def _step(act: str, verb: Verb) -> Schema:
    args = {key: _argument(verb, key) for key in verb.args}
    properties = {key: {**_KINDS[kind], "description": KINDS[kind]} for key, kind in verb.expects.items()}
    expect: Schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }
    alternative: Schema = {**expect, "properties": {**properties, "as": _STRING}, "minProperties": 1}
    case: Schema = {
        "type": "object",
        "additionalProperties": False,
        "required": ["where", "expect"],
        "properties": {"where": _WHERE, "expect": expect},
    }
    found: Schema = {
        "type": "object",
        "title": act,
        "additionalProperties": False,
        "required": ["act", *verb.required],
        "properties": {
            "act": {"const": act},
            "id": _STRING,
            "server": _STRING,
            "within": _DURATION,
            "expect": expect,
            "either": {"type": "array", "minItems": 2, "items": alternative},
            "level": {"enum": list(LEVELS)},
            "case": {"type": "array", "items": case},
            "observe": {"anyOf": [_STRINGS, _TEXTS]},
            "save": _TEXTS,
            "note": _STRING,
            "traceback": {"type": "boolean"},
            **args,
        },
    }
    if verb.one_of:
        found["oneOf"] = [{"required": [key]} for key in verb.one_of]
    return found


def _argument(verb: Verb, key: str) -> Schema:
    kind = verb.args[key]
    if key in verb.choices:
        return {"enum": list(verb.choices[key])}
    return {**_KINDS[kind], "description": KINDS[kind]}


def _repeat() -> Schema:
    return {
        "type": "object",
        "title": REPEAT,
        "additionalProperties": False,
        "required": ["act", "times", "step"],
        "properties": {
            "act": {"const": REPEAT},
            "times": {"type": "integer", "minimum": 2, "maximum": MAX_REPEAT},
            "note": _STRING,
            "step": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/step"}},
        },
    }


def _check() -> Schema:
    """One check: what it says of itself, and the keys of its step, which depend on the verb that ``each`` may name."""
    return {
        "type": "object",
        "required": ["id", "title", "level"],
        "propertyNames": {"enum": sorted({*ABOUT, *_STEP_KEYS})},
        "properties": {
            "id": {"type": "string", "pattern": "^[a-z0-9-]+$"},
            "title": {"type": "string", "minLength": 1},
            "level": {"enum": list(LEVELS)},
            "source": {"anyOf": [_STRING, _STRINGS]},
            "why": _STRING,
            "needs": _STRINGS,
            "with": _TEXTS,
            "known": {"type": "array", "items": {"$ref": "#/$defs/known"}},
            "step": {"type": "array", "minItems": 1, "items": {"type": "object"}},
        },
    }


def _known() -> Schema:
    texts = dict.fromkeys(("key", "observed", "why"), _STRING)
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["where", "verdict", "key", "observed", "why"],
        "properties": {
            "where": {**_WHERE, "minProperties": 1},
            "verdict": {"enum": ["behaviour", "cleanup"]},
            "step": {"type": "integer", "minimum": 1},
            "sometimes": {"type": "boolean"},
            **texts,
        },
        "if": {"properties": {"verdict": {"const": "cleanup"}}},
        "then": {"properties": {"key": {"enum": list(CLEANUP_KEYS)}}, "not": {"required": ["step"]}},
        "else": {"required": ["step"]},
    }


def _bug() -> Schema:
    texts = dict.fromkeys(("report", "subject", "broken", "fixed", "before", "project", "why", "note"), _STRING)
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["report", "subject", "broken", "python"],
        "properties": {
            **texts,
            "python": {**_STRINGS, "minItems": 1},
            "requires": _STRINGS,
            "failing": _STRINGS,
        },
    }

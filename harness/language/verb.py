"""One row of the table of verbs: what a verb takes, and what can be expected of it; and the kinds of such values."""

from __future__ import annotations

from dataclasses import dataclass, field

#: Kinds of arguments and expectations, and how messages describe them.
KINDS = {
    "text": "a string",
    "int": "a whole number",
    "bool": "true or false",
    "duration": 'a duration such as "500ms" or "10s"',
    "strings": "a list of strings",
    "table": "a table of strings",
    "ints": "a list of whole numbers",
    "matcher": "a string: literal, or a /regular expression/",
    "document": "a string that is the whole text, a /regular expression/ that matches all of it, or a table with whole, "
    "some_line, every_line or absent",
    "matchers": "a table of matchers",
    "log": "a /regular expression/ or a @named-pattern, or a list of them (in order)",
    "pattern": "a /regular expression/ or a @named-pattern",
    "absent": "a /regular expression/ or a @named-pattern that no line matches",
    "exit": 'an exit code, a signal as in "SIGKILL", "nonzero", or a @name from the subject\'s [exits]',
    "seconds": 'a bound such as "<5s" or ">=1s"',
    "bound": 'a bound on a number, such as "<0.2" or "<=0"',
    "count": 'a whole number, or a bound such as "<=3"',
    "pieces": "a string, or a list of strings and of { text, times }, { pause }, { await } and { end } tables",
    "json": 'a table: JSON Pointer = a value, a /regular expression/, or "absent"',
}


@dataclass(frozen=True, slots=True)
class Verb:
    """Arguments and expectations of one verb; ``default`` applies when a step expects nothing."""

    args: dict[str, str] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    expects: dict[str, str] = field(default_factory=dict)
    default: dict[str, object] = field(default_factory=dict)
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)
    within: str = "10s"

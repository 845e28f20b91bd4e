"""The scenario language as tables: what each verb takes, and what scenarios can expect of it.

``ACTS`` in cell/step_verbs.py has one function for each verb in VERBS; a test compares both tables.
"""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass, field

from ..model.suggestions import unknown

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
    "pieces": "a string, or a list of strings and of { text, times }, { pause }, { await } and { end } tables",
    "json": 'a table: JSON Pointer = a value, a /regular expression/, or "absent"',
}

NUMBER_BOUND = re.compile(r"(<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)")
DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m)")
PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
#: Python releases that a `where` or a `python` can name; PyPy uses the same numbers.
PYTHONS = ("2.7", *(f"3.{minor}" for minor in range(3, 21)))
#: Systems whose name can follow an interpreter's id, where runs of several are merged: "3.13-windows".
SYSTEMS = ("linux", "macos", "windows")
INTERPRETER_ID = re.compile(r"(?:pypy)?\d+\.\d+t?")
SWEPT = ("TERM", "INT", "HUP", "USR1", "QUIT", "KILL")  # what a sweep can send
SIGNALS = (*SWEPT, "USR2", "TTIN", "TTOU", "WINCH", "ABRT", "STOP", "CONT")

HOLDERS = (
    "listen",
    "bound",
    "backlog-full",
    "reuseaddr",
    "reuseport",
    "wildcard",
    "other-family",
    "dual-stack",
    "udp",
    "time-wait",
)
WIDE_HOLDERS = ("wildcard", "other-family", "dual-stack")  # these hold a port on addresses that other cells use
PORT_STATES = ("free", "listening")
MAX_CHANNELS = 9
MAX_EXIT = 255
#: The {names} that every cell has; steps save others.
BUILT_IN = ("host", "port", *(f"port{number}" for number in range(2, MAX_CHANNELS + 1)))
#: What ``sockets`` and ``hold`` can observe of a port.
CLOSED = {"bind": ("free", "held"), "connect": ("accepted", "refused", "no answer")}
#: The socket states that Linux can report.
SOCKET_STATES = (
    "ESTABLISHED",
    "SYN_SENT",
    "SYN_RECV",
    "FIN_WAIT1",
    "FIN_WAIT2",
    "TIME_WAIT",
    "CLOSE",
    "CLOSE_WAIT",
    "LAST_ACK",
    "LISTEN",
    "CLOSING",
    "NEW_SYN_RECV",
)
#: Roles of processes that no step names: the harness, a child of a server, one whose server is gone, an invisible one.
ROLES = ("harness", "descendant", "orphan", "holder not visible")


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


#: What a growth step can bound: the increase from one sample to the next; memory in KiB.
GROWING = ("descriptors", "threads", "children", "sockets", "rss_kib")

_RESPONSE = {
    "status": "int",
    "reason": "matcher",
    "body": "document",
    "json": "json",
    "headers": "matchers",
    "closed": "bool",
    "interim": "ints",
    "error": "matcher",
    "log": "log",
    "log_absent": "absent",
    "seconds": "seconds",
}
_EXIT = {"exit": "exit", "seconds": "seconds", "log": "log", "log_absent": "absent", "forced": "bool"}

VERBS: dict[str, Verb] = {
    "start": Verb(
        args={"channel": "int", "background": "bool", "app": "text", "environment": "table"},
        expects={"ready": "bool", "running": "bool", **_EXIT},
        default={"ready": True},
        within="30s",
    ),
    "request": Verb(
        args={
            "method": "text",
            "path": "text",
            "headers": "table",
            "form": "text",
            "body": "text",
            "channel": "int",
            "keep": "text",
            "background": "bool",
        },
        required=("path",),
        expects=_RESPONSE,
    ),
    "raw": Verb(
        args={"send": "pieces", "channel": "int", "keep": "text", "until": "text"},
        required=("send",),
        choices={"until": ("close", "response", "probe", "interim", "nothing")},
        expects={
            "status": "int",
            "statuses": "ints",
            "reason": "matcher",
            "headers": "matchers",
            "body": "document",
            "json": "json",
            "received": "document",
            "closed": "bool",
            "error": "matcher",
            "responses": "int",
            "interim": "ints",
            "log": "log",
            "log_absent": "absent",
            "seconds": "seconds",
        },
    ),
    "signal": Verb(
        args={"signal": "text", "pid": "text"},
        required=("signal",),
        choices={"signal": SIGNALS},
        expects={"sent": "bool"},
        default={"sent": True},
    ),
    "kill": Verb(expects=_EXIT, default={"exit": "SIGKILL"}),
    "stop": Verb(expects=_EXIT, default={"forced": False}, within="20s"),
    "hold": Verb(
        args={"how": "text", "channel": "int", "lasts": "duration"},
        required=("how",),
        choices={"how": HOLDERS},
        expects={"taken": "bool", "held": "bool", "connect": "matcher"},
        default={"taken": True},
    ),
    "release": Verb(args={"channel": "int"}, expects={"released": "bool"}, default={"released": True}),
    "disconnect": Verb(expects={"connections": "int"}),
    "wait": Verb(
        args={
            "log": "log",
            "exit": "bool",
            "ready": "bool",
            "port": "text",
            "gone": "text",
            "response": "text",
            "states": "strings",
            "idle": "bool",
            "channel": "int",
            "late": "text",
            "new": "bool",
        },
        one_of=("log", "exit", "ready", "port", "gone", "response", "states", "idle"),
        choices={"port": PORT_STATES, "late": ("kill",)},
        expects={**_RESPONSE, **_EXIT, "ready": "bool"},
    ),
    "touch": Verb(
        args={"file": "text", "until": "log"}, required=("file", "until"), expects={"log": "log", "log_absent": "absent"}
    ),
    "sample": Verb(expects=dict.fromkeys(GROWING, "bound")),
    "growth": Verb(args={"of": "text"}, required=("of",), expects=dict.fromkeys(GROWING, "bound")),
    "sweep": Verb(
        args={"signal": "text", "points": "int"},
        required=("signal", "points"),
        choices={"signal": SWEPT},
        expects={"late": "int", "held": "int", "lives_on": "int", "points_tried": "int"},
        default={"late": 0, "held": 0},
        within="45s",
    ),
    "sockets": Verb(
        args={"channel": "int"}, expects={"listeners": "strings", "bind": "matcher", "connect": "matcher", "established": "int"}
    ),
    "processes": Verb(expects={"roles": "strings", "running": "strings"}),
}

#: A step that is not a verb: its nested steps run ``times`` times, each time as separate steps.
REPEAT = "repeat"
MAX_REPEAT = 100

#: Statuses whose answers have no body, whatever the server sends (RFC 9112, section 6.3).
BODILESS_STATUSES = (204, 304)

#: Keys that every step may have in addition to its verb's arguments.
COMMON = {"act", "id", "server", "within", "expect", "either", "case", "observe", "save", "note", "traceback", "level"}

#: Expectations that are about another key of an observation.
ABOUT = {"log_absent": "log", "json": "body"}

#: What the cleanup can find wrong; the keys of its [[known]] entries.
CLEANUP_KEYS = ("stop", "exit", "log", "unasked", "processes", "sockets", "bind")


def exit_problem(code: int | str) -> str:
    """What is wrong with an exit code or a signal's name; "" if a process can end with it."""
    names = signal.Signals.__members__
    if isinstance(code, str):
        return "" if code in names else unknown("signal", code, names)
    if 0 <= code <= MAX_EXIT or -code in [int(number) for number in signal.Signals]:
        return ""
    return f"a process cannot end with {code}: exit codes are 0 to {MAX_EXIT}, and -N means signal N"


def seconds(duration: str) -> float:
    """Turn "500ms", "10s" or "2m" into seconds; raises ValueError for anything else."""
    match = DURATION.fullmatch(duration)
    if match is None:
        raise ValueError(duration)
    return float(match[1]) * {"ms": 0.001, "s": 1.0, "m": 60.0}[match[2]]

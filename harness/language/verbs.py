"""The scenario language as tables: what each verb takes, and what scenarios can expect of it.

``ACTS`` in cell/step_verbs.py has one function for each verb in VERBS; a test compares both tables.
"""

from __future__ import annotations

import re
import signal

from ..model.suggestions import unknown
from .socket_words import HOLDERS, PORT_STATES
from .verb import KINDS as KINDS
from .verb import Verb as Verb
from .volley_verbs import COUNTS, FILE, VOLLEY

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

#: Patterns that are further moments of a sweep of a server that defines them.
TRANSITIONS = ("@bus-starting", "@serving", "@bus-started")

MAX_CHANNELS = 9
LONGEST_SECONDS = 3600.0  # of a deadline, and of any other time that a step takes
MAX_EXIT = 255
#: The {names} that every cell has; steps save others.
BUILT_IN = ("host", "port", "socket", *(f"port{number}" for number in range(2, MAX_CHANNELS + 1)))
#: Roles of processes that no step names: the harness, a child of a server, one whose server is gone, an invisible one.
ROLES = ("harness", "descendant", "orphan", "holder not visible")


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
_EXIT = {
    "exit": "exit",
    "seconds": "seconds",
    "log": "log",
    "log_absent": "absent",
    "forced": "bool",
    "notified": "log",
    "notified_absent": "absent",
}

VERBS: dict[str, Verb] = {
    "start": Verb(
        args={
            "channel": "int",
            "background": "bool",
            "app": "text",
            "environment": "table",
            "notify": "bool",
            "descriptors": "int",
            "first_process": "bool",
        },
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
            "closure_alert": "bool",
            "error": "matcher",
            "responses": "int",
            "interim": "ints",
            "log": "log",
            "log_absent": "absent",
            "seconds": "seconds",
        },
    ),
    "signal": Verb(
        args={"signal": "text", "pid": "text", "group": "bool"},
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
            "volley": "text",
            "stop": "bool",
            "channel": "int",
            "late": "text",
            "new": "bool",
        },
        one_of=("log", "exit", "ready", "port", "gone", "response", "states", "idle", "volley"),
        choices={"port": PORT_STATES, "late": ("kill", "term")},
        expects={**_RESPONSE, **_EXIT, **COUNTS, "ready": "bool"},
    ),
    "volley": VOLLEY,
    "file": FILE,
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

#: Statuses of final answers (RFC 9110, section 15); 101 is one, too, since no other follows it.
FINAL_STATUSES = frozenset({101, *range(200, 600)})
#: Statuses whose answers have no body, whatever the server sends (RFC 9112, section 6.3).
BODILESS_STATUSES = (204, 304)

#: Keys that every step may have in addition to its verb's arguments.
COMMON = {"act", "id", "server", "within", "expect", "either", "case", "observe", "save", "note", "traceback", "level"}

#: Expectations that are about another key of an observation.
ABOUT = {"log_absent": "log", "notified_absent": "notified", "json": "body"}

#: What the cleanup can find wrong; the keys of its [[known]] entries.
CLEANUP_KEYS = ("stop", "exit", "log", "unasked", "answers", "processes", "sockets", "bind")


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

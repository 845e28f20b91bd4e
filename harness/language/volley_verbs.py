"""The verbs of load and of files as rows of the table: volley and file; and what a volley counts."""

from __future__ import annotations

from .verb import Verb

#: What becomes of the requests of a volley; cell/volley.py says what each word means.
OUTCOMES = ("asked", "answered", "failed", "refused", "lost", "raced", "late")
#: What can be expected of a volley, in its own step or in the one that waits for it.
COUNTS = {**dict.fromkeys((*OUTCOMES, "bodies"), "count"), "statuses": "ints", "longest": "seconds"}

VOLLEY = Verb(
    args={
        "path": "text",
        "method": "text",
        "channel": "int",
        "clients": "int",
        "rate": "int",
        "keep": "bool",
        "silent": "bool",
        "requests": "int",
        "lasts": "duration",
        "patience": "duration",
        "background": "bool",
    },
    one_of=("requests", "lasts"),
    expects=COUNTS,
    within="60s",
)

#: What a file can be, and what a step can make of it.
FILE_KINDS = ("file", "folder", "socket", "symlink", "fifo", "other")
MADE = ("file", "socket", "symlink", "nothing")
FILE = Verb(
    args={"path": "text", "make": "text", "content": "text", "to": "text", "until": "text"},
    required=("path",),
    choices={"make": MADE, "until": ("exists", "gone")},
    expects={"exists": "bool", "kind": "matcher", "mode": "matcher", "content": "document", "age": "seconds"},
)

#: The most that a volley may ask for: it is to disturb a server, not to measure it.
MAX_CLIENTS, MAX_RATE, MAX_REQUESTS = 200, 1000, 20_000

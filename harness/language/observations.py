"""What each verb sees, as types: an observation's ``seen`` is one of these tables.

They are tables, and not objects, since a history keeps them as JSON, and the reproducer judges the same keys. What VERBS lets a
scenario expect of a verb is a key here; a test walks both.
"""

from __future__ import annotations

from typing import TypedDict

from ..model.values import Json


class Waited(TypedDict, total=False):
    """A wait that came true, or did not: ``waiting_for`` is of a step that passed its deadline."""

    seconds: float
    waiting_for: str


class ServerState(Waited, total=False):
    """A server's process: start, stop, kill, and the waits that are about it. ``exit`` is None while it runs."""

    pid: int
    running: bool
    ready: bool | None
    exit: int | str | None
    log: str
    forced: bool


class Answer(TypedDict, total=False):
    """An answer to a request; without a whole one only ``error`` says what there was."""

    status: int | None
    reason: str | None
    headers: dict[str, str] | None
    body: str | None
    closed: bool | None
    interim: list[int]
    error: str
    log: str
    seconds: float
    timed_out: bool


class Bytes(TypedDict, total=False):
    """What came on a connection after raw bytes; ``received`` is Latin-1 text, a character a byte."""

    received: str
    status: int | None
    body: str | None
    responses: int
    interim: list[int]
    closed: bool
    error: str
    log: str
    seconds: float
    timed_out: bool


class Signalled(TypedDict, total=False):
    """A signal that was sent, or found nobody."""

    sent: bool
    signal: str
    pid: int


class Held(TypedDict):
    """A port that the harness holds; ``table`` are the port's sockets."""

    taken: bool
    held: bool
    connect: str
    table: list[Json]


class Released(TypedDict):
    """A port that was let go."""

    released: bool


class Disconnected(TypedDict):
    """How many connections were open."""

    connections: int


class Touched(TypedDict):
    """How often a file was saved until the server noticed, and what it logged."""

    times: int
    log: str


class States(Waited, total=False):
    """The states of a port's sockets."""

    states: list[str]


class Sockets(TypedDict):
    """The socket table of a cell's ports; ``listeners`` are roles."""

    table: list[Json]
    bind: str
    connect: str
    listeners: list[str]
    established: int


class Process(TypedDict):
    """One process of a cell, and its parent's role, or pid."""

    pid: int
    role: str
    parent: str
    command: str


class Processes(TypedDict):
    """The processes of a cell; ``running`` are the names of its servers."""

    table: list[Process]
    roles: list[str]
    running: list[str]


class Counts(TypedDict, total=False):
    """What a server and its descendants have; memory in KiB, ``over`` are sockets in TIME_WAIT."""

    descriptors: int
    threads: int
    children: int
    sockets: int
    rss_kib: int
    states: dict[str, int]
    over: int
    pid: int


class Growth(TypedDict, total=False):
    """How much each count grew from a sample to the next."""

    descriptors: float
    threads: float
    children: float
    sockets: float
    rss_kib: float
    samples: int
    warm_up: int
    series: dict[str, list[int]]


class Point(TypedDict, total=False):
    """One launch of a sweep, and one signal; ``left`` counts processes."""

    moment: float
    at: str
    exit: int | str | None
    seconds: float
    lives_on: bool
    late: bool
    port: str
    last: str
    left: int


class Sweep(TypedDict, total=False):
    """A signal at many moments of a start."""

    signal: str
    ready_seconds: float
    points: list[Point]
    points_tried: int
    late: int
    lives_on: int
    held: int


#: verb -> what it can see: one of these
SEEN: dict[str, tuple[type, ...]] = {
    "start": (ServerState,),
    "request": (Answer,),
    "raw": (Bytes,),
    "signal": (Signalled,),
    "kill": (ServerState,),
    "stop": (ServerState,),
    "hold": (Held,),
    "release": (Released,),
    "disconnect": (Disconnected,),
    "wait": (ServerState, Answer, States, Waited),
    "touch": (Touched,),
    "sample": (Counts,),
    "growth": (Growth,),
    "sweep": (Sweep,),
    "sockets": (Sockets,),
    "processes": (Processes,),
}

Seen = (
    ServerState
    | Answer
    | Bytes
    | Signalled
    | Held
    | Released
    | Disconnected
    | Touched
    | States
    | Waited
    | Sockets
    | Processes
    | Counts
    | Growth
    | Sweep
)

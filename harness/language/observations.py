"""What each verb observes, as types: an observation's ``seen`` is one of these tables.

They are tables, not objects: a history keeps them as JSON, and the reproducer judges the same keys. Every key that VERBS lets
a scenario expect is a key here; a test compares the two.
"""

from __future__ import annotations

from typing import TypedDict

from ..model.values import Json
from .volley_observations import FileSeen, Volley


class Waited(TypedDict, total=False):
    """A wait; ``waiting_for`` is set when a step missed its deadline."""

    seconds: float
    waiting_for: str


class ServerState(Waited, total=False):
    """A server's process: start, stop, kill, and waits for a server. ``exit`` is None while it runs.

    ``notified`` has a line for each message on NOTIFY_SOCKET, if a start gave it one.
    """

    pid: int
    running: bool
    ready: bool | None
    exit: int | str | None
    log: str
    forced: bool
    notified: str


class Answer(TypedDict, total=False):
    """An answer to a request; without a complete one, only ``error`` is informative."""

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
    """What a connection received after raw bytes; ``received`` is Latin-1 text, one character for each byte."""

    received: str
    status: int | None
    statuses: list[int]
    reason: str | None
    headers: dict[str, str] | None
    body: str | None
    responses: int
    interim: list[int]
    closed: bool
    closure_alert: bool | None
    error: str
    log: str
    seconds: float
    timed_out: bool


class Signalled(TypedDict, total=False):
    """A signal that was sent, or had no process to receive it."""

    sent: bool
    signal: str
    pid: int


class Held(TypedDict):
    """A port that the harness holds; ``table`` lists the port's sockets."""

    taken: bool
    held: bool
    connect: str
    table: list[Json]


class Released(TypedDict):
    """A port that was released."""

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
    """The socket table of a cell's ports; ``listeners`` are roles of processes."""

    table: list[Json]
    bind: str
    connect: str
    listeners: list[str]
    established: int


class Process(TypedDict):
    """One process of a cell, and the role or pid of its parent."""

    pid: int
    role: str
    parent: str
    command: str


class Processes(TypedDict):
    """The processes of a cell; ``running`` names the servers that are running."""

    table: list[Process]
    roles: list[str]
    running: list[str]


class Counts(TypedDict, total=False):
    """The resources of a server and its descendants; memory in KiB, ``over`` counts sockets in TIME_WAIT."""

    descriptors: int
    threads: int
    children: int
    sockets: int
    rss_kib: int
    states: dict[str, int]
    over: int
    pid: int


class Growth(TypedDict, total=False):
    """How much each count grew from one sample to the next."""

    descriptors: float
    threads: float
    children: float
    sockets: float
    rss_kib: float
    samples: int
    warm_up: int
    series: dict[str, list[int]]


class Point(TypedDict, total=False):
    """One launch and one signal of a sweep; ``left`` counts the processes left behind."""

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
    """A signal sent at many moments of a start."""

    signal: str
    ready_seconds: float
    points: list[Point]
    points_tried: int
    late: int
    lives_on: int
    held: int


#: verb -> the types of its observation
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
    "wait": (ServerState, Answer, States, Waited, Volley),
    "volley": (Volley,),
    "file": (FileSeen,),
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
    | Volley
    | FileSeen
    | Sockets
    | Processes
    | Counts
    | Growth
    | Sweep
)

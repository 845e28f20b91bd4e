"""What a row of the table says: what is sent, and what may come of it."""

from __future__ import annotations

from dataclasses import dataclass, field

LEVELS = ("must", "should", "may")


@dataclass(frozen=True)
class Interim:
    """Wait for an interim answer (100), a final one, or the end; then go on sending."""


@dataclass(frozen=True)
class HalfClose:
    """Say that nothing more will be sent, and go on reading."""


@dataclass(frozen=True)
class Leave:
    """Close the connection at once, without reading; ``hard``: with a reset."""

    hard: bool = False


@dataclass(frozen=True)
class Pause:
    """Let the server see what was sent so far: wait until it answers or closes, at most so many seconds."""

    seconds: float = 0.05


@dataclass(frozen=True)
class Drip:
    """Send a byte at a time, so many seconds apart, until the server answers or closes."""

    data: bytes
    seconds: float


Step = bytes | Interim | HalfClose | Leave | Pause | Drip


@dataclass(frozen=True)
class Reply:
    """One final answer: its status is one of these, it has these fields (a pattern for the whole value), and not those."""

    statuses: tuple[int, ...]
    fields: dict[str, str] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    body: str | None = None  # a pattern for the whole body

    def __str__(self) -> str:
        more = [f"{name} like {pattern!r}" for name, pattern in self.fields.items()]
        more += [f"no {name}" for name in self.absent]
        more += [] if self.body is None else [f"body like {self.body!r}"]
        statuses = "/".join(map(str, self.statuses)) if len(self.statuses) < 10 else "any status"
        return statuses + (f" ({', '.join(more)})" if more else "")


@dataclass(frozen=True)
class Outcome:
    """One way in which a row may go: the answers in their order, what becomes of the connection, what the handlers saw.

    ``after`` is "open" (the next request on it is answered), "closed", or "" (either).
    ``calls`` has a dict for each call of a handler: a pattern for the whole value, by "method", "path", "query", "body",
    "authority", or a field's name in small letters. None: the field must be absent; a pattern that begins with "|" also fits
    what is absent. ``calls`` None: not looked at.
    """

    replies: tuple[Reply, ...]
    after: str = ""
    calls: tuple[dict[str, str | None], ...] | None = ()
    interim: int | None = None  # how many answers of 1xx; None: any
    clean: bool = False  # the connection was not reset

    def __str__(self) -> str:
        said = ", ".join(map(str, self.replies)) or "no answer"
        seen = "" if self.calls is None else f", handlers saw {list(self.calls)}" if self.calls else ", no handler ran"
        interim = "" if self.interim is None else f", {self.interim} interim"
        return f"{said}{interim}{', ' + self.after if self.after else ''}{seen}{', no reset' if self.clean else ''}"


@dataclass(frozen=True)
class Row:
    """A request that is sent as it stands, and every way in which a server may take it."""

    id: str
    source: str
    level: str
    send: tuple[Step, ...]
    allow: tuple[Outcome, ...]
    methods: tuple[str, ...] = ()  # of the requests, where one is not GET: an answer to HEAD has no body
    probe: bool = True  # whether another request is sent on the connection, to see whether it is open
    slow: bool = False  # the server is to run into a deadline of its own
    crowd: int = 0  # connections that are open meanwhile
    handler: bool = False  # what an object tree's handler does: not asked of a WSGI server

    def __post_init__(self) -> None:
        assert self.level in LEVELS, self.id
        assert self.source.startswith("RFC "), self.id
        assert self.send, f"{self.id} sends nothing"
        assert self.allow, f"{self.id} allows nothing"

    @property
    def sent(self) -> str:
        """What is sent, for people; long texts are cut."""
        texts = []
        for step in self.send:
            text = repr(step)[1:] if isinstance(step, bytes) else str(step)
            texts.append(text if len(text) < 400 else f"{text[:200]}…({len(text)})…{text[-100:]}")
        return " ".join(texts)


# -- what most rows are written with

CRLF = b"\r\n"
HOST = b"Host: h"
#: A request that hides in the body of another: no handler may see it.
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: h\r\n\r\n"
NEXT = b"GET /next HTTP/1.1\r\nHost: h\r\n\r\n"
NEXT_SEEN: dict[str, str | None] = {"method": "GET", "path": "/next"}


def head(line: bytes, *fields: bytes, end: bytes = CRLF) -> bytes:
    """A request's head."""
    return end.join([line, *fields, b"", b""])


def get(*fields: bytes, target: bytes = b"/saw", method: bytes = b"GET", version: bytes = b"HTTP/1.1") -> bytes:
    """A request without a body, with the Host that it needs."""
    return head(b" ".join([method, target, version]), HOST, *fields)


def post(*fields: bytes, body: bytes = b"", target: bytes = b"/saw", version: bytes = b"HTTP/1.1") -> bytes:
    """A request with a body; nothing is added that says how long it is."""
    return head(b"POST " + target + b" " + version, HOST, *fields) + body


CHUNKED = b"Transfer-Encoding: chunked"


def chunked(body: bytes, *fields: bytes, target: bytes = b"/saw", version: bytes = b"HTTP/1.1") -> bytes:
    """A request with a chunked body, which is given as it goes over the wire."""
    return post(*(fields or (CHUNKED,)), body=body, target=target, version=version)


def reply(*statuses: int, absent: tuple[str, ...] = (), body: str | None = None, **fields: str) -> Reply:
    """A final answer; ``content_type`` stands for Content-Type."""
    return Reply(statuses, {name.replace("_", "-"): pattern for name, pattern in fields.items()}, absent, body)


def refused(*statuses: int, after: str = "closed") -> Outcome:
    """One answer, which refuses; no handler ran."""
    return Outcome((Reply(statuses or (400,)),), after)


def dropped() -> Outcome:
    """Closed without a word; no handler ran."""
    return Outcome((), "closed")


def served(*calls: dict[str, str | None], after: str = "open", interim: int | None = None) -> Outcome:
    """Each request is answered by 200, and its handler saw this."""
    return Outcome(tuple(reply(200) for _ in calls), after, calls, interim)


def saw(body: str | None = None, method: str = "GET", path: str = "/saw", **more: str | None) -> dict[str, str | None]:
    """What a handler saw: patterns for whole values; ``content_length`` stands for Content-Length."""
    seen: dict[str, str | None] = {"method": method, "path": path}
    if body is not None:
        seen.update(method="POST" if method == "GET" else method, body=body)
    seen.update((name.replace("_", "-"), pattern) for name, pattern in more.items())
    return seen


def row(
    name: str, source: str, level: str, send: bytes | tuple[Step, ...], *allow: Outcome, methods: tuple[str, ...] = (),
    probe: bool = True, slow: bool = False, crowd: int = 0, handler: bool = False,
) -> Row:
    """A row; "9112 5.1" is short for "RFC 9112, section 5.1"."""
    document, _, section = source.partition(" ")
    return Row(name, f"RFC {document}, section {section}", level, send if isinstance(send, tuple) else (send,), allow, methods,
               probe, slow, crowd, handler)

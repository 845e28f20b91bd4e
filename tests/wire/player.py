"""Plays a row of the table over a socket, and judges what came of it."""

from __future__ import annotations

import contextlib
import re
import select
import socket
import struct
from dataclasses import dataclass, field
from typing import Any

from harness.machine.deadlines import Deadline

from .model import Drip, HalfClose, Interim, Leave, Outcome, Pause, Reply, Row
from .reading import Answer, Reading, read, unsound

PATIENCE = 8.0  # seconds that a row waits for what its server must do; longer than the server's own deadlines
PROBE = b"GET /probe HTTP/1.1\r\nHost: h\r\n\r\n"
CALLS = b"GET /calls HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"

CLOSES = "closed, and the last answer did not say so (RFC 9112, 9.6)"

Address = tuple[str, int]


@dataclass(frozen=True)
class Fault:
    """What a row found: how grave, in which words, and the rule where it is one for every answer."""

    level: str
    text: str
    rule: str = ""


@dataclass
class Played:
    """What came of a row."""

    reading: Reading
    after: str  # "open", "closed", or "silent": neither an answer nor the end came in time
    reset: bool = False
    calls: list[dict[str, Any]] = field(default_factory=list)
    dead: str = ""  # why the server did not answer a plain GET afterwards

    @property
    def answers(self) -> list[Answer]:
        """The final answers to what the row sent."""
        return [answer for answer in self.reading.final if not answer.is_probe]

    def __str__(self) -> str:
        statuses = " ".join(str(answer.status) for answer in self.reading.answers if not answer.is_probe)
        calls = [{k: v for k, v in call.items() if k != "headers" and v} for call in self.calls]
        return (f"{statuses or 'no answer'}, {self.after}{' (reset)' if self.reset else ''}; handlers saw {calls}"
                + (f"; {self.reading.wrong}" if self.reading.wrong else ""))


class Conversation:
    """A connection that notes all that comes, also while it sends."""

    def __init__(self, address: Address, source: str, methods: tuple[str, ...] = ()) -> None:
        self._methods = methods
        self.data = b""
        self.ended = self.reset = False
        self._socket = socket.create_connection(address, PATIENCE, (source, 0))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setblocking(False)

    def close(self) -> None:
        """Let the connection go."""
        self._socket.close()

    @property
    def reading(self) -> Reading:
        """What came so far."""
        return read(self.data, self._methods, self.ended)

    def send(self, data: bytes) -> None:
        """Send all of it, or as much as the server takes until it ends the connection or the patience is over."""
        deadline = Deadline(PATIENCE)
        view = memoryview(data)
        while view and not self.ended and not deadline.passed:
            _, writable, _ = self._wait([self._socket], deadline.left)
            if writable:
                try:
                    view = view[self._socket.send(view[:65536]):]
                except (BrokenPipeError, ConnectionResetError):
                    self.reset = True  # what it said before is still there to be read
                    return

    def until(self, number: int, seconds: float, interim: bool = False) -> None:
        """Read until so many final answers came (or any answer at all), until the end, or so long."""
        deadline = Deadline(seconds)
        while not self.ended and not deadline.passed:
            reading = self.reading
            if reading.wrong or len(reading.answers if interim else reading.final) >= number:
                return
            self._wait([], deadline.left)

    def until_probe(self) -> None:
        """Read until the player's own request is answered, until the end, or until the patience is over."""
        deadline = Deadline(PATIENCE)
        while not self.ended and not deadline.passed and not any(answer.is_probe for answer in self.reading.final):
            self._wait([], deadline.left)

    def _wait(self, writing: list[socket.socket], seconds: float) -> tuple[list[Any], list[Any], list[Any]]:
        ready = select.select([self._socket], writing, [], seconds)
        if ready[0]:
            try:
                part = self._socket.recv(262144)
            except ConnectionResetError:
                part, self.reset = b"", True
            self.data += part
            self.ended = not part
        return ready

    def half_close(self) -> None:
        """Nothing more will be sent."""
        with contextlib.suppress(OSError):  # the server was faster
            self._socket.shutdown(socket.SHUT_WR)

    def leave(self, hard: bool) -> None:
        """Close now."""
        if hard:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()
        self.data, self.ended = b"", True  # what came before is nothing that it waited for


def play(row: Row, address: Address, source: str) -> Played:
    """Play a row from the address ``source``, which no other row has: the handlers tell their callers apart by it."""
    with contextlib.ExitStack() as stack:
        for _ in range(row.crowd):
            stack.enter_context(contextlib.closing(socket.create_connection(address, PATIENCE, (source, 0))))
        talk = stack.enter_context(contextlib.closing(Conversation(address, source, row.methods)))
        halves = False
        for step in row.send:
            halves = halves or isinstance(step, HalfClose | Leave)
            _act(talk, step)
        most = max(len(outcome.replies) for outcome in row.allow)
        if most:
            talk.until(most, PATIENCE)
        if halves or not row.probe:
            talk.until(1000, PATIENCE)
            after = "closed" if talk.ended else "silent"
        else:
            talk.send(PROBE)
            talk.until_probe()
            after = "open" if any(a.is_probe for a in talk.reading.final) else "closed" if talk.ended else "silent"
        played = Played(talk.reading, after, talk.reset)
    played.calls, played.dead = calls(address, source)
    return played


def _act(talk: Conversation, step: object) -> None:
    if isinstance(step, bytes):
        talk.send(step)
    elif isinstance(step, Interim):
        talk.until(len(talk.reading.answers) + 1, PATIENCE, interim=True)
    elif isinstance(step, HalfClose):
        talk.half_close()
    elif isinstance(step, Leave):
        talk.leave(step.hard)
    elif isinstance(step, Pause):
        talk.until(len(talk.reading.answers) + 1, step.seconds, interim=True)
    elif isinstance(step, Drip):
        for number in range(len(step.data)):
            if talk.ended or talk.reading.answers:
                return
            talk.send(step.data[number:number + 1])
            talk.until(1, step.seconds, interim=True)
    else:
        raise TypeError(step)


def calls(address: Address, source: str) -> tuple[list[dict[str, Any]], str]:
    """Ask on a new connection, by a plain GET, what the handlers saw; and why that was not answered."""
    try:
        with contextlib.closing(Conversation(address, source)) as talk:
            talk.send(CALLS)
            talk.until(1, PATIENCE)
            reading = talk.reading
    except OSError as error:
        return [], f"the server is not there afterwards: {error}"
    if len(reading.final) != 1 or reading.final[0].status != 200 or not isinstance(reading.final[0].seen, list):
        return [], f"the server does not answer afterwards: {talk.data[:200]!r}"
    return [call for call in reading.final[0].seen if call["path"] != "/probe"], ""


def judge(row: Row, played: Played) -> list[Fault]:
    """Everything that is wrong; nothing where the row went in one of the ways that it allows."""
    faults = [Fault("must", played.dead)] if played.dead else []
    if played.reading.wrong:
        faults.append(Fault("must", played.reading.wrong))
    why = [misses(outcome, played) for outcome in row.allow]
    if all(why):
        faults.append(Fault(row.level, " | ".join(f"not [{outcome}]: {'; '.join(texts)}" for outcome, texts in zip(row.allow, why, strict=True))))
    for answer in played.reading.answers:
        faults += [Fault(level, text, text) for level, text in unsound(answer)]
    expected = row.slow or any(isinstance(step, HalfClose | Leave) for step in row.send)  # the end says nothing of the answer
    new = b"HTTP/1.0" not in b"".join(step for step in row.send if isinstance(step, bytes))
    if played.after == "closed" and played.answers and not expected and new and "close" not in played.answers[-1].options("connection"):
        faults.append(Fault("should", CLOSES, CLOSES))
    return faults


def misses(outcome: Outcome, played: Played) -> list[str]:
    """In what an outcome was not met; nothing where it was."""
    found = []
    answers = played.answers
    if len(answers) != len(outcome.replies):
        found.append(f"{len(answers)} answers")
    for expected, answer in zip(outcome.replies, answers, strict=False):
        found += _differs(expected, answer)
    if played.after != outcome.after and (outcome.after or played.after == "silent"):
        found.append(f"{played.after} afterwards")
    interim = len(played.reading.answers) - len(played.reading.final)
    if outcome.interim not in (None, interim):
        found.append(f"{interim} interim answers")
    if outcome.clean and played.reset:
        found.append("the connection was reset")
    if outcome.calls is not None:
        if len(played.calls) != len(outcome.calls):
            found.append(f"{len(played.calls)} calls of handlers")
        for wanted, call in zip(outcome.calls, played.calls, strict=False):
            for name, pattern in wanted.items():
                value = call[name] if name in call else call["headers"].get(name)
                if not _fits(pattern, value):
                    found.append(f"the handler saw {name} {value!r}")
    return found


def _fits(pattern: str | None, value: str | None) -> bool:
    if value is None:
        return pattern is None or pattern.startswith("|")
    return pattern is not None and re.fullmatch(pattern, value, re.DOTALL) is not None


def _differs(expected: Reply, answer: Answer) -> list[str]:
    found = [] if answer.status in expected.statuses else [f"status {answer.status}"]
    for name, pattern in expected.fields.items():
        if not any(re.fullmatch(pattern, value) for value in answer.all(name)):
            found.append(f"{name} is {answer.all(name)}")
    found += [f"{name} is there" for name in expected.absent if answer.all(name)]
    if expected.body is not None and re.fullmatch(expected.body, answer.body.decode("latin-1"), re.DOTALL) is None:
        found.append(f"the body is {answer.body[:60]!r}")
    return found

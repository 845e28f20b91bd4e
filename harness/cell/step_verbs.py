"""The step verbs: one function each, in one table. A verb acts and returns what it observed; it does not judge."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable
from typing import Any, TypeVar, cast

from ..language.filling import fill
from ..language.matching import Unmatchable, match_log
from ..language.observations import (
    Answer,
    Bytes,
    Seen,
    Touched,
)
from ..language.request_bytes import Unsendable
from ..language.request_pieces import pieces
from ..language.scenario import Step
from ..machine.deadlines import Deadline
from ..machine.server_log import log_size
from ..model.values import Json
from . import growth_verbs, server_verbs, sweep_verb
from .file_verb import file
from .http_client import Client
from .port_verbs import disconnect, hold, processes, release, sockets
from .running_cell import Background, CellRun, TimedOut, Unable
from .transcript import Transcript
from .volley_verb import volley

SAVE_SECONDS = 1.0
#: What a raw step waits for, by its ``until``.
AWAITED = {
    "close": "the server closes the connection",
    "response": "an answer",
    "interim": "an answer",
    "nothing": "the bytes are taken",
    "probe": "an answer to another request on the connection, or its end",
}

Logged = TypeVar("Logged", Answer, Bytes)  # includes what a server logged meanwhile


def _request(cell: CellRun, step: Step, args: Json) -> Answer:
    own = cell.servers[step.server].channel if step.server in cell.servers else 1
    client = _client(cell, step, args, own, cell.context())
    headers = dict(args.get("headers", {}))
    body = args.get("body", "").encode() or None
    if "form" in args:
        body = args["form"].encode()
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    method = args.get("method", "GET" if body is None else "POST")

    def send() -> Answer:
        try:
            return cast(Answer, client.request(method, args["path"], headers, body, step.within))
        except Unsendable as problem:
            raise Unable(str(problem)) from problem
        finally:
            if "keep" not in args:
                client.close()

    if args.get("background"):
        return _in_background(cell, step, client, send)
    seen = _with_log(cell, step, send)
    if seen.get("timed_out"):
        raise TimedOut("an answer", seen)
    return seen


def _client(cell: CellRun, step: Step, args: Json, channel: int, context: ssl.SSLContext | None) -> Client:
    """The connection that a step keeps under a name, or a new one; its bytes are recorded for the step."""
    name, place = args.get("keep"), cell.at(args.get("channel", channel))
    client = cell.clients.get(name) if name else None
    if client is None:
        client = Client(*place, context)
        if name:
            cell.clients[name] = client
    elif "channel" in args and (client.host, client.port) != place:
        raise Unable(f"the kept connection {name!r} goes to port {client.port}, not to {place[1]}")
    for waited, background in cell.backgrounds.items():
        if background.client is client and background.thread.is_alive():
            raise Unable(f"the connection {name!r} is in use: the background request {waited!r} has no answer yet")
    client.record = cell.transcript.add
    cell.used[client] = (step.number, name or "")
    return client


def _in_background(cell: CellRun, step: Step, client: Client, send: Callable[[], Answer]) -> Answer:
    """Send without waiting; the bytes are recorded for the step that waits for the answer."""
    if not step.id:
        raise Unable("a background request needs an id, so that a later step can wait for it")
    background = Background(client, send, Transcript(cell.clock), f"request {step.id}")
    client.record = background.transcript.add
    cell.backgrounds[step.id] = background
    background.thread.start()
    return {}


def _with_log(cell: CellRun, step: Step, send: Callable[[], Logged]) -> Logged:
    """Do something, and add what the server logged meanwhile."""
    server = cell.servers.get(step.server)
    before = log_size(server.log) if server else 0
    seen = send()
    if server is not None:
        seen["log"] = server.text(before)
    return seen


def _raw(cell: CellRun, step: Step, args: Json) -> Bytes:
    client = _client(cell, step, args, 1, None)
    until = args.get("until", "response")
    try:
        send = pieces(args["send"])
    except ValueError as problem:  # a value that an earlier step saved
        raise Unable(f"send: {problem}") from problem
    try:
        seen = _with_log(cell, step, lambda: cast(Bytes, client.raw(send, until, step.within)))
    finally:
        if "keep" not in args:
            client.close()
    if seen.get("timed_out"):
        raise TimedOut(AWAITED[until], seen)
    return seen


def _touch(cell: CellRun, step: Step, args: Json) -> Touched:
    """Save a source file again and again, as an editor does, until the server's log shows that it was noticed.

    Once is not enough: a server ignores a change before its first check of its files.
    """
    server, file = cell.server(step.server), cell.work / args["file"]
    if file not in cell.work.glob("*.py"):
        raise Unable(f"no {args['file']!r} among the cell's applications")
    pattern = fill(args["until"], cell.values, cell.subject.patterns)
    deadline, start, times = Deadline(step.within), cell.marks[step.server], 0

    def noticed() -> bool:
        return match_log(pattern, server.text(start)) or not server.running

    while not noticed() and not deadline.passed:
        now = file.stat().st_mtime + SAVE_SECONDS  # a file system may only store whole seconds
        os.utime(file, (now, now))
        times += 1
        with server.waking(log=True) as pause:
            Deadline(min(SAVE_SECONDS, deadline.left)).wait(noticed, pause=pause)
    seen: Touched = {"times": times, "log": server.text(start)}
    if not match_log(pattern, server.text(start)):
        raise TimedOut(f"a log line {pattern}", seen)
    return seen


ACTS: dict[str, Callable[[CellRun, Step, Json], Seen]] = {
    "start": server_verbs.start,
    "signal": server_verbs.send_signal,
    "kill": server_verbs.kill,
    "stop": server_verbs.stop,
    "wait": server_verbs.wait,
    "request": _request,
    "raw": _raw,
    "disconnect": disconnect,
    "touch": _touch,
    "sample": growth_verbs.sample,
    "growth": growth_verbs.growth,
    "sweep": sweep_verb.sweep,
    "hold": hold,
    "release": release,
    "sockets": sockets,
    "processes": processes,
    "volley": volley,
    "file": file,
}


#: Acts that may make a server log; `wait log = … new = true` searches the log since the last of them began.
DISTURBING = ("start", "request", "raw", "signal", "touch", "volley")


def perform(cell: CellRun, step: Step) -> Seen:
    """Do one step and return what was observed; raises Unable or TimedOut."""
    cell.transcript = Transcript(cell.clock)
    if step.act in DISTURBING and step.server in cell.servers:
        cell.marks[step.server] = log_size(cell.servers[step.server].log)
    args: Any = fill(step.args, cell.values, cell.subject.patterns, literal=True)
    try:
        return ACTS[step.act](cell, step, args)
    except Unmatchable as problem:  # the wait cannot be decided, and waiting longer does not help
        raise Unable(str(problem)) from problem

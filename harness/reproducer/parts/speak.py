"""The clients: HTTP requests, and raw bytes on a connection."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from typing import Any

from ...cell.http_client import Client
from ...language.request_bytes import Unsendable
from ...language.request_pieces import pieces
from .cell import Cell
from .server import Late, Unable


class Background:
    """A request whose answer a later step waits for."""

    def __init__(self, client: Client, send: Callable[[], dict[str, Any]]) -> None:
        self.client = client
        self.seen: dict[str, Any] = {}
        self.problem: Exception | None = None
        self.thread = threading.Thread(target=self._run, args=(send,), daemon=True)

    def _run(self, send: Callable[[], dict[str, Any]]) -> None:
        try:
            self.seen = send()
        except Exception as problem:  # raised again in the step that waits
            self.problem = problem


def request(cell: Cell, step: dict[str, Any], args: dict[str, Any]) -> dict[str, Any]:
    """Send one request, and return what came back."""
    server = cell.servers.get(step["server"])
    client = client_of(
        cell,
        step,
        args,
        args.get("channel", server.channel if server else 1),
        cell.context(),
    )
    headers = dict(args.get("headers", {}))
    body = args.get("form", args.get("body", "")).encode() or None
    if "form" in args:
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    method = args.get("method", "GET" if body is None else "POST")

    def send() -> dict[str, Any]:
        try:
            return client.request(method, args["path"], headers, body, step["within"])
        except Unsendable as problem:
            raise Unable(str(problem)) from problem
        finally:
            if "keep" not in args:
                client.close()

    if not args.get("background"):
        return _answered(with_log(cell, step, send))
    background = cell.backgrounds[step["id"]] = Background(client, send)
    background.thread.start()
    return {}


def client_of(
    cell: Cell,
    step: dict[str, Any],
    args: dict[str, Any],
    channel: int,
    context: ssl.SSLContext | None,
) -> Client:
    """The connection that a step keeps under a name, or one of its own."""
    name = args.get("keep")
    client: Client = cell.clients.get(name or "") or Client(*cell.at(channel), context)
    if "channel" in args and (client.host, client.port) != cell.at(channel):
        raise Unable(f"the kept connection {name!r} goes to another port")
    if any(other.client is client and other.thread.is_alive() for other in cell.backgrounds.values()):
        raise Unable(f"the connection {name!r} is in use by a background request")
    if name:
        cell.clients[name] = client
    cell.used[client] = (step["number"], name or "")
    return client


def _answered(seen: dict[str, Any], what: str = "an answer") -> dict[str, Any]:
    if seen.pop("timed_out", False):
        raise Late(what)
    return seen


def wait_response(cell: Cell, name: str, seconds: float) -> dict[str, Any]:
    """Wait for the answer to a request in the background."""
    if name not in cell.backgrounds:
        raise Unable(f"no request {name!r} was sent in the background")
    background: Background = cell.backgrounds[name]
    background.thread.join(seconds)
    if background.thread.is_alive():
        raise Late(f"an answer to {name!r}")
    if background.problem is not None:
        raise background.problem
    return _answered(background.seen)


def with_log(cell: Cell, step: dict[str, Any], send: Any) -> dict[str, Any]:
    """Send something, and add what the server logged meanwhile."""
    server = cell.servers.get(step["server"])
    before = server.size() if server else 0
    seen: dict[str, Any] = send()
    if server:
        seen["log"] = server.text(before)
    return seen


def raw(cell: Cell, step: dict[str, Any], args: dict[str, Any]) -> dict[str, Any]:
    """Send bytes, and read until the server closes, or what was sent is answered, or not at all."""
    client, until = client_of(cell, step, args, args.get("channel", 1), None), args.get("until", "response")
    try:
        send = pieces(args["send"])
    except ValueError as problem:
        raise Unable(f"send: {problem}") from problem
    try:
        return _answered(
            with_log(cell, step, lambda: client.raw(send, until, step["within"])),
            "the server closes the connection" if until == "close" else "an answer",
        )
    finally:
        if "keep" not in args:
            client.close()

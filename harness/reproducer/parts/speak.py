"""The clients: HTTP requests, and raw bytes on a socket."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from typing import Any

from ...responses import MAX_BODY, exchange
from .cell import Cell, Late, Unable


def request(cell: Cell, step: dict[str, Any], args: dict[str, Any]) -> dict[str, Any]:
    """Send one request, and say what came back."""
    server = cell.servers.get(step["server"])
    port = cell.port(args["channel"]) if "channel" in args else server.port if server else cell.base
    name = args.get("keep")
    client: http.client.HTTPConnection | None = cell.clients.get(name or "")
    if client is None:
        context = cell.context()
        client = http.client.HTTPSConnection(cell.host, port, timeout=step["within"], context=context) if context else \
            http.client.HTTPConnection(cell.host, port, timeout=step["within"])
    if name:
        cell.clients[name] = client
    headers = {"User-Agent": "harness", **args.get("headers", {})}
    body = args.get("form", args.get("body", "")).encode() or None
    if "form" in args:
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    method = args.get("method", "GET" if body is None else "POST")

    def send() -> dict[str, Any]:
        seen = answer(client, method, args["path"], body, headers)
        if not name:
            client.close()
        return seen

    if not args.get("background"):
        return _answered(with_log(cell, step, send))
    seen: dict[str, Any] = {}
    thread = threading.Thread(target=lambda: seen.update(send()), daemon=True)
    cell.backgrounds[step["id"]] = (thread, seen)
    thread.start()
    return {}


def answer(
    client: http.client.HTTPConnection, method: str, path: str, body: bytes | None, headers: dict[str, str],
) -> dict[str, Any]:
    """One request and its answer; an error of the connection is an observation, too."""
    seen: dict[str, Any] = {"status": None, "reason": None, "body": None, "headers": None, "closed": None, "error": ""}
    began = time.monotonic()
    try:
        client.request(method, path, body, headers)
        response = client.getresponse()
        content = response.read(MAX_BODY) if method != "HEAD" else b""
        seen.update(status=response.status, reason=response.reason, headers=dict(response.getheaders()),
                    body=content.decode("utf-8", "replace"), closed=response.getheader("Connection", "").lower() == "close")
        response.read()
    except TimeoutError as error:
        seen.update(error=type(error).__name__, timed_out=True)
    except (OSError, http.client.HTTPException) as error:
        seen["error"] = type(error).__name__
        client.close()
    return {**seen, "seconds": round(time.monotonic() - began, 4)}


def _answered(seen: dict[str, Any]) -> dict[str, Any]:
    if seen.pop("timed_out", False):
        raise Late("an answer")
    return seen


def wait_response(cell: Cell, name: str, seconds: float) -> dict[str, Any]:
    """Wait for the answer to a request in the background."""
    if name not in cell.backgrounds:
        raise Unable(f"no request {name!r} was sent in the background")
    thread, seen = cell.backgrounds[name]
    thread.join(seconds)
    if thread.is_alive():
        raise Late(f"an answer to {name!r}")
    return _answered(seen)


def with_log(cell: Cell, step: dict[str, Any], send: Any) -> dict[str, Any]:
    """Do something, and add what the server logged meanwhile."""
    server = cell.servers.get(step["server"])
    before = server.size() if server else 0
    seen: dict[str, Any] = send()
    if server:
        seen["log"] = server.text(before)
    return seen


def raw(cell: Cell, step: dict[str, Any], args: dict[str, Any]) -> dict[str, Any]:
    """Send bytes, and read until the server closes, or one answer is whole, or not at all."""
    name = args.get("keep")
    sock: socket.socket | None = cell.clients.get(name or "")
    if sock is None:
        try:
            sock = socket.create_connection((cell.host, cell.port(args.get("channel", 1))), step["within"])
        except OSError as error:
            return {"error": type(error).__name__, "received": "", "status": None, "closed": True, "responses": 0}
    if name:
        cell.clients[name] = sock
    connection, until = sock, args.get("until", "response")
    try:
        data = args["send"].encode("latin-1")
        return _answered(with_log(cell, step, lambda: exchange(connection, data, until, step["within"])))
    finally:
        if not name:
            sock.close()

"""In which step of which scenario a claim of the paper is seen, and what is looked at there.

A claim has many scenarios, and their steps say much that has nothing to do with it: a reader wants the two or three answers
that decide it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..model.values import Json

NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, in words; the scenario and the step that ask it; and the values of the step that answer it.

    ``step`` is what the step does (``names`` makes it), not its number, so that a new step before it changes nothing.
    ``values`` are keys of what it saw; "log:/pattern/" is the message that matches, "header:Name" a header field.
    """

    words: str
    scenario: str
    step: str
    values: tuple[str, ...]


ANSWER = ("status", "reason")
START = ("ready", "exit")
HELD = "log:/not free|in use|EADDRINUSE|No socket could/"

#: id of the claim -> its questions
QUESTIONS: dict[str, tuple[Question, ...]] = {
    "engine-start": (
        Question("handlers of signals", "lifecycle.start-log", "start", ("log:/Listening for SIGTERM/",)),
        Question("the channel", "lifecycle.start-log", "start", ("log:/Serving on/",)),
        Question("the end of the start", "lifecycle.start-log", "stop", ("log:/Bus STARTED/",)),
    ),
    "default-channel": (
        Question("a start without an address", "channel.default-channel", "start", ("log:/Serving on/",)),
        Question("a request to that address", "channel.default-channel", "GET /", ANSWER),
    ),
    "own-channel": (
        Question("a second start, on a channel of its own", "channel.side-by-side", "start #2", START),
        Question("a request after one of three was stopped", "channel.side-by-side", "GET /", ANSWER),
    ),
    "threads": (
        Question("a request while a handler is busy", "lifecycle.threads", "GET /", ANSWER),
        Question("the busy handler's client, after SIGTERM", "lifecycle.stop-while-handler-runs", "wait response", ANSWER),
        Question("and the server", "lifecycle.stop-while-handler-runs", "stop", ("exit",)),
    ),
    "server-error": (
        Question("an error that a handler does not catch", "dispatch.handler-error", "GET /boom", ANSWER),
        Question("a method that does not exist", "dispatch.undefined-name", "GET /no/such/thing", ANSWER),
        Question("a parameter that is missing", "parameters.missing", "GET /two?a=1", ANSWER),
    ),
    "unexposed": (
        Question("a method that is not exposed", "dispatch.unexposed-method", "GET /hidden", ANSWER),
        Question("beside an exposed default()", "dispatch.unexposed-beside-default", "GET /with_default/hidden", ANSWER),
        Question("an exposed object that is not callable", "dispatch.exposed-not-callable", "GET /not_callable", ANSWER),
    ),
    "client-error": (
        Question("without credentials", "http.client-errors", "GET /unauthorized", ANSWER),
        Question("not found", "http.client-errors", "GET /not_there", ANSWER),
        Question("gone", "http.client-errors", "GET /gone", ANSWER),
    ),
    "bad-parameters": (
        Question("a missing parameter", "parameters.missing", "GET /two?a=1", ANSWER),
        Question("a surplus parameter in the URL", "parameters.surplus-in-query", "GET /two?a=1&b=2&c=3", ANSWER),
        Question("a surplus parameter in the body", "parameters.surplus-in-body", "POST /two", ANSWER),
        Question("one parameter twice", "parameters.repeated", "GET /repeated?a=1&a=2", ("status", "body")),
    ),
    "parameter-order": (
        Question("named, b before a", "parameters.keywords-in-any-order", "GET /two?b=2&a=1", ("status", "body")),
        Question("path segments, swapped", "parameters.segments-swapped", "GET /two/2/1", ("status", "body")),
        Question("swapped, and a type does not fit", "parameters.segments-swapped", "GET /typed/3/ada", ANSWER),
    ),
    "not-acceptable": (
        Question("none of its types is accepted", "methods.accept-tool", "GET /albums, Accept: image/png", ANSWER),
        Question("one of them is", "methods.accept-tool", "GET /albums, Accept: text/json", ANSWER),
    ),
    "not-found": (
        Question("a deleted resource", "methods.gone", "GET /photos/2, Accept: text/json #2", ANSWER),
        Question("if none of its types is accepted", "methods.gone", "GET /photos/2, Accept: image/png", ANSWER),
        Question("a name that never was", "dispatch.undefined-name", "GET /no/such/thing", ANSWER),
    ),
    "method-dispatcher": (
        Question("GET", "methods.by-name", "GET /photos", ANSWER),
        Question("a name that only default() would take", "methods.no-default", "GET /archive/any/thing", ANSWER),
    ),
    "post-created": (
        Question("POST", "methods.post-created", "POST /photos", (*ANSWER, "header:Location")),
        Question("GET of that URI", "methods.post-created", "GET /photos/3 #2", ANSWER),
    ),
    "put-replace": (
        Question("PUT to a resource", "methods.put-replace", "PUT /photos/1", ANSWER),
        Question("PUT where there is none", "methods.put-replace", "PUT /photos/9", ANSWER),
    ),
    "caching": (
        Question("asked twice", "caching.lost-on-stop", "GET /page #2", ("status", "body")),
        Question("asked again after a stop and a start", "caching.lost-on-stop", "GET /page #3", ("status", "body")),
    ),
    "coverage": (
        Question("the page", "coverage.page", "GET /coverage/?format=json", ANSWER),
        Question("without the package", "coverage.not-installed", "GET /coverage/", ANSWER),
    ),
    "static-folder": (
        Question("a file", "static.folder", "GET /static/ten.txt", ANSWER),
        Question("a folder", "static.folder", "GET /static/", ANSWER),
        Question("a folder without index", "static.folder", "GET /static/bare/", ANSWER),
    ),
    "port-not-free": (
        Question("a start on a port in use", "channel.port-held", "start", ("ready", "exit", HELD)),
        Question("on one that is bound, and not listened on", "channel.bound", "start", ("ready", "exit", HELD)),
    ),
    "leaked-channel": (
        Question("who listens after SIGKILL", "lifecycle.restart-after-sigkill", "sockets", ("listeners",)),
        Question("if a forked child lives on", "sockets.child-fork", "sockets", ("listeners",)),
        Question("if a Popen child lives on", "sockets.child-popen", "sockets", ("listeners",)),
    ),
    "repeated-leak": (
        Question("who listens after three times SIGKILL", "lifecycle.repeated-sigkill", "sockets", ("listeners",)),
        Question("and the next start", "lifecycle.repeated-sigkill", "start #4", START),
    ),
    "netstat": (
        Question("a server that shares its socket with a child", "sockets.server-and-child-share", "sockets", ("listeners",)),
        Question("a socket that is bound, and does not listen", "channel.bound-not-listening", "sockets", ("listeners",)),
    ),
    "taskkill": (
        Question("a start while the process holds the port", "sockets.child-fork", "start #2", START),
        Question("the port after it was killed", "sockets.child-fork", "sockets #2", ("bind",)),
        Question("the next start", "sockets.child-fork", "start #3", START),
    ),
    "newer-python": (
        Question("who has the application's socket: a Popen child", "sockets.app-socket-popen", "sockets #2", ("listeners",)),
        Question("who has the server's: a forked child", "sockets.child-fork", "sockets", ("listeners",)),
    ),
}


def names(steps: Iterable[Json]) -> dict[str, int]:
    """The number of each step by what it does: "GET /two?a=1", "wait response", "start #2" for the second of its name."""
    found: dict[str, int] = {}
    for step in steps:
        name, times = _name(step["act"], step["args"]), 1
        while (name if times == 1 else f"{name} #{times}") in found:
            times += 1
        found[name if times == 1 else f"{name} #{times}"] = step["number"]
    return found


def _name(act: str, args: Json) -> str:
    if act == "request":
        accept = args.get("headers", {}).get("Accept")
        method = args.get("method", "POST" if "form" in args or "body" in args else "GET")
        return f"{method} {args['path']}{f', Accept: {accept}' if accept else ''}"
    return f"{act} response" if act == "wait" and "response" in args else act

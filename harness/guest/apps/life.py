"""The route contract "life": what lifecycle, channel and socket scenarios need of a server, for any kind of application.

``answer`` is the whole application; wsgi_life, asgi_life and the subjects' own scripts are its adapters.
"""
import atexit
import json
import os
import sys
import time

import spawn

try:
    from urllib.parse import parse_qs
except ImportError:  # Python 2.7
    from urlparse import parse_qs


def log(text):
    """A line in the server's log."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def ends():
    """A line when the application is taken down in an orderly way, for a scenario that asks for it."""
    if "LIFE_ENDS" in os.environ:
        log("life ends")


atexit.register(ends)


def slow_seconds(query):
    """How long /slow is asked to take."""
    return float(query.get("seconds", "1"))


def slow(query, method, body):
    """Answer after some seconds; where handlers share a thread, the adapter waits in its own way."""
    log("slow handler begins")
    time.sleep(slow_seconds(query))
    log("slow handler ends")
    return "slow done"


def boom(query, method, body):
    """An error that nobody handles."""
    raise RuntimeError("boom on purpose")


def size(query, method, body):
    """What was received: the method, and how many bytes of body."""
    return "%s %d bytes" % (method, len(body))


def report(query, method, body):
    """What a handler was given is told by ``answer``, which knows all of it."""
    raise AssertionError("answered by told")


def told(method, path, query_string, given, body):
    """What was received, in JSON: ``given`` are the request's header fields, by name in small letters.

    Bytes are told as the characters of the same numbers; of a long body, only the ``length``.
    """
    log("called %s %s" % (method, path))
    return json.dumps({
        "method": _text(method), "path": _text(path), "query": _text(query_string),
        "fields": _together(given),
        "length": len(body), "body": _text(body) if len(body) < 2000 else "",
    }, sort_keys=True)


def _together(given):
    """The fields by name; those of one name are a list, in their order (RFC 9110, section 5.3)."""
    found = {}
    for name, value in given:
        found.setdefault(_text(name).lower(), []).append(_text(value))
    return dict((name, ", ".join(values)) for name, values in found.items())


def _text(value):
    return value.decode("latin-1") if isinstance(value, bytes) else value


def reads(path):
    """Whether an adapter is to read the body: /unread is answered with it left where it is."""
    return path != "/unread"


def big(query, method, body):
    """As many bytes as are asked for."""
    return "x" * int(query.get("bytes", "1000"))


ROUTES = {
    "/": lambda query, method, body: "hello",
    "/pid": lambda query, method, body: json.dumps({"pid": os.getpid()}),
    "/slow": slow,
    "/boom": boom,
    "/size": size,
    "/big": big,
    "/report": report,
    "/unread": lambda query, method, body: "left unread",
    "/probe": lambda query, method, body: "probe",
    "/listen": lambda query, method, body: json.dumps({"port": spawn.listen(query["host"], int(query["port"]))}),
}
for _how in spawn.CHILDREN:
    ROUTES["/spawn/" + _how] = lambda query, method, body, how=_how: json.dumps({"pid": spawn.CHILDREN[how]()})


def fields(query_string):
    """The fields of a query; of one that is repeated, the last."""
    return dict((name, values[-1]) for name, values in parse_qs(query_string).items())


def answer(method, path, query_string, body, given=()):
    """Answer a request: its status, reason, and body in bytes."""
    route = ROUTES.get(path or "/")
    if route is None:
        return 404, "Not Found", b"not found"
    if route is report:
        return 200, "OK", told(method, path, query_string, given, body).encode("ascii")
    return 200, "OK", route(fields(query_string), method, body).encode("utf-8")

"""The route contract "life" as a WSGI application (PEP 3333): what lifecycle, channel and socket scenarios need of a server."""
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


def slow(query):
    """Answer after some seconds."""
    log("slow handler begins")
    time.sleep(float(query.get("seconds", "1")))
    log("slow handler ends")
    return "slow done"


def boom(query):
    """An error that nobody handles."""
    raise RuntimeError("boom on purpose")


ROUTES = {
    "/": lambda query: "hello",
    "/pid": lambda query: json.dumps({"pid": os.getpid()}),
    "/slow": slow,
    "/boom": boom,
    "/listen": lambda query: json.dumps({"port": spawn.listen(query["host"], int(query["port"]))}),
}
for _how in spawn.CHILDREN:
    ROUTES["/spawn/" + _how] = lambda query, how=_how: json.dumps({"pid": spawn.CHILDREN[how]()})


def app(environ, start_response):
    """Answer by the table of routes."""
    route = ROUTES.get(environ.get("PATH_INFO") or "/")
    query = dict((name, values[-1]) for name, values in parse_qs(environ.get("QUERY_STRING", "")).items())
    body = b"not found" if route is None else route(query).encode("utf-8")
    start_response("404 Not Found" if route is None else "200 OK", [
        ("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]

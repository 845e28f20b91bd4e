# ruff: noqa: C402, RUF005 (runs on 2.7)
"""The app of the wire table as a WSGI application (PEP 3333), for waitress."""
import contract

try:
    from urllib.parse import parse_qs
except ImportError:  # Python 2.7
    from urlparse import parse_qs

TEXT, JSON = ("Content-Type", "text/html"), ("Content-Type", "application/json")


def headers(environ):
    """The request's fields under their own names."""
    for name, value in environ.items():
        if name.startswith("HTTP_"):
            yield name[5:].replace("_", "-"), value
        elif name in ("CONTENT_TYPE", "CONTENT_LENGTH") and value:
            yield name.replace("_", "-"), value


def saw(environ, start_response, read=True):
    """Note this request, and answer with what was seen of it."""
    body = b""
    if read and environ.get("wsgi.input_terminated"):
        body = environ["wsgi.input"].read()
    elif read:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    answer = contract.note(
        environ["REMOTE_ADDR"], environ["REQUEST_METHOD"], environ["PATH_INFO"], environ.get("QUERY_STRING", ""),
        environ.get("HTTP_HOST", ""), headers(environ), body)
    start_response("200 OK", [JSON])
    return [answer]


def app(environ, start_response):
    """Answer one request; as PEP 3333 has it, an application sends no body to HEAD, and none with a status that has none."""
    said = []

    def start(status, fields):
        said.append(status)
        start_response(status, fields)

    body = page(environ, start)
    return [] if environ["REQUEST_METHOD"] == "HEAD" or said[0][:3] in ("204", "205", "304") else body


def page(environ, start_response):
    """The answer to a GET."""
    path = environ["PATH_INFO"]
    if path == "/calls":
        start_response("200 OK", [JSON])
        return [contract.taken(environ["REMOTE_ADDR"])]
    if path == "/unread":
        return saw(environ, start_response, read=False)
    if path == "/boom":
        raise RuntimeError("boom on purpose")
    if path == "/sub":
        start_response("301 Moved Permanently", [TEXT, ("Location", "/sub/")])
        return [b"moved"]
    if path == "/only" and environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        start_response("405 Method Not Allowed", [TEXT, ("Allow", "GET, HEAD")])
        return [b"not allowed"]
    if path == "/deny":
        start_response("403 Forbidden", [TEXT])
        return [b"no"]
    if path == "/stream":
        start_response("200 OK", [TEXT])
        return iter([b"one ", b"two ", b"three"])
    if path == "/go":
        start_response("303 See Other", [TEXT, ("Location", parse_qs(environ["QUERY_STRING"])["to"][0])])
        return [b"moved"]
    if path == "/answer":
        return told(environ, start_response)
    return saw(environ, start_response)


def told(environ, start_response):
    """Answer as told."""
    fields = dict((name, values[0]) for name, values in parse_qs(environ["QUERY_STRING"]).items())
    status = fields.get("status", "200").lstrip("n")
    more = [(fields["name"], fields["value"])] if "name" in fields else []
    start_response(status + ("" if " " in status else " Status"), [TEXT] + more)
    return [fields.get("body", "12345").encode("ascii")]

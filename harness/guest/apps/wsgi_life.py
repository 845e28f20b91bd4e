"""The route contract "life" as a WSGI application (PEP 3333)."""
import life


def app(environ, start_response):
    """Answer one request."""
    status, reason, body = life.answer(
        environ["REQUEST_METHOD"], environ.get("PATH_INFO"), environ.get("QUERY_STRING", ""),
        read(environ) if life.reads(environ.get("PATH_INFO")) else b"", fields(environ))
    start_response("%d %s" % (status, reason), [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]


def fields(environ):
    """The request's header fields, as far as an environ has their names."""
    for name, value in environ.items():
        if name.startswith("HTTP_"):
            yield name[5:].replace("_", "-"), value
        elif name in ("CONTENT_TYPE", "CONTENT_LENGTH") and value:
            yield name.replace("_", "-"), value


def read(environ):
    """The body: as long as its Content-Length, or to its end where the server says that there is one."""
    if environ.get("wsgi.input_terminated"):
        return environ["wsgi.input"].read()
    return environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))

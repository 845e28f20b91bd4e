"""The route contract "wsgi": a WSGI application that reports what it was given, and misbehaves by path (PEP 3333).

/environ tells the environ; /input reads and /answer answers as the query says, /file by wsgi.file_wrapper; /errors writes to
wsgi.errors, /clear empties its environ, /wide gives what is no Latin-1. In a query each character is a byte.
"""
import io
import json
import os
import sys
import time

try:
    from urllib.parse import parse_qs
except ImportError:  # Python 2.7
    from urlparse import parse_qs as parse_qs_of_bytes

    def parse_qs(query, keep_blank_values, encoding):
        """The same, where a string is bytes."""
        return parse_qs_of_bytes(query, keep_blank_values)

#: What RFC 3875, section 4.1, defines, beside the HTTP_ ones.
CGI = (
    "AUTH_TYPE", "CONTENT_LENGTH", "CONTENT_TYPE", "GATEWAY_INTERFACE", "PATH_INFO", "PATH_TRANSLATED", "QUERY_STRING",
    "REMOTE_ADDR", "REMOTE_HOST", "REMOTE_IDENT", "REMOTE_USER", "REQUEST_METHOD", "SCRIPT_NAME", "SERVER_NAME", "SERVER_PORT",
    "SERVER_PROTOCOL", "SERVER_SOFTWARE",
)


def app(environ, start_response):
    """Answer one request."""
    path = environ.get("PATH_INFO", "")
    given = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True, encoding="latin-1")
    route = ROUTES.get(path.split("/")[1] if path.startswith("/") else path)
    return route(environ, start_response, path, given) if route else whole(start_response, b"not found", "404 Not Found")


def log(text):
    """A line in the server's log, whatever the server does with wsgi.errors."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def whole(start_response, body, status="200 OK"):
    """An answer that no server has trouble with, of bytes or of what becomes JSON."""
    body = body if isinstance(body, bytes) else json.dumps(body, sort_keys=True).encode("ascii")
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def text(value):
    """A value of the environ for JSON: bytes and characters alike as the characters of the same numbers."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return value if isinstance(value, type(u"")) else repr(value)


def told_environ(environ, start_response, path, given):
    """The environ: its type, its values, and which variables are not as they should be."""
    log("called %s" % json.dumps(text(path))[1:-1])
    upper = [name for name in environ if name.upper() == name and "." not in name]
    of_cgi = [name for name in upper if name in CGI or name.startswith("HTTP_")]
    methods = {"input": ("read", "readline", "readlines", "__iter__"), "errors": ("flush", "write", "writelines")}
    report = {
        "type": type(environ).__name__,
        "values": dict((text(name), text(value)) for name, value in environ.items() if name in upper),
        "cgi_not_str": sorted(name for name in of_cgi if type(environ[name]) is not str),
        "others_not_str": sorted(name for name in upper if name not in of_cgi and type(environ[name]) is not str),
        "not_latin": sorted(name for name in upper if any(ord(one) > 255 for one in text(environ[name]))),
        "names_not_str": sorted(repr(name) for name in environ if type(name) is not str),
        "version": list(environ["wsgi.version"]),
        "version_is": type(environ["wsgi.version"]).__name__,
        "scheme": text(environ["wsgi.url_scheme"]),
        "scheme_is": type(environ["wsgi.url_scheme"]).__name__,
        "lacks": sorted("wsgi.%s.%s" % (name, method) for name in methods for method in methods[name]
                        if not hasattr(environ["wsgi." + name], method)),
        "terminated": bool(environ.get("wsgi.input_terminated")),
        "mark": text(environ.get("report.mark", "")),
        "wsgi": sorted(name for name in environ if name.startswith("wsgi.")),
    }
    report.update((name, bool(environ["wsgi." + name])) for name in ("multithread", "multiprocess", "run_once"))
    environ["report.mark"] = "here"
    return whole(start_response, report)


def octets(value):
    """A value of the query as bytes."""
    return value if isinstance(value, bytes) else value.encode("latin-1")


def read(environ, start_response, path, given):
    """What reading gives, step by step: do=read, read3, readline, readline3, readlines, iterate or next; length: CONTENT_LENGTH."""
    got, kinds, source = [], set(), environ["wsgi.input"]
    for step in given.get("do", ()):
        name = step.rstrip("0123456789")
        size = [int(step[len(name):])] if step != name else []
        try:
            if name == "length":
                value = source.read(int(environ.get("CONTENT_LENGTH") or 0))
            elif name == "iterate":
                value = list(source)
            else:
                value = getattr(source, name)(*size)
        except Exception as error:
            value = b"raised " + type(error).__name__.encode("ascii")
        values = value if isinstance(value, list) else [value]
        kinds.update(type(one) is bytes for one in values)
        log("read %d bytes" % sum(map(len, values)))
        got.append([text(one) for one in value] if isinstance(value, list) else text(value))
    return whole(start_response, {
        "got": got, "bytes": kinds == set([True]), "length": text(environ.get("CONTENT_LENGTH", "")),
        "terminated": bool(environ.get("wsgi.input_terminated")),
    })


class Blocks(object):
    """What an application returns: a generator's blocks, and a close() that is logged. Its iterator is another object."""

    def __init__(self, path, blocks):
        self.path, self.blocks, self.closed = path, blocks, 0

    def __iter__(self):
        return self.blocks

    def close(self):
        """Say so; a second time, say that."""
        self.closed += 1
        log("closed %s%s" % (self.path, " again" * (self.closed > 1)))


class OneBlock(list):
    """A list with a close(), which is made for it."""


def answer(environ, start_response, path, given):
    """Answer as the query says; every value is a string.

    status, name and value (of fields, repeatable), length (Content-Length); block (repeatable) in the body, pause (seconds
    between them) and rest (after the last); write (repeatable) by write() before. as: blocks (an object with close), one (a list
    with close), list, tuple, text (a str) or none. start: now, late (in the first iteration), twice or never. Before block
    N: fail=N raises, change=N replaces the answer with exc_info; fail=call does so before anything else.
    """
    def one(name, default=""):
        return given.get(name, [default])[0]

    def started():
        """Call start_response; say what it raised."""
        try:
            return start_response(one("status", "200 OK"), fields)
        except Exception as error:
            log("start_response raised %s" % type(error).__name__)
            raise

    def changed():
        """Replace the answer, as an application does that has caught an exception of its own."""
        try:
            raise ValueError("changed on purpose")
        except ValueError as mine:
            try:
                start_response("503 Changed", [("Content-Type", "text/plain"), ("X-Changed", "yes")], sys.exc_info())
            except Exception as error:
                log("the change raised %s" % ("the same exception" if error is mine else type(error).__name__))
                raise
            log("the change was accepted")

    def produced():
        """The blocks, and what happens before each of them."""
        if one("start") == "late":
            started()
        for number, block in enumerate([octets(block) for block in blocks] + [None]):
            if number and block is not None:
                time.sleep(float(one("pause", "0")))
            if one("fail") == str(number):
                raise RuntimeError("failed on purpose")
            if one("change") == str(number):
                changed()
            if block is not None:
                log("block %d" % number)
                yield block
        time.sleep(float(one("rest", "0")))

    blocks = given.get("block", [])
    fields = [("Content-Type", "text/plain")] + list(zip(given.get("name", []), given.get("value", [])))
    fields += [("Content-Length", length) for length in given.get("length", [])]
    if one("fail") == "call":
        raise RuntimeError("failed on purpose")
    if one("start", "now") in ("now", "twice"):
        write = started()
        for block in given.get("write", []):
            write(octets(block))
    if one("start") == "twice":
        started()
    how = one("as", "blocks")
    if how in ("none", "text"):
        return None if how == "none" else [u"".join(blocks)]
    if how == "blocks":
        return Blocks(path, produced())
    made = {"one": OneBlock, "list": list, "tuple": tuple}[how](produced())
    if how == "one":
        made.close = lambda: log("closed %s" % path)
    return made


class FileLike(object):
    """As much of a file as wsgi.file_wrapper may ask for: read() and close()."""

    def __init__(self, data, path):
        self.read, self.close = io.BytesIO(data).read, lambda: log("closed %s" % path)


def file(environ, start_response, path, given):
    """A body by wsgi.file_wrapper: of a file-like object, or (real=N) of this file from its Nth byte."""
    fields = [("Content-Type", "text/plain")] + [("Content-Length", length) for length in given.get("length", [])]
    start_response("200 OK", fields)
    if "real" in given:
        source = open(os.path.splitext(os.path.abspath(__file__))[0] + ".py", "rb")
        source.seek(int(given["real"][0]))
    else:
        source = FileLike(b"file-like content", path)
    wrapper = environ.get("wsgi.file_wrapper", lambda source, size: Blocks(path, iter([source.read(1 << 20)])))
    return wrapper(source, 8192)


def errors(environ, start_response, path, given):
    """Write to wsgi.errors in every way that there is, what is no ASCII last."""
    stream = environ["wsgi.errors"]
    stream.write("errors: written\n")
    stream.writelines(["errors: line 1\n", "errors: line 2\n"])
    stream.write("errors: caf\xe9 and \u2603 follow\n" if str is not bytes else "errors: caf\\xe9 follows\n")
    stream.flush()
    return whole(start_response, b"written")


def clear(environ, start_response, path, given):
    """Do with the environ and the fields what an application is allowed to: whatever it likes."""
    environ.clear()
    environ["REQUEST_METHOD"] = environ["HTTP_CONNECTION"] = "nonsense"
    return whole(start_response, b"cleared")


def wide(environ, start_response, path, given):
    """A field whose value is not Latin-1."""
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Wide", u"\u2603")])
    return [b"wide"]


ROUTES = {
    "": lambda environ, start_response, path, given: whole(start_response, b"hello"),
    "probe": lambda environ, start_response, path, given: whole(start_response, b"probe"),
    "environ": told_environ, "input": read, "answer": answer, "file": file, "errors": errors, "clear": clear, "wide": wide,
}

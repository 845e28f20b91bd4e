"""What the guest's tests share: a socket that is a list of bytes, a server that is a few settings, and a reader of answers."""

from __future__ import annotations

import io
import itertools

import enginebus
from enginebus.application import Application, Tree
from enginebus.bus import Bus
from enginebus.connection import Connection
from enginebus.log import Log
from enginebus.monitors import TimeoutMonitor
from enginebus.pipeline import Pipeline
from enginebus.serving import Request, Response, serving

SILENT = TimeoutError("timed out")
BROKEN = ConnectionResetError(104, "Connection reset by peer")


class FakeSocket:
    """Gives out its pieces, one a call (bytes, or a function of the socket that returns some), then ``end``.

    An ``end`` of b"" is a client that has closed; an exception is raised.
    """

    def __init__(self, *pieces, end=b"", most=None):
        self.pieces = [piece for piece in pieces if piece != b""]
        self.end = end
        self.most = most  # bytes that one send takes; an exception is raised
        self.sent = b""
        self.timeouts = []
        self.shut = []
        self.closed = False

    def recv(self, size, flags=0):
        piece = self.pieces.pop(0) if self.pieces else self.end
        if isinstance(piece, Exception):
            raise piece
        if callable(piece):
            piece = piece(self)
        if piece[size:]:
            self.pieces.insert(0, piece[size:])
        return piece[:size]

    def send(self, data):
        if isinstance(self.most, Exception):
            raise self.most
        data = bytes(data)[:self.most]
        self.sent += data
        return len(data)

    def settimeout(self, seconds):
        self.timeouts.append(seconds)

    def shutdown(self, how):
        self.shut.append(how)

    def getsockname(self):
        return ("127.0.0.1", 80)

    def close(self):
        self.closed = True


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self, now=1000.0):
        self.now = now

    def __call__(self):
        return self.now

    def tick(self, seconds, piece=b""):
        """Something for FakeSocket to give out: a piece that arrives after some seconds."""
        def arrive(sock):
            self.now += seconds
            return piece
        return arrive


class FakeServer:
    """What a Connection asks of its server; each setting may be given."""

    def __init__(self, site, log, **settings):
        self.site, self.log, self.context, self.authority = site, log, None, "127.0.0.1:80"
        self.requests = TimeoutMonitor(Bus())
        self.stopping = False
        self.socket_timeout = self.header_timeout = self.body_timeout = 10.0
        self.linger, self.max_request_line, self.max_request_header_size, self.max_request_body_size = 0.5, 16384, 65536, 1 << 20
        self.__dict__.update(settings)


class Site:
    """A tree, a pipeline on it with the package's own tools, and its logs as bytes."""

    def __init__(self, root, config=None, script_name="", bus=None):
        self.errors, self.accesses, self.bus = io.BytesIO(), io.BytesIO(), bus or Bus()
        self.log = Log(self.errors, self.accesses)
        self.tree = Tree()
        self.app = self.tree.mount(root, script_name, config)
        self.pipeline = Pipeline(self.tree, enginebus.tools, Application.settings, self.log, self.bus)

    def respond(self, method="GET", path="/", query="", headers=(), body=None, **more):
        """The Response to one request, which has ended by then."""
        request = make_request(method, path, query, headers, body, **more)
        response = self.pipeline.respond(request)
        self.pipeline.end(request)
        return response

    def talk(self, *pieces, end=b"", most=None, **settings):
        """Serve one connection whose client sends these pieces; return the FakeSocket."""
        sock = FakeSocket(*pieces, end=end, most=most)
        Connection(FakeServer(self.pipeline, self.log, **settings), sock, ("127.0.0.9", 5)).serve()
        assert sock.closed
        return sock


def make_request(method="GET", path="/", query="", headers=(), body=None, **more):
    """A Request as a Connection makes it; the body is bytes."""
    fields = enginebus.headers.HeaderMap(headers)
    entity = None if body is None else enginebus.forms.Entity(io.BytesIO(body), fields, len(body))
    return Request(method=method, path_info=path, query_string=query, headers=fields, body=entity, line=f"{method} {path} HTTP/1.1", **more)


def under(request=None):
    """Make a request that of this thread, with a fresh response; return both."""
    serving.load(request or make_request(), Response())
    return serving.request, serving.response


def answers(data, methods=()):
    """The answers in the bytes of a connection: [(status, {name: value}, body)]; ``methods`` of the requests, for HEAD."""
    found, methods = [], list(methods)
    while data:
        head, ended, data = data.partition(b"\r\n\r\n")
        assert ended, f"a head without its end: {head!r}"
        line, *lines = head.decode("latin-1").split("\r\n")
        protocol, status = line.split(" ", 1)
        assert protocol == "HTTP/1.1"
        fields = [tuple(one.split(": ", 1)) for one in lines]
        headers = {name.lower(): value for name, value in fields}
        assert len(headers) == len(fields), f"a field twice: {fields}"
        if status.startswith("1"):
            found.append((status, headers, b""))
            continue
        method = methods.pop(0) if methods else "GET"
        if method == "HEAD" or status[:3] in ("204", "304"):
            body = b""
            assert method == "HEAD" or "transfer-encoding" not in headers, "RFC 9112, section 6.1"
        elif "transfer-encoding" in headers:
            assert (headers["transfer-encoding"], headers.get("content-length")) == ("chunked", None)
            body, data = dechunk(data)
        elif "content-length" in headers:
            size = int(headers["content-length"])
            assert len(data) >= size, f"{len(data)} bytes of {size}"
            body, data = data[:size], data[size:]
        else:
            body, data = data, b""
        found.append((status, headers, body))
    return found


def dechunk(data):
    """The content of a chunked body, and what follows it."""
    body = b""
    while True:
        size, _, data = data.partition(b"\r\n")
        content, data = data[:int(size, 16)], data[int(size, 16):]
        assert data.startswith(b"\r\n"), f"a chunk ends elsewhere than its size says: {data[:20]!r}"
        data = data[2:]
        if not content:
            return body, data
        body += content


def chunked(pieces, ends=b"\r\n"):
    """A chunked body of these pieces."""
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces if piece) + b"0\r\n" + ends


def cut(data, places):
    """The bytes, cut at these places into pieces, none of them empty."""
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[a:b] for a, b in itertools.pairwise(edges)]

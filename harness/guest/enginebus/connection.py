"""One connection: its requests, one after the other, and their answers."""
import re
import socket

from ._compat import to_bytes
from .body import Body
from .errors import HTTPError
from .forms import Entity
from .head import parse_head, parse_line
from .headers import TOKEN, http_date
from .pipeline import chunks
from .serving import Request
from .stream import Gone, Late, SSLError, Stream

PASSED_OVER = 65536  # bytes of a body that nobody read, up to which the connection goes on
LINGER = 16 * 1024 * 1024  # bytes that are read, and dropped, of a client that has been refused
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
#: Control characters in a field would begin a field, or an answer, of a client's choosing. RFC 9110, section 5.5.
_CONTROLS = bytes(bytearray(list(range(9)) + list(range(10, 32)) + [127]))
_NAME = re.compile(to_bytes("^%s\\Z" % TOKEN))
_HOP_BY_HOP = frozenset((b"connection", b"keep-alive", b"transfer-encoding", b"upgrade", b"proxy-connection", b"te", b"trailer"))


class Peer(object):
    """An address of one end of a connection."""

    def __init__(self, address):
        self.ip, self.port = address[:2] if isinstance(address, tuple) else ("", 0)  # a unix socket has none
        self.name = self.ip or "unix"


class Connection(object):
    """Reads requests from a socket and writes what the site answers, until one side wants no more.

    ``server`` has the limits and time-outs, the site and the log. ``idle`` is true while no request is under way.
    """

    def __init__(self, server, sock, address):
        self.server = server
        self.sock = sock
        self.stream = Stream(sock)
        self.local, self.remote = Peer(sock.getsockname()), Peer(address)
        self.idle = True
        self.count = 0  # requests that have been answered
        self.skipped = 0  # empty lines before the present one

    def serve(self):
        """Serve until the end, and close; never raises for what a client does."""
        try:
            if self.server.context is not None:
                self._handshake()
            while self._one():
                self.count += 1
                self.idle = True
        except (Late, Gone):
            return  # nobody is there to be told
        except (KeyboardInterrupt, SystemExit):
            return  # raised by a handler: the server ends, and the client is cut off
        finally:
            self.close()

    def close(self):
        """Close the socket; a TLS session is ended first."""
        try:
            self.stream.end_session()
        finally:
            self.sock.close()

    def _handshake(self):
        try:
            self.sock.settimeout(self.server.header_timeout)
            if not self.sock.recv(1, socket.MSG_PEEK):  # a probe of the port, such as the server's own at its start
                raise Gone("nothing was sent")
            self.sock = self.server.context.wrap_socket(self.sock, server_side=True)
        except (SSLError, socket.error, ValueError) as error:  # a client that speaks no TLS, or has gone
            self.server.log.error("%s: no TLS: %s" % (self.remote.name, error))
            raise Gone(str(error))
        self.stream = Stream(self.sock)

    # -- reading

    def _one(self):
        """One request and its answer; whether another may follow."""
        line = ""
        try:
            block = self._head_block()
            if block is None:
                return False
            line = block.partition(b"\r\n")[0][:1000].decode("latin-1")  # for the log, which escapes it
            head = parse_head(block, self.server.max_request_line)
            request, body = self._request(head)
        except HTTPError as error:
            self._refuse(error, line)
            return False
        if head.method == "CONNECT":  # a tunnel is not what this server offers; 2xx would promise one
            self._refuse(HTTPError(501, "This server makes no tunnels."), line)
            return False
        keep = (self._answer_options if head.path == "*" else self._respond)(request, body, not head.close)
        if not keep:  # what the client may still be sending would reset the connection (RFC 9112, section 9.6)
            self.stream.linger(self.server.linger, LINGER)
        return keep

    def _head_block(self):
        """The bytes of a head without its empty line; None where the client has nothing more to ask."""
        stream, server = self.stream, self.server
        stream.compact()
        if not stream.buffer:
            try:
                if not stream.fill(server.socket_timeout):
                    return None
            except Late:
                if self.count:  # an idle connection has come to its end
                    return None
                raise HTTPError(408, "The request took too long.")
        self.idle = False
        end = stream.buffer.find(b"\r\n\r\n")
        if end < 0 or stream.buffer.startswith(b"\r\n"):
            stream.expect(server.header_timeout)
        while True:
            while stream.buffer.startswith(b"\r\n"):  # RFC 9112, section 2.2: before a request, empty lines are passed over
                stream.buffer = stream.buffer[2:]
                self._skipped()
            end = stream.buffer.find(b"\r\n\r\n")
            if end >= 0:
                break
            self._check_unfinished()
            try:
                if not stream.fill():
                    if stream.buffer:
                        raise HTTPError(400, "The request ended within its head.")
                    return None
            except Late:
                raise HTTPError(408, "The request took too long.")
        if end > server.max_request_header_size:
            raise HTTPError(431, "The head is larger than %d bytes." % server.max_request_header_size)
        block, stream.buffer = stream.buffer[:end], stream.buffer[end + 4:]
        self.skipped = 0
        if block.count(b"\n") != block.count(b"\r\n"):
            raise HTTPError(400, "HTTP requires CRLF terminators")
        return block

    def _skipped(self):
        """Count an empty line before a request; raises HTTPError(400) where nothing but such lines comes."""
        self.skipped += 1
        if self.skipped > 10:
            raise HTTPError(400, "Malformed Request-Line: only empty lines.")

    def _check_unfinished(self):
        """Refuse what cannot become a head any more, without waiting for its end."""
        buffer = self.stream.buffer
        if buffer.count(b"\n") != buffer.count(b"\r\n"):
            raise HTTPError(400, "HTTP requires CRLF terminators")
        line, ended, _ = buffer.partition(b"\r\n")
        if ended:
            parse_line(line, self.server.max_request_line)
        elif len(line) > self.server.max_request_line:
            raise HTTPError(414, "The request's line is longer than %d bytes." % self.server.max_request_line)
        if len(buffer) > self.server.max_request_header_size:
            raise HTTPError(431, "The head is larger than %d bytes." % self.server.max_request_header_size)

    def _request(self, head):
        server = self.server
        body = Body(self.stream, head.length, head.chunked, server.max_request_body_size, server.body_timeout,
                    self._ask if head.expects else None)
        scheme = "https" if server.context is not None else "http"
        length = -1 if head.chunked else head.length
        request = Request(
            method=head.method, path_info=head.path, query_string=head.query, protocol=min(head.protocol, (1, 1)),
            headers=head.headers, body=Entity(body, head.headers, length), scheme=scheme,
            base="%s://%s" % (scheme, head.host or server.authority), line=head.line)
        request.local, request.remote = self.local, self.remote
        return request, body

    def _ask(self):
        """Tell a client that waits with its body to go on (RFC 9110, section 10.1.1)."""
        self.stream.send(_CONTINUE, self.server.socket_timeout)

    # -- answering

    def _refuse(self, error, line):
        """Answer what is no request, or none that is read to its end, in plain text; the connection cannot go on."""
        text = to_bytes(error.message)
        code = error.code
        fields = [(b"Server", b"enginebus"), (b"Date", to_bytes(http_date())), (b"Content-Type", b"text/plain;charset=utf-8"),
                  (b"Content-Length", to_bytes(str(len(text)))), (b"Connection", b"close")]
        head = _head_bytes(to_bytes(error.status), fields)
        text = b"" if line.startswith("HEAD ") else text  # RFC 9110, section 9.3.2
        self.stream.send(head + text, self.server.socket_timeout)
        self.server.log.access(self.remote.name, line, code, len(text), "", "")
        self.stream.linger(self.server.linger, LINGER)

    def _answer_options(self, request, body, keep):
        """OPTIONS for the server as a whole, RFC 9110, section 9.3.7: what it can do, and no page."""
        fields = [(b"Server", b"enginebus"), (b"Date", to_bytes(http_date())), (b"Content-Length", b"0"),
                  (b"Allow", b"DELETE, GET, HEAD, OPTIONS, POST, PUT")]
        keep = keep and body.pass_over(PASSED_OVER) and not self.server.stopping
        fields.extend(self._connection(request, keep))
        self.stream.send(_head_bytes(b"200 OK", fields), self.server.socket_timeout)
        self._log(request, 200, 0)
        return keep

    def _respond(self, request, body, keep):
        server = self.server
        server.requests.begin(id(self), request.request_line)
        try:
            response = server.site.respond(request)
            try:
                keep = self._write(request, response, body, keep)
            except (KeyboardInterrupt, SystemExit):
                server.site.quit(request)
                raise
            finally:
                server.site.end(request)
        finally:
            server.requests.end(id(self))
        return keep

    def _write(self, request, response, body, keep):
        """Write an answer; whether the connection goes on."""
        keep = body.pass_over(PASSED_OVER) and keep and not self.server.stopping
        fields, chunked, closes = [], False, False
        for name, value in response.header_list:
            low = name.lower()
            if low == b"connection":
                closes = closes or b"close" in value.lower()
            # A name that is none is left out whole: without its wrong characters it could be that of another field.
            if _NAME.match(name) and low not in _HOP_BY_HOP:
                fields.append((name, value.translate(None, _CONTROLS)))
        bodyless = request.method == "HEAD" or response.code in (204, 304)
        has_length = any(name.lower() == b"content-length" for name, _ in fields)
        keep = keep and not closes
        if not has_length and not bodyless:
            chunked = request.protocol >= (1, 1)
            keep = keep and chunked  # HTTP/1.0 knows no chunks: the end of the connection is the end of the body
            if chunked:
                fields.append((b"Transfer-Encoding", b"chunked"))
        fields.extend(self._connection(request, keep))
        head = _head_bytes(to_bytes(response.status, "latin-1").translate(None, _CONTROLS), fields)
        seconds = self.server.socket_timeout
        if bodyless or isinstance(response.body, bytes):
            data = b"" if bodyless else response.body
            self._log(request, response.code, len(data))
            if bodyless and hasattr(response.body, "close"):
                response.body.close()
            self.stream.send(head + data if len(data) < 65536 else head, seconds)
            if len(data) >= 65536:
                self.stream.send(data, seconds)
        else:
            self._stream_body(request, head, response, chunked, fields)
        return keep

    def _stream_body(self, request, head, response, chunked, fields):
        """Send a body as it comes; one that fails, or is not as long as it says, ends the connection (RFC 9112, section 8)."""
        seconds, left, size, parts = self.server.socket_timeout, None, 0, None
        for name, value in fields:
            if name.lower() == b"content-length" and value.isdigit():
                left = int(value)
        try:
            self.stream.send(head, seconds)
            parts = chunks(response.body)
            for data in parts:
                if left is not None:
                    data, left = data[:left], left - len(data[:left])
                size += len(data)
                if data:
                    self.stream.send(b"%s\r\n%s\r\n" % (to_bytes("%x" % len(data)), data) if chunked else data, seconds)
            if chunked:
                self.stream.send(b"0\r\n\r\n", seconds)
        except (Late, Gone):
            raise
        except Exception as error:
            self.server.log.traceback("the answer's body failed after %d bytes" % size)
            raise Gone(str(error))
        finally:
            close = getattr(response.body if parts is None else parts, "close", None)  # chunks() closes it, once begun
            if close is not None:
                close()
            self._log(request, response.code, size)
        if left:
            raise Gone("the body was %d bytes shorter than its length" % left)

    def _connection(self, request, keep):
        if not keep:
            return [(b"Connection", b"close")]
        if request.protocol < (1, 1):
            return [(b"Connection", b"Keep-Alive")]
        return []

    def _log(self, request, code, size):
        self.server.log.access(self.remote.name, request.request_line, code, size,
                               request.headers.get("Referer", ""), request.headers.get("User-Agent", ""))


def _head_bytes(status, fields):
    lines = [b"HTTP/1.1 " + status]
    lines.extend([name + b": " + value for name, value in fields])
    return b"\r\n".join(lines) + b"\r\n\r\n"

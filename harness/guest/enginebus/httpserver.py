"""The HTTP/1.1 server: a thread a connection, on the classes of the standard library."""
import socket
import sys
import threading
import time

from ._compat import BaseHTTPRequestHandler, HTTPServer, ThreadingMixIn, fcntl, header_values, to_bytes
from .errors import HTTPError, error_page, reason_of
from .head import HeadReader
from .ports import reuse_address
from .serving import Request, Response

MAX_BODY = 100 * 1024 * 1024  # bytes, as CherryPy's server.max_request_body_size


def close_on_exec(sock):
    """Keep a socket out of the programs that this process starts.

    PEP 446 made that the default in 3.4; before, a child that outlives the server holds its port.
    """
    if hasattr(sock, "set_inheritable"):
        sock.set_inheritable(False)
    elif fcntl is not None:
        flags = fcntl.fcntl(sock.fileno(), fcntl.F_GETFD)
        fcntl.fcntl(sock.fileno(), fcntl.F_SETFD, flags | fcntl.FD_CLOEXEC)


class ConnectionHandler(BaseHTTPRequestHandler, object):
    """Reads the requests of one connection, one after the other, and writes what the responder answers."""

    protocol_version = "HTTP/1.1"
    server_version = "enginebus"
    sys_version = ""
    timeout = 10  # seconds that a keep-alive connection may be idle, and that one read may take

    def setup(self):
        """Register with the server, which closes idle connections when it stops."""
        BaseHTTPRequestHandler.setup(self)
        self.rfile = HeadReader(self.rfile)
        self.idle = True
        self.server.opened(self)

    def finish(self):
        """The connection is over; what cannot be flushed has no reader any more."""
        try:
            BaseHTTPRequestHandler.finish(self)
        finally:
            self.server.closed(self)

    def __getattr__(self, name):
        if name.startswith("do_"):  # every method is for the handlers on the tree to accept or not
            return self._serve
        raise AttributeError(name)

    def _serve(self):
        self.idle = False
        key = id(self)
        self.server.requests.begin(key, self.requestline)
        try:
            try:
                response = self.server.respond(self._read_request())
            except HTTPError as error:  # the request itself is malformed: its end is not known
                self.close_connection = True
                response = Response()
                response.status = error.code
                response.body = to_bytes(error_page(error.status, error.message))
            if self.server.stopping:
                self.close_connection = True
            self._write(response)
        except (KeyboardInterrupt, SystemExit):  # raised by a handler: the server ends, the client is cut off
            self.close_connection = True
        finally:
            self.server.requests.end(key)
            self.idle = True

    def _read_request(self):
        """Return the Request; raises HTTPError for one that HTTP/1.1 does not allow."""
        self._check_lines()
        protocol = tuple(int(part) for part in self.request_version[5:].split("."))
        if protocol >= (1, 1) and len(header_values(self.headers, "Host")) != 1:
            raise HTTPError(400, "HTTP/1.1 requires one Host header.")  # RFC 9112, section 3.2
        path, _, query = self.path.partition("?")
        if "://" in path:  # absolute form, RFC 9112, section 3.2.2
            path = "/" + path.partition("://")[2].partition("/")[2]
        if not path.startswith("/") and path != "*":
            raise HTTPError(400, "The request's target must begin with a slash.")
        host = self.headers.get("Host") or "%s:%s" % self.server.server_address[:2]
        return Request(
            method=self.command, path_info=path.partition("#")[0], query_string=query, protocol=protocol,
            headers=self.headers, body=self._read_body(), base="http://" + host,
            remote=self.client_address[0], line=self.requestline)

    def _read_body(self):
        codings = header_values(self.headers, "Transfer-Encoding")
        lengths = header_values(self.headers, "Content-Length")
        if codings:
            if lengths or [c.strip().lower() for c in codings] != ["chunked"]:
                raise HTTPError(400, "A body is either chunked or has a length.")  # RFC 9112, section 6.3
            return self._read_chunks()
        if not lengths:
            return b""
        if len(set(lengths)) != 1 or not lengths[0].isdigit():
            raise HTTPError(400, "Content-Length must be one whole number.")
        self._check_size(int(lengths[0]))
        body = self.rfile.read(int(lengths[0]))
        if len(body) < int(lengths[0]):
            raise HTTPError(400, "The body ended before its Content-Length.")
        return body

    def _read_chunks(self):
        chunks, total = [], 0
        while True:
            line = self.rfile.readline(1024).split(b";")[0].strip()
            try:
                size = int(line, 16)
            except ValueError:
                raise HTTPError(400, "A chunk's size must be a hexadecimal number.")
            if size < 0:
                raise HTTPError(400, "A chunk's size must not be negative.")
            total += size
            self._check_size(total)
            chunks.append(self.rfile.read(size))
            if len(chunks[-1]) < size:
                raise HTTPError(400, "The body ended inside a chunk.")
            if self.rfile.readline(1024) not in (b"\r\n", b"\n"):
                if size:
                    raise HTTPError(400, "A chunk must end where its size says.")
                while self.rfile.readline(65536) not in (b"\r\n", b"\n", b""):
                    continue  # trailer fields, which nothing here uses
            if not size:
                self._check_lines()
                return b"".join(chunks)

    def _check_lines(self):
        if self.rfile.bare_return:
            raise HTTPError(400, "A carriage return must be followed by a line feed.")

    @staticmethod
    def _check_size(size):
        if size > MAX_BODY:
            raise HTTPError(413, "The body is larger than %d bytes." % MAX_BODY)

    def _write(self, response):
        code = int(str(response.status).split()[0])
        reason = str(response.status).partition(" ")[2] or reason_of(code)
        body = to_bytes(response.body)
        headers = [("Server", self.server_version), ("Date", self.date_time_string())]
        headers.extend(response.headers.items())
        if code not in (204, 304):
            headers.append(("Content-Length", str(len(body))))
        if self.close_connection:
            headers.append(("Connection", "close"))
        elif self.request_version == "HTTP/1.0":
            headers.append(("Connection", "keep-alive"))
        lines = ["HTTP/1.1 %d %s" % (code, reason)]
        # A line break inside a value would begin a header, or an answer, of the client's choosing.
        lines.extend("%s: %s" % (name, str(value).replace("\r", "").replace("\n", "")) for name, value in headers)
        head = to_bytes("\r\n".join(lines) + "\r\n\r\n", "latin-1")
        if self.command == "HEAD" or code in (204, 304):
            body = b""
        self.wfile.write(head + body)
        sent = getattr(self, "headers", None) or {}  # none where the request line could not be parsed
        self.server.log.access(
            self.client_address[0], self.requestline, code, len(body), sent.get("Referer"), sent.get("User-Agent"))

    def send_error(self, code, message=None, explain=None):
        """Answer a request that the standard library could not parse.

        Its own send_error leaves out the status line where no version was
        understood, as if to an HTTP/0.9 client; nobody reads that.
        """
        self.close_connection = True
        response = Response()
        response.status = code = int(code)  # an HTTPStatus prints as its name before 3.11
        response.body = to_bytes(error_page("%d %s" % (code, reason_of(code)), message or reason_of(code)))
        self._write(response)

    def log_request(self, code="-", size="-"):
        """Not used: the access log is written when the answer has been."""

    def log_message(self, format, *args):
        """What the standard library has to say of a request that it could not parse."""
        self.server.log.error("%s - %r" % (self.client_address[0], format % args))


class EngineHTTPServer(ThreadingMixIn, HTTPServer, object):
    """Listens on one channel, and knows its connections, so that it can end them."""

    request_queue_size = 128
    poll_interval = 0.05  # seconds until serve_forever sees that it shall end

    def __init__(self, host, port, respond, log, requests):
        info = socket.getaddrinfo(host or None, port, socket.AF_UNSPEC, socket.SOCK_STREAM, 0, socket.AI_PASSIVE)[0]
        self.address_family = info[0]
        self.respond = respond
        self.log = log
        self.requests = requests
        self.stopping = False
        self._handlers = {}
        self._changed = threading.Condition()
        self._thread = None
        HTTPServer.__init__(self, info[4], ConnectionHandler)

    def server_bind(self):
        """Bind without looking the host name up (HTTPServer does, and may wait for a name server)."""
        close_on_exec(self.socket)
        reuse_address(self.socket)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = self.server_address[:2]

    def start(self):
        """Serve on a thread of its own."""
        self._thread = threading.Thread(target=self.serve_forever, args=(self.poll_interval,), name="HTTPServer")
        self._thread.daemon = True
        self._thread.start()

    def stop(self, timeout):
        """Stop listening, close idle connections, wait for running handlers; return how many still run."""
        self.stopping = True
        self.shutdown()
        self._thread.join()
        self.server_close()
        return self.wait_for_handlers(timeout)

    def wait_for_handlers(self, timeout):
        """Wait for all connections but the calling thread's own to end; return how many still run after ``timeout`` seconds."""
        limit = time.time() + timeout
        with self._changed:
            while True:
                others = [h for h, thread in self._handlers.items() if thread is not threading.current_thread()]
                if not others or time.time() >= limit:
                    return len(others)
                for handler in others:
                    if handler.idle:
                        _stop_reading(handler.connection)
                self._changed.wait(0.05)

    def opened(self, handler):
        """A connection has begun."""
        with self._changed:
            self._handlers[handler] = threading.current_thread()

    def closed(self, handler):
        """A connection is over."""
        with self._changed:
            self._handlers.pop(handler, None)
            self._changed.notify_all()

    def get_request(self):
        """Accept a connection; children do not inherit it."""
        connection, address = self.socket.accept()
        close_on_exec(connection)
        return connection, address

    def process_request(self, request, client_address):
        """Handle a connection on a thread; a hung client must not keep the process alive, so it is a daemon."""
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), name="HTTP %s:%s" % client_address[:2])
        thread.daemon = True
        thread.start()

    def handle_error(self, request, client_address):
        """A connection broke: the client's business, one line in the log."""
        self.log.error("%s: connection ended: %r" % (client_address[0], sys.exc_info()[1]))


def _stop_reading(connection):
    """Let a thread that waits for the next request of an idle client read an end of file."""
    try:
        connection.shutdown(socket.SHUT_RD)
    except (OSError, socket.error):
        return  # the client, or the handler's own thread, was faster

"""The HTTP server as a listener of the engine bus."""
import itertools
import os

from ._compat import monotonic
from .bus import StartInterrupted
from .httpserver import HTTPServer, handed_in_socket, listening_socket
from .ports import accepts, is_free, wait_until


class Server(object):
    """Starts an HTTP server when the bus starts, after its port has become free; stops it with the bus.

    A site may have several, each with a channel of its own; they are made as ``enginebus.Server()`` and subscribed.
    """

    socket_host = "127.0.0.1"
    socket_port = 8080
    socket_file = None  # path of a unix socket, instead of host and port
    ssl_certificate = None  # path of a PEM file; with it the server speaks TLS
    ssl_private_key = None
    free_timeout = 5.0  # seconds to wait for a port that is held (the paper's server waited as long)
    occupied_timeout = 5.0  # seconds until the server must have the port
    shutdown_timeout = 10.0  # seconds that running handlers get when the bus stops
    socket_timeout = 10.0  # seconds that a connection may be idle, and that the client may take to read an answer
    header_timeout = 10.0  # seconds for a whole head
    body_timeout = 30.0  # seconds for a body that does not come with 500 bytes a second
    linger = 2.0  # seconds that a client gets to read an answer before a connection with unread bytes is closed
    max_request_line = 16384  # bytes; RFC 9112, section 3, recommends 8,000 at least
    max_request_header_size = 65536
    max_request_body_size = 100 * 1024 * 1024
    thread_pool = 10  # threads that stay when there is nothing to do
    thread_pool_max = 1000  # connections at a time; a further one is answered 503
    protocol_version = "HTTP/1.1"
    _numbers = itertools.count()

    def __init__(self, bus, site, log, requests):
        self.bus = bus
        self.number = None  # of the socket that it takes, where the process was handed some: as they start
        self.httpserver = None
        self._site, self._log, self._requests = site, log, requests
        self._stopped = None
        self._deadline = 0

    def subscribe(self):
        """Start late (75) and stop early (25), so that no request finds a half-started site."""
        self.bus.subscribe("start", self.start, priority=75)
        self.bus.subscribe("stop", self.stop, priority=25)
        self.bus.subscribe("join", self.join)

    def unsubscribe(self):
        """Leave the bus."""
        for channel, listener in (("start", self.start), ("stop", self.stop), ("join", self.join)):
            self.bus.unsubscribe(channel, listener)

    def __repr__(self):
        return "enginebus.Server(%r)" % (self.socket_file or self.bind_addr,)

    @property
    def bind_addr(self):
        """What it is to listen on: (host, port), or the path of a unix socket."""
        return self.socket_file or (self.socket_host, self.socket_port)

    @property
    def bound_addr(self):
        """What it listens on; ``bind_addr`` where it does not run."""
        return self.bind_addr if self.httpserver is None or self.socket_file else self.httpserver.address[:2]

    def base(self):
        """The URL of the server as such."""
        scheme = "https" if self.ssl_certificate else "http"
        if self.socket_file:
            return "%s+unix://%s" % (scheme, self.socket_file)
        host, port = self.bound_addr
        host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)
        usual = {"http": 80, "https": 443}[scheme]
        return "%s://%s%s" % (scheme, "[%s]" % host if ":" in host else host, "" if port == usual else ":%d" % port)

    def start(self):
        """Wait for the port, bind it, serve, and return when it accepts connections.

        Raises IOError when the port is not free, or not occupied, in time.
        """
        if self.httpserver is not None:
            return
        context = self._context()
        if self.number is None:
            self.number = next(self._numbers)
        sock = handed_in_socket(self.number)
        if sock is None:
            if self.socket_port and self.socket_file is None:
                self._wait_for_free_port()
            sock = listening_socket(self.socket_host, self.socket_port, self.socket_file)
        httpserver = HTTPServer(sock, self, self._site, self._log, self._requests, self.bus, context)
        httpserver.start()
        self.httpserver = httpserver
        if isinstance(httpserver.address, tuple):
            host, port = httpserver.address[:2]
            if not wait_until(lambda: accepts(host, port), self.occupied_timeout):
                raise IOError("Port %d not bound on %r" % (port, host))
            host = self.socket_host if (self.socket_host or "") and not os.environ.get("LISTEN_PID") else host
            self.bus.log("Serving on %s:%s" % ("[%s]" % host if ":" in host else host, port))
        else:
            self.bus.log("Serving on unix:%s" % httpserver.address)

    def _context(self):
        for path in (self.ssl_certificate, self.ssl_private_key):
            if path and not os.path.isfile(path):
                raise IOError("There is no file %r, which the server needs to speak TLS" % path)
        if not self.ssl_certificate:
            if self.ssl_private_key:
                raise ValueError("server.ssl_private_key is of no use without server.ssl_certificate")
            return None
        import ssl  # here: a Python may lack it, and most sites do not need it

        context = ssl.SSLContext(getattr(ssl, "PROTOCOL_TLS_SERVER", ssl.PROTOCOL_SSLv23))
        context.options |= ssl.OP_NO_SSLv2 | ssl.OP_NO_SSLv3
        context.load_cert_chain(self.ssl_certificate, self.ssl_private_key)
        return context

    def stop(self):
        """Give the port back, then wait for handlers that run; those that take too long are cut off."""
        if self.httpserver is None:
            self.bus.log("HTTP Server %r already shut down" % self)
            return
        self._stopped, self.httpserver = self.httpserver, None
        self._deadline = monotonic() + self.shutdown_timeout
        if self.socket_file and os.path.exists(self.socket_file):
            os.unlink(self.socket_file)  # while it is surely this server's: another may take the path before handlers are done
        running = self._stopped.stop(self._deadline)
        if running:
            self.bus.log("%d connections still busy after %g seconds; they are cut off"
                         % (running, self.shutdown_timeout), level=30)
            self._stopped.cut_off()
        self.bus.log("HTTP Server %r shut down" % self)

    def join(self):
        """Let the handler that stopped the bus from its own thread answer before the process ends, in what time is left."""
        if self._stopped is not None:
            self._stopped.wait_for_handlers(self._deadline)

    def _wait_for_free_port(self):
        if is_free(self.socket_host, self.socket_port):
            return
        self.bus.log("Waiting up to %g seconds for port %d on %r" % (
            self.free_timeout, self.socket_port, self.socket_host))
        if not wait_until(lambda: is_free(self.socket_host, self.socket_port), self.free_timeout,
                          lambda: self.bus.interrupted):
            if self.bus.interrupted:
                raise StartInterrupted()
            raise IOError("Port %d not free on %r" % (self.socket_port, self.socket_host))

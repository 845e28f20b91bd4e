"""The HTTP server as a listener of the engine bus."""
from .bus import StartInterrupted
from .httpserver import EngineHTTPServer
from .ports import accepts, is_free, wait_until


class Server(object):
    """Starts the HTTP server when the bus starts, after its port has become free; stops it with the bus."""

    def __init__(self, bus, respond, log, requests):
        self.bus = bus
        self.socket_host = "127.0.0.1"
        self.socket_port = 8080
        self.free_timeout = 5.0  # seconds to wait for a port that is held (the paper's server waited as long)
        self.occupied_timeout = 5.0  # seconds until the server must have the port
        self.shutdown_timeout = 10.0  # seconds that running handlers get when the bus stops
        self._respond = respond
        self._log = log
        self._requests = requests
        self.httpserver = None
        self._stopped = None

    def subscribe(self):
        """Start late (75) and stop early (25), so that no request finds a half-started site."""
        self.bus.subscribe("start", self.start, priority=75)
        self.bus.subscribe("stop", self.stop, priority=25)
        self.bus.subscribe("join", self.join)

    def __repr__(self):
        return "enginebus.Server((%r, %r))" % (self.socket_host, self.socket_port)

    def start(self):
        """Wait for the port, bind it, serve, and return when it accepts connections.

        Raises IOError when the port is not free, or not occupied, in time.
        """
        if self.httpserver is not None:
            return
        if self.socket_port:
            self._wait_for_free_port()
        httpserver = EngineHTTPServer(
            self.socket_host, self.socket_port, self._respond, self._log, self._requests)
        self.socket_port = httpserver.server_port
        httpserver.start()
        self.httpserver = httpserver
        if not wait_until(lambda: accepts(self.socket_host, self.socket_port), self.occupied_timeout):
            raise IOError("Port %d not bound on %r" % (self.socket_port, self.socket_host))
        self.bus.log("Serving on %s:%s" % (self.socket_host, self.socket_port))

    def stop(self):
        """Give the port back, then wait for handlers that run."""
        if self.httpserver is None:
            self.bus.log("HTTP Server %r already shut down" % self)
            return
        self._stopped, self.httpserver = self.httpserver, None
        running = self._stopped.stop(self.shutdown_timeout)
        if running:
            self.bus.log("%d connections still busy after %g seconds; they are cut off"
                         % (running, self.shutdown_timeout), level=30)
        self.bus.log("HTTP Server %r shut down" % self)

    def join(self):
        """Let the handler that stopped the bus from its own thread answer before the process ends."""
        if self._stopped is not None:
            self._stopped.wait_for_handlers(self.shutdown_timeout)

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

"""A small engine-bus HTTP server in CherryPy's vocabulary: one source for Python 2.7 and 3.6 to the newest.

    import enginebus

    class Root(object):
        @enginebus.expose
        def index(self):
            return "Hello"

    enginebus.quickstart(Root())

Standard library only. It exists to be watched by the harness: it is started,
broken, killed and started again, on every Python that is found.
"""
from .application import Responder, Tree, expose
from .bus import Bus, ChannelFailures
from .errors import HTTPError, HTTPRedirect, NotFound
from .log import Log
from .monitors import Autoreloader, TimeoutMonitor
from .server import Server
from .serving import request, response
from .signals import ConsoleCtrlHandler, SignalHandler

__all__ = [
    "ChannelFailures", "HTTPError", "HTTPRedirect", "NotFound", "config", "engine", "expose", "log",
    "quickstart", "request", "response", "server", "tree",
]
__version__ = "1.0"

log = Log()
engine = Bus()
engine.subscribe("log", log.engine)
tree = Tree()
engine.signal_handler = SignalHandler(engine)
engine.console_control_handler = ConsoleCtrlHandler(engine)
engine.timeout_monitor = TimeoutMonitor(engine)
engine.autoreload = Autoreloader(engine)
_responder = Responder(tree, log, engine)
server = Server(engine, _responder.respond, log, engine.timeout_monitor)
for _listener in (engine.console_control_handler, engine.timeout_monitor, engine.autoreload, server):
    _listener.subscribe()


class Config(dict):
    """Settings by CherryPy's names; those of this server take effect at once."""

    #: name -> (object, attribute)
    KNOWN = {
        "server.socket_host": (server, "socket_host"),
        "server.socket_port": (server, "socket_port"),
        "server.shutdown_timeout": (server, "shutdown_timeout"),
        "server.free_timeout": (server, "free_timeout"),
        "engine.autoreload.on": (engine.autoreload, "on"),
        "engine.autoreload.frequency": (engine.autoreload, "frequency"),
        "engine.timeout_monitor.on": (engine.timeout_monitor, "on"),
        "log.screen": (log, "screen"),
        "request.show_tracebacks": (_responder, "show_tracebacks"),
    }

    def update(self, *args, **kwargs):
        """Set values; a ``server.`` or ``engine.`` name that does not exist is a KeyError, not a silent typo."""
        for name, value in dict(*args, **kwargs).items():
            if name in self.KNOWN:
                target, attribute = self.KNOWN[name]
                setattr(target, attribute, value)
            elif name.split(".")[0] in ("server", "engine"):
                raise KeyError("%r is no setting of enginebus; there are: %s" % (name, ", ".join(sorted(self.KNOWN))))
            self[name] = value


config = Config()


def quickstart(root=None, script_name="", config=None):
    """Mount an object tree, start the engine and stay until it has exited.

    Raises SystemExit(70) when the engine cannot start.
    """
    globals()["config"].update((config or {}).get("global", {}))
    if root is not None:
        tree.mount(root, script_name, config)
    engine.signal_handler.subscribe()
    engine.start()
    engine.block()

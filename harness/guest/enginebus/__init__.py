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
from . import builtin, caching, conditional, covering, dispatch, pipeline, static
from ._compat import text_type
from .application import Application, Tree, expose, url
from .builtin import accept
from .bus import Bus, ChannelFailures
from .config import Config, Settings
from .daemon import Daemonizer, PIDFile
from .errors import HTTPError, HTTPRedirect, NotFound
from .log import Log
from .monitors import Autoreloader, TimeoutMonitor
from .server import Server as _Server
from .serving import request, response, serving
from .signals import ConsoleCtrlHandler, SignalHandler
from .tools import HandlerTool, Tool, Toolbox

__all__ = [
    "Application", "ChannelFailures", "Daemonizer", "HTTPError", "HTTPRedirect", "HandlerTool", "NotFound", "PIDFile", "Server",
    "Tool", "Tree", "accept", "config", "covering", "dispatch", "engine", "expose", "log", "quickstart", "request", "response", "server",
    "serving", "tools", "tree", "url",
]
__version__ = "1.0"

log = Log()
engine = Bus()
engine.subscribe("log", log.engine)
engine.threads.subscribe()
tree = Tree()
tools = Toolbox()
engine.signal_handler = SignalHandler(engine)
engine.console_control_handler = ConsoleCtrlHandler(engine)
engine.timeout_monitor = TimeoutMonitor(engine)
engine.autoreload = Autoreloader(engine)

for _function, _point, _priority in (
        (builtin.trailing_slash, "before_handler", 60),
        (builtin.accept, "on_start_resource", 50),
        (builtin.allow, "on_start_resource", 50),
        (builtin.json_in, "before_request_body", 30),
        (builtin.json_out, "before_handler", 30),
        (builtin.params, "before_handler", 20),
        (builtin.response_headers, "on_start_resource", 50),
        (builtin.err_redirect, "before_error_response", 50)):
    setattr(tools, _function.__name__, Tool(_point, _function, priority=_priority))
tools.caching = Tool("before_handler", caching.serve, priority=90)
tools.expires = Tool("before_finalize", caching.expires)
tools.etags = Tool("before_finalize", conditional.validate_etags, priority=75)
tools.staticdir = HandlerTool(static.staticdir)
tools.staticfile = HandlerTool(static.staticfile)


def _settings():
    """What may be set, by name: an object, its attribute, and the kinds of value that it takes."""
    number, text, boolean = (int, float), (str, text_type), (bool,)
    found = {
        "server.socket_host": (server, "socket_host", text),
        "server.socket_port": (server, "socket_port", (int,)),
        "server.socket_file": (server, "socket_file", text + (type(None),)),
        "server.ssl_certificate": (server, "ssl_certificate", text + (type(None),)),
        "server.ssl_private_key": (server, "ssl_private_key", text + (type(None),)),
        "server.protocol_version": (server, "protocol_version", text),
        "engine.autoreload.on": (engine.autoreload, "on", boolean),
        "engine.autoreload.frequency": (engine.autoreload, "frequency", number),
        "engine.timeout_monitor.on": (engine.timeout_monitor, "on", boolean),
        "engine.timeout_monitor.frequency": (engine.timeout_monitor, "frequency", number),
        "engine.timeout_monitor.timeout": (engine.timeout_monitor, "timeout", number),
        "log.screen": (log, "screen", boolean),
        "log.error_file": (log, "error_file", text),
        "log.access_file": (log, "access_file", text),
    }
    for name in ("free_timeout", "occupied_timeout", "shutdown_timeout", "socket_timeout", "header_timeout", "body_timeout",
                 "linger"):
        found["server." + name] = (server, name, number)
    for name in ("max_request_line", "max_request_header_size", "max_request_body_size", "thread_pool", "thread_pool_max"):
        found["server." + name] = (server, name, (int,))
    return Settings(found, {
        "tools": tools.check, "request": pipeline.check_request, "response": pipeline.check_response,
        "hooks": pipeline.check_hooks, "error_page": pipeline.check_error_page})


def Server(site=None):
    """A further server, with a channel of its own; set it up and ``subscribe`` it. ``site`` is a Tree of its own."""
    pipe = _pipeline if site is None else pipeline.Pipeline(site, tools, Application.settings, log, engine)
    return _Server(engine, pipe, log, engine.timeout_monitor)


_pipeline = pipeline.Pipeline(tree, tools, None, log, engine)
server = Server()
Application.settings = _pipeline.settings = _settings()
config = Config(Application.settings)
for _listener in (engine.console_control_handler, engine.timeout_monitor, engine.autoreload, server):
    _listener.subscribe()


def quickstart(root=None, script_name="", config=None):
    """Mount an object tree, start the engine and stay until it has exited.

    Raises SystemExit(70) when the engine cannot start, UnknownSetting (a KeyError) for a setting that is not known.
    """
    if config and "global" in config:
        globals()["config"].update(config["global"])
    if root is not None:
        tree.mount(root, script_name, config)
    engine.signal_handler.subscribe()
    engine.start()
    engine.block()

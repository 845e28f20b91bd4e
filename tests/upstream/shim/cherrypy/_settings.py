"""Settings: those of enginebus, with a free port in the place of the helper's, and without what enginebus does not have."""
import random
import socket

import enginebus

#: Keys that the tests' own applications have; enginebus wants their namespaces named.
OWN = ("user", "test_case_name", "unsubsig", "starterror")

#: Without meaning for enginebus: what the helper keeps for itself, CherryPy's checker of settings, the time for a full queue.
IGNORED = ("scheme", "protocol", "port", "host", "validate", "server", "checker.on", "server.accepted_queue_timeout")

#: Tools that enginebus does not have.
ABSENT_TOOLS = ("decode", "encode", "flatten", "gzip", "log_headers", "log_tracebacks")

for _name in OWN:
    enginebus.config.namespaces[_name] = lambda key, value: None
for _name in ABSENT_TOOLS:
    if not hasattr(enginebus.tools, _name):
        setattr(enginebus.tools, _name, enginebus.Tool("before_finalize", lambda **settings: None))


def _free_port():
    """One below those that the system gives to clients: a connection of somebody else's must not take it in between."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


#: The port that the helper gives, and the one that is taken for it in this process: two runs must not meet.
_PORTS = {54583: _free_port()}


class _Config:
    """``cherrypy.config``: a mapping, and a decorator."""

    def update(self, values):
        kept = {name: value for name, value in values.items() if name not in IGNORED}
        if kept.get("server.socket_port") in _PORTS:
            kept["server.socket_port"] = _PORTS[kept["server.socket_port"]]
        if "server.accepted_queue_size" in kept:  # connections beyond those that have a thread; here, all have one
            kept["server.thread_pool_max"] = enginebus.server.thread_pool + kept.pop("server.accepted_queue_size")
        if kept.get("environment") == "test_suite":
            # Where all modules run in one process, test_states leaves 0.1 behind; test_http waits for the end of 15 connections.
            kept.setdefault("server.socket_timeout", 1)
        enginebus.config.update(kept)

    def __setitem__(self, name, value):
        self.update({name: value})

    def __getitem__(self, name):
        return enginebus.config[name]

    def __call__(self, **values):
        return enginebus.config(values)

    def __getattr__(self, name):
        return getattr(enginebus.config, name)


config = _Config()

"""The capabilities: words by which a server's subject.toml promises something that scenarios need.

A scenario that needs what a subject does not promise is `unsupported` there. So a misspelt word would hide a scenario, or a
promise, for ever: one that is not in this table is refused, in a subject and in a scenario's ``needs``.
"""

from __future__ import annotations

#: No server declares it: the harness asks for it to see that a subject can say "unsupported" at all.
NOBODY_S = "tells-the-future"

CAPABILITIES: dict[str, str] = {
    "asgi": "it serves an ASGI application (module:app)",
    "bus-log": "its log shows the states of an engine bus, line by line, as CherryPy's does",
    "bus-monitors": "its engine bus starts monitor threads, and says so in the log",
    "default-channel": "started without an address, it listens on 127.0.0.1:8080",
    "finishes-on-term": "SIGTERM lets a request that is being answered finish",
    "fork-workers": "worker processes of its own serve the requests",
    "free-port-wait": "where its port is taken, it waits for some seconds before it gives up",
    "graceful-signal": "SIGUSR1 makes it publish a graceful restart on its bus",
    "hangup-ends-foreground": "SIGHUP ends it when it runs in the foreground",
    "keep-alive": "it serves several requests on one connection",
    "keeps-many": "it keeps more connections open than it has threads",
    "object-dispatch": "a tree of objects is its site: names in the path are attributes, and parameters are arguments",
    "one-process": "one process serves, and does all that is asked of it",
    "port-wait-log": "it says in its log that it waits for its port",
    "replaces-workers": "it starts another worker where one has died",
    "threads": "a handler that waits does not hold up the other requests",
    "wsgi": "it serves a WSGI application (module:app)",
    NOBODY_S: "nothing: no server declares it",
}

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
    "engine-extras": "its engine bus and its server have what the bundled server adds to CherryPy's",
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
    "strict-http": "it refuses whatever is not HTTP/1.1 to the letter, as the RFC says, and bounds size and time",
    "strict-settings": "it refuses to start with a setting that it does not know",
    "threads": "a handler that waits does not hold up the other requests",
    "wsgi": "it serves a WSGI application (module:app)",
    NOBODY_S: "nothing: no server declares it",
}

#: Routes that a scenario can ask for with ``app``; a subject's [apps] names the file that has them for its interface.
APPS: dict[str, str] = {
    "cached": "handlers behind the caching tool, which count how often they are called",
    "covered": "pages that show which lines of the application have run",
    "engine": "an engine bus that is watched, and told what to do, from outside",
    "failing": "none: an application that cannot be imported",
    "file": "a file that is served in ranges",
    "folders": "folders and files that are served, with conditions and ranges",
    "life": "what shows how a process lives: children, slow handlers, what was received",
    "pages": "what a request says and what an answer may be, page by page: errors, tools, settings",
    "photos": "a photo blog of resources, whose handlers are named by the methods of HTTP",
    "races": "a tree that asks its own engine to stop at the worst moment",
    "tree": "a tree of objects, with handlers for each way to be called",
    "uncovered": "the pages of covered, where nothing can measure",
}

#: Time-outs of a server's own that its [timeouts] can name.
TIMEOUTS: dict[str, str] = {
    "idle": "after which it closes a connection on which nothing comes",
    "lingering": "for which it reads what nobody asked for before it closes",
    "request": "in which the whole of a request must have come",
    "worker": "after which it ends a worker process that does not answer",
}

"""The capabilities: words with which a server's subject.toml promises something that scenarios need.

A scenario that needs a capability the subject does not declare is `unsupported` there. A misspelt word would silently hide a
scenario or a promise for ever, so words that are not in this table are rejected, both in a subject and in ``needs``.
"""

from __future__ import annotations

#: No server declares it: the harness uses it to check that a subject can be "unsupported" at all.
NOBODY_S = "tells-the-future"

CAPABILITIES: dict[str, str] = {
    "asgi": "serves an ASGI application (module:app)",
    "bus-log": "logs each state of its engine bus, as CherryPy does",
    "bus-monitors": "its engine bus starts monitor threads and logs it",
    "changes-workers": "has one worker more after SIGTTIN, and one less after SIGTTOU",
    "default-channel": "listens on 127.0.0.1:8080 when started without an address",
    "engine-extras": "its engine bus and server have the bundled server's additions to CherryPy",
    "finishes-on-int": "finishes requests in progress on SIGINT",
    "finishes-on-term": "finishes requests in progress on SIGTERM",
    "fork-workers": "serves requests from its own worker processes",
    "free-port-wait": "waits a few seconds for a port in use before it gives up",
    "graceful-signal": "publishes a graceful restart on its bus on SIGUSR1",
    "gunicorn-settings": "takes further arguments from GUNICORN_CMD_ARGS",
    "hangup-ends-foreground": "exits on SIGHUP when it runs in the foreground",
    "keep-alive": "serves several requests on one connection",
    "keeps-many": "keeps more connections open than it has threads",
    "listen-fds": "takes the socket that LISTEN_FDS and LISTEN_PID hand over (sd_listen_fds)",
    "notifies": "tells a service manager when it is ready, on NOTIFY_SOCKET (sd_notify)",
    "object-dispatch": "serves a tree of objects: path segments are attributes, and parameters are arguments",
    "one-process": "runs in a single process",
    "port-wait-log": "logs that it is waiting for its port",
    "reloads-on-hup": "loads its application anew on SIGHUP, in new workers",
    "replaces-workers": "replaces workers that have died",
    "says-address": "says in its log on which address and port it listens",
    "strict-http": "rejects whatever violates HTTP/1.1 (RFC 9112), and limits size and time",
    "strict-settings": "refuses to start with an unknown setting",
    "threads": "a handler that waits does not block other requests",
    "upgrades-on-usr2": "on SIGUSR2 a new program serves on its socket beside it, until one of the two is ended",
    "wsgi": "serves a WSGI application (module:app)",
    NOBODY_S: "nothing; no server declares it",
}

#: Applications that a scenario can select with ``app``; a subject's [apps] names the file for its interface.
APPS: dict[str, str] = {
    "asgi": "an ASGI application that reports what it was given, and misbehaves by path",
    "cached": "handlers behind the caching tool that count their calls",
    "covered": "pages that show which lines of the application have run",
    "engine": "an engine bus that is watched and controlled from outside",
    "failing": "an application that cannot be imported",
    "file": "a file served with range support",
    "folders": "folders and files served with conditional and range requests",
    "life": "the state of the process: children, slow handlers, what was received",
    "pages": "one page for each feature of requests and responses: errors, tools, settings",
    "photos": "a photo blog of resources whose handlers are named after HTTP methods",
    "races": "a tree that stops its own engine at the worst moment",
    "tree": "a tree of objects with a handler for each calling convention",
    "wsgi": "a WSGI application that reports what it was given, and misbehaves by path",
    "uncovered": "the pages of covered, without anything that measures them",
}

#: The server's own timeouts, as named in its [timeouts].
TIMEOUTS: dict[str, str] = {
    "idle": "until it closes an idle connection",
    "lingering": "how long it reads surplus data before it closes",
    "request": "in which a whole request must arrive",
    "worker": "until it kills an unresponsive worker process",
}

"""The paper's claims in our words, what was found, and what the paper shows for each.

"CherryPy: Common Programmer Issues with Solutions" (Shinde and Patel; evidence of September 2013; Python 2.7.5, Windows).
"""

from __future__ import annotations

#: id -> (the claim, what was found; why it is not tried where no scenario does)
CLAIMS: dict[str, tuple[str, str]] = {
    "engine-start": (
        "The engine bus starts by initialising, listening for signals, starting monitor threads and serving on "
        "one channel; the log shows it line by line.",
        "So it does. The handler for console events exists on Windows only.",
    ),
    "default-channel": ("Without an address in the script the channel is localhost (127.0.0.1), port 8080.", "So it is."),
    "own-channel": (
        "Each application has a channel of its own; many run on one machine without interfering.",
        "So they do. Ports end at 65535, addresses multiply them.",
    ),
    "threads": (
        "The main thread starts the server, further threads serve requests, and the main thread ends with the application.",
        "So it is; a stop waits for handlers that run.",
    ),
    "server-error": (
        "An error that the developer does not handle gives 500; any 50x means that the method was not found or "
        "its parameters were wrong.",
        "The first half holds. The second does not: a method that is not found is 404, wrong parameters are 404 or 400.",
    ),
    "unexposed": (
        "Each method must be exposed; one that is not is private. Shown under server errors.",
        "It cannot be reached: 404, not 50x. 500 comes only from something exposed that cannot be called. "
        "Beside an exposed default() the name is answered, with 200, by that default().",
    ),
    "client-error": ("An invalid URL gives 40x: missing credentials, resource not found or gone.", "So it does."),
    "bad-parameters": (
        "Too few or a varying list of parameters is an error.",
        "Missing, surplus and twice-given ones are: 404 in the URL, 400 in the body. One that is "
        "repeated by the "
        "same means is no error but a list.",
    ),
    "parameter-order": (
        "Parameters in the wrong sequence are an error.",
        "Names may come in any order. Swapped path segments are silently swapped, and fail, with 500, only "
        "where a type does not fit.",
    ),
    "not-acceptable": (
        "A resource answers 406 at once to an Accept header that matches none of its types.",
        "So it does. What it offers is chosen by the weights in Accept; CherryPy lets a wide range win over a "
        "narrower one that says otherwise (text/*, text/json;q=0).",
    ),
    "not-found": (
        "A resource that no longer exists gives 404, checked after Accept.",
        "So it does: 406 where no type is acceptable, whether the resource is there or not, and 404 otherwise.",
    ),
    "method-dispatcher": (
        "GET answers the representation, like index(); the method dispatcher has no default().",
        "So it is, for methods: a default() beside GET is never called. An object that is exposed as default "
        "is a resource like any other.",
    ),
    "post-created": ("POST makes a resource: 201 Created with its URI in Location.", "So it does."),
    "put-replace": (
        "PUT replaces a resource; creating by PUT is not done here.",
        "So it does, with 204. To a resource that is not there the answer is 404: the application's choice.",
    ),
    "caching": (
        "Output is cached in memory under a predefined key, and lost when the server stops.",
        "So it is: the key is the URI, and the fields that Vary names. A stop drops it, and so does an unsafe method; "
        "one's own class can be plugged in.",
    ),
    "coverage": (
        "A coverage module follows the path of the application and shows it in the browser while it runs.",
        "So it does on the bundled server, where the package coverage is installed. CherryPy's own page is a 500 with "
        "each coverage since 3.7 (cherrypy/cherrypy#1731), and is not tried.",
    ),
    "static-folder": (
        "The application of the figures serves a folder through the static directory tool.",
        "So it does: index, types, ranges and conditional requests, and nothing beside the folder.",
    ),
    "port-not-free": (
        "Starting again while the port is taken fails with: Port 8080 not free on '127.0.0.1', as "
        "ChannelFailures, and the bus shuts down.",
        "So it does, with exit code 70; a socket that is bound and does not listen holds the port too.",
    ),
    "leaked-channel": (
        "After an error on closing, the channel stays allocated although no application uses it.",
        "Not by a kill alone: the kernel frees the port at once, connected clients or not. It stays "
        "when a child "
        "that was forked, on every Python, still has the socket: then somebody does use it.",
    ),
    "repeated-leak": ("If that happens repeatedly, dead channels add up.", "Not by kills: three in a row left nothing."),
    "reboot": ("Restarting the machine frees the channel.", "Not tried: a scenario does not restart the machine."),
    "netstat": (
        "netstat shows the process that holds the channel.",
        "The socket table does, children that share a socket included; not for a socket that is bound and does not listen.",
    ),
    "taskkill": ("Ending that process frees the channel for the next application.", "So it does."),
    "newer-python": (
        "Newer Pythons have overcome the problem.",
        "For sockets that a child inherits through exec: an application's own socket leaks on 2.7 and "
        "not since 3.4 "
        "(PEP 446). For forked children nothing has changed.",
    ),
}


STATED = "Stated; nothing is shown for it."
#: id -> what the paper shows for the claim, in our words
EVIDENCE = {
    "engine-start": "The log of a start, of 25 September 2013: seven lines from “Listening for SIGTERM” to “Bus STARTED”, the "
    "two monitor threads and “Serving on 127.0.0.1:8080” between them.",
    "default-channel": "The same log, of a script that names no address: “Serving on 127.0.0.1:8080”.",
    "own-channel": "The same log, and the table of netstat: one line for one channel.",
    "unexposed": "A figure among those of server errors.",
    "server-error": "A figure of an answer in the 50x range.",
    "not-acceptable": "Four media types that a resource offers, and an Accept header that names none of them.",
    "static-folder": "The script of the figures.",
    "port-not-free": "The log of the second start: five seconds after the monitor threads a traceback that ends in "
    "wait_for_free_port, with IOError “Port 8080 not free on '127.0.0.1'”, then one that ends in "
    "ChannelFailures; the bus stops and exits.",
    "leaked-channel": "netstat before the second start: TCP 127.0.0.1:8080, LISTENING, process 7912.",
    "netstat": "Its line: TCP 127.0.0.1:8080 0.0.0.0:0 LISTENING 7912.",
    "taskkill": "“taskkill /F /pid 7912” reports success; the next start works.",
}

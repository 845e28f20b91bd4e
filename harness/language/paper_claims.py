"""The paper's claims in our words, what we found, and the paper's evidence for each.

"CherryPy: Common Programmer Issues with Solutions" (Shinde and Patel; evidence of September 2013; Python 2.7.5, Windows).
"""

from __future__ import annotations

#: id -> (the claim, what we found, or why no scenario tries it)
CLAIMS: dict[str, tuple[str, str]] = {
    "engine-start": (
        "The engine bus starts by initialising, listening for signals, starting monitor threads and serving on "
        "one channel; the log shows it line by line.",
        "Confirmed. The handler for console events exists only on Windows.",
    ),
    "default-channel": ("Without an address in the script, the channel is localhost (127.0.0.1), port 8080.", "Confirmed."),
    "own-channel": (
        "Each application has its own channel; many run on one machine without interfering.",
        "Confirmed. Each address has 65535 ports.",
    ),
    "threads": (
        "The main thread starts the server, further threads serve requests, and the main thread ends with the application.",
        "Confirmed; a stop waits for running handlers.",
    ),
    "server-error": (
        "An unhandled error gives 500; any 50x means that the method was not found or its parameters were wrong.",
        "Only the first half is confirmed: a method that is not found gives 404, and wrong parameters give 404 or 400.",
    ),
    "unexposed": (
        "A method that is not exposed is private. Shown under server errors.",
        "It gives 404, not 50x. Only an exposed object that is not callable gives 500. "
        "If the tree has an exposed default(), that default() answers with 200.",
    ),
    "client-error": ("An invalid URL gives 40x: missing credentials, resource not found or gone.", "Confirmed."),
    "bad-parameters": (
        "Too few parameters, or a varying number of them, are an error.",
        "Missing, surplus and duplicate parameters are errors: 404 in the URL, 400 in the body. One that is repeated "
        "in the same place is a list, not an error.",
    ),
    "parameter-order": (
        "Parameters in the wrong sequence are an error.",
        "Named parameters may come in any order. Swapped path segments are accepted silently, and fail with 500 only if "
        "a type does not fit.",
    ),
    "not-acceptable": (
        "A resource answers 406 at once to an Accept header that matches none of its types.",
        "Confirmed. The weights in Accept decide; CherryPy lets a broad range override a narrower one that excludes a type "
        "(text/*, text/json;q=0).",
    ),
    "not-found": (
        "A resource that no longer exists gives 404, checked after Accept.",
        "Confirmed: 406 if no type is acceptable, whether the resource exists or not, and 404 otherwise.",
    ),
    "method-dispatcher": (
        "GET returns the representation, like index(); the method dispatcher has no default().",
        "Confirmed for methods: a default() next to GET is never called. An object exposed as default is an ordinary resource.",
    ),
    "post-created": ("POST creates a resource: 201 Created with its URI in Location.", "Confirmed."),
    "put-replace": (
        "PUT replaces a resource; it does not create one here.",
        "Confirmed, with 204. A PUT to a missing resource gives 404, which is the application's choice.",
    ),
    "caching": (
        "Output is cached in memory under a predefined key, and lost when the server stops.",
        "Confirmed: the key is the URI with the fields named in Vary. A stop or an unsafe method clears the entry; a custom "
        "cache class can be plugged in.",
    ),
    "coverage": (
        "A coverage module traces the running application and shows its coverage in the browser.",
        "Confirmed on the bundled server if the coverage package is installed. CherryPy's own page has given 500 with every "
        "coverage since 3.7 (cherrypy/cherrypy#1731), and is not tried.",
    ),
    "static-folder": (
        "The application in the figures serves a folder through the static directory tool.",
        "Confirmed: index, types, ranges and conditional requests, and nothing outside the folder.",
    ),
    "port-not-free": (
        "Starting again while the port is taken fails with: Port 8080 not free on '127.0.0.1', as "
        "ChannelFailures, and the bus shuts down.",
        "Confirmed, with exit code 70; a bound socket that does not listen also holds the port.",
    ),
    "leaked-channel": (
        "After an error on closing, the channel stays allocated although no application uses it.",
        "Not after a kill alone: the kernel frees the port at once, even with connected clients. It stays allocated if a "
        "forked child still has the socket, on every Python; then it is in use.",
    ),
    "repeated-leak": ("If that happens repeatedly, dead channels add up.", "Not after kills: three in a row left nothing."),
    "reboot": ("Restarting the machine frees the channel.", "Not tried: a scenario does not restart the machine."),
    "netstat": (
        "netstat shows the process that holds the channel.",
        "The socket table does, including children that share a socket, but not for a bound socket that does not listen.",
    ),
    "taskkill": ("Killing that process frees the channel for the next application.", "Confirmed."),
    "newer-python": (
        "Newer Pythons have overcome the problem.",
        "Only for sockets that a child inherits through exec: an application's own socket leaks on 2.7 but not since 3.4 "
        "(PEP 446). Nothing has changed for forked children.",
    ),
}


STATED = "Stated without evidence."
#: id -> the paper's evidence for the claim, in our words
EVIDENCE = {
    "engine-start": "The log of a start on 25 September 2013: seven lines from “Listening for SIGTERM” to “Bus STARTED”, the "
    "two monitor threads and “Serving on 127.0.0.1:8080” between them.",
    "default-channel": "The same log, from a script without an address: “Serving on 127.0.0.1:8080”.",
    "own-channel": "The same log, and the output of netstat: one line for one channel.",
    "unexposed": "A figure in the section on server errors.",
    "server-error": "A figure that shows a 50x response.",
    "not-acceptable": "Four media types that a resource offers, and an Accept header with none of them.",
    "static-folder": "The script in the figures.",
    "port-not-free": "The log of the second start: five seconds after the monitor threads, a traceback that ends in "
    "wait_for_free_port, with IOError “Port 8080 not free on '127.0.0.1'”, then one that ends in "
    "ChannelFailures; the bus stops and exits.",
    "leaked-channel": "netstat before the second start: TCP 127.0.0.1:8080, LISTENING, process 7912.",
    "netstat": "Its line: TCP 127.0.0.1:8080 0.0.0.0:0 LISTENING 7912.",
    "taskkill": "“taskkill /F /pid 7912” reports success; the next start works.",
}

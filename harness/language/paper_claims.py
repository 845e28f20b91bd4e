"""The paper's claims in our words, the paper's evidence for each, and what no cell can show of it.

"CherryPy: Common Programmer Issues with Solutions" (Shinde and Patel; evidence of September 2013; Python 2.7.5, Windows).
What was found of a claim is not written here: a run's cells say it, in the steps that ``claim_questions`` names.
"""

from __future__ import annotations

#: id -> the claim
CLAIMS: dict[str, str] = {
    "engine-start": "The engine bus starts by initialising, listening for signals, starting monitor threads and serving on one "
    "channel; the log shows it line by line.",
    "default-channel": "Without an address in the script, the channel is localhost (127.0.0.1), port 8080.",
    "own-channel": "Each application has its own channel; many run on one machine without interfering.",
    "threads": "The main thread starts the server, further threads serve requests, and the main thread ends with "
    "the application.",
    "server-error": "An unhandled error gives 500; any 50x means that the method was not found or its parameters were wrong.",
    "unexposed": "A method that is not exposed is private. Shown under server errors.",
    "client-error": "An invalid URL gives 40x: missing credentials, resource not found or gone.",
    "bad-parameters": "Too few parameters, or a varying number of them, are an error.",
    "parameter-order": "Parameters in the wrong sequence are an error.",
    "not-acceptable": "A resource answers 406 at once to an Accept header that matches none of its types.",
    "not-found": "A resource that no longer exists gives 404, checked after Accept.",
    "method-dispatcher": "GET returns the representation, like index(); the method dispatcher has no default().",
    "post-created": "POST creates a resource: 201 Created with its URI in Location.",
    "put-replace": "PUT replaces a resource; it does not create one here.",
    "caching": "Output is cached in memory under a predefined key, and lost when the server stops.",
    "coverage": "A coverage module traces the running application and shows its coverage in the browser.",
    "static-folder": "The application in the figures serves a folder through the static directory tool.",
    "port-not-free": "Starting again while the port is taken fails with: Port 8080 not free on '127.0.0.1', as "
    "ChannelFailures, and the bus shuts down.",
    "leaked-channel": "After an error on closing, the channel stays allocated although no application uses it.",
    "repeated-leak": "If that happens repeatedly, dead channels add up.",
    "reboot": "Restarting the machine frees the channel.",
    "netstat": "netstat shows the process that holds the channel.",
    "taskkill": "Killing that process frees the channel for the next application.",
    "newer-python": "Newer Pythons have overcome the problem.",
}

#: The claims that say that something goes wrong: where one is reproduced, a server has the problem.
PROBLEMS = frozenset({"port-not-free", "leaked-channel", "repeated-leak"})

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

#: id -> what no cell can show, or why no scenario tries the claim
REMARKS = {
    "engine-start": "The handler for console events exists only on Windows.",
    "own-channel": "Each address has 65535 ports.",
    "put-replace": "That a missing resource gives 404 is the application's choice.",
    "coverage": "CherryPy's own page has given 500 with every coverage since 3.7 (cherrypy/cherrypy#1731), and is not tried.",
    "reboot": "A scenario does not restart the machine.",
    "newer-python": "Since 3.4 a socket is not inherited through exec unless the program asks for it (PEP 446); a fork "
    "copies it as before.",
}

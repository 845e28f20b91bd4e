"""The words of the report, each in one sentence: what the "?" of every page opens."""

from __future__ import annotations

WORDS = {
    "cell": "One scenario on one server and one Python: what is judged. It runs alone, or with others on a shared launch.",
    "scenario": "One file of steps, each with what it expects; it asks a server something as its users would, from outside.",
    "check": "One question of a table in a scenario file: a row of its own, with its level and its source.",
    "subject": "A server under test, such as waitress or CherryPy.",
    "target": "A subject on one Python, installed in an environment of its own.",
    "edition": "A subject in a version other than the locked one: a release, a wheel or a checkout.",
    "channel": "Where a server listens: a host and a port, or the path of a Unix socket. It is the paper's word.",
    "oracle": "The server that another one is compared with: CherryPy, for the bundled engine-bus server.",
    "level": "What the source of an expectation makes of it: must, should or may; record is observed and never judged.",
    "grade": "The level of a row. A failed must is red; a failed should is amber, and a failed may is quiet.",
    "known": "A failure that is expected because the server is known to be at fault: its entry says why.",
    "finding": "One distinct failure, said once, with the servers and the Pythons that have it.",
    "behaviour": "The verdict on what a server did in the steps of a scenario.",
    "cleanup": "The verdict on what a server left behind: processes, sockets, ports that cannot be bound, tracebacks.",
    "baseline": "An earlier run, which this one is compared with.",
    "shared launch": "One start of a server that answers several cells which only ask, one after another.",
    "run": "All cells of one command, with the machine that they ran on.",
    "capability": "A word that says what a server promises and a scenario needs; without it the scenario is unsupported.",
}

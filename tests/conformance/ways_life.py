"""How the small servers are wrong, and which check notices it: right_life.py, and right_workers.py."""

#: check -> the way of right_life.py in which it is red
OF_ONE = {
    "drain.requests-in-progress": "cuts-off",
    "drain.requests-in-the-queue": "drops-queue",
    "drain.new-clients-are-refused": "listens-on",
    "drain.nobody-stalls": "503-when-stopping",
    "drain.busy-keep-alive-client-is-told": "silent-about-close",
    "drain.idle-clients-go-at-once": "keeps-idle",
    "drain.busy-keep-alive-clients": "503-when-stopping",
    "drain.time-is-bounded-as-a-whole": "grace-each",
    "drain.client-that-reads-nothing": "waits-for-readers",
    "exits.terminated": "exit-1",
    "exits.terminated-while-busy": "exit-1",
    "exits.interrupted": "exit-1",
    "exits.quit": "exit-1",
    "exits.terminal-closed": "deaf-to-hup",
    "exits.taken-down-on-term": "no-teardown-on-term",
    "exits.taken-down-on-int": "no-teardown-on-int",
    "ctrl-c.ends-all-processes": "child-stays",
    "ctrl-c.ends-it-under-load": "crashes-on-int",
    "ctrl-c.counts-once": "cuts-off",
    "stopped.answers-afterwards": "drops-on-cont",
    "stopped.keeps-its-connections": "closes-on-cont",
    "stopped.told-to-end-meanwhile": "exit-1",
    "first-process.terminated": "no-handler",
    "first-process.interrupted": "deaf-to-int",
    "first-process.lets-a-request-finish": "cuts-off",
    "exhausted.does-not-spin": "spins",
    "exhausted.recovers": "ends-without-descriptors",
    "exhausted.byte-by-byte-others-are-served": "one-at-a-time",
    "exhausted.byte-by-byte-is-ended": "waits-for-heads",
}
#: check -> the way of right_workers.py
OF_WORKERS = {
    "reload.loses-nothing": "hup-rebinds",
    "reload.loses-nothing-kept": "hup-rebinds",
    "reload.lets-handlers-finish": "hup-kills",
    "reload.loads-new-code": "keeps-code",
    "reload.broken-application": "broken-app-ends-it",
    "reload.twice-at-once": "hup-adds",
    "upgrade.keeps-the-port": "closes-at-end",
    "upgrade.pid-files": "pid-not-renamed",
    "upgrade.taken-back": "child-removes-pid",
    "upgrade.asked-twice": "usr2-again",
    "workers.one-more": "deaf-to-ttin",
    "workers.never-none": "ttou-to-none",
    "workers.killed-under-load": "not-replaced",
    "workers.hung": "no-timeout",
    "workers.hung-under-load": "no-timeout",
    "workers.recycled": "recycle-half",
    "workers.recycled-kept": "recycle-half",
    "workers.busy-ones-end": "leaves-hung-ones",
    "workers.none-starts": "fails-with-0",
    "pid-file.written-and-removed": "pid-stays",
    "pid-file.stale": "stale-blocks",
    "pid-file.of-another-server": "overwrites-pid",
    "pid-file.replaced-meanwhile": "removes-any",
}
#: Checks that are recorded, and never judged.
RECORDED = ("drain.asked-to-stop-twice", "ctrl-c.second-one-forces")
#: check -> the arguments of its steps that take less time in these tests
QUICKER = {
    "exhausted.byte-by-byte-is-ended": {"send": ["GET / HTTP/1.1\r\nHost: {host}\r\nX: ", *[{"pause": "500ms"}, "a"] * 11, "\r\n\r\n"]},
    "stopped.answers-afterwards": {"patience": "3s"},
}
#: check -> the seconds that its steps wait at most in these tests, where it is wrong to come late.
SHORTER = {
    "first-process.terminated": 2.0,
    "first-process.interrupted": 2.0,
    "drain.client-that-reads-nothing": 7.0,
    "exits.terminal-closed": 2.0,
    "exhausted.does-not-spin": 4.0,
    "workers.one-more": 4.0,
    "workers.killed-under-load": 4.0,
    "workers.hung": 6.0,
    "workers.hung-under-load": 6.0,
    "workers.busy-ones-end": 4.0,
    "upgrade.pid-files": 4.0,
    "workers.never-none": 4.0,
}

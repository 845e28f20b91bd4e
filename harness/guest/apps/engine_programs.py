"""Programs without a command line of the server's: they start the engine themselves, and do something beside it."""
import os
import re
import subprocess

from engine_copies import STARTED, Copy, read, until
from engine_probes import probe

BEGIN = """
import os
import %s as web

web.config.update({"server.socket_host": "%s", "server.socket_port": %d, "engine.autoreload.on": False})
engine = web.engine
"""
ENDS_STOPPED = """
engine.subscribe("exit", lambda: engine.log("the exit listener is called"))
engine.start()
engine.stop()
"""
BLOCKS = """
def end():
    engine.unsubscribe("main", end)
    engine.exit()

for count in COUNTS:
    engine.subscribe("main", end)
    engine.start()
    engine.block()
    engine.log("the %s block returns when the engine has ended: %s" % (count, engine.state == engine.states.EXITING))
"""
READS = """
engine.signal_handler.subscribe()
engine.start()
while True:
    try:
        os.read(0, 1)
        break
    except OSError:  # EINTR on 2.7
        continue
"""
TWICE = "COUNTS = 'first', 'second'" + BLOCKS
BLOCKS_AND_READS = "COUNTS = ['first']" + BLOCKS + READS
IN_GERMAN = """
import locale
import time
try:
    locale.setlocale(locale.LC_ALL, "de_DE.UTF-8")
except locale.Error:
    pass
import enginebus as web

for month in range(1, 13):
    now = time.mktime((2026, month, 9, 3, 4, 5, 0, 0, -1))
    time.time = lambda: now
    web.log("logged")
"""


def program(web, name, text, begin=BEGIN, environment=None):
    """A process that runs a program."""
    with open(name + ".py", "w") as file:
        file.write((begin and begin % (web.__name__, web.server.socket_host, web.server.socket_port + 1)) + text)
    return Copy(web, name, command=[os.path.abspath(name + ".py")], environment=environment)


@probe
def german_months(web, say):
    """What the months are called in the log of a program that speaks German, where the system has that language or can make it."""
    try:
        subprocess.call(["localedef", "-c", "-i", "de_DE", "-f", "UTF-8", os.path.abspath("de_DE.UTF-8")], close_fds=True)
    except OSError:
        pass
    copy = program(web, "german", IN_GERMAN, "", {"LOCPATH": os.getcwd()} if os.path.isdir("de_DE.UTF-8") else {})
    try:
        say("it ends: %s with %s" % (copy.ends(), copy.process.poll()))
        say(" ".join(re.findall(r"\[09/(.*?)/2026:03:04:05\]  logged", read(copy.log))))
    finally:
        copy.end()


@probe
def programs(web, say):
    """Programs whose main thread ends with a stopped engine, blocks twice, and waits for its input, with and without a block before."""
    copy = program(web, "ends_stopped", ENDS_STOPPED)
    try:
        say("with a stopped engine it ends: %s with %s" % (copy.ends(), copy.process.poll()))
        log = read(copy.log)
        say("exit listeners are called: %s; then: %s" % ("the exit listener is called" in log, log.count("Bus EXITED")))
    finally:
        copy.end()
    copy = program(web, "twice", TWICE)
    try:
        say("with an engine that it starts again it ends: %s with %s" % (copy.ends(), copy.process.poll()))
        for line in read(copy.log).splitlines():
            if "block returns" in line:
                say(line.partition("ENGINE ")[2])
    finally:
        copy.end()
    for name, text, lives in (("reads", READS, 1), ("blocks_and_reads", BLOCKS_AND_READS, 2)):
        copy = program(web, name, text)
        try:
            until(lambda: read(copy.log).count(STARTED) == lives)
            copy.signal("TERM")
            say("%s: SIGTERM ends its engine: %s" % (name, until(lambda: read(copy.log).count("Bus EXITED") == lives)))
            copy.process.stdin.close()
            say("it ends: %s with %s" % (copy.ends(), copy.process.poll()))
        finally:
            copy.end()

"""The route contract "engine": a bus that is watched, and told what to do, from outside.

Runs unchanged on CherryPy and on enginebus. The environment steers it before there is anybody to ask:

SETTINGS   "NAME=LITERAL; ..."          settings of the whole process
LISTENERS  "CHANNEL PRIORITY VERB REST; ..."  listeners, whose verbs are below
FIRST      "VERB REST; ..."             done while the application is loaded, before the engine starts
PROBES     "NAME; ..."                  functions of engine_probes, called then
"""
import ast
import os
import signal
import sys
import threading
import time

try:
    import cherrypy as web
except ImportError:
    import enginebus as web

import engine_channels  # noqa: F401 (its probes)
import engine_commands  # noqa: F401 (its probes)
import engine_daemon  # noqa: F401 (its probes)
import engine_probes
import engine_settings  # noqa: F401 (its probes)

ENGINEBUS = web.__name__ == "enginebus"
_SEEN = {}  # how often a text was logged
_GATE = threading.Event()
_MINE = {}  # (channel, priority, verb, rest) -> the listener


def words(text):
    """The entries of a list whose separator is a semicolon."""
    return [each.strip() for each in text.split(";") if each.strip()]


def setting(text):
    """NAME=LITERAL as (name, value); what is no literal is text."""
    name, _, value = text.partition("=")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value


def note(text):
    """A line in the server's log that does not go through the bus."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def write(name, text):
    """A file with a text."""
    with open(name, "w") as file:
        file.write(text)


def in_thread(function, daemon=True, name="asked"):
    """Call a function on a thread of its own."""
    thread = threading.Thread(target=function, name=name)
    thread.daemon = daemon
    thread.start()
    return thread


class Other(object):
    """A second application."""

    @web.expose
    def index(self):
        return "the other application at %s" % web.request.script_name


def serve(address):
    """A second server, beside the first: "HOST PORT"."""
    if ENGINEBUS:
        server = web.Server()
    else:
        from cherrypy._cpserver import Server
        server = Server()
    server.socket_host, server.socket_port = address.split()[0], int(address.split()[1])
    server.subscribe()


def interrupt_server(_):
    """Tell the server to end, as its own thread is told."""
    web.server.httpserver.interrupt = SystemExit("interrupted on purpose")


def stay(seconds):
    """A thread that is no daemon, and does not end before the bus has exited, and some seconds more have passed."""
    def run():
        while web.engine.state != web.engine.states.EXITING:
            time.sleep(0.02)
        time.sleep(float(seconds))
        note("the thread that stays ends")
    in_thread(run, daemon=False, name="one that stays")


def leave(code):
    """End the process, as a program does."""
    raise SystemExit(int(code))


def interrupt(_):
    """What Ctrl-C raises."""
    raise KeyboardInterrupt()


def fail(text):
    """An error with a text of its own."""
    raise RuntimeError(text)


def callback(_):
    """Stop the engine, and start it again with a function that is called when it runs."""
    def called(*args, **kwargs):
        note("called back with %r and %r in the state %s" % (args, kwargs, state()))

    web.engine.stop()
    thread = web.engine.start_with_callback(called, ("one",), {"two": 2})
    thread.join(5)
    note("the callback's thread %r has ended: %s" % (thread.name, not thread.is_alive()))


def state():
    """The name of the engine's state."""
    return next(name for name in ("STOPPED", "STARTING", "STARTED", "STOPPING", "EXITING")
                if getattr(web.engine.states, name) == web.engine.state)


def cycle(_):
    """Stop, and start again."""
    web.engine.stop()
    web.engine.start()
    note("cycle done")


def monitor(bare):
    """A monitor that fails at its second run, and takes half a second for its fifth; or one that has nothing to run."""
    runs = []

    def run():
        runs.append(1)
        note("the monitor runs, time %d" % len(runs))
        if len(runs) == 2:
            raise RuntimeError("the monitor fails")
        if len(runs) == 5:
            time.sleep(0.5)
            note("the fifth run ends")

    if not ENGINEBUS:
        from cherrypy.process.plugins import Monitor
        made = Monitor(web.engine, run, 0.1, "Probing")
    else:
        from enginebus.monitors import Monitor
        made = Monitor(web.engine)
        made.frequency = 0.1
        if not bare:
            made.name, made.run = "Probing", run
    made.subscribe()


def module(name):
    """A module of the application that is written anew where it is gone."""
    if not os.path.exists(name + ".py"):
        with open(name + ".py", "w") as source:
            source.write("x = 1\n")
    __import__(name)


def touch(rest):
    """Save a file, some seconds ahead of now or behind: "NAME SECONDS"."""
    name, seconds = rest.split()
    when = os.stat(name).st_mtime + int(seconds)
    os.utime(name, (when, when))


def daemon(log):
    """Go to the background, and write to a file there."""
    if ENGINEBUS:
        from enginebus import Daemonizer
    else:
        from cherrypy.process.plugins import Daemonizer
    Daemonizer(web.engine, stdout=log, stderr=log).subscribe()


def terminal(_):
    """Read from a terminal, as a process that was started in one."""
    _, slave = os.openpty()
    os.dup2(slave, 0)


def no_input(_):
    """Have no standard input at all."""
    sys.stdin = None


def pid_file(path):
    """Write the number of the process to a file."""
    if ENGINEBUS:
        from enginebus import PIDFile
    else:
        from cherrypy.process.plugins import PIDFile
    PIDFile(web.engine, path).subscribe()


#: What a listener, FIRST or /do can be told: VERB REST. Those of the engine are its own methods.
VERBS = {
    "say": lambda text: web.engine.log("says " + text),
    "fail": fail,
    "leave": leave,
    "interrupt": interrupt,
    "sleep": lambda seconds: time.sleep(float(seconds)),
    "kill": lambda name: os.kill(os.getpid(), getattr(signal, "SIG" + name)),
    "handle-signals": lambda _: web.engine.signal_handler.subscribe(),
    "restore-signals": lambda _: web.engine.signal_handler.unsubscribe(),
    "open": lambda _: _GATE.set(),
    "stay": stay,
    "mount": lambda prefix: web.tree.mount(Other(), prefix),
    "serve": serve,
    "interrupt-server": interrupt_server,
    "cycle": cycle,
    "monitor": monitor,
    "module": module,
    "touch": touch,
    "remove": os.remove,
    "write": lambda rest: write(*rest.split(" ", 1)),
    "daemon": daemon,
    "pid-file": pid_file,
    "terminal": terminal,
    "no-input": no_input,
    "callback": callback,
    "state": lambda text: note("%s in the state %s" % (text, state())),
    "linger": lambda seconds: in_thread(lambda: time.sleep(float(seconds)), name="one that lingers"),
    "thread": lambda rest: in_thread(lambda: act(rest)),
    "first-time": lambda rest: None if os.path.exists("not-the-first-time") else (write("not-the-first-time", ""), act(rest)),
    "unlisten": lambda rest: forget(rest),
    "listen": lambda rest: listen(rest),
}


def act(text):
    """Do what a text of a verb and its rest says."""
    verb, _, rest = text.partition(" ")
    if verb in VERBS:
        return VERBS[verb](rest)
    return getattr(web.engine, verb)()


def listen(text):
    """Subscribe a listener: "CHANNEL PRIORITY VERB REST"; a priority of "-" is none, and "=N" an attribute of the function.

    "once" before the verb: it leaves the channel before it does that. "nth N" before it: at the N-th call alone.
    "gated" before it: not until somebody has done "open".
    """
    channel, priority, what = text.split(" ", 2)
    calls = []

    def listener(*args, **kwargs):
        calls.append(args)
        verb = what
        if verb.startswith("nth "):
            _, number, verb = verb.split(" ", 2)
            if len(calls) != int(number):
                return None
        if verb.startswith("gated "):
            if not _GATE.is_set():
                return None
            verb = verb[6:]
        if verb.startswith("once "):
            verb = verb[5:]
            forget(text)
        if verb == "level":
            return note("LEVEL %s %s" % (args[1], args[0].splitlines()[0]))
        if verb == "count":
            return note("%s listener, call %d" % (channel, len(calls)))
        if verb.startswith("match "):
            if verb[6:] in args[0]:
                _SEEN[verb] = _SEEN.get(verb, 0) + 1
                note("%r was logged, time %d" % (verb[6:], _SEEN[verb]))
            return None
        if verb == "told":
            return note("%s listener is told %r" % (channel, args))
        return act(verb)

    _MINE[text] = (channel, listener)
    if priority == "-":
        web.engine.subscribe(channel, listener)
    elif priority.startswith("="):
        listener.priority = int(priority[1:])
        web.engine.subscribe(channel, listener)
    else:
        web.engine.subscribe(channel, listener, int(priority))


def forget(text):
    """Unsubscribe a listener."""
    web.engine.unsubscribe(*_MINE.get(text, ("start", forget)))


CONFIG = {"global": dict(setting(each) for each in words(os.environ.get("SETTINGS", "")))}
for _each in words(os.environ.get("LISTENERS", "")):
    listen(_each)
for _each in words(os.environ.get("FIRST", "")):
    act(_each)
for _each in words(os.environ.get("PROBES", "")):
    engine_probes.PROBES[_each](web, note)


class Root(object):
    """The engine, by requests."""

    probe = engine_probes.Probe(web)

    @web.expose
    def index(self):
        return "hello"

    @web.expose
    def state(self):
        return state()

    @web.expose
    def do(self, what):
        """Do it on the handler's own thread."""
        act(what)
        return "done"

    @web.expose
    def slow(self, seconds="1"):
        web.engine.log("slow handler begins")
        time.sleep(float(seconds))
        web.engine.log("slow handler ends")
        return "slow done"

    @web.expose
    def stopping(self, what, seconds):
        """Tell the engine something, and answer some time later."""
        act(what)
        time.sleep(float(seconds))
        return "answered"

    @web.expose
    def pid(self):
        return "%d" % os.getpid()

    @web.expose
    def file(self, name):
        """What stands in a file of the working folder."""
        with open(name, "rb") as file:
            return file.read()

    @web.expose
    def client(self):
        """What the client's address is called, and the URL of the server as the client sees it."""
        return "%s %s" % (web.request.remote.ip or "no address", web.request.base)

    @web.expose
    def placed(self):
        """Where the process stands among the others, and what its streams are."""
        streams = [os.readlink("/proc/self/fd/%d" % number) for number in range(3)]
        return "session %d leader %s streams %s" % (os.getsid(0), os.getsid(0) == os.getpid(), " ".join(
            os.path.basename(each) for each in streams))

    @web.expose
    def command(self):
        """How the process was started, as it knows it."""
        flags = sys.flags
        return "%d %d %s" % (flags.no_user_site, flags.ignore_environment, " ".join(sys.argv))

"""What a listener, the environment or a request can tell the app "engine" to do: VERB REST."""
import importlib
import os
import py_compile
import signal
import sys
import threading
import time

try:
    import cherrypy as web
except ImportError:
    import enginebus as web

ENGINEBUS = web.__name__ == "enginebus"
GATE = threading.Event()


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


def block(_):
    """Wait, as the main thread does, until the engine has ended."""
    web.engine.block()
    note("a thread's block returns in the state %s" % state())


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

    for arguments in ((("one",), {"two": 2}), (("one", "two"),), ()):
        web.engine.stop()
        thread = web.engine.start_with_callback(called, *arguments)
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


def monitor(kind):
    """A monitor that fails at its second run, and takes half a second for its fifth.

    Or one that is "bare" and has nothing to run, or "cycling": at its second run it stops the engine, and starts it again.
    """
    runs = []

    def run():
        runs.append(1)
        note("the monitor runs, time %d" % len(runs))
        if kind == "cycling":
            return cycle("") if len(runs) == 2 else None
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
        if kind != "bare":
            made.name, made.run = "Probing", run
    made.subscribe()


def module(name):
    """A module of the application that is written anew where it is gone."""
    if not os.path.exists(name + ".py"):
        with open(name + ".py", "w") as source:
            source.write("x = 1\n")
    __import__(name)


def compiled(name):
    """A module that is loaded from what was compiled of it while its source is away; then the source is there again."""
    source, made = name + ".py", name + ".pyc"
    if not os.path.exists(made):
        write(source, "x = 1\n")
        py_compile.compile(source, made, doraise=True)
    if os.path.exists(source):
        os.remove(source)
    getattr(importlib, "invalidate_caches", lambda: None)()
    __import__(name)
    write(source, "x = 1\n")


def touch(rest):
    """Save a file, some seconds ahead of now or behind: "NAME SECONDS"."""
    name, seconds = rest.split()
    when = os.stat(name).st_mtime + int(seconds)
    os.utime(name, (when, when))


def whole(name):
    """Let a file have been saved at a whole second."""
    os.utime(name, (int(os.stat(name).st_mtime),) * 2)


def save(rest):
    """Save a file again and again, N times in a second by its times, until the process is another program: "NAME N"."""
    name, number = rest.split()
    second = int(os.stat(name).st_mtime)

    def run():
        for count in range(1, 64):
            os.utime(name, (second + count / float(number),) * 2)
            time.sleep(0.2)
    in_thread(run)


def rename(rest):
    """Give a file another name: "OLD NEW"."""
    os.rename(*rest.split())


def configure(rest):
    """Change a setting of the whole process: "NAME NUMBER"."""
    name, value = rest.split()
    web.config.update({name: float(value)})


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
    "own-handler": lambda name: signal.signal(getattr(signal, "SIG" + name), lambda *_: note("own handler of SIG" + name)),
    "handle-signals": lambda _: web.engine.signal_handler.subscribe(),
    "restore-signals": lambda _: web.engine.signal_handler.unsubscribe(),
    "open": lambda _: GATE.set(),
    "stay": stay,
    "await-end": block,
    "mount": lambda prefix: web.tree.mount(Other(), prefix),
    "serve": serve,
    "interrupt-server": interrupt_server,
    "cycle": cycle,
    "monitor": monitor,
    "module": module,
    "compiled": compiled,
    "touch": touch,
    "whole": whole,
    "save": save,
    "remove": os.remove,
    "rename": rename,
    "umask": lambda mode: os.umask(int(mode, 8)),
    "configure": configure,
    "write": lambda rest: write(*rest.split(" ", 1)),
    "daemon": daemon,
    "pid-file": pid_file,
    "terminal": terminal,
    "no-input": no_input,
    "callback": callback,
    "state": lambda text: note("%s in the state %s" % (text, state())),
    "linger": lambda seconds: in_thread(lambda: time.sleep(float(seconds)), name="one that lingers"),
    # Not a daemon: one that wakes up while the interpreter of 2.7 ends finds its modules empty.
    "thread": lambda rest: in_thread(lambda: act(rest), daemon=False),
    "first-time": lambda rest: None if os.path.exists("not-the-first-time") else (write("not-the-first-time", ""), act(rest)),
}


def act(text):
    """Do what a text of a verb and its rest says."""
    verb, _, rest = text.partition(" ")
    if verb in VERBS:
        return VERBS[verb](rest)
    return getattr(web.engine, verb)()

"""The route contract "engine": a bus that is watched, and told what to do, from outside.

Runs unchanged on CherryPy and on enginebus. The environment steers it before there is anybody to ask:

SETTINGS   "NAME=LITERAL; ..."                settings of the whole process
LISTENERS  "CHANNEL PRIORITY VERB REST; ..."  listeners; the verbs are those of engine_acts
FIRST      "VERB REST; ..."                   done while the application is loaded, before the engine starts
"""
import ast
import os
import sys
import time

import engine_certificates  # noqa: F401 (its probes)
import engine_channels  # noqa: F401 (its probes)
import engine_commands  # noqa: F401 (its probes)
import engine_daemon  # noqa: F401 (its probes)
import engine_probes
import engine_programs  # noqa: F401 (its probes)
import engine_settings  # noqa: F401 (its probes)
import engine_successors  # noqa: F401 (its probes)
import engine_workers  # noqa: F401 (its probes)
from engine_acts import GATE, VERBS, act, note, state, web

_SEEN = {}  # how often a text was logged
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
            if not GATE.is_set():
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


VERBS.update({"listen": listen, "unlisten": forget})
CONFIG = {"global": dict(setting(each) for each in words(os.environ.get("SETTINGS", "")))}
for _each in words(os.environ.get("LISTENERS", "")):
    listen(_each)
for _each in words(os.environ.get("FIRST", "")):
    act(_each)


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
        """Where the process stands among the others, what its streams are, and how many descriptors these files have."""
        streams = [os.readlink("/proc/self/fd/%d" % number) for number in range(3)]
        found = [os.path.join("/proc/self/fd", number) for number in os.listdir("/proc/self/fd")]
        held = [path for path in found if os.path.lexists(path) and os.readlink(path) in streams]
        return "session %d leader %s streams %s, %d descriptors" % (os.getsid(0), os.getsid(0) == os.getpid(), " ".join(
            os.path.basename(each) for each in streams), len(held))

    @web.expose
    def command(self):
        """How the process was started, as it knows it."""
        flags = sys.flags
        return "%d %d %s" % (flags.no_user_site, flags.ignore_environment, " ".join(sys.argv))

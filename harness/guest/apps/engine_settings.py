"""The settings of the bundled server: what they are at first, what may be set, what is refused, and with which words."""
import os

from engine_copies import Copy, ask, read, until
from engine_probes import probe

#: What the command line of every cell sets.
CHANNEL = ("server.socket_host", "server.socket_port", "engine.autoreload.on")

WRONG = (
    {"server.thread_pol": 3}, {"server.thread_pool": "many"}, {"server.thread_pool": 1.5}, {"server.thread_pool": True},
    {"server.socket_timeout": True}, {"server.socket_host": None}, {"server.socket_file": 7}, {"engine.autoreload.on": 1},
    {"log.screen": "no"}, {"environment": "nowhere"}, {"entirely.other": 1}, {"request.show_traceback": True},
    {"response.streaming": True}, {"hooks.before_all": len}, {"hooks.before_handler": 7}, {"error_page.200": "x"},
    {"error_page.x": "x"}, {"tools.nothing.on": True}, {"request": 1}, {"mine.key": 1},
)


@probe
def defaults(web, say):
    """Every setting that has a value of its own at the start, but for what the harness sets."""
    for name, (target, attribute, _) in sorted(web.Application.settings.attributes.items()):
        if name not in CHANNEL:
            say("%s = %r" % (name, getattr(target, attribute)))


def wrong(function, *args):
    """What is said against something, and whether it is a KeyError."""
    try:
        function(*args)
        return "taken"
    except Exception as error:
        return "%s%s: %s" % (type(error).__name__, "" if isinstance(error, KeyError) else " (no KeyError)", error)


@probe
def wrong_settings(web, say):
    """What is refused, for the process and for a path, and that nothing of it is kept."""
    before = dict(web.config)
    for each in WRONG:
        name, value = list(each.items())[0]
        said = wrong(web.config.update, each)
        say("%s=%r: %s" % (name, value, said if len(said) < 300 else said[:90] + " ... " + said[-10:]))
    for section in ({"server.thread_pool": 3}, {"engine.autoreload.on": True}, {"tools.nothing.on": True}):
        say("at a path: %s" % wrong(web.Application, object(), "", {"/": section}))
    say("a path: %s" % wrong(web.Application, object(), "", {"nowhere": {}}))
    say("no section: %s" % wrong(web.Application, object(), "", {"/": 3}))
    say("nothing of it is kept: %s" % (dict(web.config) == before))
    say("several, of which one is wrong: %s" % wrong(web.config.update, {"server.thread_pool": 11, "server.thread_pol": 3}))


def per_path(web):
    """What holds at every path."""
    return sorted(web.Application.settings.per_path.items())


@probe
def right_settings(web, say):
    """What is taken has its effect at once, and is gone after a reset."""
    config, kept = web.config, [(name, getattr(web.server, name)) for name in ("socket_host", "socket_port")]
    try:
        config["server.thread_pool"] = 11
        say("one: %s %s" % (web.server.thread_pool, config["server.thread_pool"]))
        config.update({"global": {"server.thread_pool": 12, "server.socket_timeout": 1.5}, "/path": {"x": 1}})
        say("the section global: %s %s %s" % (web.server.thread_pool, web.server.socket_timeout, "/path" in config))
        config.update(environment="test_suite")
        say("an environment: %s %s %s" % (web.engine.autoreload.on, web.log.screen, per_path(web)))
        for name in ("embedded", "production", "staging"):
            config.update({
                "engine.autoreload.on": True, "environment": name, "log.screen": True, "request.show_tracebacks": name})
            say("%s, and what is named beside it: %s %s %s" % (
                name, web.engine.autoreload.on, web.log.screen, web.Application.settings.per_path["request.show_tracebacks"]))
            config.reset()
            config.update({"environment": name})
            shown = web.log.screen
            web.log.screen = True
            say("%s: %s %s %s" % (name, web.engine.autoreload.on, shown, per_path(web)))
        told = []
        config.namespaces["mine"] = lambda key, value: told.append((key, value))
        config.update({"mine.key": 7})
        app = web.Application(object(), "", {"/a/": {"mine.key": 8}, "/a/b": {"request.show_tracebacks": True}})
        say("a namespace of one's own: %s %s" % (told, config["mine.key"]))
        say("what holds at a path: %s %s %s" % (
            app.find("/a/c", "mine.key", None), app.find("/a/b/c", "request.show_tracebacks", None),
            app.find("/b", "mine.key", 9)))
        config.reset()
        say("after a reset: %s %s %s %s" % (
            web.server.thread_pool, web.server.socket_timeout, dict(config), web.Application.settings.per_path))
    finally:
        config.namespaces.clear()
        for name, value in kept:
            setattr(web.server, name, value)


@probe
def decorated(web, say):
    """Settings of handlers and of classes, by a decorator."""
    @web.config(**{"a": 1})
    @web.config({"b": 2, "a": 3})
    def function():
        """With settings."""

    @web.config(c=1, d=2)
    class Base(object):
        """With settings."""

    @web.config(c=3)
    class Derived(Base):
        """With some of its base's, and its own."""

    for each in (function, Base, Derived):
        say("%s %s" % (each.__name__, sorted(each._cp_config.items())))


PROGRAM = """
import os, sys
import enginebus

class Root(object):
    @enginebus.expose
    def index(self):
        return "embedded %%d" %% enginebus.server.thread_pool

settings = {"global": {"server.socket_host": "%s", "server.socket_port": %d, %s}, "/": {%s}}
if %s:
    enginebus.config.update(settings.pop("global"))
enginebus.quickstart(Root(), "/at", settings)
"""


@probe
def embedded(web, say):
    """A program that has no command line of the server's, but quickstart."""
    for name, own, of_paths, before in (
            ("right", "'server.thread_pool': 7", "'tools.trailing_slash.on': False", False),
            ("paths-alone", "'server.thread_pool': 8", "'tools.trailing_slash.on': False", True),
            ("wrong", "'server.thread_pol': 7", "", False), ("wrong-path", "", "'server.thread_pool': 7", False)):
        with open(name + ".py", "w") as program:
            program.write(PROGRAM % (web.server.socket_host, web.server.socket_port + 1, own, of_paths, before))
        copy = Copy(web, name, command=[os.path.abspath(name + ".py")])
        try:
            until(lambda: "Bus STARTED" in read(copy.log) or copy.process.poll() is not None)
            address = (copy.host, copy.port)
            say("%s: %s; %s; %s" % (name, ask(address, "/at/"), ask(address, "/at")[0], ask(address, "/")[0]))
            if copy.process.poll() is None:
                copy.signal("TERM")
            say("%s: ends: %s with %s, %s" % (
                name, copy.ends(), copy.process.poll(), read(copy.log).strip().splitlines()[-1].rpartition("] ")[2]))
        finally:
            copy.end()

"""The route contract "races": the engine told to start and stop from several threads, at moments that do not fit.

Runs unchanged on CherryPy and on enginebus, as the tree does. The environment's RACE is a race at start.
"""
import os
import threading

import tree
from tree import web


def _in_threads(target, count):
    """Call ``target`` from as many threads at once."""
    go = threading.Event()

    def wait_and_call():
        go.wait()
        target()

    for number in range(count):
        thread = threading.Thread(target=wait_and_call, name="race %d" % number)
        thread.daemon = True
        thread.start()
    go.set()


def _cycle():
    """Stop the engine and start it again, in this process."""
    web.engine.stop()
    web.engine.start()
    web.engine.log("cycle done")


def _exit_while_starting():
    """A start listener, before the HTTP server's: another thread asks for the exit now."""
    web.engine.log("exit is asked for during start")
    _in_threads(web.engine.exit, 1)


if os.environ.get("RACE") == "exit-while-starting":
    web.engine.subscribe("start", _exit_while_starting, priority=20)


class Root(tree.Root):
    """The tree, and its races."""

    @web.expose
    def cycle(self):
        _in_threads(_cycle, 1)
        return "soon"

    @web.expose
    def exit_from_thread(self):
        _in_threads(web.engine.exit, 1)
        return "bye"

    @web.expose
    def exit_together(self, threads):
        _in_threads(web.engine.exit, int(threads))
        return "bye"

    @web.expose
    def start_while_stopping(self):
        """One thread stops, and a stop listener lets another one start meanwhile."""
        def start_meanwhile():
            web.engine.unsubscribe("stop", start_meanwhile)  # once: the stop at the end is not raced
            _in_threads(web.engine.start, 1)

        web.engine.subscribe("stop", start_meanwhile, priority=10)
        _in_threads(web.engine.stop, 1)
        return "soon"

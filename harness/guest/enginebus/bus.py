"""The engine bus: a state machine with publish/subscribe channels.

Every component of a site (HTTP server, signal handler, monitors, log) is a
listener on the bus, and the bus takes all of them through one life:
STOPPED, STARTING, STARTED, STOPPING, and at the end EXITING.
"""
import atexit
import os
import sys
import threading
import time
import traceback as _traceback

from ._compat import get_ident, original_argv
from .threads import ThreadManager

STOPPED, STARTING, STARTED, STOPPING, EXITING = STATES = (
    "STOPPED", "STARTING", "STARTED", "STOPPING", "EXITING")

#: The transitions that exist; every other one raises InvalidTransition. A bus may be started, and stopped, again:
#: its listeners are called once more, as CherryPy has it.
TRANSITIONS = {
    STOPPED: (STARTING, STOPPING, EXITING),
    STARTING: (STARTED, STOPPING),
    STARTED: (STARTING, STOPPING),
    STOPPING: (STOPPED,),
    EXITING: (STARTING, STOPPING),
}

#: sysexits.h EX_SOFTWARE: the status of a process whose start listener failed.
EX_SOFTWARE = 70

BUS_CHANNELS = ("start", "stop", "exit", "join", "graceful", "log", "main")


class _States(object):
    """The states as attributes: ``bus.states.STARTED``."""

    STOPPED, STARTING, STARTED, STOPPING, EXITING = STATES


class InvalidTransition(RuntimeError):
    """The bus was asked to go where its state does not lead."""


class ChannelFailures(Exception):
    """The errors of all listeners of one publish, in the order in which they happened."""

    def __init__(self, errors=()):
        Exception.__init__(self)
        self.errors = list(errors)

    def __str__(self):
        return ", ".join(repr(error) for error in self.errors)

    def __repr__(self):
        return "ChannelFailures(%s)" % self

    def __bool__(self):
        return bool(self.errors)

    __nonzero__ = __bool__


class StartInterrupted(Exception):
    """A start listener gave up because the bus was asked to exit meanwhile."""


class Bus(object):
    """A process state machine; its transitions are serialised, from whatever thread they come.

    A transition that is asked for from inside another one on the same thread
    (a signal handler that interrupts ``start``) is put off until that one is done.
    """

    states = _States

    def __init__(self):
        self.state = STOPPED
        self.exit_status = 0
        self.execv = False
        self.listeners = dict((channel, {}) for channel in BUS_CHANNELS)
        self.threads = ThreadManager(self)
        self._order = 0
        self._lock = threading.Lock()
        self._owner = None
        self._pending = []
        self._blocking = self._atexit = self.has_started = False

    # -- publish / subscribe

    def subscribe(self, channel, listener=None, priority=None):
        """Call ``listener`` on each publish to ``channel``; a lower priority runs earlier (default 50).

        Without a listener it is a decorator: ``@bus.subscribe("start", priority=80)``.
        """
        if listener is None:
            def mark(function):
                self.subscribe(channel, function, priority)
                return function
            return mark
        if priority is None:
            priority = getattr(listener, "priority", 50)
        self._order += 1
        self.listeners.setdefault(channel, {})[listener] = (priority, self._order)
        return listener

    def unsubscribe(self, channel, listener):
        """Stop calling ``listener``; one that is not subscribed is no error."""
        self.listeners.get(channel, {}).pop(listener, None)

    def publish(self, channel, *args, **kwargs):
        """Call all listeners of a channel in the order of their priorities and return what they returned.

        One listener's error does not keep the others from running.
        Raises ChannelFailures with all errors; KeyboardInterrupt and SystemExit at once.
        """
        listeners = self.listeners.get(channel, {})
        errors, results = [], []
        for listener in sorted(listeners, key=listeners.get):
            try:
                results.append(listener(*args, **kwargs))
            except KeyboardInterrupt:
                raise
            except SystemExit as leaving:
                if errors and not leaving.code:
                    raise SystemExit(1)  # something did fail
                raise
            except Exception as error:
                errors.append(error)
                if channel != "log" and not isinstance(error, StartInterrupted):
                    self.log("Error in %r listener %r" % (channel, listener), level=40, traceback=True)
        if errors:
            raise ChannelFailures(errors)
        return results

    def log(self, message="", level=20, traceback=False):
        """Publish a line to the ``log`` channel, with the traceback of the current exception on demand."""
        if traceback:
            message += "\n" + "".join(_traceback.format_exception(*sys.exc_info()))
        self.publish("log", message, level)

    # -- transitions

    def start(self):
        """Run all ``start`` listeners; raises SystemExit(70) when one of them failed, after a clean stop."""
        self._transition("start")

    def start_with_callback(self, function, args=(), kwargs=None):
        """Start, and call a function on a thread of its own as soon as the bus is STARTED; return that thread."""
        def run():
            self.wait(STARTED)
            function(*args or (), **kwargs or {})

        thread = threading.Thread(target=run, name="Bus callback %s" % getattr(function, "__name__", function))
        thread.daemon = True
        thread.start()
        self.start()
        return thread

    def stop(self):
        """Run all ``stop`` listeners."""
        self._transition("stop")

    def exit(self):
        """Run all ``stop``, then all ``exit`` listeners and reach EXITING, which ``block`` waits for.

        A bus that is EXITING is left as it is: two signals, or a signal and a handler, end a site once.
        """
        self._transition("exit")

    def restart(self):
        """Exit, and let ``block`` execute the same command line in this process anew."""
        self._transition("restart")

    def graceful(self):
        """Tell all listeners to reload what they hold, without a change of state."""
        self._transition("graceful")

    def request(self, name, why):
        """Ask for a transition by name from a signal handler, which must not take a lock or write a line.

        It is carried out, and ``why`` logged, by the transition that runs now, by ``block``,
        or at once where the main thread does neither.
        """
        self._pending.append((name, why))
        if self._owner is None and not self._blocking:
            self._transition(None)

    @property
    def interrupted(self):
        """Whether the bus was asked to end during the present transition: long listeners look at it and give up."""
        return any(name in ("stop", "exit", "restart") for name, _ in self._pending)

    def _transition(self, name):
        me = get_ident()
        if self._owner == me:
            self._pending.append((name, None))
            return
        with self._lock:
            self._owner = me
            try:
                self._perform(name)
            finally:
                try:
                    while self._pending:
                        name, why = self._pending.pop(0)
                        if why:
                            self.log(why)
                        try:
                            self._perform(name)
                        except ChannelFailures:
                            if name != "graceful":  # a reload that failed is in the log, and no reason to end
                                raise
                finally:
                    self._owner = None

    def _perform(self, name):
        if name is not None:
            getattr(self, "_" + name)()

    def _go(self, state):
        if state not in TRANSITIONS[self.state]:
            raise InvalidTransition("the bus is %s; from there it cannot be %s" % (self.state, state))
        self.state = state
        self.log("Bus %s" % state)

    def _start(self):
        if not self._atexit:
            self._atexit = True
            atexit.register(self._clean_up)
        self._go(STARTING)
        try:
            self.publish("start")
        except (KeyboardInterrupt, SystemExit):
            self._exit()
            raise
        except ChannelFailures as failures:
            if all(isinstance(error, StartInterrupted) for error in failures.errors):
                self.log("Bus start was interrupted")
                return
            self.log("Shutting down due to error in start listener:", level=40, traceback=True)
            self.exit_status = EX_SOFTWARE
            self._exit()
            raise SystemExit(EX_SOFTWARE)
        self._go(STARTED)
        self.has_started = True

    def _stop(self):
        self._go(STOPPING)
        try:
            self.publish("stop")
        finally:
            self._go(STOPPED)

    def _exit(self):
        self.execv = False  # to end counts for more than a restart that is under way
        self._end()

    def _end(self):
        if self.state == EXITING:
            return
        try:
            self._note_failures(self._stop)
        finally:
            self._go(EXITING)
            try:
                self._note_failures(self.publish, "exit")
            finally:
                self.log("Bus EXITED")

    def _note_failures(self, function, *args):
        """What listeners of the end raise is in the log; the site ends all the same, and its status says so."""
        try:
            function(*args)
        except ChannelFailures:
            self.exit_status = EX_SOFTWARE

    def _restart(self):
        if self.state == EXITING:
            return
        self.execv = True
        self.log("Bus RESTART")
        self._end()

    def _graceful(self):
        self.log("Bus graceful")
        self.publish("graceful")

    def _clean_up(self):
        """The interpreter ends while the bus runs: say so and stop what can be stopped."""
        if self.state != EXITING:
            self.log("The main thread is exiting, but the Bus is in the %s state; shutting it down now." % self.state)
            self.exit()

    # -- waiting

    def wait(self, state, interval=0.05, channel=None, timeout=None):
        """Wait until the bus is in ``state`` (or one of several); return whether it came to that in time.

        ``channel`` is published once per interval (seconds): the ``main`` channel of the main thread.
        """
        states = (state,) if state in STATES else tuple(state)
        limit = None if timeout is None else time.time() + timeout
        while self.state not in states:
            if limit is not None and time.time() > limit:
                return False
            time.sleep(interval)
            if self._blocking and self._pending:
                self._transition(None)
            if channel:
                self.publish(channel)
        return True

    def block(self, interval=0.05):
        """Keep the main thread until the bus has exited, then wait for other threads and re-execute if asked.

        Raises SystemExit with the status of the bus where that is not 0.
        """
        self._blocking = True
        try:
            self.wait(EXITING, interval, channel="main")
        except KeyboardInterrupt:
            self.log("Keyboard Interrupt: shutting down bus")
            self.exit()
        except SystemExit:
            self.log("SystemExit raised: shutting down bus")
            self.exit()
            raise
        with self._lock:  # EXITING is the state while exit listeners still run on another thread
            pass
        self.publish("join")  # a handler that asked for the exit has yet to answer its client
        self.log("Waiting for child threads to terminate...")
        for thread in threading.enumerate():
            if thread is not threading.current_thread() and not thread.daemon and thread.name != "MainThread":
                self.log("Waiting for thread %s." % thread.name)
                thread.join()
        self._blocking = False  # from here on signals are not put off: the engine may be started again
        if self._pending:  # a signal that has come since
            self._transition(None)
        if self.execv:
            self._do_execv()
        if self.exit_status:
            raise SystemExit(self.exit_status)

    def _do_execv(self):
        argv = original_argv()
        self.log("Re-executing %s" % " ".join(argv))
        os.execv(argv[0], argv)

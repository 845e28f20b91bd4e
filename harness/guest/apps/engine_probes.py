"""What the app "engine" tries from inside, with sockets and processes of its own, and reports line by line."""
import sys
import threading
import time


PROBES = {}


def probe(function):
    """A function that takes the web framework and a function to report with."""
    PROBES[function.__name__.replace("_", "-")] = function
    return function


def failures(error):
    """The errors of a publish: those of ChannelFailures, as either framework tells them."""
    return error.get_instances() if hasattr(error, "get_instances") else error.errors


@probe
def publications(web, say):
    """What publish returns and raises, and who is called."""
    bus, called = web.engine, []

    def listener(name, result=None, error=None):
        def call(*args, **kwargs):
            called.append(name)
            if error is not None:
                raise error
            return (name, args, sorted(kwargs.items())) if result is None else result
        return call

    def tell(what, channel, *args, **kwargs):
        del called[:]
        try:
            found = bus.publish(channel, *args, **kwargs)
        except Exception as error:
            found = "%s of %s" % (type(error).__name__, [type(each).__name__ for each in failures(error)])
            say("%s: as a truth value %s" % (what, bool(error)))
        say("%s: %s; called: %s" % (what, found, " ".join(called)))

    tell("nobody listens", "probe-0")
    first, second, third = listener("first"), listener("second"), listener("third", 3)
    bus.subscribe("probe-1", third, 90)
    bus.subscribe("probe-1", first, priority=10)
    bus.subscribe("probe-1", second)
    tell("three", "probe-1", 1, two=2)
    bus.subscribe("probe-1", first, 95)
    tell("one of them with another priority", "probe-1")
    bus.unsubscribe("probe-1", second)
    bus.unsubscribe("probe-1", second)
    bus.unsubscribe("probe-2", second)
    tell("one of them unsubscribed", "probe-1")
    tell("where only somebody unsubscribed", "probe-2")
    bus.subscribe("probe-4", listener("sound", "sound"), 20)
    bus.subscribe("probe-4", listener("wrong", error=ValueError("wrong")), 10)
    bus.subscribe("probe-4", listener("missing", error=KeyError("missing")), 30)
    bus.subscribe("probe-4", listener("sound, too", "too"), 40)
    tell("two of four fail", "probe-4")
    for number, error in enumerate((SystemExit(0), KeyboardInterrupt())):
        channel = "probe-%d" % (5 + number)
        bus.subscribe(channel, listener("before", 1), 10)
        bus.subscribe(channel, listener("leaves", error=error), 20)
        bus.subscribe(channel, listener("after", 2), 30)
        del called[:]
        try:
            bus.publish(channel)
        except (SystemExit, KeyboardInterrupt) as raised:
            say("%s passes at once: %s" % (type(raised).__name__, " ".join(called)))
    for code in (0, 3):
        channel = "probe-%d" % (7 + code)
        bus.subscribe(channel, listener("wrong", error=ValueError("wrong")), 10)
        bus.subscribe(channel, listener("leaves", error=SystemExit(code)), 20)
        try:
            bus.publish(channel)
        except SystemExit as raised:
            say("after an error SystemExit(%s) passes as SystemExit(%s)" % (code, raised.code))
    try:
        bus.subscribe("log", failing_log, 60)
        bus.log("this line is logged although another listener of the log fails")
    except Exception as error:
        say("a log that fails: %s of %s" % (type(error).__name__, [type(each).__name__ for each in failures(error)]))
    finally:
        bus.unsubscribe("log", failing_log)


def failing_log(message, level):
    """A listener of the channel "log"."""
    raise ValueError("the log fails")


@probe
def decorator(web, say):
    """subscribe without a listener."""
    called = []
    web.engine.subscribe("probe-3", lambda: called.append("before"), 10)
    web.engine.subscribe("probe-3", lambda: called.append("after"), 30)

    @web.engine.subscribe("probe-3", priority=20)
    def decorated():
        called.append("decorated")

    web.engine.publish("probe-3")
    say(" ".join(called))


@probe
def within(web, say):
    """A transition that a listener of another one asks for, on a bus of their own."""
    bus = type(web.engine)()

    def failing():
        raise ValueError("stopped on purpose")

    bus.subscribe("graceful", bus.stop)
    bus.subscribe("stop", failing)
    bus.start()
    try:
        bus.graceful()
        say("nothing is raised")
    except Exception as error:
        say("%s of %d" % (type(error).__name__, len(failures(error))))
    bus.unsubscribe("stop", failing)
    bus.exit()


@probe
def ticks(web, say):
    """The channel "main" is published as often as the documentation says: some ten or twenty times in a second."""
    calls = []
    count = lambda: calls.append(1)  # noqa: E731 (a listener that can be unsubscribed)
    web.engine.subscribe("main", count)
    time.sleep(1.1)
    web.engine.unsubscribe("main", count)
    time.sleep(0.2)
    say("as often as it should be: %s" % (2 <= len(calls) <= 26))
    before = len(calls)
    time.sleep(0.3)
    say("nor after it is unsubscribed: %s" % (len(calls) == before))


@probe
def waiting(web, say):
    """What wait takes and returns."""
    bus, states, calls = web.engine, web.engine.states, []
    bus.subscribe("probe-wait", lambda: calls.append(1))
    began = time.time()
    say("the state that there is: %s" % bus.wait(states.STARTED, timeout=5))
    say("one of several: %s" % bus.wait((states.EXITING, states.STARTED), timeout=5))
    say("at once: %s" % (time.time() - began < 2))
    began = time.time()
    say("one that does not come: %s" % bus.wait((states.EXITING, states.STOPPED), timeout=0.5, channel="probe-wait"))
    say("after its time: %s" % (0.5 <= time.time() - began < 3))
    say("the channel is published meanwhile: %s" % (2 <= len(calls) <= 11))
    del calls[:]
    bus.wait(states.STOPPED, 0.2, "probe-wait", 0.5)
    say("as often as the interval says: %s" % (1 <= len(calls) <= 4))
    answers = []
    asking = threading.Thread(target=lambda: answers.append(bus.wait(states.EXITING, timeout=0)))
    asking.daemon = True
    asking.start()
    asking.join(5)
    say("a look, without any time: %s" % answers)


@probe
def logging(web, say):
    """Lines of the application's own, whose dates the application tells, too."""
    for number in range(3):
        while time.time() % 1 > 0.5:  # within a second, so that both times are the same
            time.sleep(0.02)
        # Not by strftime alone: time(2), which that asks, may be behind the clock that the log asks.
        web.log(time.strftime("now %d/%b/%Y:%H:%M:%S", time.localtime(time.time())), "CLOCK")
        time.sleep(0.6 if number < 2 else 0)
    web.log("said in no context")
    web.log("two lines\nof text\n", "LINES")
    try:
        {}["missing"]
    except KeyError:
        web.log("something is missing", "TRACED", traceback=True)
    web.log(u"not ASCII: \xe9\u2713", "TEXT")
    say("logged")


class Watched(object):
    """A stream that sees whether two threads write to it at a time: the first one waits a moment for another."""

    def __init__(self, stream):
        self.stream, self.lock = getattr(stream, "buffer", stream), threading.Lock()
        self.writers, self.two = 0, threading.Event()

    def write(self, data):
        """Look, and pass it on."""
        with self.lock:
            self.writers += 1
            if self.writers > 1:
                self.two.set()
        self.two.wait(0.2)
        with self.lock:
            self.stream.write(data)
            self.writers -= 1

    def flush(self):
        """Pass it on."""
        self.stream.flush()


@probe
def threads_that_log(web, say):
    """Lines of several threads, on a screen that is no file."""
    real, sys.stderr = sys.stderr, Watched(sys.stderr)
    try:
        threads = [threading.Thread(target=lambda: web.log("line of a thread", "THREAD")) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        say("two at a time: %s" % sys.stderr.two.is_set())
    finally:
        sys.stderr = real


@probe
def months(web, say):
    """Lines of each month, by a clock that is set."""
    real = time.time
    try:
        for month in range(1, 13):
            now = time.mktime((2026, month, 9, 3, 4, 5, 0, 0, -1))
            time.time = lambda: now  # noqa: B023
            web.log("month %d" % month, "MONTH")
    finally:
        time.time = real
    say("logged")


@probe
def failures_in_words(web, say):
    """What the errors of a publish are as text, and as a truth value."""
    def fail(error):
        def listener():
            raise error
        return listener

    for number, error in enumerate((ValueError("one"), KeyError("two"))):
        web.engine.subscribe("probe-words", fail(error), 10 + number)
    try:
        web.engine.publish("probe-words")
    except web.ChannelFailures as found:
        say("%s | %s | %s" % (str(found).replace(",)", ")"), repr(found).replace(",)", ")"), bool(found)))
    say("none: %r %s" % (web.ChannelFailures(), bool(web.ChannelFailures())))
    from enginebus.monitors import Monitor
    say("a monitor of one's own: every %d seconds, %r, %s" % (Monitor.frequency, Monitor.name, Monitor(web.engine).on))


class Probe(object):
    """Each probe by its name: the report is its answer."""

    def __init__(self, web):
        self.web = web
        for name, function in PROBES.items():
            setattr(self, name.replace("-", "_"), self._page(function))

    def _page(self, function):
        def page(**params):
            lines = []
            function(self.web, lines.append, **params)
            return "".join(line + "\n" for line in lines)
        page.exposed = True
        return page

"""Background threads on the bus: one that reloads changed source, one that reports slow requests."""
import os
import sys
import threading
import time


class Monitor(object):
    """Calls ``self.run`` every ``frequency`` seconds on a thread of its own while the bus is started."""

    name = "Monitor"
    frequency = 60

    def __init__(self, bus):
        self.bus = bus
        self.on = True
        self._thread = None
        self._ended = None

    def subscribe(self):
        """Start and stop with the bus."""
        self.bus.subscribe("start", self.start, priority=70)
        self.bus.subscribe("stop", self.stop)

    def start(self):
        """Start the thread, once."""
        if self.on and self._thread is None:
            self._ended = threading.Event()
            self._thread = threading.Thread(target=self._loop, args=(self._ended,), name=self.name)
            self._thread.daemon = True
            self._thread.start()
            self.bus.log("Started monitor thread %r." % self.name)

    def stop(self):
        """End the thread and wait for it, unless it is itself that stops the bus."""
        if self._thread is not None:
            self._ended.set()
            if self._thread is not threading.current_thread():
                self._thread.join()
                self.bus.log("Stopped thread %r." % self.name)
            self._thread = None

    def _loop(self, ended):
        while not ended.wait(self.frequency):
            try:
                self.run()
            except Exception:
                self.bus.log("Error in monitor thread %r" % self.name, level=40, traceback=True)

    def run(self):
        """What is done at each interval."""
        raise NotImplementedError(self.name)  # a Monitor without a run() is a programming error


class Autoreloader(Monitor):
    """Restarts the process when a file of a loaded module has changed."""

    name = "Autoreloader"
    frequency = 1

    def __init__(self, bus):
        Monitor.__init__(self, bus)
        self._times = {}

    def start(self):
        """Start with a clean slate: changes from before the start are of no interest."""
        self._times = {}
        Monitor.start(self)

    def files(self):
        """Return the source files of all modules that are loaded now."""
        found = set()
        for module in list(sys.modules.values()):
            path = getattr(module, "__file__", None)
            if path:
                found.add(path[:-1] if path.endswith((".pyc", ".pyo")) else path)
        return found

    def run(self):
        """Compare modification times; a file that vanished counts as changed."""
        for path in sorted(self.files()):
            try:
                now = os.stat(path).st_mtime
            except OSError:
                now = None
            before = self._times.setdefault(path, now)
            if now != before:
                self.bus.log("Restarting because %s changed." % path)
                self.bus.restart()
                return


class TimeoutMonitor(Monitor):
    """Reports requests that have run for longer than ``timeout`` seconds, once each."""

    name = "TimeoutMonitor"
    frequency = 60
    timeout = 300

    def __init__(self, bus):
        Monitor.__init__(self, bus)
        self._running = {}

    def begin(self, key, line):
        """A request begins."""
        self._running[key] = (time.time(), line)

    def end(self, key):
        """A request has ended."""
        self._running.pop(key, None)

    def run(self):
        """Report each that is late."""
        now = time.time()
        for key, (since, line) in list(self._running.items()):
            if now - since > self.timeout:
                self._running.pop(key, None)
                self.bus.log("%r has run for %d seconds" % (line, now - since), level=30)

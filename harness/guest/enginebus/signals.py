"""Operating system signals, and console events on Windows, as bus listeners."""
import os
import signal
import sys
import threading

try:
    from ctypes import WINFUNCTYPE, c_int, c_uint, windll
except ImportError:  # everywhere but Windows
    windll = None


class SignalHandler(object):
    """Maps signals to methods of the bus.

    SIGTERM and SIGINT exit; SIGHUP restarts a daemon and ends anything else;
    SIGUSR1 is graceful (CherryPy's documentation, "Signal handling").
    """

    def __init__(self, bus):
        self.bus = bus
        self._original_pid = os.getpid()
        self.handlers = {
            "SIGTERM": self._exit,
            "SIGINT": self._exit,
            "SIGHUP": self._hang_up,
            "SIGUSR1": self._graceful,
        }
        self._previous = {}

    def subscribe(self):
        """Set the handlers; a platform without a signal, or a thread that may not set one, goes without."""
        if threading.current_thread().name != "MainThread":
            self.bus.log("Signals are left alone: only the main thread can set handlers.")
            return
        for name in sorted(self.handlers, reverse=True):
            number = getattr(signal, name, None)
            if number is not None:
                self._previous[number] = signal.signal(number, self._handle)
                self.bus.log("Listening for %s." % name)

    def unsubscribe(self):
        """Put the handlers of before back."""
        for number, handler in self._previous.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)

    def _handle(self, number, frame=None):
        name = next(n for n in self.handlers if getattr(signal, n, None) == number)
        self.handlers[name]("Caught signal %s." % name)

    def _exit(self, caught):
        self.bus.request("exit", caught)

    def _graceful(self, caught):
        self.bus.request("graceful", caught)

    def _hang_up(self, caught):
        if self._daemonised():
            self.bus.request("restart", caught + " SIGHUP caught while daemonized. Restarting.")
        else:
            self.bus.request("exit", caught + " SIGHUP caught but not daemonized. Exiting.")

    def _daemonised(self):
        if os.getpid() == self._original_pid:
            return False
        try:
            return not os.isatty(sys.stdin.fileno())
        except (AttributeError, ValueError):  # stdin is gone, or closed
            return True


class ConsoleCtrlHandler(object):  # Windows
    """Ends the bus on Ctrl-C, Ctrl-Break, logoff and a closed console of Windows.

    Not exercised by this project's own tests: they run on Linux.
    """

    def __init__(self, bus):
        self.bus = bus
        self._callback = None

    def subscribe(self):
        """Listen on the bus, where there is a Windows console."""
        if windll is not None:
            self.bus.subscribe("start", self.start, priority=40)
            self.bus.subscribe("stop", self.stop)

    def start(self):
        """Set the handler."""
        if self._callback is None:
            self._callback = WINFUNCTYPE(c_int, c_uint)(self._handle)
            windll.kernel32.SetConsoleCtrlHandler(self._callback, True)
            self.bus.log("Set handler for console events.")

    def stop(self):
        """Remove the handler."""
        if self._callback is not None:
            windll.kernel32.SetConsoleCtrlHandler(self._callback, False)
            self._callback = None
            self.bus.log("Removed handler for console events.")

    def _handle(self, event):
        self.bus.log("Console event %s: shutting down bus" % event)
        self.bus.exit()
        return 1

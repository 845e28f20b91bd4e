"""Log lines as CherryPy writes them: ``[25/Sep/2013:20:40:57] ENGINE Bus STARTING``."""
import threading
import time

from ._compat import raw_stream, to_bytes

# strftime("%b") would follow the locale; the log does not.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def stamp(now=None):
    """Return a local time (seconds since the epoch, default now) as ``25/Sep/2013:20:40:57``."""
    t = time.localtime(now)
    return "%02d/%s/%04d:%02d:%02d:%02d" % (
        t.tm_mday, _MONTHS[t.tm_mon - 1], t.tm_year, t.tm_hour, t.tm_min, t.tm_sec)


class Log(object):
    """Writes whole lines to a byte stream (default: what sys.stderr and sys.stdout are at that moment)."""

    def __init__(self, error=None, access=None):
        self.screen = True
        self._error = error
        self._access = access
        self._lock = threading.RLock()  # a signal handler may log between two lines of the same thread

    def engine(self, message, level=20):
        """A line of the engine bus; this is the listener of the bus channel ``log``."""
        self.error(message, "ENGINE")

    def error(self, message, context="HTTP"):
        """A line of the error log."""
        self._write(self._error or raw_stream("stderr"), "[%s] %s %s" % (stamp(), context, message))

    def access(self, client, line, status, size, referer, agent):
        """A line of the access log, in Apache's combined format."""
        self._write(self._access or raw_stream("stdout"), '%s - - [%s] "%s" %s %s "%s" "%s"' % (
            client, stamp(), _quote(line), status, size, _quote(referer), _quote(agent)))

    def _write(self, stream, line):
        if stream is None or not self.screen:
            return
        data = to_bytes(line.rstrip("\n")) + b"\n"
        with self._lock:
            stream.write(data)
            stream.flush()


def _quote(value):
    """Escape what a client sent so that it cannot end the field or start a line of its own."""
    return "".join(
        c if " " <= c <= "~" and c not in '"\\' else "\\x%02x" % ord(c) for c in value or "")

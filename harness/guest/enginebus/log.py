"""Log lines as CherryPy writes them: ``[25/Sep/2013:20:40:57] ENGINE Bus STARTING``."""
import re
import sys
import threading
import time
import traceback

from ._compat import raw_stream, to_bytes

_UNSAFE = re.compile(r"""[^ !#-\[\]-~]""")
# strftime("%b") would follow the locale; the log does not.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def stamp(now=None, last=[(None, "")]):
    """Return a local time (seconds since the epoch, default now) as ``25/Sep/2013:20:40:57``; the newest is kept."""
    now = int(time.time() if now is None else now)
    if last[0][0] != now:
        t = time.localtime(now)
        last[0] = (now, "%02d/%s/%04d:%02d:%02d:%02d" % (
            t.tm_mday, _MONTHS[t.tm_mon - 1], t.tm_year, t.tm_hour, t.tm_min, t.tm_sec))
    return last[0][1]


class Log(object):
    """Writes whole lines to files, where ``error_file`` and ``access_file`` name them, and to the screen.

    The screen is sys.stderr and sys.stdout as they are at that moment.
    """

    def __init__(self, error=None, access=None):
        self.screen = True
        self.error_file = ""
        self.access_file = ""
        self._error, self._access = error, access
        self._lock = threading.RLock()  # a signal handler may log between two lines of the same thread

    def __call__(self, message="", context="", level=20, traceback=False):
        """A line of the application's own."""
        self.error(message + (self._traceback() if traceback else ""), context)

    @staticmethod
    def _traceback():
        return "\n" + "".join(traceback.format_exception(*sys.exc_info()))

    def engine(self, message, level=20):
        """A line of the engine bus; this is the listener of the bus channel ``log``."""
        self.error(message, "ENGINE", level >= 40)

    def error(self, message, context="HTTP", urgent=False):
        """A line of the error log; what is urgent, as why there was no start, is said somewhere in any case."""
        self._write(self._error or raw_stream("stderr"), self.error_file, "[%s] %s %s" % (stamp(), context, message), urgent)

    def traceback(self, message, context="HTTP"):
        """A line of the error log, and the traceback of the present exception."""
        self.error(message + self._traceback(), context)

    def access(self, client, line, status, size, referer, agent):
        """A line of the access log, in Apache's combined format."""
        self._write(self._access or raw_stream("stdout"), self.access_file, '%s - - [%s] "%s" %s %s "%s" "%s"' % (
            client, stamp(), _quote(line), status, size, _quote(referer), _quote(agent)))

    def _write(self, stream, path, line, urgent=False):
        data = to_bytes(line.rstrip("\n")) + b"\n"
        with self._lock:
            kept = not path or self._append(path, data)
            if stream is not None and (self.screen or not kept or (urgent and not path)):
                try:
                    stream.write(data)
                    stream.flush()
                except (IOError, OSError, ValueError):
                    return  # a full disk, a pipe that nobody reads, a closed stream: no reason to end a thread, either

    @staticmethod
    def _append(path, data):
        """Write to a file; False where that fails (a full disk, no descriptor left): a log is no reason to end a thread."""
        try:
            with open(path, "ab") as file:
                file.write(data)
        except (IOError, OSError):
            return False
        return True


def _quote(value):
    """Escape what a client sent so that it cannot end the field or start a line of its own."""
    return _UNSAFE.sub(lambda match: "\\x%02x" % ord(match.group()), value or "")

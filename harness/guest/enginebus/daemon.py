"""A process in the background, and the file that tells its number."""
import errno
import os
import sys
import threading


class Daemonizer(object):
    """Forks twice at the start, so that the server belongs to no terminal; before other threads exist (65)."""

    def __init__(self, bus, stdin=os.devnull, stdout=os.devnull, stderr=os.devnull):
        self.bus = bus
        self.streams = (stdin, stdout, stderr)
        self.finalized = False

    def subscribe(self):
        """Listen on the bus."""
        self.bus.subscribe("start", self.start, priority=65)

    def start(self):
        """Become a daemon, once; the processes before it end with 0."""
        if self.finalized:
            self.bus.log("Already deamonized.")  # spelled as CherryPy spells it: its log is the measure
            return
        if threading.active_count() != 1:  # a fork has only the thread that forks
            self.bus.log("There are %r active threads. Daemonizing now may cause strange failures." % threading.enumerate(), level=30)
        sys.stdout.flush()
        sys.stderr.flush()
        self._fork("Forking once.")
        os.setsid()
        self._fork("Forking twice.")
        for number, (path, flags) in enumerate(zip(self.streams, (os.O_RDONLY,) + (os.O_WRONLY | os.O_CREAT | os.O_APPEND,) * 2)):
            descriptor = os.open(path, flags, 0o644)
            os.dup2(descriptor, number)
            os.close(descriptor)
        self.finalized = True
        self.bus.log("Daemonized to PID: %s" % os.getpid())

    def _fork(self, message):
        if os.fork():
            self.bus.log(message)
            os._exit(0)  # without what is to be done at the end: the child does it


class PIDFile(object):
    """Writes the number of the process to a file at the start, and removes it when the bus exits.

    A second copy, which finds the port taken and never starts, gives the file back to the first.
    """

    def __init__(self, bus, path):
        self.bus = bus
        self.path = path
        self._before = ""

    def subscribe(self):
        """Listen on the bus: after the daemon has its number."""
        self.bus.subscribe("start", self.start, priority=70)
        self.bus.subscribe("exit", self.exit)

    def start(self):
        """Write it, whole or not at all."""
        try:
            self._before = self._read()
        except (IOError, OSError):
            self._before = ""  # there is none yet
        self._write("%d" % os.getpid())
        self.bus.log("PID %r written to %r." % (os.getpid(), self.path))

    def exit(self):
        """Remove it, unless it is another process's by now."""
        try:
            if self._read() != str(os.getpid()):
                return
            if not self.bus.has_started and _runs(self._before):
                self._write(self._before)
                self.bus.log("PID file %r was given back to process %s, which still runs." % (self.path, self._before), level=30)
            else:
                os.remove(self.path)
                self.bus.log("PID file removed: %r." % self.path)
        except (IOError, OSError) as error:
            self.bus.log("PID file %r could not be removed: %s" % (self.path, error), level=30)

    def _read(self):
        with open(self.path) as file:
            return file.read(32).strip()

    def _write(self, number):
        aside = "%s.%d" % (self.path, os.getpid())
        with open(aside, "w") as file:
            file.write(number + "\n")
        os.rename(aside, self.path)


def _runs(number):
    """Whether another process of this number runs; a text that is no number is nobody's."""
    if not number.isdigit() or int(number) in (0, os.getpid()):
        return False
    try:
        os.kill(int(number), 0)
    except (OSError, OverflowError) as error:
        return getattr(error, "errno", None) == errno.EPERM  # another user's
    return True

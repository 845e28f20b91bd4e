"""The bytes of a connection, in both directions, each with a deadline."""
import errno
import socket

from ._compat import monotonic, peek

try:
    from ssl import SSLError
except ImportError:  # a Python that was built without it
    SSLError = socket.timeout

MIN_RATE = 500.0  # bytes a second that a body must come with, and an answer be read with, once its deadline is near
CHUNK = 65536


class Late(Exception):
    """A deadline has passed."""


class Gone(Exception):
    """The other side has closed the connection, or it broke."""


class Stream(object):
    """Reads a socket through a buffer, and writes to it.

    A client that sends or takes a byte a second resets every time-out of a single read. So there is a deadline for a whole
    head and for a whole body; a body that keeps coming puts its deadline off.
    """

    def __init__(self, sock):
        self.sock = sock
        self.buffer = b""  # what has been received; the first ``at`` bytes of it are used up
        self.at = 0
        self.deadline = None
        self.extends = False  # whether what arrives puts the deadline off
        self._timeout = None
        self._secured = hasattr(sock, "pending")  # an SSLSocket

    def expect(self, seconds, extends=False):
        """Set the deadline of the next reads, in seconds from now."""
        self.deadline = monotonic() + seconds
        self.extends = extends

    def _wait_at_most(self, seconds):
        if seconds <= 0:
            raise Late()
        if seconds != self._timeout:
            self._timeout = seconds
            self.sock.settimeout(seconds)

    def fill(self, seconds=None):
        """Receive once; False at the end of what the client sends. Raises Late, Gone."""
        self._wait_at_most(self.deadline - monotonic() if seconds is None else seconds)
        while True:
            try:
                # A TLS session that has met the end of its connection unawares could not be ended in order any more.
                over = self._secured and not self.sock.pending() and not peek(self.sock)
                data = b"" if over else self.sock.recv(CHUNK)
                break
            except socket.timeout:
                raise Late()
            except (socket.error, SSLError) as error:
                if error.errno == errno.EINTR:  # PEP 475: until 3.4 a signal ends the call
                    continue
                if "timed out" in str(error):  # ssl's own time-out until 3.9
                    raise Late()
                raise Gone(str(error))
        self.compact()
        self.buffer = self.buffer + data if self.buffer else data
        if self.extends:
            self.deadline += len(data) / MIN_RATE
        return bool(data)

    def compact(self):
        """Drop what is used up; not at each read, or a body of short lines would be copied once a line."""
        if self.at:
            self.buffer, self.at = self.buffer[self.at:], 0

    def take(self, size):
        """At most ``size`` bytes: what is there, or what comes next; b"" at the end."""
        if self.at >= len(self.buffer) and not self.fill():
            return b""
        data = self.buffer[self.at:self.at + size]
        self.at += len(data)
        return data

    def line(self, limit):
        """A line with its CRLF; None where the end, or ``limit`` bytes, come before one."""
        while True:
            end = self.buffer.find(b"\n", self.at, self.at + limit)
            if end >= 0:
                line, self.at = self.buffer[self.at:end + 1], end + 1
                return line
            if len(self.buffer) - self.at >= limit or not self.fill():
                return None

    def send(self, data, seconds):
        """Send all of it; a reader that is slow gets more time with each part that it takes. Raises Late, Gone."""
        view = memoryview(data)
        deadline = None
        while view:
            try:
                if deadline is None:
                    self._wait_at_most(seconds)
                else:
                    self._wait_at_most(deadline - monotonic())
                sent = self.sock.send(view[:CHUNK * 4])
            except socket.timeout:
                raise Late()
            except (socket.error, SSLError) as error:
                if error.errno == errno.EINTR:
                    continue
                raise Gone(str(error))
            view = view[sent:]
            if view:
                deadline = (monotonic() + seconds if deadline is None else deadline) + sent / MIN_RATE

    def end_session(self):
        """End a TLS session, without waiting for the client's word (RFC 9112, section 9.8); there may be none."""
        unwrap = getattr(self.sock, "unwrap", None)
        if unwrap is not None:
            self._wait_at_most(0.001)
            try:
                unwrap()
            except (socket.error, SSLError, ValueError):
                return  # the client has not answered, or has gone

    def linger(self, seconds, most):
        """Say that nothing more is sent, and read on for a while: a reset would take the answer from the client.

        RFC 9112, section 9.6: at most ``seconds`` and ``most`` bytes of what is still under way.
        """
        try:
            self.end_session()
            self.sock.shutdown(socket.SHUT_WR)
            self.expect(seconds)
            taken = 0
            while taken < most and self.fill():
                taken += len(self.buffer)
                self.buffer, self.at = b"", 0
        except (Late, Gone, socket.error, SSLError):
            return

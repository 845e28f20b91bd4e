"""Reads the lines of a request's head, and sees what the standard library's parser would pass over."""


class HeadReader(object):
    """A connection's reading side, which knows whether a carriage return stood alone in a line that it gave.

    Since 3.0 the standard library's parser ends a line at a carriage return, too: what follows would be a header that a
    proxy in front of this server has not seen. RFC 9112, section 2.2.
    """

    def __init__(self, rfile):
        self._rfile = rfile
        self.read = rfile.read
        self.close = rfile.close
        self.bare_return = False

    def readline(self, limit=-1):
        """One line, at most ``limit`` bytes of it."""
        line = self._rfile.readline(limit)
        if b"\r" in (line[:-2] if line.endswith(b"\r\n") else line):
            self.bare_return = True
        return line

"""In which one way the small server of the wire is wrong: ``wrong("name")`` stands at the place of each mistake."""

ways = set()


def wrong(way):
    """Whether the server was told to make this mistake."""
    return way in ways


class Refused(Exception):
    """A request that is answered by this status, and behind which the connection closes."""

    def __init__(self, status=400):
        super().__init__(status)
        self.status = status


class Gone(Exception):
    """The client has closed before its request was whole."""


class Source:
    """What comes from the client, line by line and byte by byte."""

    def __init__(self, sock):
        self.sock = sock
        self.data = b""
        self.left = []  # in one way: fields that one request leaves to the next

    def more(self):
        """Read once; raises Gone at the end."""
        more = self.sock.recv(65536)
        if not more:
            raise Gone
        self.data += more

    def line(self, most, status):
        """A line without its CRLF; refused with the status where it is longer than so many bytes."""
        if wrong("one-read") and b"\r\n\r\n" not in self.data:
            raise Refused
        while (end := self.data.find(b"\n")) < 0:
            if len(self.data) > most:
                raise Refused(status)
            self.more()
        if end > most:
            raise Refused(status)
        line, self.data = self.data[:end], self.data[end + 1:]
        if not line.endswith(b"\r"):
            raise Refused
        return line[:-1]

    def bytes(self, count):
        """So many bytes."""
        if wrong("body-in-one-read") and len(self.data) < count:
            self.data += b" " * (count - len(self.data))
        while len(self.data) < count:
            try:
                self.more()
            except Gone:
                if not wrong("cut-is-whole"):
                    raise
                count = len(self.data)
        found, self.data = self.data[:count], self.data[count:]
        return found

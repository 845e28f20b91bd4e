"""A cell's port, taken as another program would take it: each way of holding one, in a table."""

from __future__ import annotations

import contextlib
import errno
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass

BACKLOG = 128  # a real server's
MAX_FILL = 64  # connections that fill a backlog of one; Linux takes two or three
FILL_SECONDS = 0.2
LINGER_NONE = struct.pack("ii", 1, 0)  # close sends a reset, and nothing lingers


@dataclass(frozen=True, slots=True)
class How:
    """One way to hold a port: where it is bound, and what is done then.

    ``host`` "" is the cell's own address. ``listens`` is the backlog, None for a socket that does not listen.
    ``wide`` holds the port on more addresses than the cell's: only a scenario with ports of its own may do that.
    """

    family: int = socket.AF_INET
    kind: int = socket.SOCK_STREAM
    host: str = ""
    options: tuple[tuple[int, int, int], ...] = ()
    listens: int | None = None
    accepts: bool = False
    then: str = ""
    wide: bool = False


_REUSEADDR = (socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
_REUSEPORT = (socket.SOL_SOCKET, getattr(socket, "SO_REUSEPORT", 15), 1)
_IPV6_ONLY = (getattr(socket, "IPPROTO_IPV6", 41), getattr(socket, "IPV6_V6ONLY", 26), 1)
_IPV6_BOTH = (getattr(socket, "IPPROTO_IPV6", 41), getattr(socket, "IPV6_V6ONLY", 26), 0)

HOW: dict[str, How] = {
    "listen": How(listens=BACKLOG, accepts=True),
    "bound": How(),
    "backlog-full": How(listens=0, then="fill"),
    "reuseaddr": How(options=(_REUSEADDR,)),
    "reuseport": How(options=(_REUSEPORT,), listens=BACKLOG, accepts=True),
    "wildcard": How(host="0.0.0.0", listens=BACKLOG, accepts=True, wide=True),  # noqa: S104
    "other-family": How(family=socket.AF_INET6, host="::1", options=(_IPV6_ONLY,), listens=BACKLOG, accepts=True, wide=True),
    "dual-stack": How(family=socket.AF_INET6, host="::", options=(_IPV6_BOTH,), listens=BACKLOG, accepts=True, wide=True),
    "udp": How(kind=socket.SOCK_DGRAM),
    "time-wait": How(options=(_REUSEADDR,), listens=BACKLOG, then="linger"),
}


class Holder:
    """A port that is held until ``close``; raises OSError where it cannot be taken.

    A listener that never accepts is another thing than one that does: when its backlog is full, a check by connect()
    reads the port as free.
    """

    def __init__(self, host: str, port: int, how: str) -> None:
        self.how = HOW[how]
        self.address = (self.how.host or host, port)
        self._host = host
        self._socket = socket.socket(self.how.family, self.how.kind)
        self._open: list[socket.socket] = []
        self._thread: threading.Thread | None = None
        self._timer: threading.Timer | None = None
        try:
            for option in self.how.options:
                self._socket.setsockopt(*option)
            self._socket.bind(self.address)
            if self.how.listens is not None:
                self._socket.listen(self.how.listens)
            if self.how.accepts:
                self._thread = threading.Thread(target=self._accept, name=f"holder {host}:{port}", daemon=True)
                self._thread.start()
            if self.how.then:
                _THEN[self.how.then](self)
        except OSError:
            self.close()
            raise

    def _accept(self) -> None:
        """Keep each connection until its client closes it; none may linger and hold the port after us."""
        with contextlib.suppress(OSError):  # the listening socket was shut down: that is how this ends
            while True:
                connection, _ = self._socket.accept()
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
                self._open.append(connection)

    def fill(self) -> None:
        """Connect until nobody gets in any more; raises OSError when the backlog has no end."""
        for _ in range(MAX_FILL):
            client = socket.socket(self.how.family, self.how.kind)
            client.settimeout(FILL_SECONDS)
            self._open.append(client)
            try:
                client.connect(self.address)
            except TimeoutError:
                return
        raise OSError(0, f"{MAX_FILL} connections did not fill the backlog")

    def linger(self) -> None:
        """Leave a connection in TIME_WAIT on the port, and nothing else: who closes first keeps it there."""
        with contextlib.closing(socket.create_connection(self.address, 5.0)) as client:
            served, _ = self._socket.accept()
            served.close()
            client.settimeout(5.0)
            client.recv(1)
        self._socket.close()

    def taken(self) -> bool:
        """Whether the very address of the holder is in use, whatever its family and kind: the kernel's own word."""
        with contextlib.closing(socket.socket(self.how.family, self.how.kind)) as probe:
            if self.how.family == socket.AF_INET6:
                probe.setsockopt(*next(option for option in self.how.options if option[1] == _IPV6_ONLY[1]))
            try:
                probe.bind(self.address)
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    return True
                raise
        return False

    def release_after(self, seconds: float) -> None:
        """Let go after some seconds."""
        self._timer = threading.Timer(seconds, self.close)
        self._timer.daemon = True
        self._timer.start()

    def close(self) -> None:
        """Give the port back."""
        if self._timer is not None:
            self._timer.cancel()
        if self._thread is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._thread.join(5.0)
        self._socket.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
            connection.close()


_THEN: dict[str, Callable[[Holder], None]] = {"fill": Holder.fill, "linger": Holder.linger}

"""Hold a cell's port as another program would: a table with each way to hold one."""

from __future__ import annotations

import contextlib
import errno
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..machine.connecting import family, is_path

BACKLOG = 128  # as in a real server
MAX_FILL = 64  # limit of connections to fill a backlog of one; Linux needs two or three
FILL_SECONDS = 0.2
LINGER_NONE = struct.pack("ii", 1, 0)  # close sends a reset, so nothing lingers


@dataclass(frozen=True, slots=True)
class How:
    """One way to hold a port: where it is bound, and what happens next.

    ``host`` "" is the cell's own address. ``listens`` is the backlog, or None for a socket that does not listen.
    ``wide`` holds the port on more addresses than the cell's, which only a scenario with its own ports may do.
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
    """A port held until ``close``; raises OSError if it cannot be taken.

    A listener that never accepts differs from one that does: when its backlog is full, a check with connect() takes the port
    to be free.
    """

    def __init__(self, host: str, port: int, how: str) -> None:
        self.how = HOW[how]
        self.address: Any = host if is_path(host) else (self.how.host or host, port)
        if is_path(host) and how != "listen":
            raise OSError(0, f"{how!r} is for a port")
        self._family = socket.AF_UNIX if is_path(host) else self.how.family if self.how.host else family(host)
        self._socket = socket.socket(self._family, self.how.kind)
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
        with contextlib.suppress(OSError):  # the listening socket was shut down, which ends this thread
            while True:
                connection, _ = self._socket.accept()
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
                self._open.append(connection)

    def fill(self) -> None:
        """Connect until no more connections get in; raises OSError if the backlog never fills."""
        for _ in range(MAX_FILL):
            client = socket.socket(self._family, self.how.kind)
            client.settimeout(FILL_SECONDS)
            self._open.append(client)
            try:
                client.connect(self.address)
            except TimeoutError:
                return
        raise OSError(0, f"{MAX_FILL} connections did not fill the backlog")

    def linger(self) -> None:
        """Leave only a connection in TIME_WAIT on the port: it stays on the side that closes first."""
        with contextlib.closing(socket.create_connection(self.address, 5.0)) as client:
            served, _ = self._socket.accept()
            served.close()
            client.settimeout(5.0)
            client.recv(1)
        self._socket.close()

    def taken(self) -> bool:
        """Whether the holder's exact address is in use, for any family and type, according to the kernel."""
        if is_path(str(self.address)):
            return Path(self.address).exists()
        with contextlib.closing(socket.socket(self._family, self.how.kind)) as probe:
            if self.how.host and self.how.family == socket.AF_INET6:
                probe.setsockopt(*next(option for option in self.how.options if option[1] == _IPV6_ONLY[1]))
            try:
                probe.bind(self.address)
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    return True
                raise
        return False

    def release_after(self, seconds: float) -> None:
        """Release the port after some seconds."""
        self._timer = threading.Timer(seconds, self.close)
        self._timer.daemon = True
        self._timer.start()

    def close(self) -> None:
        """Release the port."""
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

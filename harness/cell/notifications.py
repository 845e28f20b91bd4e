"""What a server tells its service manager: the messages on NOTIFY_SOCKET (sd_notify(3)). Standard library only."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable

from ..machine.port_probes import connects

LARGEST = 65536  # of a datagram
FLUSH = b"\0"  # our own: all that came before it has been read
INBOX_SECONDS = 3.0


class Inbox:
    """A service manager's socket, from the launch of a server to ``close``.

    ``connects`` says whether the server's channel accepts, at the moment at which a message is read: "accepted" or "refused".
    """

    def __init__(self, path: str, connects: Callable[[], str]) -> None:
        self.path = path
        self._connects = connects
        self._lines: list[str] = []
        self._flushed = threading.Event()
        with contextlib.suppress(FileNotFoundError):  # of an earlier launch
            os.unlink(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(path)
        self._thread = threading.Thread(target=self._read, name="notifications", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while True:
            data = self._socket.recv(LARGEST)
            if not data:  # from ``close``: a service sends no empty message
                return
            if data == FLUSH:
                self._flushed.set()
                continue
            state = self._connects()
            self._lines += [f"{line}, {state}" for line in data.decode("utf-8", "replace").splitlines() if line]

    def _send(self, data: bytes) -> bool:
        """Send to the reading thread; False if that has ended."""
        if not self._thread.is_alive():
            return False
        with contextlib.suppress(OSError), contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as own:
            own.sendto(data, self.path)
            return True
        return False

    def text(self) -> str:
        """A line for each assignment, in order, with what a client met when it was read: "READY=1, accepted"."""
        self._flushed.clear()
        if self._send(FLUSH):
            self._flushed.wait(INBOX_SECONDS)
        return "".join(f"{line}\n" for line in list(self._lines))

    def close(self) -> None:
        """Read what has arrived until now, and end."""
        if self._send(b""):
            self._thread.join(INBOX_SECONDS)
        self._socket.close()
        with contextlib.suppress(OSError):
            os.unlink(self.path)


class Notifications:
    """The service manager's sockets of a cell: one for each server whose start asked for it."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._inboxes: dict[str, Inbox] = {}

    def for_launch(self, server: str, channel: int, at: Callable[[int], tuple[str, int]]) -> dict[str, str]:
        """The environment of a server's next launch; what is told from now on is of that launch."""
        if before := self._inboxes.pop(server, None):
            before.close()
        inbox = self._inboxes[server] = Inbox(f"{self._folder}/{server}-notify.sock", lambda: connects(*at(channel)))
        return {"NOTIFY_SOCKET": inbox.path}

    def told(self, server: str) -> str | None:
        """What a server has told until now; None if it has no socket for that."""
        return self._inboxes[server].text() if server in self._inboxes else None

    def close(self) -> None:
        """Close all sockets."""
        for inbox in self._inboxes.values():
            inbox.close()

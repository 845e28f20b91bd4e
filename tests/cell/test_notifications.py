"""What a server tells its service manager, and in which state it was then."""

import contextlib
import socket
from pathlib import Path

from harness.cell.notifications import Notifications


def tell(path, *messages):
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as service:
        for message in messages:
            service.sendto(message, path)


def test_each_line_of_a_message_comes_with_the_state_at_that_moment(tmp_path):
    made, path = Notifications(str(tmp_path)), str(tmp_path / "s")
    environment = made.for_launch("main", 1, lambda channel: (path, 0))
    assert list(environment) == ["NOTIFY_SOCKET"]
    assert (made.told("main"), made.told("other")) == ("", None)
    tell(environment["NOTIFY_SOCKET"], b"STATUS=about to\n")
    assert made.told("main") == "STATUS=about to, refused\n"
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(path)
        listener.listen(5)
        tell(environment["NOTIFY_SOCKET"], b"READY=1\nSTATUS=\xff\n", b"WATCHDOG=1")
        assert made.told("main") == "STATUS=about to, refused\nREADY=1, accepted\nSTATUS=\ufffd, accepted\nWATCHDOG=1, accepted\n"
    made.close()
    assert not Path(environment["NOTIFY_SOCKET"]).exists()
    made.close()


def test_a_launch_begins_anew(tmp_path):
    made = Notifications(str(tmp_path))
    first = made.for_launch("main", 1, lambda channel: ("127.0.0.1", 1))
    tell(first["NOTIFY_SOCKET"], b"READY=1")
    assert made.told("main") == "READY=1, refused\n"
    assert made.for_launch("main", 1, lambda channel: ("127.0.0.1", 1)) == first
    assert made.told("main") == ""
    made.close()
    assert made.told("main") == ""

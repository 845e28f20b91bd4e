"""The HTTP server on real sockets: what it listens on, how many it serves at a time, and how it ends."""

import contextlib
import errno
import os
import socket
import threading

import pytest
from enginebus import expose
from enginebus import httpserver as module
from enginebus.httpserver import handed_in_socket, listening_socket

from .fakes import answers
from .live import HOST, REQUEST, ask, connect, in_time, read, running


class Root:
    def __init__(self):
        self.began, self.go_on, self.together = threading.Semaphore(0), threading.Event(), threading.Barrier(3, timeout=10)

    @expose
    def index(self, word="hello"):
        return word

    @expose
    def slow(self):
        self.began.release()
        assert self.go_on.wait(10)
        return "at last"

    @expose
    def meet(self, name):
        self.together.wait()
        return name


@pytest.mark.parametrize(("host", "family", "address"), [
    (HOST, socket.AF_INET, (HOST,)), ("localhost", None, None), ("::1", socket.AF_INET6, ("::1",)), ("::", socket.AF_INET6, ("::",)), ("0.0.0.0", socket.AF_INET, ("0.0.0.0",))])
def test_a_socket_for_an_address(host, family, address):
    with contextlib.closing(listening_socket(host, 0)) as sock:
        assert sock.getsockname()[1] > 0
        assert not sock.get_inheritable()
        if family:
            assert (sock.family, sock.getsockname()[:1]) == (family, address)
        if family == socket.AF_INET6:
            assert sock.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY) == (host != "::")
        sock.listen(1)
        with pytest.raises(OSError, match="in use"):
            listening_socket(host, sock.getsockname()[1])


def test_no_socket_is_handed_to_children(monkeypatch):
    """Python does that itself since 3.4; before, a child that outlived its server held the port."""
    kept, close_on_exec = [], module.close_on_exec

    def keep(sock):
        kept.append(sock.fileno())
        close_on_exec(sock)

    monkeypatch.setattr(module, "close_on_exec", keep)
    with running(Root()) as server:
        assert ask(server.address)[0] == "200 OK"
        assert kept[0] == server.socket.fileno()
        assert len(kept) == 2, "what listens, and what was accepted"


def test_a_port_with_old_connections_is_taken_again():
    with running(Root()) as server:
        assert ask(server.address)[0] == "200 OK"  # the server closes first: its side is in TIME_WAIT
        port = server.address[1]
        server.stop(0)
        listening_socket(HOST, port).close()


def test_a_unix_socket_that_nobody_listens_on_gives_way_and_no_other(tmp_path):
    path = str(tmp_path / "s")
    first = listening_socket(None, 0, path)
    first.close()
    assert (tmp_path / "s").is_socket()
    with contextlib.closing(listening_socket(None, 0, path)) as second:
        second.listen(1)
        with pytest.raises(OSError, match="in use"):
            listening_socket(None, 0, path)
    (tmp_path / "file").write_text("of value")
    with pytest.raises(OSError, match="in use"):
        listening_socket(None, 0, str(tmp_path / "file"))
    assert (tmp_path / "file").read_text() == "of value"
    with pytest.raises(OSError, match="No such file"):
        listening_socket(None, 0, str(tmp_path / "no" / "folder"))


@pytest.mark.parametrize(("pid", "count", "taken"), [
    ("own", "1", [3, None, None]), ("own", "2", [3, 4, None]), ("1", "1", [None] * 3), ("", "1", [None] * 3), (None, "1", [None] * 3), ("own", "0", [None] * 3), ("own", "", [None] * 3),
    ("own", None, [None] * 3), ("own", "x", [None] * 3), ("own", "-1", [None] * 3)])
def test_sockets_that_were_handed_in(monkeypatch, pid, count, taken):
    for name, value in (("LISTEN_PID", str(os.getpid()) if pid == "own" else pid), ("LISTEN_FDS", count)):
        monkeypatch.delenv(name, raising=False) if value is None else monkeypatch.setenv(name, value)
    monkeypatch.setattr(module, "socket_from_descriptor", lambda descriptor: descriptor)
    assert [handed_in_socket(number) for number in range(3)] == taken


def test_requests_are_served_at_the_same_time_each_with_its_own_state():
    with running(Root()) as server, contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(server.address, REQUEST % b"/meet?name=%d" % n)) for n in range(3)]
        assert [answers(read(client))[0][2] for client in clients] == [b"0", b"1", b"2"]


def test_past_the_bound_the_answer_is_503_and_later_it_is_served_again():
    root = Root()
    with running(root, thread_pool_max=1) as server, connect(server.address, REQUEST % b"/slow") as slow:
        assert root.began.acquire(timeout=10)
        with connect(server.address, REQUEST % b"/") as client:
            status, headers, body = answers(read(client))[0]
        assert (status, headers["retry-after"], headers["connection"]) == ("503 Service Unavailable", "1", "close")
        assert len(body) == int(headers["content-length"])
        root.go_on.set()
        assert answers(read(slow))[0][2] == b"at last"
        in_time(lambda: ask(server.address)[0] == "200 OK")


def test_stopping_frees_the_port_at_once_ends_idle_clients_and_waits_for_handlers():
    root = Root()
    with running(root) as server, connect(server.address, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n") as idle, connect(server.address, REQUEST % b"/slow") as slow:
        assert root.began.acquire(timeout=10)
        assert idle.recv(9) == b"HTTP/1.1 "
        stopped = []
        thread = threading.Thread(target=lambda: stopped.append(server.stop(module.monotonic() + 10)))
        thread.start()
        read(idle)  # ends while the handler runs
        in_time(lambda: server.socket.fileno() == -1)
        listening_socket(HOST, server.address[1]).close()
        assert not stopped
        root.go_on.set()
        assert answers(read(slow))[0][2] == b"at last"
        thread.join(10)
        assert stopped == [0]


def test_handlers_that_take_too_long_are_counted_and_cut_off():
    root = Root()
    with running(root) as server, connect(server.address, REQUEST % b"/slow") as slow:
        assert root.began.acquire(timeout=10)
        assert server.stop(module.monotonic() + 0.1) == 1
        server.cut_off()
        assert read(slow) == b""
        root.go_on.set()
        in_time(lambda: not server._workers.others())


def test_a_server_out_of_files_says_so_and_goes_on(monkeypatch):
    with running(Root()) as server:
        problems = [OSError(errno.EMFILE, "Too many open files"), OSError(errno.ECONNABORTED, "Connection aborted")]
        real = server.socket

        class Failing:
            def __getattr__(self, name):
                return getattr(real, name)

            def accept(self):
                if problems:
                    raise problems.pop(0)
                return real.accept()

        server.socket = Failing()
        assert ask(server.address)[0] == "200 OK"
        assert not problems
        lines = server.of.errors.getvalue().splitlines()
        assert [b"No connection can be accepted: [Errno 24] Too many open files" in line for line in lines] == [True]


def test_an_interrupt_ends_the_bus():
    with running(Root()) as server:
        server.of.bus.start()
        server.interrupt = KeyboardInterrupt()
        in_time(lambda: server.of.bus.state == "EXITING")
        assert isinstance(server.interrupt, KeyboardInterrupt)

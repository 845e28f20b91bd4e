"""The server as a listener of the bus: its channel, its life, and what it waits for."""

import contextlib
import socket
import ssl
import sys
import threading

import pytest
import trustme
from enginebus import expose
from enginebus.bus import Bus, StartInterrupted
from enginebus.httpserver import listening_socket
from enginebus.monitors import TimeoutMonitor
from enginebus.server import Server

from .fakes import Site, answers
from .live import HOST, REQUEST, ask, connect, in_time, read


class Root:
    def __init__(self):
        self.began, self.go_on = threading.Event(), threading.Event()

    @expose
    def index(self):
        return "hello"

    @expose
    def slow(self):
        self.began.set()
        assert self.go_on.wait(10)
        return "at last"


@pytest.fixture
def site():
    root, bus = Root(), Bus()
    bus._atexit = True
    made = Site(root, bus=bus)
    made.root, made.lines = root, []
    bus.subscribe("log", lambda message, level: made.lines.append(message))
    yield made
    if bus.state == "STARTED":
        bus.stop()


def server(site, **settings):
    made = Server(site.bus, site.pipeline, site.log, TimeoutMonitor(site.bus))
    made.__dict__.update({"socket_host": HOST, "socket_port": 0, "free_timeout": 0.2, **settings})
    made.subscribe()
    return made


def test_it_lives_with_the_bus_again_and_again(site):
    made = server(site)
    for _ in range(2):
        site.bus.start()
        host, port = made.bound_addr
        assert (host, port > 0) == (HOST, True)
        assert f"Serving on {HOST}:{port}" in site.lines
        site.bus.start()
        assert made.bound_addr == (host, port), "it is not started twice"
        assert ask(made.bound_addr)[2] == b"hello"
        site.bus.stop()
        assert f"HTTP Server enginebus.Server(('{HOST}', 0)) shut down" in site.lines
        assert made.bound_addr == (HOST, 0)
        with pytest.raises(OSError, match="refused"):
            ask((host, port))
    site.bus.stop()
    assert site.lines[-2:] == [f"HTTP Server enginebus.Server(('{HOST}', 0)) already shut down", "Bus STOPPED"]


def test_a_server_that_is_unsubscribed_is_left_alone(site):
    made = server(site)
    made.unsubscribe()
    site.bus.start()
    assert made.httpserver is None
    assert not any(made.start in listeners or made.stop in listeners or made.join in listeners for listeners in site.bus.listeners.values())


def test_several_servers_each_on_its_channel(site):
    first, second = server(site), server(site)
    site.bus.start()
    assert first.bound_addr != second.bound_addr
    assert [ask(each.bound_addr)[2] for each in (first, second)] == [b"hello", b"hello"]


def test_a_port_that_stays_taken_ends_the_start(site):
    with contextlib.closing(listening_socket(HOST, 0)) as other:
        other.listen(1)
        port = other.getsockname()[1]
        server(site, socket_port=port)
        with pytest.raises(SystemExit) as caught:
            site.bus.start()
    assert caught.value.code == 70
    assert f"Waiting up to 0.2 seconds for port {port} on {HOST!r}" in site.lines
    assert any(line.startswith("Error in 'start' listener") and f"Port {port} not free on {HOST!r}" in line for line in site.lines)


def test_a_port_that_becomes_free_in_time_is_taken(site):
    other = listening_socket(HOST, 0)
    other.listen(1)
    port = other.getsockname()[1]
    made = server(site, socket_port=port, free_timeout=10)
    site.bus.subscribe("log", lambda message, level: other.close() if message.startswith("Waiting") else None)
    site.bus.start()
    assert made.bound_addr == (HOST, port)


def test_an_exit_ends_the_waiting_for_a_port(site):
    with contextlib.closing(listening_socket(HOST, 0)) as other:
        other.listen(1)
        server(site, socket_port=other.getsockname()[1], free_timeout=60)
        site.bus.subscribe("log", lambda message, level: site.bus.request("exit", "asked") if message.startswith("Waiting") else None)
        site.bus.start()
    assert (site.bus.state, site.bus.exit_status, "Bus STARTED" in site.lines) == ("EXITING", 0, False)
    assert StartInterrupted.__name__ not in "".join(site.lines)


def test_a_port_that_does_not_answer_in_time_ends_the_start(site, monkeypatch):
    monkeypatch.setattr(sys.modules["enginebus.server"], "accepts", lambda host, port: False)
    made = server(site, occupied_timeout=0)
    with pytest.raises(SystemExit):
        site.bus.start()
    assert any("not bound on " in line for line in site.lines)
    assert made.httpserver is None, "it was stopped"


def test_a_unix_socket_is_served_and_removed(site, tmp_path):
    path = tmp_path / "s"
    made = server(site, socket_file=str(path))
    site.bus.start()
    assert f"Serving on unix:{path}" in site.lines
    assert made.bound_addr == made.bind_addr == str(path)
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as client:
        client.settimeout(10)
        client.connect(str(path))
        client.sendall(REQUEST % b"/")
        assert answers(read(client))[0][2] == b"hello"
    assert b"unix - - [" in site.accesses.getvalue()
    site.bus.stop()
    assert not path.exists()


@pytest.mark.parametrize(("settings", "base"), [
    ({"socket_host": "127.0.0.1", "socket_port": 80}, "http://127.0.0.1"), ({"socket_host": "0.0.0.0", "socket_port": 81}, "http://127.0.0.1:81"),
    ({"socket_host": "::", "socket_port": 80}, "http://[::1]"), ({"socket_host": "", "socket_port": 443}, "http://127.0.0.1:443"),
    ({"socket_host": "h", "socket_port": 443, "ssl_certificate": "c"}, "https://h"), ({"socket_host": "h", "socket_port": 80, "ssl_certificate": "c"}, "https://h:80"),
    ({"socket_file": "/s"}, "http+unix:///s"), ({"socket_file": "/s", "ssl_certificate": "c"}, "https+unix:///s")])
def test_its_own_url(settings, base):
    made = Server(None, None, None, None)
    made.__dict__.update(settings)
    assert made.base() == base


def test_the_url_names_the_port_that_was_found(site):
    made = server(site, socket_host="::1")
    site.bus.start()
    port = made.bound_addr[1]
    assert (made.base(), f"Serving on [::1]:{port}" in site.lines) == (f"http://[::1]:{port}", True)
    assert ask(made.bound_addr)[2] == b"hello"


def test_tls(site, tmp_path):
    authority = trustme.CA()
    certificate = authority.issue_cert(HOST)
    certificate.private_key_pem.write_to_path(tmp_path / "key")
    certificate.cert_chain_pems[0].write_to_path(tmp_path / "certificate")
    made = server(site, ssl_certificate=str(tmp_path / "certificate"), ssl_private_key=str(tmp_path / "key"))
    site.bus.start()
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with connect(made.bound_addr) as plain, contextlib.closing(context.wrap_socket(plain, server_hostname=HOST)) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n" + REQUEST % b"/")
        data = read(client)
    assert [body for _, _, body in answers(data)] == [b"hello", b"hello"]
    with connect(made.bound_addr, REQUEST % b"/") as plain, contextlib.suppress(ConnectionResetError):
        assert not read(plain).startswith(b"HTTP")
    in_time(lambda: b": no TLS: " in site.errors.getvalue())
    assert site.errors.getvalue().count(b"\n") == 1, "the server's own probe of its port is no client without TLS"
    assert made.base().startswith("https://")


def test_a_certificate_that_is_not_there_ends_the_start(site, tmp_path):
    server(site, ssl_certificate=str(tmp_path / "none"))
    with pytest.raises(SystemExit):
        site.bus.start()


def test_a_handler_that_takes_too_long_is_cut_off(site):
    made = server(site, shutdown_timeout=0.1)
    site.bus.start()
    with connect(made.bound_addr, REQUEST % b"/slow") as client:
        assert site.root.began.wait(10)
        site.bus.stop()
        assert read(client) == b""
    assert "1 connections still busy after 0.1 seconds; they are cut off" in site.lines
    site.root.go_on.set()


def test_the_handler_that_ends_the_bus_answers_its_client(site):
    made = server(site, shutdown_timeout=10)

    def end():
        site.bus.exit()
        threading.Timer(0.3, site.root.go_on.set).start()
        assert site.root.go_on.wait(10)
        return "ended"

    end.exposed = True
    site.root.end = end
    site.bus.start()
    with connect(made.bound_addr, REQUEST % b"/end") as client:
        site.bus.block(0.01)
        assert site.root.go_on.is_set(), "the process does not end before"
        assert answers(read(client))[0][2] == b"ended"


def test_the_two_waits_of_an_end_have_one_deadline(site, monkeypatch):
    """A handler of 16 s and a grace of 10: the process ended at 20, for it was waited for twice."""
    made = server(site, shutdown_timeout=0.3)
    deadlines = []

    class Fake:
        address = (HOST, 1)

        def stop(self, deadline):
            deadlines.append(deadline)
            return 0

        def wait_for_handlers(self, deadline):
            deadlines.append(deadline)

    made.httpserver = Fake()
    made.stop()
    made.join()
    assert len(set(deadlines)) == 1


def test_the_limits_of_a_body_may_change_while_it_runs(site):
    made = server(site)
    site.bus.start()
    for limit, status in ((2, "413 Content Too Large"), (3, "404 Not Found")):
        made.max_request_body_size = limit
        with connect(made.bound_addr, b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc") as client:
            assert answers(read(client))[0][0] == status

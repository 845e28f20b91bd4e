"""One connection: requests one after the other, however their bytes arrive; refusals; and whether it goes on."""

import socket

import pytest
from enginebus import HTTPError, expose, request, response
from enginebus import stream as stream_module
from enginebus.connection import PASSED_OVER
from hypothesis import given
from hypothesis import strategies as st

from .fakes import BROKEN, SILENT, Clock, Site, answers, chunked, cut


class Root:
    @expose
    def index(self):
        return "hello"

    @expose
    def echo(self, **fields):
        return request.method + " " + request.request_line + " " + repr(sorted(fields.items())) + " " + repr(request.body and request.body.read())

    @expose
    def status(self, code="200"):
        response.status = int(code)
        return "x"

    @expose
    def stream(self, length="", fails="", text="ab"):
        response.stream = True
        if length:
            response.headers["Content-Length"] = length

        def parts():
            yield from text
            if fails:
                raise ValueError("on purpose")
        return parts()

    @expose
    def field(self, name, value):
        response.headers[name] = value
        return "x"

    @expose
    def nothing(self):
        return "not read"

    @expose
    def exits(self):
        raise SystemExit(3)

    @expose
    def unavailable(self):
        raise HTTPError(503)


def get(path, *fields, protocol="1.1", method="GET", body=b""):
    lines = [f"{method} {path} HTTP/{protocol}", "Host: h", *fields]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def post(path, body, *fields):
    return get(path, f"Content-Length: {len(body)}", *fields, method="POST", body=body)


def talk(*pieces, root=None, methods=(), **more):
    """The answers to what a client sends: [(status, fields, body)]."""
    return answers(Site(root or Root()).talk(*pieces, **more).sent, methods)


PIPELINE = [
    get("/"), post("/echo", b"a=1", "Content-Type: application/x-www-form-urlencoded"), get("/echo?q=1", method="DELETE"),
    get("/echo", "Transfer-Encoding: chunked", method="POST", body=chunked([b"GET / HTTP/1.1\r\n\r\n", b"x"], b"T: 1\r\n\r\n")),
    b"\r\n" + post("/nothing", b"x" * 100), get("/nosuch"), get("/stream"), get("/", method="HEAD"), get("*", method="OPTIONS"), post("/echo", b""),
]
WHOLE = talk(b"".join(PIPELINE), methods=[one.split()[0].decode() for one in PIPELINE])


def test_each_request_of_a_connection_is_answered_in_its_turn():
    assert [status for status, _, _ in WHOLE] == ["200 OK"] * 5 + ["404 Not Found"] + ["200 OK"] * 4
    assert [body for _, _, body in WHOLE[:4]] == [
        b"hello", b"POST POST /echo HTTP/1.1 [('a', '1')] b''", b"DELETE DELETE /echo?q=1 HTTP/1.1 [('q', '1')] b''",
        b"POST POST /echo HTTP/1.1 [] b'GET / HTTP/1.1\\r\\n\\r\\nx'"]
    assert WHOLE[7][1]["content-length"] == "5"
    assert all("connection" not in headers for _, headers, _ in WHOLE)


@given(st.lists(st.integers(0, 900), max_size=30))
def test_any_split_of_the_bytes_gives_the_same_answers(places):
    found = talk(*cut(b"".join(PIPELINE), places), methods=[one.split()[0].decode() for one in PIPELINE])
    assert [(status, body) for status, _, body in found] == [(status, body) for status, _, body in WHOLE]


@pytest.mark.parametrize(("wire", "status"), [
    (b"nonsense\r\n\r\n", "400 Bad Request"), (get("/", "X Y: 1", "Content-Length: 5"), "400 Bad Request"), (b"GET / HTTP/1.1\nHost: h\n\n", "400 Bad Request"),
    (b"GET / HTTP/1.1\r\n\r\n", "400 Bad Request"), (b"GET / HTTP/3.0\r\n\r\n", "505 HTTP Version Not Supported"), (b"GET / HT", "400 Bad Request"),
    (get("/", "Content-Length: x"), "400 Bad Request"), (get("/", "Transfer-Encoding: br, chunked"), "501 Not Implemented"), (b"\r\n" * 11, "400 Bad Request"),
    (get("h:1", method="CONNECT"), "501 Not Implemented"), (get("/", "Expect: x"), "417 Expectation Failed"), (b"G" * 200, "414 URI Too Long"),
    (get("/" + "x" * 200), "414 URI Too Long"), (get("/", "A: " + "x" * 2000), "431 Request Header Fields Too Large"), (b"G@T / HTTP/1.1\r\n", "400 Bad Request"),
    (b"GET / HTTP/1.1\r\nA: " + b"x" * 2000, "431 Request Header Fields Too Large"), (get("/", "Content-Length: 999"), "413 Content Too Large"),
    (get("/", *["A: 1"] * 100), "431 Request Header Fields Too Large"), (b"\x16\x03\x01\x02\x00\x01\x00\n", "400 Bad Request"),
])
def test_what_is_no_request_is_refused_and_nothing_behind_it_is_answered(wire, status):
    site = Site(Root())
    sock = site.talk(wire + get("/"), max_request_line=100, max_request_header_size=1000, max_request_body_size=500)
    (found, headers, _), = answers(sock.sent)
    assert (found, headers["connection"], sock.shut) == (status, "close", [socket.SHUT_WR])
    assert b'" %s ' % status[:3].encode() in site.accesses.getvalue(), "it is in the log"


@pytest.mark.parametrize(("wire", "status"), [
    (b"GET / HTTP/1.1\nHo", "400"), (b"G@T / HTTP/1.1\r\nHo", "400"), (b"x" * 101, "414"), (b"GET / HTTP/1.1\r\nA: " + b"x" * 1000, "431"), (b"GET / HTTP/1.1\r\nA: 1\n", "400"),
    (b"GET / HTTP/1.1\r\nA", "408"), (b"x" * 100, "408"),
])
def test_what_cannot_become_a_request_any_more_is_refused_without_waiting_for_its_end(wire, status):
    (found, _, _), = talk(wire, end=SILENT, max_request_line=100, max_request_header_size=1000)
    assert found[:3] == status


@pytest.mark.parametrize(("pieces", "end", "statuses"), [
    ((), b"", []), ((), SILENT, ["408"]), ((), BROKEN, []), ((b"GET / HT",), SILENT, ["408"]), ((b"GET / HT",), BROKEN, []), ((b"\r\n",), b"", []),
    ((get("/"),), b"", ["200"]), ((get("/"),), SILENT, ["200"]), ((get("/"), b"GET"), SILENT, ["200", "408"]), ((get("/"), b"GET"), b"", ["200", "400"]),
    ((post("/echo", b"abc")[:-1],), SILENT, ["408"]), ((post("/echo", b"abc")[:-1],), b"", ["400"]),
])
def test_a_client_that_goes_or_falls_silent(pieces, end, statuses):
    assert [status[:3] for status, _, _ in talk(*pieces, end=end)] == statuses


def test_a_head_that_trickles_is_ended_in_time(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(stream_module, "monotonic", clock)
    (status, _, _), = talk(*[clock.tick(1, b"x")] * 100, header_timeout=7, socket_timeout=3, linger=0)
    assert status == "408 Request Timeout"
    assert clock.now <= 1009


@pytest.mark.parametrize(("wire", "going_on"), [
    (get("/"), None), (get("/", "Connection: close"), "close"), (get("/", protocol="1.0"), "close"), (get("/", "Connection: keep-alive", protocol="1.0"), "Keep-Alive"),
    (get("/stream", "Connection: keep-alive", protocol="1.0"), "close"), (get("/field?name=connection&value=close"), "close"), (get("/", "Connection: keep-alive, close"), "close"),
    (get("*", "Connection: close", method="OPTIONS"), "close"), (post("/nothing", b"x" * (PASSED_OVER + 1)), "close"), (post("/nothing", b"x" * PASSED_OVER), None),
    (get("/stream"), None), (get("/unavailable"), None),
])
def test_whether_the_connection_goes_on_is_said_and_done(wire, going_on):
    found = talk(wire + get("/"), max_request_body_size=0)
    assert found[0][1].get("connection") == going_on
    assert len(found) == (1 if going_on == "close" else 2)


@pytest.mark.parametrize("wire", [get("/"), get("*", method="OPTIONS"), get("/stream")])
def test_a_server_that_stops_ends_its_connections(wire):
    (_, headers, _), = talk(wire * 2, stopping=True)
    assert headers["connection"] == "close"


def test_a_client_that_waits_is_told_to_go_on_before_its_body():
    def after_the_word(sock):
        assert sock.sent == b"HTTP/1.1 100 Continue\r\n\r\n"
        return b"abc"

    found = talk(get("/echo", "Expect: 100-continue", "Content-Length: 3", method="POST"), after_the_word)
    assert [(status, body[-6:]) for status, _, body in found] == [("100 Continue", b""), ("200 OK", b"b'abc'")]


@pytest.mark.parametrize("path", ["/nosuch", "/nothing?x=1"])
def test_a_client_that_waits_is_not_asked_for_a_body_that_nobody_wants(path):
    (status, headers, _), = talk(get(path, "Expect: 100-continue", "Content-Length: 3", method="DELETE"), end=SILENT)
    assert (status[:3], headers["connection"]) == ("404", "close")


def test_an_exit_in_a_handler_ends_the_bus_and_the_client_is_cut_off():
    site = Site(Root())
    site.bus.start()
    assert site.talk(get("/exits") + get("/")).sent == b""
    assert site.bus.state == "EXITING"


@pytest.mark.parametrize("most", [BROKEN, SILENT])
def test_a_client_that_takes_no_answer_is_no_error(most):
    site = Site(Root())
    assert site.talk(get("/") * 2, most=most).sent == b""
    assert site.errors.getvalue() == b""

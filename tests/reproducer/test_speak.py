"""The reproducer's clients see what the harness's see, over a real socket with scripted bytes at the other end."""

from types import SimpleNamespace

import pytest

from harness.reproducer.parts.server import Late, Unable
from harness.reproducer.parts.speak import raw, request, wait_response

from ..cell.test_http_client import Script, ok

STEP = {"number": 2, "server": "main", "within": 5.0, "id": "later"}
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"


@pytest.fixture
def cell():
    """As much of a cell as the clients need; ``at`` says where the server is."""
    made = SimpleNamespace(host="127.0.0.1", base=0, servers={}, clients={}, used={}, backgrounds={}, context=lambda: None)
    made.at = lambda channel: (made.host, made.base + channel - 1)
    yield made
    for client in made.clients.values():
        client.close()


def test_a_kept_connection_that_the_server_closed_is_not_opened_again(cell):
    with Script(ok()) as server:
        cell.base = server.port
        seen = [request(cell, STEP, {"path": "/", "keep": "one"}) for _ in range(2)]
        assert [(s["status"], s["error"]) for s in seen] == [(200, ""), (None, "ConnectionClosed")]
        assert server.connections == 1
        assert request(cell, STEP, {"path": "/", "keep": "two"})["status"] == 200


def test_a_kept_connection_is_one_for_requests_and_raw_bytes(cell):
    with Script(ok(), ok(b"again"), close=False) as server:
        cell.base = server.port
        assert request(cell, STEP, {"path": "/", "keep": "one"})["body"] == "hello"
        assert raw(cell, STEP, {"send": "GET / HTTP/1.1\r\n\r\n", "keep": "one"})["body"] == "again"
        with pytest.raises(Unable, match="goes to another port"):
            request(cell, STEP, {"path": "/", "keep": "one", "channel": 2})


def test_a_redirect_s_body_and_a_nonsensical_location(cell):
    with Script(ok(more=b"Location: http://[\r\n").replace(b"200", b"302")) as server:
        cell.base = server.port
        assert request(cell, STEP, {"path": "/"})["body"] == "hello"


@pytest.mark.parametrize(("send", "answer", "responses"), [
    ("HEAD / HTTP/1.1\r\n\r\n", HEAD, 1), ("GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n" + ok(), 1),
    ("GET / HTTP/1.1\r\n\r\n" * 2, ok() + ok(), 2)])
def test_raw_knows_what_was_sent(cell, send, answer, responses):
    with Script(answer, close=False) as server:
        cell.base = server.port
        seen = raw(cell, {**STEP, "within": 2.0}, {"send": send})
        assert (seen["status"], seen["responses"]) == (200, responses)


def test_a_body_that_is_not_encoded_as_declared_is_seen_as_it_was_sent(cell):
    with Script(ok(more=b"Content-Encoding: gzip\r\n")) as server:
        cell.base = server.port
        seen = request(cell, STEP, {"path": "/"})
        assert (seen["status"], seen["body"], seen["error"]) == (200, "hello", "BadContentEncoding")


def test_half_an_answer_has_no_status(cell):
    with Script(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n") as server:
        cell.base = server.port
        seen = request(cell, STEP, {"path": "/"})
        assert (seen["status"], seen["error"]) == (None, "IncompleteRead")


def test_requests_in_the_background(cell):
    with Script(b"", close=False) as server:
        cell.base = server.port
        assert request(cell, {**STEP, "within": 1.0}, {"path": "/", "background": True, "keep": "one"}) == {}
        with pytest.raises(Unable, match="in use by a background request"):
            request(cell, STEP, {"path": "/", "keep": "one"})
        with pytest.raises(Late):
            wait_response(cell, "later", 5.0)
        request(cell, STEP, {"path": "/a b", "background": True})
        with pytest.raises(Unable, match="needs percent-encoding"):
            wait_response(cell, "later", 5.0)
        with pytest.raises(Unable, match="no request 'never' was sent"):
            wait_response(cell, "never", 5.0)


def test_what_cannot_be_sent_is_reported(cell):
    with pytest.raises(Unable, match="each character must be a byte"):
        raw(cell, STEP, {"send": "€"})
    with pytest.raises(Unable, match="needs percent-encoding"):
        request(cell, STEP, {"path": "/a b"})

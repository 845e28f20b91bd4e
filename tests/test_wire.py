"""Against a real socket whose other end is a table of bytes."""

import contextlib
import socket
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.responses import exchange
from harness.wire import MAX_RECORDED, Client, RecordingSocket, Transcript


@contextlib.contextmanager
def server(*answers, close=True):
    """A server that answers what it is told, one answer for each time that it receives something."""
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def serve():
        with contextlib.suppress(OSError):
            connection, _ = listener.accept()
            with connection:
                for answer in answers:
                    connection.recv(65536)
                    connection.sendall(answer)
                if not close:
                    done.wait(10)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        done.set()
        listener.close()
        thread.join(10)


@pytest.mark.parametrize("head", ["Content-Length: 9", "Transfer-Encoding: chunked", "Connection: close"])
def test_the_body_of_a_redirect_is_seen(head):
    body = b"9\r\nlook here\r\n0\r\n\r\n" if "chunked" in head else b"look here"
    client = Client(Transcript(lambda: 0.0))
    with server(f"HTTP/1.1 303 See Other\r\nLocation: /other\r\n{head}\r\n\r\n".encode() + body) as port:
        seen = client.request("GET", f"http://127.0.0.1:{port}/", {}, None, 5)
        client.close()
    assert (seen["status"], seen["headers"]["Location"], seen["body"], seen["error"]) == (303, "/other", "look here", "")


def recording(port):
    return RecordingSocket.take(socket.create_connection(("127.0.0.1", port)), Transcript(lambda: 0.0))


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello"


def test_a_request_and_its_bytes():
    transcript = Transcript(lambda: 1.5)
    client = Client(transcript)
    with server(OK) as port:
        seen = client.request("POST", f"http://127.0.0.1:{port}/a/../b?c=%7E", {"X-Z": "1"}, b"body", 5)
        client.close()
    assert (seen["status"], seen["reason"], seen["body"], seen["headers"]["X-A"]) == (200, "OK", "hello", "b")
    sent = "".join(e["text"] for e in transcript.entries if e["direction"] == "sent")
    assert sent.startswith("POST /a/../b?c=%7E HTTP/1.1\r\n"), "the target goes out as it was written"
    assert "X-Z: 1" in sent
    assert sent.endswith("body")
    assert "".join(e["text"] for e in transcript.entries if e["direction"] == "received") == OK.decode()


def test_one_connection_for_several_requests():
    client = Client(Transcript(lambda: 0.0))
    with server(OK, OK) as port:
        for _ in range(2):
            assert client.request("GET", f"http://127.0.0.1:{port}/", {}, None, 5)["status"] == 200
        assert len(client.sockets) == 1
        client.close()


@pytest.mark.parametrize(("answer", "error"), [
    (b"", "RemoteDisconnected"), (b"nonsense\r\n\r\n", "BadStatusLine"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "IncompleteRead"),
])
def test_a_broken_answer_is_an_observation(answer, error):
    client = Client(Transcript(lambda: 0.0))
    with server(answer) as port:
        seen = client.request("GET", f"http://127.0.0.1:{port}/", {}, None, 5)
    assert seen["error"] == error


def test_nobody_there():
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
    seen = Client(Transcript(lambda: 0.0)).request("GET", f"http://127.0.0.1:{port}/", {}, None, 5)
    assert (seen["status"], seen["error"]) == (None, "ConnectionRefusedError")


def test_no_answer_in_time():
    with server(b"", close=False) as port:
        assert Client(Transcript(lambda: 0.0)).request("GET", f"http://127.0.0.1:{port}/", {}, None, 0.2)["timed_out"]


@pytest.mark.parametrize(("answers", "until", "close", "expected"), [
    ([OK], "response", False, {"status": 200, "responses": 1, "closed": False}),
    ([OK], "close", True, {"status": 200, "closed": True}),
    ([OK + OK.replace(b"200", b"404")], "close", True, {"status": 200, "responses": 2}),
    ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"], "response", False, {"status": 200}),
    ([b"garbage"], "close", True, {"status": None, "received": "garbage"}),
    ([], "nothing", True, {"received": "", "status": None}),
])
def test_raw(answers, until, close, expected):
    with server(*answers, close=close) as port, contextlib.closing(recording(port)) as sock:
        seen = exchange(sock, b"x", until, 5)
    assert {key: seen[key] for key in expected} == expected
    assert "timed_out" not in seen


@pytest.mark.parametrize("until", ["close", "response"])
def test_raw_has_a_deadline(until):
    with server(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", close=False) as port, \
            contextlib.closing(recording(port)) as sock:
        assert exchange(sock, b"x", until, 0.2)["timed_out"]


@given(st.lists(st.binary(min_size=1, max_size=MAX_RECORDED), max_size=4))
def test_a_transcript_is_bounded_and_counts_everything(parts):
    transcript = Transcript(lambda: 0.0)
    for part in parts:
        transcript.add("received", part)
    assert sum(e["bytes"] for e in transcript.entries) == sum(map(len, parts))
    kept = "".join(e["text"] for e in transcript.entries).encode("latin-1")
    assert kept == b"".join(parts)[:MAX_RECORDED]
    assert sum(e.get("cut", 0) for e in transcript.entries) == max(0, sum(map(len, parts)) - MAX_RECORDED)

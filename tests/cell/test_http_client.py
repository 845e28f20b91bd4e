"""Against a real socket whose other end is a table of bytes."""

import contextlib
import gzip
import re
import select
import socket
import struct
import threading
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.cell.http_client import CLOSED, UNASKED, Client
from harness.cell.http_content import decoded
from harness.cell.http_framing import MAX_HEAD
from harness.cell.transcript import Transcript
from harness.language.request_bytes import Unsendable, request_bytes
from harness.language.request_pieces import pieces
from harness.language.text_matching import CUT, MAX_KEPT

from .test_http_answers import ANYTHING


def sending(data):
    """Bytes as the only piece; none for no bytes."""
    return pieces(data.decode("latin-1")) if data else []


class Script:
    """A server that answers what it is told, one answer for each time that it receives something (up to ``end``)."""

    def __init__(self, *answers, close=True, reset=False, end=b""):
        self.answers, self.close, self.reset, self.end = answers, close, reset, end
        self.rest = b""
        self.connections = 0
        self.done = threading.Event()

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()
        return self

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.connections += 1
                with connection:
                    for answer in self.answers:
                        self.wait_for(connection)
                        connection.sendall(answer)
                    if self.reset:
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    if not self.close:
                        self.done.wait(10)

    def wait_for(self, connection):
        received = self.rest or connection.recv(65536)
        while received and self.end not in received:
            received += connection.recv(65536)
        self.rest = received.partition(self.end)[2] if self.end else b""

    def client(self):
        return Client("127.0.0.1", self.port)

    def __exit__(self, *_):
        self.done.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(10)


def get(client, path="/", seconds=5, method="GET", headers=None, body=None):
    return client.request(method, path, headers or {}, body, seconds)


def ok(body=b"hello", more=b""):
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n%s" % (len(body), more, body)


def test_a_request_and_its_bytes():
    transcript = Transcript(lambda: 1.5)
    with Script(ok(more=b"X-A: b\r\n")) as server:
        client = server.client()
        client.record = transcript.add
        seen = get(client, "/a/../b?c=%7E", method="POST", headers={"X-Z": "1"}, body=b"body")
        client.close()
    assert {key: seen[key] for key in ("status", "reason", "body", "closed", "error", "interim")} == {
        "status": 200, "reason": "OK", "body": "hello", "closed": False, "error": "", "interim": []}
    assert seen["headers"] == {"Content-Length": "5", "X-A": "b"}
    sent = "".join(e["text"] for e in transcript.entries if e["direction"] == "sent")
    assert sent == ("POST /a/../b?c=%7E HTTP/1.1\r\n" f"Host: 127.0.0.1:{server.port}\r\n"
                    "User-Agent: harness\r\nAccept-Encoding: identity\r\nContent-Length: 4\r\nX-Z: 1\r\n\r\nbody")
    assert "".join(e["text"] for e in transcript.entries if e["direction"] == "received") == ok(more=b"X-A: b\r\n").decode()


ERRORS = [
    (b"", "RemoteDisconnected"),
    (b"nonsense\r\n\r\n", "BadStatusLine"),
    (b"HTTP/1.1 99 Low\r\n\r\n", "BadStatusLine"),
    (b"HTTP/1.1 1000 High\r\n\r\n", "BadStatusLine"),
    (b"HTTP/1.1 abc Word\r\n\r\n", "BadStatusLine"),
    (b"HTTP/2.0 200 OK\r\n\r\n", "BadStatusLine"),
    (b"HTTP/1.1 200 OK\r\nX: y\r\n", "IncompleteRead"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "IncompleteRead"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", "IncompleteRead"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n", "BadChunk"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello!\r\n0\r\n\r\n", "BadChunk"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: tar\r\n\r\nhello", "BadTransferEncoding"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\nhello", "BadLength"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\nhello", "BadLength"),
    (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\nhello", "BadHeader"),
    (b"HTTP/1.1 200 OK\r\nX: " + b"y" * MAX_HEAD + b"\r\n\r\nhello", "HeadTooLong"),
    (b"HTTP/1.1 100 Continue\r\n\r\n", "IncompleteRead"),
]


@pytest.mark.parametrize(("answer", "error"), ERRORS, ids=[str(n) for n in range(len(ERRORS))])
def test_what_is_no_whole_answer_is_an_error_and_nothing_else(answer, error):
    with Script(answer) as server:
        seen = get(server.client())
    assert {name: value for name, value in seen.items() if value is not None and name != "seconds"} == {
        "error": error, "interim": [100] if b" 100 " in answer else []}


@pytest.mark.parametrize("header", [
    b"Location: http://[", b"Location: \xff:\x80", b"Set-Cookie: \xff=;;;=\x80", b"Content-Type: \xff/;charset==", b"X:",
    b"Content-Type: text/html; charset=no-such", b"X: \x7f\x80\xff", b"Connection: ,,", b"Content-Encoding: identity"])
def test_a_header_with_nonsense_in_it_is_an_observation(header):
    with Script(ok(more=header + b"\r\n").replace(b"200 OK", b"302 Found")) as server:
        seen = get(server.client())
    assert (seen["status"], seen["body"], seen["error"]) == (302, "hello", "")
    name, _, value = header.decode("latin-1").partition(":")
    assert seen["headers"][name] == value.strip()


SIX = gzip.compress(b"hello", mtime=0) + gzip.compress(b"!", mtime=0)


@pytest.mark.parametrize(("data", "codings", "content", "error"), [
    (SIX, ["gzip"], b"hello!", ""), (zlib.compress(b"hello"), ["deflate"], b"hello", ""),
    (gzip.compress(zlib.compress(b"hello"), mtime=0), ["deflate", "x-gzip"], b"hello", ""), (b"hello", ["identity"], b"hello", ""),
    (b"", ["gzip"], b"", ""), (b"hello", ["gzip"], b"hello", "BadContentEncoding"),
    (SIX[:-1], ["gzip"], SIX[:-1], "BadContentEncoding"),
    (SIX + b"x", ["gzip"], SIX + b"x", "BadContentEncoding"),
    (b"hello", ["br"], b"hello", "UnknownContentEncoding"),
])
def test_content_codings(data, codings, content, error):
    assert decoded(data, codings) == (content, False, error)


def test_a_body_that_is_not_coded_as_it_says_is_seen_as_it_was_sent():
    for status in (b"200 OK", b"302 Found"):
        with Script(ok(more=b"Content-Encoding: gzip\r\n").replace(b"200 OK", status)) as server:
            seen = get(server.client())
        assert (seen["body"], seen["error"]) == ("hello", "BadContentEncoding")
        with Script(ok(SIX, b"Content-Encoding: gzip\r\n").replace(b"200 OK", status)) as server:
            seen = get(server.client())
        assert (seen["body"], seen["error"]) == ("hello!", "")


def test_what_is_longer_than_what_is_kept_says_so():
    bomb = gzip.compress(b"x" * (MAX_KEPT + 1))
    assert decoded(bomb, ["gzip"])[1]
    assert not decoded(gzip.compress(b"x" * MAX_KEPT, mtime=0), ["gzip"])[1]
    for body, longer in ((b"x" * MAX_KEPT, False), (b"\xc3\xa9" * MAX_KEPT, True)):
        with Script(ok(body)) as server:
            seen = get(server.client())
        assert (seen["body"].endswith(CUT), seen["status"]) == (longer, 200)
        with Script(ok(body[:MAX_KEPT - 100 + 200 * longer])) as server:
            assert server.client().raw(sending(b"GET / HTTP/1.1\r\n\r\n"), "close", 5)["received"].endswith(CUT) is longer


def test_one_connection_for_several_requests():
    with Script(ok(), ok(b"again"), close=False) as server:
        client = server.client()
        assert [get(client)["body"] for _ in range(2)] == ["hello", "again"]
        client.close()
        assert server.connections == 1


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("answer", [ok(), ok(more=b"Connection: close\r\n"), b"HTTP/1.0 200 OK\r\n\r\nhello"])
def test_a_connection_that_the_server_closed_is_not_opened_again(answer, reset):
    with Script(answer, reset=reset) as server:
        client = server.client()
        assert get(client)["status"] in (200, None if reset else 200)
        for _ in range(2):
            seen = get(client)
            assert (seen["status"], seen["error"]) == (None, CLOSED)
        raw = client.raw(sending(b"GET / HTTP/1.1\r\n\r\n"), "response", 5)
        assert (raw["status"], raw["closed"]) == (None, True)
        assert server.connections == 1


def test_that_a_server_will_close_is_not_that_it_has_closed():
    with Script(ok(more=b"Connection: close\r\n"), ok(), close=False) as server:
        client = server.client()
        assert get(client)["closed"]
        raw = client.raw(sending(b"GET / HTTP/1.1\r\n\r\n"), "response", 5)
        assert (raw["status"], raw["closed"]) == (200, False)
        client.close()


def test_after_half_an_answer_no_other_is_read_on_the_connection():
    with Script(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", ok(), close=False) as server:
        client = server.client()
        assert get(client, seconds=0.2)["timed_out"]
        assert get(client)["error"] == CLOSED
        client.close()


@pytest.mark.parametrize("late", [b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n", b"garbage", ok()])
def test_what_came_before_a_request_is_no_answer_to_it(late):
    """RFC 9112, section 9.2: what comes while no request is outstanding is not a valid response, and the connection is over."""
    with Script(ok() + late, ok(), close=False) as server:
        client = server.client()
        assert get(client)["status"] == 200
        seen = get(client)
        assert (seen["status"], seen["body"], seen["error"]) == (None, None, UNASKED)
        assert get(client)["error"] == UNASKED
        assert client.unasked() != (0, "")
        client.close()


def test_what_comes_after_the_last_answer_is_seen_when_the_connection_is_closed():
    with Script(ok() + ok(), close=False) as server:
        client = server.client()
        assert get(client)["status"] == 200
        client.close()
        assert client.unasked() == (1, "")
        client.close()


@pytest.fixture
def late():
    """A client with its first answer, and on its connection a second one, which came later."""
    go_on = threading.Event()
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listener:
        def serve():
            with listener.accept()[0] as connection:
                connection.recv(65536)
                connection.sendall(ok())
                go_on.wait(10)
                connection.sendall(ok(b"late").replace(b"200", b"408"))
                connection.recv(65536)

        thread = threading.Thread(target=serve)
        thread.start()
        transcript = Transcript(lambda: 0.0)
        client = Client("127.0.0.1", listener.getsockname()[1], record=transcript.add)
        assert get(client)["status"] == 200
        go_on.set()
        assert select.select([client._sock], [], [], 10)[0]
        yield client, transcript
        client.close()
        thread.join(10)


def test_what_comes_between_two_requests_is_no_answer(late):
    client, transcript = late
    seen = get(client)
    assert (seen["status"], seen["error"]) == (None, UNASKED)
    assert "".join(entry["text"] for entry in transcript.entries if entry["direction"] == "received").count("late") == 1


def test_what_came_until_the_connection_is_closed_is_looked_at(late):
    client, _ = late
    assert client.unasked() == (0, "")
    client.close()
    assert client.unasked() == (1, "")


def test_an_early_answer_is_seen_although_the_body_could_not_be_sent():
    with Script(ok(b"too long", b"Connection: close\r\n").replace(b"200", b"413")) as server:
        seen = get(server.client(), body=b"x" * 64 * MAX_KEPT, method="POST")
    assert (seen["status"], seen["error"]) in ((413, ""), (None, "ConnectionResetError"))  # what the kernel threw away is gone


def test_nobody_there():
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
    client = Client("127.0.0.1", port)
    for _ in range(2):
        seen = get(client)
        assert (seen["status"], seen["error"]) == (None, "ConnectionRefusedError")
    seen = client.raw(sending(b"x"), "response", 5)
    assert (seen["error"], seen["closed"], seen["received"], seen["responses"]) == ("ConnectionRefusedError", True, "", 0)
    with contextlib.closing(socket.create_server(("127.0.0.1", port))):
        assert get(client, seconds=0.2)["timed_out"], "a connection that never was is opened"
    client.close()


def test_no_answer_in_time():
    with Script(b"", close=False) as server:
        client = server.client()
        assert get(client, seconds=0.2)["timed_out"]
        client.close()


@pytest.mark.parametrize(("method", "path", "headers"), [
    ("GET /", "/", {}), ("GET", "/a b", {}), ("GET", "/\u00e9", {}), ("GET", "", {}), ("GET", "/", {"X y": "1"}),
    ("GET", "/", {"X": "1\r\nY: 2"}), ("GET", "/", {"X": "€"}), ("GET", "/", {"X": "\0"}),
])
def test_what_would_be_another_request_is_refused(method, path, headers):
    with pytest.raises(Unsendable):
        request_bytes(method, path, "h", headers, None)


def test_headers_that_are_given_replace_ours():
    sent = request_bytes("POST", "/", "h", {"host": "other", "content-length": "7", "user-agent": "\xe9"}, b"body")
    assert sent == (b"POST / HTTP/1.1\r\nhost: other\r\nuser-agent: \xe9\r\nAccept-Encoding: identity\r\ncontent-length: 7\r\n"
                    b"\r\nbody")
    assert b"Content-Length: 0\r\n" in request_bytes("POST", "/", "h", {}, None)
    assert b"Content-Length" not in request_bytes("GET", "/", "h", {}, None)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"
TWO = b"GET / HTTP/1.1\r\n\r\n" * 2


@pytest.mark.parametrize(("sent", "answers", "until", "close", "expected"), [
    (b"x", [ok()], "response", False, {"status": 200, "responses": 1, "closed": False, "error": ""}),
    (b"x", [ok()], "close", True, {"status": 200, "body": "hello", "closed": True}),
    (b"x", [ok(more=b"Content-Encoding: gzip\r\n")], "response", False, {"status": 200, "error": "BadContentEncoding"}),
    (b"x", [ok() + ok().replace(b"200", b"404")], "close", True, {"status": 200, "responses": 2}),
    (b"x", [CHUNKED], "response", False, {"status": 200, "body": "ab"}),
    (b"x", [b"garbage"], "close", True, {"status": None, "body": None, "received": "garbage", "error": "BadStatusLine"}),
    (b"", [], "nothing", True, {"received": "", "status": None}),
    (b"HEAD / HTTP/1.1\r\n\r\n", [HEAD], "response", False, {"status": 200, "responses": 1, "error": ""}),
    (b"HEAD / HTTP/1.1\r\n\r\n", [ok()], "close", True, {"status": 200, "responses": 1, "error": "BadStatusLine"}),
    (TWO, [ok() + ok()], "response", False, {"responses": 2}),
    (TWO, [ok() + CHUNKED[:-1]], "close", True, {"status": 200, "responses": 1, "error": "IncompleteRead"}),
    (b"x", [GO_ON], "interim", False, {"status": None, "responses": 0, "interim": [100], "error": ""}),
    (b"x", [GO_ON + ok()], "response", False, {"status": 200, "responses": 1, "interim": [100]}),
    (b"x", [b""], "close", True, {"status": None, "received": "", "closed": True, "error": ""}),
])
def test_raw(sent, answers, until, close, expected):
    with Script(*answers, close=close) as server:
        client = server.client()
        seen = client.raw(sending(sent), until, 5)
        client.close()
    assert {key: seen[key] for key in expected} == expected
    assert "timed_out" not in seen


@pytest.mark.parametrize(("until", "answer"), [
    ("close", ok()), ("response", HEAD), ("response", GO_ON), ("interim", b""), ("response", b"garbage")])
def test_raw_has_a_deadline(until, answer):
    with Script(answer, close=False) as server:
        client = server.client()
        assert client.raw(sending(b"x"), until, 0.2)["timed_out"]
        client.close()


def test_answers_over_several_raw_steps():
    with Script(HEAD, ok(), close=False, end=b"\r\n\r\n") as server:
        client = server.client()
        assert client.raw(sending(b"HEAD / HT"), "nothing", 5)["responses"] == 0
        first = client.raw(sending(b"TP/1.1\r\n\r\n"), "response", 5)
        second = client.raw(sending(b"GET / HTTP/1.1\r\n\r\n"), "response", 5)
        client.close()
    assert [(seen["received"], seen["responses"]) for seen in (first, second)] == [(HEAD.decode(), 1), (ok().decode(), 1)]


def test_a_request_after_one_whose_answer_was_not_waited_for_gets_its_own():
    with Script(ok(b"first"), ok(b"second"), close=False, end=b"\r\n\r\n") as server:
        client = server.client()
        client.raw(sending(b"GET / HTTP/1.1\r\n\r\n"), "nothing", 5)
        assert get(client)["body"] == "second"
        client.close()


@settings(max_examples=150)
@given(st.one_of(ANYTHING, st.lists(st.sampled_from([ok(), HEAD, CHUNKED, GO_ON]), max_size=3).map(b"".join)),
       st.sampled_from(["GET", "HEAD", "CONNECT", "POST"]))
def test_whatever_a_server_sends_is_an_observation(data, method):
    with Script(data) as server:
        client = server.client()
        seen = client.request(method, "/", {}, None, 5)
        again = client.request(method, "/", {}, None, 5)
        client.close()
    for found in (seen, again):
        assert "timed_out" not in found
        assert (found["status"] is None) == (found["headers"] is None) == (found["body"] is None)
        assert found["status"] is not None or re.fullmatch("[A-Za-z]+", found["error"])
    with Script(data) as server:
        client = server.client()
        seen = client.raw(sending(method.encode() + b" / HTTP/1.1\r\n\r\n"), "close", 5)
        client.close()
    assert seen["received"] == data.decode("latin-1")
    assert (seen["status"] is None) == (seen["responses"] == 0)


PROBED = ok(b"probe")


def asked(server, send, until="response", seconds=5):
    """Raw pieces on a connection of their own; what was seen, and what the server got."""
    client = server.client()
    seen = client.raw(pieces(send), until, seconds)
    client.close()
    return seen


@pytest.mark.parametrize(("answers", "close", "statuses", "closed", "timed_out"), [
    ((ok(), PROBED), False, [200], False, False),
    ((b"HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n",), True, [400], True, False),
    ((ok(more=b"Connection: close\r\n"),), True, [200], True, False),  # it says so: no probe is sent
    ((ok() + ok(b"hidden"), PROBED), False, [200, 200], False, False),  # a second answer comes before that of the probe
    ((ok(), ok(b"another"), PROBED), False, [200, 200], False, True),  # and one that comes instead of it is no probe's
    ((), True, [], True, False),
])
def test_a_probe_shows_whether_the_connection_can_be_used(answers, close, statuses, closed, timed_out):
    with Script(*answers, close=close) as server:
        seen = asked(server, "GET / HTTP/1.1\r\n\r\n", "probe", 0.5 if timed_out else 5)
    assert (seen["statuses"], seen["responses"], seen["closed"], seen.get("timed_out", False)) == (
        statuses, len(statuses), closed, timed_out)
    assert seen["status"] == (statuses[0] if statuses else None)


def test_a_server_that_says_close_has_to_do_it():
    with Script(ok(more=b"Connection: close\r\n"), close=False) as server:
        assert asked(server, "GET / HTTP/1.1\r\n\r\n", "probe", 0.3)["timed_out"]


def test_pieces_are_sent_when_it_is_their_turn():
    with Script(b"HTTP/1.1 100 Continue\r\n\r\n", ok(), end=b"\r\n\r\n") as server:
        client = server.client()
        transcript = Transcript(lambda: 0.0)
        client.record = transcript.add
        seen = client.raw(pieces(["POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n", {"await": "interim"}, "\r\n\r\n"]), "response", 5)
        client.close()
    assert [entry["direction"] for entry in transcript.entries] == ["sent", "received", "sent", "received"]
    assert (seen["interim"], seen["status"], seen["headers"]) == ([100], 200, {"Content-Length": "5"})


def test_a_pause_ends_with_the_connection_and_nothing_more_is_sent():
    with Script(ok()) as server:
        seen = asked(server, ["GET / HTTP/1.1\r\n\r\n", {"pause": "20s"}, "never"], "close", 20)
    assert (seen["status"], seen["closed"], seen["error"]) == (200, True, "")
    assert seen["seconds"] < 15


def test_a_half_close_leaves_the_other_half_open():
    with Script(ok(), end=b"") as server:
        client = server.client()
        seen = client.raw(pieces(["GET / HTTP/1.1\r\n\r\n", {"end": True}]), "close", 5)
    assert (seen["status"], seen["error"], seen["closed"]) == (200, "", True)


def test_a_wait_that_lasts_too_long_is_late():
    with Script(close=False) as server:
        listener = server.listener
        listener.setblocking(True)
        assert asked(server, ["GET / HTTP/1.1\r\n\r\n", {"await": "response"}, "x"], "response", 0.2)["timed_out"]


def test_without_tls_there_is_no_closure_alert():
    with Script(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") as script:
        seen = script.client().raw(sending(b"GET / HTTP/1.1\r\n\r\n"), "close", 10)
    assert (seen["closed"], seen["closure_alert"]) == (True, None)

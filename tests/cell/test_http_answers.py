"""Answers and requests as bytes: what is well made is read as it was made, and nonsense has a name, however it is cut."""

import http.client
import io
import itertools
import tracemalloc

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.cell.http_answers import MAX_INTERIM, Answers, Requests
from harness.cell.http_framing import MAX_HEAD
from harness.language.text_matching import MAX_KEPT

NAMES = {"", "BadStatusLine", "BadHeader", "BadLength", "BadTransferEncoding", "BadChunk", "HeadTooLong", "IncompleteRead",
         "TooManyInterimAnswers"}


def read(*parts, sent=b"", end=False):
    answers = Answers()
    if sent:
        answers.sent.feed(sent)
    for part in parts:
        answers.feed(part)
    if end:
        answers.feed(b"")
    return answers


def statuses(answers):
    return [answer.status for answer in answers.found]


def cut(data, places):
    """Bytes in pieces, none of them empty."""
    marks = sorted({0, len(data), *(place for place in places if place < len(data))})
    return [data[a:b] for a, b in itertools.pairwise(marks)]


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(("data", "sent", "found", "error"), [
    (OK + OK.replace(b"200", b"404"), GET * 2, [200, 404], ""),
    (OK + b"garbage", GET, [200], "BadStatusLine"),
    (OK + b"\r\n", GET, [200], ""),
    (HEAD + OK, b"HEAD / HTTP/1.1\r\n\r\n" + GET, [200, 200], ""),
    (HEAD + b"hello", b"HEAD / HTTP/1.1\r\n\r\n", [200], "BadStatusLine"),
    (b"HTTP/1.1 204 No Content\r\n\r\n" + OK, GET * 2, [204, 200], ""),
    (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n" + OK, GET * 2, [304, 200], ""),
    (b"HTTP/1.1 200 Connected\r\n\r\n\x16\x03\x01", b"CONNECT a:1 HTTP/1.1\r\n\r\n", [200], ""),
    (b"HTTP/1.1 405 No\r\nContent-Length: 2\r\n\r\nno" + OK, b"CONNECT a:1 HTTP/1.1\r\n\r\n" + GET, [405, 200], ""),
    (b"HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x00", GET, [101], ""),
    (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, GET, [200], ""),
    (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", GET, [200], ""),
    (b"HTTP/1.1 200\nContent-Length: 0\n\n" + OK, GET * 2, [200, 200], ""),
    (b"HTTP/1.1 100 Continue\r\n\r\n" * (MAX_INTERIM + 1), GET, [], "TooManyInterimAnswers"),
    (b"HTTP/1.1 100 Continue\r\n\r\n" * (MAX_INTERIM - 1) + OK, GET, [200], ""),
    (b"HTTP/1.1 100 Continue\r\n\r\n" * MAX_INTERIM + OK, GET, [], "TooManyInterimAnswers"),
    *((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello%b0\r\n\r\n" % end, GET, [200] * (end == b"\r\n"),
       "" if end == b"\r\n" else "BadChunk") for end in (b"\r\n", b"xx", b"\n\n", b"\r0")),
    (b"HTTP/1.1 199 Early\r\n\r\n" + OK, GET, [200], ""), (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", GET, [200], ""),
    (b"HTTP/1.1 299 OK\r\nContent-Length: 0\r\n\r\n" + OK, b"CONNECT a:1 HTTP/1.1\r\n\r\n" + GET, [299], ""),
    (b"HTTP/1.1 300 No\r\nContent-Length: 0\r\n\r\n" + OK, b"CONNECT a:1 HTTP/1.1\r\n\r\n" + GET, [300, 200], ""),
    (b"HTTP/1.1 205 Reset\r\nContent-Length: 2\r\n\r\nno" + OK, GET * 2, [205, 200], ""),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", GET, [], "BadLength"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", GET, [], "BadTransferEncoding"),
    (b"HTTP/1.1 200 OK\r\nX: " + b"y" * MAX_HEAD, GET, [], "HeadTooLong"),
    (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * MAX_HEAD, GET, [], "HeadTooLong"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nX: y\r\n\r\n" + OK, GET * 2, [200, 200], ""),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n", GET, [], "BadChunk"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", GET, [], "BadLength"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello", GET, [], "BadLength"),
    (b"", GET, [], ""),
    (b"HTTP/1.", GET, [], "IncompleteRead"),
    (b"HTML/1.", GET, [], "BadStatusLine"),
])
def test_what_is_an_answer_and_what_is_none(data, sent, found, error):
    for parts in ([data], cut(data[:2000], range(2000)) + cut(data[2000:], [])):
        answers = read(*parts, sent=sent, end=True)
        assert (statuses(answers), answers.error) == (found, error)


@pytest.mark.parametrize(("sent", "methods"), [
    (b"GET / HTTP/1.1\r\nHost: ", []),
    (GET + b"\r\nHEAD / HTTP/1.1\r\n\r\n", ["GET", "HEAD"]),
    (b"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nGET " + GET, ["POST", "GET"]),
    (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nGET \r\n0\r\n\r\n" + GET, ["POST", "GET"]),
    (b"POST / HTTP/1.1\r\nContent-Length: ten\r\n\r\n" + GET, ["POST"]),
    (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n" + GET, ["POST"]),
    (b"GARBAGE\x00\r\n\r\n" + GET, ["GARBAGE\x00", "GET"]),
    (b"no colon\nHost x\n\n", ["no"]),
])
def test_the_requests_that_were_sent(sent, methods):
    for parts in ([sent], cut(sent, range(len(sent)))):
        requests = Requests()
        for part in parts:
            requests.feed(part)
        assert list(requests.waiting) == methods


def test_half_a_request_can_be_answered():
    assert statuses(read(HEAD + OK, sent=b"HEAD / HTTP/1.1\r\nHo")) == [200, 200]


def test_headers_of_one_name_are_joined_in_their_order():
    (answer,) = read(b"HTTP/1.1 204 No\r\nX-A: 1\r\nB: 2\r\nx-a:\t\r\nX-a: \xff \r\n\r\n").found
    assert answer.joined() == {"X-A": "1, , \xff", "B": "2"}


@pytest.mark.parametrize(("line", "more", "closes"), [
    ("HTTP/1.1", "", False), ("HTTP/1.1", "Connection: x, Close\r\n", True), ("HTTP/1.0", "", True),
    ("HTTP/1.0", "Connection: Keep-Alive\r\n", False),
])
def test_whether_the_server_closes(line, more, closes):
    (answer,) = read(f"{line} 200 OK\r\nContent-Length: 0\r\n{more}\r\n".encode()).found
    assert answer.closes is closes
    assert read(f"{line} 200 OK\r\n{more}\r\n".encode(), end=True).found[0].closes


def test_a_body_is_read_to_its_end_and_only_its_beginning_is_kept():
    tracemalloc.start()
    answers = read(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (32 * MAX_KEPT))
    for _ in range(32):
        answers.feed(b"x" * MAX_KEPT)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    (answer,) = answers.found
    assert (len(answer.body), answer.length) == (MAX_KEPT, 32 * MAX_KEPT)
    assert peak < 12 * MAX_KEPT


TOKEN = st.text("abcXYZ-_09", min_size=1, max_size=8)
FIELD = st.tuples(TOKEN.map("X-{}".format), st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=12))
CODES = st.integers(200, 599).filter(lambda code: code not in (204, 304))


@st.composite
def well_made(draw):
    """The bytes of an answer, and (status, headers, body)."""
    status, fields, body = draw(CODES), draw(st.lists(FIELD, max_size=4, unique_by=lambda f: f[0].lower())), draw(st.binary())
    if draw(st.booleans()):
        fields.append(("Content-Length", str(len(body))))
        coded = body
    else:
        fields.append(("Transfer-Encoding", "chunked"))
        chunks = [chunk for chunk in cut(body, draw(st.lists(st.integers(0, len(body))))) if chunk]
        coded = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"HTTP/1.1 {status} It\r\n{lines}\r\n".encode() + coded, (status, dict(fields), body)


@given(st.lists(well_made(), min_size=1, max_size=3), st.data())
def test_what_is_well_made_is_read_as_it_was_made(made, data):
    stream = b"".join(sent for sent, _ in made)
    answers = read(*cut(stream, data.draw(st.lists(st.integers(0, len(stream))))))
    assert [(a.status, a.joined(), a.body) for a in answers.found] == [told for _, told in made]
    assert answers.error == ""


@given(well_made())
def test_the_standard_library_reads_the_same(made):
    class Socket:
        def makefile(self, mode):
            return io.BytesIO(made[0])
    response = http.client.HTTPResponse(Socket())
    response.begin()
    (answer,) = read(made[0]).found
    assert (answer.status, answer.joined(), answer.body) == (response.status, dict(response.getheaders()), response.read())


PIECES = st.sampled_from([
    b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 ", b"HTTP/", b"100 ", b"HTTP/1.1 100 Go\r\n\r\n", b"Content-Length: ", b"5", b"0", b"-1",
    b"Transfer-Encoding: chunked\r\n", b"Location: http://[\r\n", b"X: y\n", b"\r\n\r\n", b"\r\n", b"\n", b"\r", b": ",
    b"hello",
    b"\0", b"\xff"])
ANYTHING = st.one_of(st.binary(max_size=200), st.lists(st.one_of(PIECES, st.binary(max_size=3)), max_size=14).map(b"".join))


@given(ANYTHING, st.lists(st.integers(0, 200)), st.one_of(st.just(GET), st.just(b"HEAD / HTTP/1.1\r\n\r\n"), ANYTHING))
@example(b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", [], GET)
def test_any_bytes_are_read_and_how_they_are_cut_makes_no_difference(data, places, sent):
    once, often = read(*[data][:len(data)], sent=sent, end=True), read(*cut(data, places), sent=sent, end=True)
    assert (once.found, once.error, once.interim) == (often.found, often.error, often.interim)
    assert once.error in NAMES
    assert once.over


@pytest.mark.parametrize(("sent", "came", "surplus"), [
    (GET, OK, (0, "")), (GET, OK + OK, (1, "")), (GET * 2, OK + OK, (0, "")), (GET * 2, OK * 4, (2, "")), (b"", OK, (1, "")),
    (GET, OK + b"\r\n\r\n", (0, "")), (GET * 2, OK + b"\r\n" + OK, (0, "")), (GET, OK + b"GARBAGE", (0, "BadStatusLine")),
    (GET, OK + OK + b"x", (1, "BadStatusLine")), (GET * 2, OK + b"x", (0, "")), (b"HEAD / HTTP/1.1\r\n\r\n", OK, (0, "BadStatusLine")),
    (GET, b"garbage", (0, "")), (GET, b"HTTP/1.0 200 OK\r\n\r\nto the end" + OK, (0, "")),
    (b"GET / HTTP/1.1\r\nHost", OK, (0, "")), (b"GET / HT", OK, (0, "")), (b"GET / HT", OK + OK, (1, "")), (b"x\r\n\r\n", OK, (0, "")),
    (b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n", OK, (0, "")), (b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n", OK + OK, (1, "")),
    (b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", OK + OK, (0, "")),  # how many requests these are is a matter of opinion
    (b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", OK + b"x", (0, "BadStatusLine")),
    (GET, b"HTTP/1.1 100 Continue\r\n\r\n" + OK, (0, "")), (GET, OK + OK[:20], (0, "IncompleteRead")), (GET * 2, OK + OK[:20], (0, "")),
])
def test_what_no_request_asked_for(sent, came, surplus):
    answers = Answers()
    answers.sent.feed(sent) if sent else None
    for part in (came, b""):
        answers.feed(part)
    assert answers.surplus() == surplus


@pytest.mark.parametrize("value", ["", " ", "\t"])
def test_a_length_that_is_empty_is_none(value):
    answers = Answers()
    answers.sent.feed(GET)
    answers.feed(b"HTTP/1.1 200 OK\r\nContent-Length:%b\r\n\r\n" % value.encode())
    assert (answers.found, answers.error) == ([], "BadLength")

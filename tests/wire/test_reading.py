"""The reader of answers: what is no answer, and what is wrong with one whatever was asked."""

import pytest

from . import wrong
from .reading import read, unsound


def test_right_answers():
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\nX-A: b\r\n\r\n"
    reading = read(b"HTTP/1.1 100 Continue\r\n\r\n" + wrong.HELLO + chunks + wrong.BAD + b"HTTP/1.1 200 \r\nX-A:\r\n\r\nrest", (), ended=True)
    assert not reading.wrong
    assert [(answer.status, answer.body) for answer in reading.answers] == [(100, b""), (200, b"{}"), (200, b"{}"), (400, b""), (200, b"rest")]
    assert [len(reading.final), reading.answers[-1].until_end, unsound(reading.answers[1])] == [4, True, []]


@pytest.mark.parametrize("cut", range(1, len(wrong.HELLO)))
def test_an_answer_that_is_not_whole_yet(cut):
    assert read(wrong.HELLO[:cut], (), ended=False) == read(b"")
    assert "the answer is cut" in read(wrong.HELLO[:cut], (), ended=True).wrong


@pytest.mark.parametrize(("answer", "said"), [
    (b"HTTP/1.1 200 OK\nContent-Length: 0\n\n", "the answer is cut"),
    (b"HTTP/1.1 99 OK\r\nContent-Length: 0\r\n\r\n", "no status line"),
    (b"HTTP/1.1 1000 OK\r\nContent-Length: 0\r\n\r\n", "no status line"),
    (b"HTTP/1.1 abc\r\nContent-Length: 0\r\n\r\n", "no status line"),
    (b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "no status line"),
    (b"HTTP/1.1 200 OK\r\n: b\r\n\r\n", "no field line"),
    (b"HTTP/1.1 200 OK\r\nX A: b\r\n\r\n", "no field line"),
    (b"HTTP/1.1 200 OK\r\nX-A : b\r\n\r\n", "no field line"),
    (b"HTTP/1.1 200 OK\r\nX-A: b\rc\r\n\r\n", "no field line"),
    (b"HTTP/1.1 200 OK\r\nX-A: b\nX-B: c\r\n\r\n", "no field line"),
    (b"HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\n\r\n", "no field line"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc", "lengths that are no number"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nab", "lengths that are no number"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", "the answer is cut"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "transfer codings"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n", "a chunk does not end"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\nab\r\n0\r\n\r\n", "no chunk size"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", "the answer is cut"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc", "bytes that are no answer: b'c'"),
    (b"HTTP/1.1 204 No\r\n\r\nabc", "bytes that are no answer: b'abc'"),
    (b"HTTP/1.1 304 No\r\n\r\nabc", "bytes that are no answer: b'abc'"),
])
def test_what_is_no_answer(answer, said):
    assert said in read(answer, (), ended=True).wrong


@pytest.mark.parametrize(("fields", "said"), [
    (b"Date: now\r\n", ("must", "Date is")),
    (b"", ("must", "no Date")),
    (b"Server: a\r\nserver: b\r\n", ("must", "server stands there 2 times")),
    (b"Content-Type: a/b\r\nContent-type: c/d\r\n", ("must", "content-type stands there 2 times")),
    (b"Transfer-Encoding: chunked\r\n", ("must", "a length and a coding")),
])
def test_unsound_fields(fields, said):
    answer = read(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n" + fields + b"\r\n0\r\n\r\n", (), ended=True).answers[0]
    assert any(level == said[0] and text.startswith(said[1]) for level, text in unsound(answer))


@pytest.mark.parametrize(("line", "fields", "said"), [
    (b"HTTP/1.1 405 No", b"", ("must", "405 without Allow")),
    (b"HTTP/1.1 204 No", b"Content-Length: 0\r\n", ("must", "204 with content-length")),
    (b"HTTP/1.1 100 Go on", b"Transfer-Encoding: chunked\r\n", ("must", "100 with transfer-encoding")),
    (b"HTTP/1.1 781 Strange", b"", ("must", "status 781")),
    (b"HTTP/1.0 200 OK", b"", ("should", "the answer's version is 1.0")),
])
def test_unsound_answers(line, fields, said):
    answer = read(line + b"\r\n" + fields + b"\r\n", (), ended=True).answers[0]
    assert any(level == said[0] and text.startswith(said[1]) for level, text in unsound(answer))

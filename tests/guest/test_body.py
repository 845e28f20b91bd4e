"""Bodies: by length and by chunks, however they arrive; what is malformed, cut, slow or too large."""

import re

import pytest
from enginebus import stream as stream_module
from enginebus.body import MAX_LINE, MAX_TRAILER, Body
from enginebus.errors import HTTPError
from enginebus.stream import Stream
from hypothesis import given
from hypothesis import strategies as st

from .fakes import BROKEN, SILENT, Clock, FakeSocket, chunked, cut

NEXT = b"GET /next HTTP/1.1\r\n\r\n"
PIECES = st.lists(st.binary(max_size=30) | st.sampled_from([b"\r\n", b"0\r\n\r\n", b"\n\n", b"a\nb\nc"]), max_size=6)
PLACES = st.lists(st.integers(0, 300), max_size=12)


def body(*pieces, length=None, chunks=False, limit=0, timeout=10, ask=None, end=b""):
    return Body(Stream(FakeSocket(*pieces, end=end)), length, chunks, limit, timeout, ask)


def refusal(source):
    """The status that reading it all ends with; the body is no more to be read after that."""
    with pytest.raises(HTTPError) as caught:
        source.read()
    assert source.failed
    assert not source.pass_over(1 << 20)
    return caught.value.code


def rest(source):
    """What the connection has left for the next request."""
    stream = source._stream
    stream.expect(1)
    while stream.fill():
        pass
    return stream.buffer


@pytest.mark.parametrize("how", ["length", "chunks"])
@given(pieces=PIECES, places=PLACES, size=st.none() | st.integers(1, 20))
def test_any_body_in_any_pieces_is_itself_and_ends_where_the_next_request_begins(how, pieces, places, size):
    content = b"".join(pieces)
    wire = content if how == "length" else chunked(pieces)
    source = body(*cut(wire + NEXT, places), length=len(content), chunks=how == "chunks")
    read = source.read() if size is None else b"".join(iter(lambda: source.read(size), b""))
    assert (read, source.read(), source.done) == (content, b"", True)
    assert rest(source) == NEXT


@given(PIECES, PLACES, st.lists(st.sampled_from([None, 1, 3, 100]) | st.just("line"), max_size=6))
def test_lines_and_reads_may_be_mixed(pieces, places, calls):
    content = b"".join(pieces)
    source = body(*cut(chunked(pieces), places), chunks=True)
    read = b""
    for call in calls:
        part = source.readline() if call == "line" else source.read(call)
        if call == "line":
            assert b"\n" not in part[:-1]
        elif call is None:
            assert read + part == content
        else:
            assert len(part) == min(call, len(content) - len(read))
        read += part
    assert read + source.read() == content


@given(PIECES, PLACES)
def test_its_lines_are_those_of_a_file(pieces, places):
    content = b"".join(pieces)
    assert list(body(*cut(chunked(pieces), places), chunks=True)) == re.findall(rb"[^\n]*\n|[^\n]+", content)


@pytest.mark.parametrize(("size", "lines"), [(None, [b"abc\n", b"de"]), (2, [b"ab", b"c\n", b"de"]), (4, [b"abc\n", b"de"]), (0, [])])
def test_a_line_may_have_a_limit(size, lines):
    source = body(b"abc\nde", length=6)
    assert list(iter(lambda: source.readline(size), b"")) == lines


def test_a_body_without_a_length_is_empty_and_asks_for_nothing():
    source = body(NEXT)
    assert (source.done, source.read(), source.readline()) == (True, b"", b"")
    assert source._stream.buffer == b""


@pytest.mark.parametrize("line", [
    b"5\r\n", b"05\r\n", b"5;a=b\r\n", b'5;a="b c"\r\n', b"5 \t;x\r\n", b"5\t\r\n", b"0000000000000005\r\n", b"5;" + b"x" * (MAX_LINE - 4) + b"\r\n"])
def test_lines_of_a_chunk(line):
    assert body(line + b"hello\r\n0\r\n\r\n", chunks=True).read() == b"hello"


@pytest.mark.parametrize("wire", [
    b"\r\nhello\r\n0\r\n\r\n", b"5\nhello\r\n0\r\n\r\n", b"5\r\nhello\n0\r\n\r\n", b"5\r\nhello0\r\n\r\n", b"5\r\nhelloX\r\n0\r\n\r\n",
    b"+5\r\nhello\r\n0\r\n\r\n", b"-5\r\nhello\r\n0\r\n\r\n", b"0x5\r\nhello\r\n0\r\n\r\n", b" 5\r\nhello\r\n0\r\n\r\n", b"5 x\r\nhello\r\n0\r\n\r\n",
    b"g\r\nhello\r\n0\r\n\r\n", b"5;a\x00\r\nhello\r\n0\r\n\r\n", b"5;a\rb\r\nhello\r\n0\r\n\r\n", b"00000000000000005\r\nhello\r\n0\r\n\r\n",
    b"5;" + b"x" * MAX_LINE + b"\r\nhello\r\n0\r\n\r\n", b"5\r\r\nhello\r\n0\r\n\r\n", b"\xb25\r\nhello\r\n0\r\n\r\n", b"5\r\nhello\r\n0\n\r\n",
    b"5\r\nhello\r\n0\r\n\n", b"5\r\nhello\r\n0\r\nX Y: 1\r\n\r\n", b"5\r\nhello\r\n0\r\nno colon\r\n\r\n", b"5\r\nhello\r\n0\r\na: 1\n\r\n",
    b"5\r\nhello\r\n0\r\n folded\r\n\r\n", b"5_0\r\nhello\r\n0\r\n\r\n",
])
def test_chunks_that_are_none(wire):
    assert refusal(body(wire, chunks=True)) == 400


@pytest.mark.parametrize("wire", [b"", b"5", b"5\r\n", b"5\r\nhel", b"5\r\nhello", b"5\r\nhello\r", b"5\r\nhello\r\n", b"5\r\nhello\r\n0\r\n", b"5\r\nhello\r\n0\r\na: 1\r\n"])
@pytest.mark.parametrize(("end", "status"), [(b"", 400), (BROKEN, 400), (SILENT, 408)])
def test_chunks_that_are_cut(wire, end, status):
    assert refusal(body(wire, chunks=True, end=end)) == status


@pytest.mark.parametrize(("end", "status"), [(b"", 400), (BROKEN, 400), (SILENT, 408)])
def test_a_length_that_is_not_reached(end, status):
    source = body(b"hel", length=5, end=end)
    assert source.read(3) == b"hel"
    assert refusal(source) == status


def test_a_trailer_is_read_and_dropped():
    source = body(chunked([b"hello"], b"a: 1\r\nContent-Length: 5\r\n\r\n") + NEXT, chunks=True)
    assert source.read() == b"hello"
    assert rest(source) == NEXT


@pytest.mark.parametrize(("trailer", "status"), [
    (b"a: " + b"x" * (MAX_TRAILER - 5) + b"\r\n", None), (b"a: " + b"x" * MAX_TRAILER + b"\r\n", 400), ((b"a: " + b"x" * 995 + b"\r\n") * 17, 431),
    (b"a: 1\r\n" * 101, 431), (b"a: 1\r\n" * 100, None)])
def test_a_trailer_has_limits(trailer, status):
    source = body(chunked([b"hello"], trailer + b"\r\n"), chunks=True)
    if status is None:
        assert source.read() == b"hello"
    else:
        assert refusal(source) == status


def test_a_length_beyond_the_limit_is_refused_before_a_byte_is_read():
    with pytest.raises(HTTPError) as caught:
        body(b"x", length=11, limit=10)
    assert caught.value.code == 413
    assert body(b"x" * 10, length=10, limit=10).read() == b"x" * 10
    assert body(b"x" * 11, length=11, limit=0).read() == b"x" * 11, "0: any"


@pytest.mark.parametrize(("wire", "refused"), [
    (chunked([b"x" * 5]), False), (chunked([b"x" * 100]), True), (chunked([b"x"] * 10), True), (b"ffffffffffff\r\n", True),
    (b"1;" + b"x" * 50 + b"\r\nx\r\n0\r\n\r\n", True)])
def test_chunks_beyond_the_limit_are_refused_at_the_chunk_that_is_too_much(wire, refused):
    source = body(wire, chunks=True, limit=30)
    if refused:
        assert refusal(source) == 413
    else:
        assert source.read() == b"xxxxx"


@pytest.mark.parametrize("read", [lambda b: b.read(1), lambda b: b.readline(), lambda b: next(iter(b))])
def test_a_client_that_waits_is_told_to_go_on_once_and_when_somebody_reads(read):
    asked = []
    source = body(b"ab\ncd", length=5, ask=lambda: asked.append(1))
    assert (asked, source.asked) == ([], False)
    read(source)
    source.read()
    assert asked == [1]


def test_a_body_that_nobody_asked_for_is_not_waited_for():
    source = body(length=5, ask=lambda: None, end=AssertionError("it was read"))
    assert source.pass_over(1 << 20) is False
    assert body(length=0, ask=lambda: None).pass_over(9) is True


@pytest.mark.parametrize(("options", "most", "passed"), [
    ({"length": 100}, 100, True), ({"length": 100}, 99, False), ({"chunks": True}, 101, True), ({"chunks": True}, 10, False)])
def test_what_nobody_read_is_passed_over_up_to_a_limit(options, most, passed):
    wire = b"x" * 100 if "length" in options else chunked([b"x" * 10] * 10)
    source = body(wire + NEXT, **options)
    assert source.pass_over(most) is passed
    if passed:
        assert rest(source) == NEXT


@pytest.mark.parametrize("options", [{"length": 9}, {"chunks": True}])
def test_what_is_cut_cannot_be_passed_over(options):
    assert body(b"1\r\nx", **options).pass_over(100) is False


def test_the_deadline_begins_with_the_first_read_and_is_put_off_by_what_comes(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(stream_module, "monotonic", clock)
    source = body(*[clock.tick(2, b"x" * 5000)] * 4, length=20000, timeout=3)
    clock.now += 100
    assert source.read() == b"x" * 20000
    slow = body(*[clock.tick(2, b"x" * 5)] * 4, length=20, timeout=3)
    assert refusal(slow) == 408

"""The bytes of a connection: buffered, cut off at deadlines, which a client that goes on may put off."""

import errno
import socket
import ssl

import pytest
from enginebus import stream as module
from enginebus.stream import MIN_RATE, Gone, Late, Stream
from hypothesis import given
from hypothesis import strategies as st

from .fakes import BROKEN, SILENT, Clock, FakeSocket, cut


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(module, "monotonic", clock)
    return clock


def stream(*pieces, **more):
    made = Stream(FakeSocket(*pieces, **more))
    made.expect(10)
    return made


@given(st.binary(max_size=60), st.lists(st.integers(0, 60)), st.integers(1, 9))
def test_what_is_taken_is_what_was_sent(data, places, size):
    source, taken = stream(*cut(data, places)), []
    while part := source.take(size):
        assert len(part) <= size
        taken.append(part)
    assert b"".join(taken) == data


@given(st.lists(st.binary(max_size=8).map(lambda b: b.replace(b"\n", b""))), st.lists(st.integers(0, 90)))
def test_lines_come_out_whole_however_they_arrive(lines, places):
    source = stream(*cut(b"".join(line + b"\n" for line in lines), places))
    assert [source.line(20) for _ in lines] == [line + b"\n" for line in lines]
    assert source.line(20) is None


@pytest.mark.parametrize(("data", "limit", "line"), [(b"abc\n", 4, b"abc\n"), (b"abcd\n", 4, None), (b"abc", 4, None), (b"", 4, None)])
def test_a_line_has_a_limit(data, limit, line):
    source = stream(data)
    assert source.line(limit) == line


@pytest.mark.parametrize(("problem", "kind"), [
    (SILENT, Late), (BROKEN, Gone), (ssl.SSLError("The read operation timed out"), Late), (ssl.SSLError("wrong version number"), Gone)])
@pytest.mark.parametrize("read", [lambda s: s.fill(), lambda s: s.take(1), lambda s: s.line(9)])
def test_what_a_failing_read_means(problem, kind, read):
    with pytest.raises(kind):
        read(stream(end=problem))


def test_a_call_that_a_signal_ended_is_made_again():
    source = stream(OSError(errno.EINTR, "Interrupted system call"), b"x")
    assert source.take(1) == b"x"


def test_each_read_has_what_is_left_of_the_deadline(clock):
    source = stream(clock.tick(4, b"a"), clock.tick(5, b"b"), clock.tick(2, b"c"))
    assert source.fill()
    assert source.fill()
    assert source.fill()
    with pytest.raises(Late):
        source.fill()
    assert source.sock.timeouts == [10, 6, 1]


def test_a_read_may_have_a_time_of_its_own(clock):
    source = stream(b"a")
    clock.now += 100
    assert source.fill(3)
    assert source.sock.timeouts == [3]


def test_what_arrives_puts_a_deadline_off_by_what_it_is_worth(clock):
    source = stream(b"x" * 5000)
    source.expect(10, extends=True)
    source.fill()
    assert source.deadline == clock.now + 10 + 5000 / MIN_RATE
    source.expect(10)
    source.sock.pieces.append(b"x" * 5000)
    source.fill()
    assert source.deadline == clock.now + 10


def test_a_body_that_trickles_is_late_however_often_it_sends(clock):
    source = stream(*[clock.tick(1, b"x")] * 100)
    source.expect(10, extends=True)
    with pytest.raises(Late):
        source.line(100)
    assert 1010 <= clock.now <= 1011


def test_all_is_sent_in_as_many_calls_as_that_takes():
    source = stream(most=7)
    source.send(b"0123456789" * 10, 5)
    assert source.sock.sent == b"0123456789" * 10


@pytest.mark.parametrize(("problem", "kind"), [(SILENT, Late), (BROKEN, Gone), (ssl.SSLError("The write operation timed out"), Gone)])
def test_what_a_failing_send_means(problem, kind):
    with pytest.raises(kind):
        stream(most=problem).send(b"x", 5)


def test_a_send_that_a_signal_ended_is_made_again():
    problems = [OSError(errno.EINTR, "Interrupted system call")]

    class Interrupted(FakeSocket):
        def send(self, data):
            if problems:
                raise problems.pop()
            return super().send(data)

    source = Stream(Interrupted())
    source.send(b"x", 5)
    assert source.sock.sent == b"x"


class SlowSocket(FakeSocket):
    """Takes a few bytes, and time for them."""

    def __init__(self, clock, seconds, most):
        super().__init__(most=most)
        self.clock, self.seconds = clock, seconds

    def send(self, data):
        self.clock.now += self.seconds
        return super().send(data)


def test_a_reader_that_takes_a_byte_a_second_is_late(clock):
    source = Stream(SlowSocket(clock, 1, 1))
    with pytest.raises(Late):
        source.send(b"x" * 1000, 5)
    assert len(source.sock.sent) < 10


def test_a_reader_that_takes_enough_is_not(clock):
    source = Stream(SlowSocket(clock, 1, int(MIN_RATE) + 10))
    source.send(b"x" * 20000, 5)
    assert len(source.sock.sent) == 20000


def test_lingering_reads_on_and_forgets_what_it_reads(clock):
    source = stream(b"a" * 50, b"b" * 50)
    source.linger(2, 1000)
    assert (source.sock.shut, source.sock.pieces, source.buffer) == ([socket.SHUT_WR], [], b"")


def test_lingering_ends_at_its_bounds(clock):
    source = stream(*[b"a" * 60] * 5)
    source.linger(2, 100)
    assert len(source.sock.pieces) == 3
    source = stream(*[clock.tick(1, b"a")] * 9)
    source.linger(2, 1000)
    assert len(source.sock.pieces) == 7


@pytest.mark.parametrize("end", [SILENT, BROKEN, b""])
def test_lingering_never_fails(end):
    source = stream(end=end)
    source.linger(2, 100)
    assert source.sock.shut == [socket.SHUT_WR]

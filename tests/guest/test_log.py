"""The lines of the logs: whole, dated, and nothing that a client sent can begin one."""

import io
import re
import sys
import time

import pytest
from enginebus.log import Log, stamp
from hypothesis import given
from hypothesis import strategies as st

LINE = re.compile(rb'(\S+) - - \[(\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d)\] "((?:[^"\\]|\\.)*)" (\d+) (\d+) "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"\n')


@pytest.fixture
def log():
    made = Log(io.BytesIO(), io.BytesIO())
    made.lines = lambda: (made._error.getvalue(), made._access.getvalue())
    return made


@given(st.integers(0, 4102444800))
def test_a_date_is_the_local_one(seconds):
    assert stamp(seconds) == time.strftime("%d/%b/%Y:%H:%M:%S", time.localtime(seconds))


def test_a_date_of_now_is_now(monkeypatch):
    for now in (86400.0, 86400.9, 86401.0):
        monkeypatch.setattr(time, "time", lambda now=now: now)
        assert stamp() == stamp(int(now))


def test_lines_of_errors(log):
    log("mine")
    log("é", "CONTEXT")
    log.engine("Bus STARTING")
    log.error("more\nlines\n")
    text = log.lines()[0].decode()
    assert re.sub(r"\[[^]]*\]", "[]", text) == "[]  mine\n[] CONTEXT é\n[] ENGINE Bus STARTING\n[] HTTP more\nlines\n"
    assert re.match(r"\[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d\] ", text)


def test_lines_with_a_traceback(log):
    try:
        raise ValueError("x")
    except ValueError:
        log.traceback("m")
        log("n", traceback=True)
    for message in (b"HTTP m\nTraceback", b" n\nTraceback"):
        assert message in log.lines()[0]
    assert log.lines()[0].count(b"ValueError: x\n") == 2


@given(st.text(), st.text(), st.text())
def test_what_a_client_sends_stays_in_its_field(line, referer, agent):
    log = Log(io.BytesIO(), io.BytesIO())
    log.access("127.0.0.1", line, 200, 5, referer, agent)
    match = LINE.fullmatch(log._access.getvalue())
    assert match, log._access.getvalue()
    assert (match.group(1), match.group(4), match.group(5)) == (b"127.0.0.1", b"200", b"5")
    assert all(32 <= byte < 127 for field in match.groups() for byte in field)


@pytest.mark.parametrize(("sent", "written"), [
    ("GET / HTTP/1.1", "GET / HTTP/1.1"), ('a"b', "a\\x22b"), ("a\\b", "a\\x5cb"), ("a\r\nb", "a\\x0d\\x0ab"), ("é", "\\xe9"), ("a\x7f", "a\\x7f"), ("", ""), (None, ""), ("abc9", "abc9")])
def test_what_is_written_of_what_was_sent(log, sent, written):
    log.access("h", sent, 200, 0, sent, sent)
    assert log.lines()[1].decode().count(f'"{written}"') == 3


def test_files_and_the_screen(log, tmp_path):
    log.error_file, log.access_file = str(tmp_path / "e"), str(tmp_path / "a")
    log.error("one")
    log.screen = False
    log.error("two")
    log.access("h", "l", 200, 0, "", "")
    assert (tmp_path / "e").read_bytes().count(b"\n") == 2
    assert (tmp_path / "a").read_bytes().count(b"\n") == 1
    assert log.lines()[0].count(b"\n") == 1
    assert log.lines()[1] == b""


def test_a_file_that_cannot_be_written_ends_nothing_and_its_lines_go_to_the_screen(log, tmp_path):
    log.error_file, log.screen = str(tmp_path / "none" / "e"), False
    log.error("x")
    assert log.lines()[0].endswith(b"HTTP x\n")


def test_the_screen_is_what_it_is_at_that_moment(monkeypatch):
    log = Log()
    for name, write in (("stderr", lambda: log.error("x")), ("stdout", lambda: log.access("h", "l", 200, 0, "", ""))):
        stream = io.TextIOWrapper(io.BytesIO())
        monkeypatch.setattr(sys, name, stream)
        write()
        assert stream.buffer.getvalue().count(b"\n") == 1
        monkeypatch.setattr(sys, name, None)
        write()

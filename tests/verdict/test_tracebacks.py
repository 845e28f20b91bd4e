"""Tracebacks are found in logs that grow, and logs that do not only grow are told."""

import pytest

from harness.machine import server_log
from harness.verdict import tracebacks
from harness.verdict.tracebacks import Tracebacks
from harness.verdict.unasked import wrong_logs

from .test_unasked import ASK, START


@pytest.fixture
def run(dying):
    return dying


TRACE = b'Traceback (most recent call last):\n  File "x", line 1\n    y\nValueError: %d\n'


@pytest.fixture
def log(tmp_path):
    def write(name, *parts):
        with (tmp_path / name).open("ab") as file:
            file.writelines(parts)
        return tmp_path / name
    return write


def places(looks):
    return [(one["step"], one["server"], one["line"], one["before"], one["said"]) for one in looks.found()]


def test_each_traceback_is_told_with_its_step_its_line_and_its_ends(log):
    looks = Tracebacks()
    looks.look(1, "main", log("main", b"one\ntwo\n", TRACE % 1))
    looks.look(2, "main", log("main", b"three\n"))
    looks.look(3, "main", log("main", TRACE % 2, b"four\n", TRACE % 3))
    looks.look(3, "other", log("other", TRACE % 4))
    assert places(looks) == [
        (1, "main", 3, "two", "ValueError: 1"), (3, "main", 8, "three", "ValueError: 2"), (3, "main", 13, "four", "ValueError: 3"),
        (3, "other", 1, "", "ValueError: 4")]


def test_a_line_that_is_not_whole_yet_is_told_once_when_it_is(log):
    looks = Tracebacks()
    looks.look(1, "main", log("main", b"one\nTraceback (most re"))
    looks.look(2, "main", log("main", b"cent call last):"))
    assert places(looks) == []
    looks.look(3, "main", log("main", b"\n  x\nKeyError: 1\n"))
    looks.look(4, "main", log("main"))
    assert places(looks) == [(3, "main", 2, "one", "KeyError: 1")]


@pytest.mark.parametrize(("end", "said"), [
    (b"127.0.0.1 - - [x] code 400\nBrokenPipeError: [Errno 32] Broken pipe\n", "BrokenPipeError: [Errno 32] Broken pipe"),
    (b"KeyboardInterrupt\nx: y\n", "KeyboardInterrupt"), (b"a.b.Wrong: x\nValueError: y\n", "a.b.Wrong: x"), (b"...\n", "..."), (b"", ""),
])
def test_what_another_thread_logs_is_not_what_a_traceback_says(log, end, said):
    looks = Tracebacks()
    looks.look(1, "main", log("main", b"Traceback (most recent call last):\n  x\n", end))
    assert [one["said"] for one in looks.found()] == [said]


@pytest.mark.parametrize(("text", "said"), [
    ("\x1b[31mTraceback\x1b[0m (most recent call last):\n  x\n\x1b[1;35mValueError\x1b[0m: \x1b[35mx\x1b[0m\n", "ValueError: x"),
    ("ERROR: Traceback (most recent call last):\n  x\nKeyError: 1\n", "KeyError: 1"),
    ("╭──── Traceback (most recent call last) ────╮\n│ /app.py:3 in get │\n╰────╯\nValueError: x\n", "ValueError: x"),
    ("Fatal Python error: Segmentation fault\n\nCurrent thread 0x1 (most recent call first):\n  File x\n",
     "Fatal Python error: Segmentation fault"),
    ("worker: Fatal Python error: Aborted\n", "Fatal Python error: Aborted"),
    ("\x1b[1mordinary\x1b[0m\nStack (most recent call last):\n  x\n", None)])
def test_a_traceback_is_one_in_colours_in_a_box_and_of_a_crash(log, text, said):
    looks = Tracebacks()
    looks.look(1, "main", log("main", text.encode()))
    assert [one["said"] for one in looks.found()] == ([] if said is None else [said])


def test_at_the_end_a_line_without_an_end_counts(log):
    looks = Tracebacks()
    looks.look(1, "main", log("main", b"Traceback (most recent call last):"))
    looks.look(0, "main", log("main"))
    assert places(looks) == [(0, "main", 1, "", "")]


def test_more_tracebacks_than_are_told_apart_are_told_as_such(log):
    """They may be others than those that a step expects, or than those that are a habit."""
    looks = Tracebacks()
    looks.look(1, "main", log("main", TRACE % 7 * (tracebacks.MOST_FOUND + 3)))
    looks.look(2, "main", log("main", TRACE % 8))
    assert [(one["step"], one["said"]) for one in looks.found()[tracebacks.MOST_FOUND:]] == [
        (2, "ValueError: 8"), (1, "3 more, which were not checked")]


CHAIN = (b"Traceback (most recent call last):\n  x\nKeyError: 1\n\nDuring handling of the above exception, another exception occurred:\n\n"
         b"Traceback (most recent call last):\n  y\nValueError: 2\n")


def test_tracebacks_that_belong_together_are_told_so(log):
    looks = Tracebacks()
    looks.look(1, "main", log("main", CHAIN, TRACE % 3, CHAIN.replace(b"During handling of the above exception, another exception occurred:",
                                                                     b"The above exception was the direct cause of the following exception:")))
    assert [(one["said"], one["chained"]) for one in looks.found()] == [
        ("KeyError: 1", True), ("ValueError: 2", False), ("ValueError: 3", False), ("KeyError: 1", True), ("ValueError: 2", False)]


def test_a_log_that_was_written_over_and_is_longer_than_before_is_noticed(tmp_path):
    looks, file = Tracebacks(), tmp_path / "main"
    file.write_bytes(b"one\n" * 40)
    looks.look(1, "main", file)
    file.write_bytes(b"two\n" * 50 + TRACE % 1)
    looks.look(2, "main", file)
    assert [one["step"] for one in looks.problems] == [2]
    assert places(looks) == [(2, "main", 51, "two", "ValueError: 1")]
    looks.look(0, "main", file)
    assert len(looks.problems) == 1
    assert [(key, observed) for key, _, observed in wrong_logs(looks.problems)] == [
        ("log", "after step 2, of 'main': it was truncated or overwritten, so its contents are unknown")]


def test_a_log_without_end_is_stopped_and_told(run, monkeypatch, tmp_path):
    for module in (server_log, tracebacks):
        monkeypatch.setattr(module, "MOST_LOGGED", 2 * 1024 * 1024)
    _, result = run(START + ASK, "flood")
    assert (tmp_path / "cell" / "main.log").stat().st_size == tracebacks.MOST_LOGGED
    assert any("longer than 2 MiB" in failure.observed for failure in result.cleanup.failures), result.reason


@pytest.mark.parametrize("size", [1, 7, 64, 1000])
def test_a_log_is_read_in_blocks(log, monkeypatch, size):
    monkeypatch.setattr(tracebacks, "BLOCK", size)
    looks = Tracebacks()
    looks.look(1, "main", log("main", b"one\ntwo\n", TRACE % 1, b"three\n" * 30, b"-" * 300 + b"\n"))
    looks.look(2, "main", log("main", TRACE % 2))
    if size > 80:  # in smaller ones a line is longer than a block
        assert [place[:3] for place in places(looks)] == [(1, "main", 3), (2, "main", 38)]
    assert looks.problems == []

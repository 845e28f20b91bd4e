"""What a run says while it lasts: the line on a terminal, lines elsewhere, and each red cell at once."""

import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from harness.run.progress import CLEAR, Progress, cut, duration, result_line, updates

CELLS = {f"a.b@s@{number}": 1.0 for number in range(100)}


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Shown:
    """A progress, its clock, and what it wrote."""

    def __init__(self, total=CELLS, terminal=False, width=80, verbosity=0):
        self.stream, self.clock = io.StringIO(), Clock()
        self.progress = Progress(total, self.stream, terminal, lambda: width, self.clock, verbosity)

    def run(self, cell, seconds=1.0, word="pass", reason="", red=False):
        self.progress.started(cell)
        self.clock.now += seconds
        self.progress.done(cell, word, reason, seconds, red)

    @property
    def text(self):
        return self.stream.getvalue()

    @property
    def lines(self):
        return self.text.splitlines()

    @property
    def screen(self):
        """The lines that a terminal shows: what is erased is gone, and no line is longer than it is wide."""
        shown = [line.rpartition(CLEAR)[2] for line in self.text.split("\n")]
        assert not any("\x1b" in line or "\r" in line for line in shown)
        return shown


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("stream", "environ", "wanted"), [
    (Terminal(), {"TERM": "xterm"}, True), (Terminal(), {}, True), (Terminal(), {"TERM": "dumb"}, False), (io.StringIO(), {"TERM": "xterm"}, False),
])
def test_a_line_is_updated_on_a_terminal_that_can(stream, environ, wanted):
    assert updates(stream, environ) is wanted


# Elsewhere than on a terminal.

def test_a_line_for_each_twentieth_of_the_work():
    shown = Shown()
    for cell in CELLS:
        shown.run(cell, 0.1)
    assert len(shown.lines) == 20
    assert shown.lines[0] == "  5 %  5/100 cells  5 pass"
    assert shown.lines[-1] == "100 %  100/100 cells  100 pass"


def test_a_line_every_fifteen_seconds():
    shown = Shown({**CELLS, "long@s@1": 100_000.0})
    for cell in list(CELLS)[:60]:
        shown.run(cell)
    assert [line.strip().split("  ")[1] for line in shown.lines] == ["15/101 cells", "30/101 cells", "45/101 cells", "60/101 cells"]
    shown.clock.now += 15
    shown.progress.tick()
    shown.progress.tick()
    assert len(shown.lines) == 5, "while nothing happens, too, and once"


def test_a_red_cell_is_said_at_once():
    shown = Shown()
    shown.run("a.b@s@1", 2.34, "fail", "step 2:\n\tstatus \x1b[31m500\x1b[0m\x07", red=True)
    shown.run("a.b@s@2", 1.0, "fail", "of grade should", red=False)
    shown.run("a.b@s@3", 1.0, "known", "as expected", red=False)
    assert shown.lines == ["FAIL     a.b@s@1  2.3 s: step 2: status 500\u2407"]
    assert "newest" not in shown.progress.line(shown.clock.now), "it has been said"


def test_the_counts_are_worst_first_and_the_last_word_counts():
    shown = Shown()
    for cell, word in {"a.b@s@1": "pass", "a.b@s@2": "known", "a.b@s@3": "fail", "a.b@s@4": "timeout"}.items():
        shown.progress.done(cell, word, "", 1.0, False)
    shown.progress.done("a.b@s@3", "pass", "", 1.0, False)
    shown.progress.done("a.c@s@3", "pass", "", 1.0, False)
    assert shown.progress.line(shown.clock.now) == "  4 %  5/101 cells  1 timeout, 1 known, 3 pass"


def test_no_escapes_elsewhere():
    shown = Shown(verbosity=1)
    for cell in CELLS:
        shown.run(cell, 1.0, "fail", "x", red=True)
    shown.progress.finish()
    assert "\x1b" not in shown.text
    assert "\r" not in shown.text


@pytest.mark.parametrize(("verbosity", "wanted"), [
    (1, ["PASS     a.b@s@1  1.0 s", "FAIL     a.b@s@2  1.0 s: because", "KNOWN    a.b@s@3  1.0 s: as ever", "3 of 100 cells in 3 s: 1 fail, 1 known, 1 pass"]),
    (0, ["FAIL     a.b@s@2  1.0 s: because", "3 of 100 cells in 3 s: 1 fail, 1 known, 1 pass"]),
    (-1, ["FAIL     a.b@s@2  1.0 s: because"]), (-2, []), (-3, []),
])
@pytest.mark.parametrize("terminal", [False, True])
def test_more_and_less(verbosity, wanted, terminal):
    shown = Shown(verbosity=verbosity, terminal=terminal)
    shown.run("a.b@s@1")
    shown.run("a.b@s@2", 1.0, "fail", "because", red=True)
    shown.run("a.b@s@3", 1.0, "known", "as ever")
    shown.progress.finish()
    shown.progress.finish()
    shown.progress.tick()
    assert shown.screen == [*wanted, ""]


# On a terminal.

def test_the_line_is_updated_and_red_cells_stay_above_it():
    shown = Shown(terminal=True)
    shown.run("a.b@s@1")
    shown.run("a.b@s@2", 1.0, "fail", "because", red=True)
    shown.run("a.b@s@3")
    assert shown.screen == ["FAIL     a.b@s@2  1.0 s: because", "  3 %  3/100 cells  97 s left  1 fail, 2 pass  newest red: a.b@s@2"]
    shown.progress.finish()
    assert shown.screen == ["FAIL     a.b@s@2  1.0 s: because", "3 of 100 cells in 3 s: 1 fail, 2 pass", ""]


def test_the_line_is_there_again_at_once_after_a_red_cell():
    shown = Shown(terminal=True)
    shown.run("a.b@s@1", 0.0)
    shown.run("a.b@s@2", 0.0, "fail", "because", red=True)
    assert shown.screen[1:] == ["  2 %  2/100 cells  1 fail, 1 pass  newest red: a.b@s@2"]
    shown.run("a.b@s@3", 0.0)
    assert shown.text.count("cells") == 2


def test_the_width_can_be_given_once():
    progress = Progress(CELLS, stream := io.StringIO(), True, 10, Clock())
    progress.tick()
    assert stream.getvalue() == CLEAR + "  0 %  0…"


def test_it_is_not_updated_more_often_than_can_be_seen():
    shown = Shown({f"a.b@s@{number}": 1.0 for number in range(10_000)}, terminal=True)
    for number in range(1000):
        shown.run(f"a.b@s@{number}", 0.001)
    assert shown.text.count(CLEAR) <= 12


@pytest.mark.parametrize("width", [0, 1, 2, 10, 30, 79, 80, 200])
def test_the_line_is_narrower_than_the_terminal(width):
    """A character in the last column would begin a new line, which could not be erased."""
    shown = Shown(terminal=True, width=width)
    shown.run("a.b@s@1", 5.0, "fail", "x", red=True)
    assert all(len(line) < max(width, 1) for line in shown.screen[1:])


# How far it is.

@pytest.mark.parametrize(("expected", "ran", "share"), [
    ([1, 1, 1, 1], 1, "25 %"), ([1, 9], 1, "10 %"), ([9, 1], 1, "90 %"), ([1000, 1], 1, "99 %"), ([1, 1, 1], 1, "33 %"), ([0, 0], 1, "50 %"), ([0, 0], 2, "100 %"),
    ([0.3] * 5, 3, "60 %"),  # though 3 of them are 59.99… %, in floating point
    ([999_999, 1], 1, "99 %"),  # not everything is done
])
def test_the_share_is_that_of_the_work(expected, ran, share):
    total = {f"a.b@s@{number}": float(seconds) for number, seconds in enumerate(expected)}
    shown = Shown(total)
    for cell in list(total)[:ran]:
        shown.progress.done(cell, "pass", "", 1.0, False)
    assert shown.progress.line(shown.clock.now).lstrip().startswith(share)


def test_what_is_running_is_partly_done_and_never_wholly():
    shown = Shown({"a.b@s@1": 50.0, "a.b@s@2": 50.0})
    shown.progress.started("a.b@s@1")
    for seconds, share in ((10, " 10 %"), (30, " 40 %"), (60, " 50 %"), (600, " 50 %")):
        shown.clock.now += seconds
        assert shown.progress.line(shown.clock.now).startswith(share)
    shown.progress.done("a.b@s@1", "pass", "", 700.0, False)
    shown.progress.started("a.b@s@2")
    shown.clock.now += 1000
    assert shown.progress.line(shown.clock.now).startswith(" 99 %")


def test_a_cell_that_is_run_again_is_not_done_twice():
    shown = Shown({"a.b@s@1": 50.0, "a.b@s@2": 50.0})
    shown.progress.done("a.b@s@1", "fail", "", 50.0, False)
    shown.progress.started("a.b@s@1")
    shown.clock.now += 20
    assert shown.progress.line(shown.clock.now).startswith(" 50 %")


def left(shown):
    parts = [part for part in shown.progress.line(shown.clock.now).split("  ") if part.endswith(" left")]
    return parts[0].removesuffix(" left") if parts else None


def test_the_time_left_follows_from_the_rate_so_far():
    shown = Shown({f"a.b@s@{number}": 6.0 for number in range(100)})
    shown.progress.started("a.b@s@0")
    shown.clock.now += 10
    assert left(shown) is None, "no cell is done"
    shown = Shown({f"a.b@s@{number}": 6.0 for number in range(100)})
    shown.run("a.b@s@0", 1.0)
    assert left(shown) is None, "too early to tell"
    for number in range(1, 10):
        shown.run(f"a.b@s@{number}", 3.0)
    assert left(shown) == "4 min", "90 cells at 2.8 s"
    for number in range(10, 100):
        shown.run(f"a.b@s@{number}", 1.0)
    assert left(shown) is None


def test_the_last_long_cell_has_its_own_time():
    """However many workers there were before, one cell is not faster for it."""
    shown = Shown({**CELLS, "long@s@1": 50.0})
    for cell in CELLS:
        shown.run(cell, 0.1)
    shown.progress.started("long@s@1")
    assert left(shown) == "50 s"
    shown.clock.now += 20
    assert left(shown) == "30 s"
    shown.clock.now += 100
    assert left(shown) == "0 s"


@given(st.lists(st.tuples(st.sampled_from([*CELLS, "x@s@1"]), st.floats(0, 20), st.sampled_from(["start", "done", "tick"])), max_size=40))
def test_the_share_never_falls(steps):
    shown = Shown()
    before = 0
    for cell, seconds, what in steps:
        shown.clock.now += seconds
        if what == "start" and cell not in shown.progress._words:
            shown.progress.started(cell)
        elif what == "done":
            shown.progress.done(cell, "pass", "", 1.0, False)
        share = int(shown.progress.line(shown.clock.now).split("%")[0])
        assert before <= share <= 100
        before = share


@pytest.mark.parametrize(("seconds", "wanted"), [
    (0.4, "0 s"), (12.3, "12 s"), (99.4, "99 s"), (99.7, "2 min"), (150, "2 min"), (5400, "90 min"), (5940, "99 min"), (6000, "1 h 40 min"), (7500, "2 h 05 min"),
])
def test_durations_in_words(seconds, wanted):
    assert duration(seconds) == wanted


# What a stream does not take.

@pytest.mark.parametrize("error", [BrokenPipeError(), ValueError("I/O operation on closed file")])
def test_a_stream_that_fails_does_not_end_the_run(error):
    class Failing(io.StringIO):
        calls = 0

        def write(self, text):
            self.calls += 1
            raise error

    stream = Failing()
    progress = Progress(CELLS, stream, False, lambda: 80, Clock())
    for cell in CELLS:
        progress.done(cell, "fail", "x", 1.0, True)
    progress.finish()
    assert stream.calls == 1


def test_a_stream_takes_the_words_that_its_encoding_lacks():
    out = io.BytesIO()
    progress = Progress(CELLS, io.TextIOWrapper(out, "ascii"), False, lambda: 80, Clock())
    progress.done("a.b@s@1", "fail", "naïve \udcff …", 1.0, True)
    assert out.getvalue() == b"FAIL     a.b@s@1  1.0 s: na\\xefve \\udcff \\u2026\n"


# Text that is cut.

@pytest.mark.parametrize(("text", "width", "wanted"), [
    ("abc", 3, "abc"), ("abcd", 3, "ab…"), ("abc", 0, ""), ("abc", -1, ""), ("abc", 1, "…"), ("", 0, ""), ("日本語", 6, "日本語"), ("日本語", 5, "日本…"), ("日本語", 4, "日…"),
    ("e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301e\u0301"), ("e\u0301e\u0301e\u0301", 2, "e\u0301…"), ("ab\u200dcd", 3, "ab…"), ("❤\ufe0f❤\ufe0f", 3, "❤\ufe0f…"),
])
def test_text_is_cut_between_characters(text, width, wanted):
    assert cut(text, width) == wanted


@given(st.text(st.sampled_from("ab日本é́\u200d\ufe0f👩❤…"), max_size=30), st.integers(0, 20))
def test_what_is_cut_fits(text, width):
    found = cut(text, width)
    assert cell_len(found) <= width
    assert found == text or found.endswith("…"[:width])


def test_a_reason_is_one_line_and_not_long():
    line = result_line("a.b@s@1", "fail", "\x1b]0;title\x07a\r\n" + "日" * 500, 1.0)
    assert line.startswith("FAIL     a.b@s@1  1.0 s: a 日日")
    assert "\n" not in line
    assert cell_len(line) <= len("FAIL     a.b@s@1  1.0 s: ") + 200
    assert line.endswith("…")
    assert result_line("a.b@s@1", "unsupported", "it lacks a bus", 0.0) == "UNSUPPORTED a.b@s@1  0.0 s"
    assert result_line("a.b@s@1", "error", "", 0.0) == "ERROR    a.b@s@1  0.0 s"


def test_a_hundred_thousand_cells_are_said_fast():
    total = {f"a.b@s@{number}": 1.0 for number in range(100_000)}
    shown = Shown(total, terminal=True)
    began = time.process_time()
    for cell in total:
        shown.run(cell, 0.001)
    assert time.process_time() - began < 5, "1 s on an idle machine"

"""How far a run is, in text: one line that is updated on a terminal, lines now and then elsewhere, and each red cell at once.

There is no thread: the caller says what happens, and calls ``tick`` while nothing does.
"""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import TextIO

from rich.cells import get_character_cell_size

from ..model.counting import counted
from ..model.outcomes import BY_WORD, WORDS
from ..model.printable import plain

REDRAW_SECONDS = 0.1  # between two updates of the line on a terminal
LINE_SECONDS = 15.0  # a line is printed this long after the last one
LINE_PERCENT = 5  # or once as many hundredths more are done
KNOWN_AFTER = 2.0  # seconds, before which the rate says nothing
LEAST = 0.001  # seconds of a cell, so that those that take no time count, too
MAX_REASON = 200
RED_ONLY, SILENT = -1, -2  # verbosity: -q and -qq
CLEAR = "\r\x1b[K"  # to the start of the line, and erase it
_JOINER = "\u200d"  # joins the character before it with the next one
_EMOJI = "\ufe0f"  # makes the character before it wide


def updates(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether a line can be updated: on a terminal that knows how to."""
    return stream.isatty() and environ.get("TERM", "") != "dumb"


def columns() -> int:
    """The width of the terminal now."""
    return shutil.get_terminal_size().columns


class Progress:
    """Says what a run is doing; ``total`` has the expected seconds of each cell.

    ``verbosity``: 1 prints a line for each cell, -1 red cells only, -2 nothing. A stream that fails is written to no more: the
    run goes on.
    """

    def __init__(
        self,
        total: Mapping[str, float],
        stream: TextIO,
        terminal: bool,
        width: int | Callable[[], int] = columns,
        clock: Callable[[], float] = time.monotonic,
        verbosity: int = 0,
    ) -> None:
        self._total = {cell: max(LEAST, seconds) for cell, seconds in total.items()}
        self._all = sum(self._total.values())
        self._waiting = len(self._total)  # expected cells without a result
        self._stream = stream
        self._terminal = terminal
        self._width = width
        self._clock = clock
        self._verbosity = verbosity
        self._begun = clock()
        self._running: dict[str, float] = {}  # cell -> when it began
        self._words: dict[str, str] = {}
        self._tally: Counter[str] = Counter()  # kept up to date: there may be 100,000 cells
        self._worked = 0.0  # expected seconds of the cells that are done
        self._newest = ""  # the red cell that came last
        self._shown_at, self._shown_percent = self._begun, 0
        self._drawn = self._failed = self._finished = False

    def started(self, cell: str) -> None:
        """A cell begins."""
        self._running.setdefault(cell, self._clock())
        self.tick()

    def done(self, cell: str, word: str, reason: str, seconds: float, red: bool) -> None:
        """A cell has a result; of a cell that is run again, the last one counts."""
        self._running.pop(cell, None)
        if cell in self._words:
            self._tally[self._words[cell]] -= 1
        elif cell in self._total:
            self._worked += self._total[cell]
            self._waiting -= 1
        self._words[cell] = word
        self._tally[word] += 1
        if red:
            self._newest = cell
        if self._verbosity > 0 or (red and self._verbosity >= RED_ONLY):
            self._print(result_line(cell, word, reason, seconds))
        self.tick()

    def tick(self) -> None:
        """Show how far the run is, if it is time to."""
        if self._verbosity < 0 or self._finished:
            return
        now = self._clock()
        percent = self._percent(now)
        if self._terminal:
            if not self._drawn or now - self._shown_at >= REDRAW_SECONDS:
                self._write(CLEAR + cut(self.line(now), self._columns() - 1))  # the last column would begin a new line
                self._drawn, self._shown_at = True, now
        elif now - self._shown_at >= LINE_SECONDS or percent - self._shown_percent >= LINE_PERCENT:
            self._print(self.line(now))
            self._shown_at, self._shown_percent = now, percent

    def finish(self) -> None:
        """Replace the line by the last one: how many cells have a result, and how long it took."""
        if self._verbosity < 0 or self._finished:
            return
        took = duration(self._clock() - self._begun)
        self._print(f"{len(self._words):,} of {counted(self._count, 'cell')} in {took}{self._counts(': ')}")
        self._finished = True

    def line(self, now: float) -> str:
        """How far the run is: the share of the work, cells, the time left, the outcomes; on a terminal the newest red cell."""
        left = self._left(now)
        parts = [
            f"{self._percent(now):3d} %",
            f"{len(self._words):,}/{counted(self._count, 'cell')}",
            *([f"{duration(left)} left"] if left is not None else []),
            *([counts] if (counts := self._counts()) else []),
            *([f"newest red: {self._newest}"] if self._newest and self._terminal else []),
        ]
        return "  ".join(parts)

    @property
    def _count(self) -> int:
        """All cells: those with a result, and those that wait for theirs."""
        return len(self._words) + self._waiting

    def _counts(self, before: str = "") -> str:
        """How many cells have which word, worst first."""
        found = [f"{count:,} {word}" for word in WORDS if (count := self._tally[word])]
        return before + ", ".join(found) if found else ""

    def _done_work(self, now: float) -> float:
        """The expected seconds of what is done, that of running cells included; a cell that is late is not done for that."""
        running = (min(now - at, self._total.get(cell, 0.0)) for cell, at in self._running.items() if cell not in self._words)
        return self._worked + sum(running)

    def _percent(self, now: float) -> int:
        """How much of the work is done, in whole hundredths; 100 only when each cell has its result."""
        if not self._waiting:
            return 100
        return min(99, int(100 * self._done_work(now) / self._all + 1e-6))  # 29 of 100 are 28.999…

    def _left(self, now: float) -> float | None:
        """The seconds that are left at the rate so far, at least those of the longest running cell; None if not known yet."""
        elapsed, work = now - self._begun, self._done_work(now)
        if elapsed < KNOWN_AFTER or work <= 0 or not self._words or not self._waiting:
            return None
        longest = max((self._total.get(cell, 0.0) - (now - at) for cell, at in self._running.items()), default=0.0)
        return max(longest, (self._all - work) * elapsed / work, 0.0)

    def _columns(self) -> int:
        """The width of the terminal, which may change while a run lasts."""
        return self._width if isinstance(self._width, int) else self._width()

    def _print(self, text: str) -> None:
        """Print a whole line where the updated line is, which is drawn again below it."""
        self._write(f"{CLEAR if self._drawn else ''}{text}\n")
        self._drawn = False

    def _write(self, text: str) -> None:
        if self._failed:
            return
        encoding = self._stream.encoding or "utf-8"
        try:
            self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
            self._stream.flush()
        except (OSError, ValueError):  # the reader is gone, or the stream is closed
            self._failed = True


def result_line(cell: str, word: str, reason: str, seconds: float) -> str:
    """A cell's result in one line; the server's words are made safe for a terminal."""
    text = " ".join(plain(reason).split())
    why = "" if BY_WORD[word].quiet or not text else f": {cut(text, MAX_REASON)}"
    return f"{word.upper():8} {cell}  {seconds:.1f} s{why}"


def duration(seconds: float) -> str:
    """Seconds as a person says them: "12 s", "5 min", "2 h 05 min"."""
    if round(seconds) < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02d} min"


def cut(text: str, width: int) -> str:
    """Text in at most ``width`` columns, with "…" where it is cut; no character is cut in two.

    Where terminals disagree about a sequence, such as emoji that are joined, the widest counts.
    """
    if sum(map(_width, text)) <= width:
        return text
    used, end = 0, 0
    while end < len(text) and used + _width(text[end]) < width:
        used += _width(text[end])
        end += 1
    return text[:end].rstrip(_JOINER) + "…"[: max(0, width)]


def _width(character: str) -> int:
    """The columns of a character; of a sign that widens the one before, the column that it adds."""
    return 1 if character == _EMOJI else get_character_cell_size(character)

"""Each source file is parsed once a process, not once for each report of each target.

Coverage parses a file again for its HTML, for its JSON, for every question about its lines, and for each Python on which it
ran: two thirds of the time of a small run's report. It has no setting for that, so its parser is replaced by one that is
kept, while our reports are made. A release of coverage that names it differently parses as often as before.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import coverage.python
from coverage.exceptions import CoverageException

from ..machine.deadlines import Deadline

AHEAD_SECONDS = 5.0  # of a run that may be over sooner than a large package is parsed
UNREADABLE = (CoverageException, OSError, ValueError, SyntaxError, RecursionError, MemoryError)
NAME = "PythonParser"  # in coverage.python, which asks it for each file of a report
_kept: dict[tuple[str, str, int, int], Any] = {}  # by path, what is excluded, and the file's size and time


def parse_ahead(folders: Iterable[Path]) -> None:
    """Parse the files of some packages: while cells run, the process that will write the report has nothing to do.

    It takes at most AHEAD_SECONDS; a file that cannot be read or parsed is left to the report, which says so if it needs it.
    """
    measure = coverage.Coverage(data_file=None, config_file=False)
    deadline = Deadline(AHEAD_SECONDS)
    with parsed_once():
        for file in (file for folder in folders for file in sorted(folder.rglob("*.py"))):
            if deadline.passed:
                break
            with contextlib.suppress(*UNREADABLE):
                measure.analysis2(str(file))
        for parser in _kept.values():
            with contextlib.suppress(*UNREADABLE):
                if parser.is_parsed and not deadline.passed:
                    parser.arcs()


@contextlib.contextmanager
def parsed_once() -> Iterator[None]:
    """Let coverage use the parser of a file again, as long as the file has not changed."""
    original: Any = getattr(coverage.python, NAME, None)
    if original is None:
        yield
        return

    class Parsed(original):  # type: ignore[misc]
        """A parser whose file is parsed when it is first asked for."""

        is_parsed = False

        def parse_source(self) -> None:
            """Parse the file, once."""
            if not self.is_parsed:
                super().parse_source()
                self.is_parsed = True

    def parser(*words: Any, **named: Any) -> Any:
        if words or set(named) != {"filename", "exclude"}:
            return original(*words, **named)
        try:
            seen = Path(named["filename"]).stat()
        except OSError:  # in an archive, or gone: coverage knows what to say
            return original(**named)
        key = (named["filename"], str(named["exclude"]), seen.st_size, seen.st_mtime_ns)
        if key not in _kept:
            _kept[key] = Parsed(**named)
        return _kept[key]

    setattr(coverage.python, NAME, parser)
    try:
        yield
    finally:
        setattr(coverage.python, NAME, original)

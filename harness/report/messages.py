"""What a server said in its log: messages without the source lines of tracebacks, and without what differs each time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..language.matching import Unmatchable, finder
from ..language.text_matching import CUT, first_line, looked_at

UNENDED = "a traceback whose end is not in the log"
_HEADER = re.compile(r"Traceback \(most recent call last\):\s*$")
_FRAME = re.compile(r'(?P<indent>\s*)File "[^"]*", line \d+')
#: The lines of an exception group begin with these, and its parts are between rulers: "+-+------ 1 ------".
_MARGIN = re.compile(r" +[|+] ")
_RULER = re.compile(r" +\+[-+]+(?: (?:\d+|\.\.\.) -+)?\s*$")
#: What Python puts between two tracebacks.
_BETWEEN = ("During handling of the above exception", "The above exception was the direct cause")
_TIMES = re.compile(
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z| ?[+-]\d\d:?\d\d)?"  # 2026-11-29 13:01:15,123 +0000
    r"|\d\d/\w{3}/\d{4}[: ]\d\d:\d\d:\d\d(?: [+-]\d{4})?"  # 29/Nov/2026:13:01:15
    r"|(?:\w{3},? )?(?:\w{3} [ \d]\d|\d\d \w{3}) (?:\d{4} )?\d\d:\d\d:\d\d(?: \d{4})?(?: GMT| UTC)?"  # 29 Nov 2026 13:01:15
    r"|\b\d{6} \d\d:\d\d:\d\d"  # Tornado's 261129 13:01:15
    r"|\b\d\d:\d\d:\d\d(?:[.,]\d+)?"
)
_PIDS = re.compile(r"\[\d+\]|(?<=[Pp]id[ =:])\d+|(?<=PID[ =:])\d+|(?<=[Pp]rocess )\d+|(?<=[Tt]hread-)\d+")
_LEVEL = "DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL|FATAL"
#: What loggers put before a message, and differently from one version of a server to the next.
_PREFIX = re.compile(
    rf"(?:\[?TIME\]?|\[PID\]|\[(?:{_LEVEL})\s*\]|\[(?:Main(?:Process|Thread)|Thread-PID)\]|\[[DIWEC] TIME [\w.]+:\d+\]"
    rf"|(?:{_LEVEL}):[\w.]+:|(?:{_LEVEL})(?::|\s)|[-,:])\s*"
)


@dataclass(frozen=True, slots=True)
class Message:
    """One line that a person was meant to read: of a traceback that is its last line, and ``above`` are the others."""

    text: str
    above: tuple[str, ...] = ()


def said(pattern: str, log: str) -> str | None:
    """The first message that matches a pattern; the last line of the first traceback in which anything else does."""
    lines, everything = looked_at(log)
    found = list(messages(lines))
    texts = "\n".join(one.text for one in found)
    try:
        told = first_line(pattern, texts if everything else texts + CUT, finder())
        if told is not None:
            return told
        for one in found:
            if one.above and first_line(pattern, "\n".join(one.above), finder()) is not None:
                return one.text.strip()
    except Unmatchable as problem:
        return str(problem)
    return None


def messages(lines: Iterable[str]) -> Iterator[Message]:
    """The messages in the lines of a log, in order, without the lines between two tracebacks.

    A log may begin or end inside a traceback.
    """
    above: list[str] = []  # the lines of the traceback that is being read
    base = -1  # the indent of its first and last lines: what is indented further belongs to it
    grouped = False
    for raw in lines:
        if grouped and _RULER.match(raw):
            continue
        margin = _MARGIN.match(raw)
        line = raw
        if margin and (grouped or _FRAME.match(raw, margin.end()) or _HEADER.search(raw)):
            grouped, line = True, raw[margin.end() :]
        elif grouped:
            grouped = False
        indent = len(line) - len(line.lstrip())
        frame = _FRAME.match(line)
        if _HEADER.search(line):
            if above:
                yield Message(UNENDED, tuple(above))
            above, base = [line], indent
        elif frame and not above:
            above, base = [line], max(indent - 2, 0)
        elif above and (indent > base or not line.strip()):
            above.append(line)
        elif above:
            yield Message(line, tuple(above))
            above = []
        elif not line.startswith(_BETWEEN):
            yield Message(line)
    if above:
        yield Message(UNENDED, tuple(above))


def without_times(text: str) -> str:
    """A message without what differs each time, and without what its logger put before it."""
    text = _PIDS.sub(lambda found: "[PID]" if found[0].startswith("[") else "PID", _TIMES.sub("TIME", text))
    rest = text
    while prefix := _PREFIX.match(rest):
        rest = rest[prefix.end() :]
    return rest or text

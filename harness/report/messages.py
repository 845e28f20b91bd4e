"""What a server said in its log: messages without the source lines of tracebacks, and without what differs each time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..language.matching import Unmatchable, finder
from ..language.text_matching import CUT, first_line, in_line, looked_at

UNENDED = "a traceback whose end is not in the log"
_HEADER = re.compile(r"Traceback \(most recent call last\):\s*$")
_FRAME = re.compile(r'(?P<indent>\s*)File "[^"]*", line \d+')
#: The lines of an exception group begin with these, and its parts are between rulers: "+-+------ 1 ------".
_MARGIN = re.compile(r" +[|+] ")
_CARETS = re.compile(r"[ |]*[~^][~^ ]*$")
_RULER = re.compile(r" +\+[-+]+(?: (?:\d+|\.\.\.) -+)?\s*$")
_WARNING = re.compile(r"\.py:\d+: \w*Warning: ")
#: What Python puts between two tracebacks.
_BETWEEN = ("During handling of the above exception", "The above exception was the direct cause")
_TIMES = re.compile(
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z| ?[+-]\d\d:?\d\d)?"  # 2026-11-29 13:01:15,123 +0000
    r"|\d\d/\w{3}/\d{4}[: ]\d\d:\d\d:\d\d(?: [+-]\d{4})?"  # 29/Nov/2026:13:01:15
    r"|(?:\w{3},? )?(?:\w{3} [ \d]\d|\d\d \w{3}) (?:\d{4} )?\d\d:\d\d:\d\d(?: \d{4})?(?: GMT| UTC)?"  # 29 Nov 2026 13:01:15
    r"|\b\d{6} \d\d:\d\d:\d\d"  # Tornado's 261129 13:01:15
    r"|\b\d\d:\d\d:\d\d(?:[.,]\d+)?"
)
_PIDS = re.compile(r"(\[)\d+(?=\])|(\b(?:pid|process|thread)[ =:-]{1,2})\d+", re.IGNORECASE)
#: A file of Python code, whose folder and line differ from one version of a server to the next.
_PLACES = re.compile(r"(?:/[^\s/:'\"<>]+)+/([^\s/:'\"<>]+\.py)\b(?::\d+)?")
_LEVEL = "DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL|FATAL"
#: What loggers put before a message, and differently from one version of a server to the next.
_PREFIX = re.compile(
    rf"(?:\[?TIME\]?|\[PID\]|\[(?:{_LEVEL})\s*\]|\[(?:Main(?:Process|Thread)|Thread-PID)\]|\[[DIWEC] TIME [\w.]+:\d+\]"
    rf"|(?:{_LEVEL}):[\w.]+:|(?:{_LEVEL})(?::|\s)|[-,:])\s*"
)


@dataclass(frozen=True, slots=True)
class Message:
    """One line that a person was meant to read: of a traceback that is its last line, and ``above`` are the others.

    ``chained``: its exception was raised while that of the message before was handled, or because of it.
    """

    text: str
    above: tuple[str, ...] = ()
    chained: bool = False


def said(pattern: str, log: str) -> str | None:
    """The first message that matches a pattern; the last line of the first traceback in which anything else does.

    A message before a traceback that says the same is left for it, and a cause for the exception that was raised in the end:
    both are often the text of an object, and differ from one Python to the next.
    """
    lines, everything = looked_at(log)
    found = list(messages(lines))
    test = in_line(pattern, finder())
    try:
        for number, one in enumerate(found):
            if test(one.text):
                told = [other.text for other in _raised_after(found, number) if test(other.text)]
                return (told or [one.text])[-1].strip()
        for one in found:
            if any(map(test, one.above)):
                return one.text.strip()
        return None if everything else first_line(pattern, CUT, finder())
    except Unmatchable as problem:
        return str(problem)


def _raised_after(found: list[Message], number: int) -> Iterator[Message]:
    """The tracebacks that belong to a message: the one below it, and those that are chained to that."""
    for at, other in enumerate(found[number + 1 :], number + 1):
        below = at == number + 1 and other.above and not found[number].above
        if not (below or other.chained):
            return
        yield other


def messages(lines: Iterable[str]) -> Iterator[Message]:
    """The messages in the lines of a log, in order, without blank ones and those that Python puts between two tracebacks.

    A log may begin or end inside a traceback. The source line below a warning is no message either.
    """
    above: list[str] = []  # the lines of the traceback that is being read
    base = -1  # the indent of its first and last lines: what is indented further belongs to it
    grouped = chained = warned = False
    for raw in lines:
        quoted = warned and raw.startswith("  ")
        warned = bool(_WARNING.search(raw))
        if quoted or _CARETS.match(raw) or (grouped and _RULER.match(raw)):
            continue
        margin = _MARGIN.match(raw)
        line = raw
        if margin and (grouped or _FRAME.match(raw, margin.end()) or _HEADER.search(raw)):
            grouped, line = True, raw[margin.end() :]
        elif grouped:
            grouped = False
        indent = len(line) - len(line.lstrip())
        begins = bool(_HEADER.search(line)) or (not above and bool(_FRAME.match(line)))
        if begins and above:
            yield Message(UNENDED, tuple(above), chained)
            above, chained = [], False
        if begins:
            above, base = [line], indent if _HEADER.search(line) else max(indent - 2, 0)
        elif above and (indent > base or not line.strip()):
            above.append(line)
        elif line.startswith(_BETWEEN):
            chained = True
        elif line.strip():
            yield Message(line, tuple(above), chained and bool(above))
            above, chained = [], False
    if above:
        yield Message(UNENDED, tuple(above), chained)


def without_times(text: str) -> str:
    """A message without what differs each time, and without what its logger put before it."""
    text = _PLACES.sub(r"\1", _TIMES.sub("TIME", text))
    text = _PIDS.sub(lambda found: f"{found[1] or found[2]}PID", text)
    rest = text
    while prefix := _PREFIX.match(rest):
        rest = rest[prefix.end() :]
    return rest or text

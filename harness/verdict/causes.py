"""Why an expectation did not hold, as far as the observation itself says it: beside what was expected and observed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from .endings import named

MAX_LINE = 200  # characters of a server's last line
AROUND = 30  # characters before the first difference of two texts that look alike, and twice as many from there on

#: What the names mean that stand for an answer that is none. An exception of the system has its own name: ConnectionResetError.
ERRORS = {
    "BadChunk": "a chunk of the body is not written as one",
    "BadContentEncoding": "the body is not in the coding that its Content-Encoding names",
    "BadHeader": "a header line is not written as one",
    "BadLength": "its Content-Length is no number, or it has several",
    "BadStatusLine": "it does not begin with a status line of HTTP",
    "BadTransferEncoding": "where it ends cannot be told from its Transfer-Encoding",
    "ConnectionClosed": "the server has closed the connection that was kept",
    "ConnectionRefusedError": "nothing listens there",
    "ConnectionResetError": "the connection was reset",
    "BrokenPipeError": "the server closed the connection before it had the whole request",
    "IncompleteRead": "the answer is not whole",
    "RemoteDisconnected": "the server closed the connection without an answer",
    "TimeoutError": "no whole answer came in time",
    "UnaskedAnswer": "something came on the kept connection before this request was sent",
    "TooManyInterimAnswers": "only interim answers (1xx) came, one after the other",
}


def cause(key: str, expected: Any, observed: Any, seen: dict[str, Any]) -> str:
    """What an observation says about one expectation that did not hold; "" where it says nothing more."""
    return "; ".join(_parts(key, expected, observed, seen))


def last_words(seen: dict[str, Any]) -> str:
    """How a server ended, and the last line of its log."""
    code = seen.get("exit")
    ended = [] if code is None else [f"it ended with {named(code)}"]
    lines = [line.strip() for line in str(seen.get("log") or "").splitlines() if line.strip()]
    said = (lines[-1] if len(lines[-1]) <= MAX_LINE else f"{lines[-1][:MAX_LINE]}…") if lines else ""
    return "; ".join([*ended, f"its last line: {said}" if said else "it printed nothing"])


def _parts(key: str, expected: Any, observed: Any, seen: dict[str, Any]) -> Iterator[str]:
    error = seen.get("error")
    if error and key != "error" and observed in (None, "", []):
        yield f"{error}: {ERRORS[error]}" if error in ERRORS else str(error)
    if key == "ready" and observed is False and not seen.get("running"):
        yield last_words(seen)
    if key == "forced" and observed is True:
        yield f"it was still running after {seen.get('seconds', 0):.3g} s, and was ended by SIGKILL"
    if expected != observed and look_alike(str(expected), str(observed)):
        yield escaped(expected, observed)


def look_alike(one: str, other: str) -> bool:
    """Whether a person who reads two texts sees no difference between them."""
    return _visible(one) == _visible(other)


def _visible(text: str) -> str:
    """A text as it looks: any space is one, and what has no shape is not there."""
    seen = []
    for char in unicodedata.normalize("NFC", text):
        kind = unicodedata.category(char)
        if char in "\t\r\n" or kind in ("Zs", "Zl", "Zp"):
            seen.append(" ")
        elif kind not in ("Cc", "Cf"):
            seen.append(char)
    return " ".join("".join(seen).split())


def escaped(expected: Any, observed: Any) -> str:
    """Two values that look alike, written so that they do not: of long ones the place where they begin to differ."""
    if isinstance(expected, str) and isinstance(observed, str):
        pairs = enumerate(zip(expected, observed, strict=False))
        differs = next((place for place, (one, other) in pairs if one != other), min(len(expected), len(observed)))
        start = max(0, differs - AROUND)
        expected, observed = (text[start : differs + 2 * AROUND] for text in (expected, observed))
    return f"with escapes: expected {expected!a}, observed {observed!a}"

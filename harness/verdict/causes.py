"""Why an expectation did not hold, as far as the observation shows: a note next to the expected and observed values."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from ..language.json_matching import differences
from ..language.matching import finder
from .endings import named

MOST_PLACES = 5  # of a JSON text that are not as expected
MAX_LINE = 200  # characters of a server's last line
AROUND = 30  # characters before the first difference of two similar-looking texts; twice as many after it

#: The meaning of errors observed instead of an answer. System exceptions keep their own names, such as ConnectionResetError.
ERRORS = {
    "BadChunk": "a chunk of the body is malformed",
    "BadContentEncoding": "the body is not encoded as its Content-Encoding says",
    "BadHeader": "a header line is malformed",
    "BadLength": "its Content-Length is not a number, or is given more than once",
    "BadStatusLine": "it does not begin with an HTTP status line",
    "BadTransferEncoding": "its Transfer-Encoding does not say where it ends",
    "ConnectionClosed": "the server has closed the kept connection",
    "ConnectionRefusedError": "nothing listens there",
    "ConnectionResetError": "the connection was reset",
    "BrokenPipeError": "the server closed the connection before it had received the whole request",
    "IncompleteRead": "the answer is incomplete",
    "RemoteDisconnected": "the server closed the connection without an answer",
    "TimeoutError": "no complete answer in time",
    "UnaskedAnswer": "the kept connection received data before this request was sent",
    "TooManyInterimAnswers": "only interim answers (1xx) were received",
}


def cause(key: str, expected: Any, observed: Any, seen: dict[str, Any]) -> str:
    """What an observation adds about an expectation that did not hold; "" if nothing."""
    return "; ".join(_parts(key, expected, observed, seen))


def last_words(seen: dict[str, Any]) -> str:
    """How a server ended, and the last line of its log."""
    code = seen.get("exit")
    ended = [] if code is None else [f"the server ended with {named(code)}"]
    lines = [line.strip() for line in str(seen.get("log") or "").splitlines() if line.strip()]
    said = (lines[-1] if len(lines[-1]) <= MAX_LINE else f"{lines[-1][:MAX_LINE]}…") if lines else ""
    return "; ".join([*ended, f"last log line: {said}" if said else "no output"])


def _parts(key: str, expected: Any, observed: Any, seen: dict[str, Any]) -> Iterator[str]:
    error = seen.get("error")
    if error and key != "error" and observed in (None, "", []):
        yield f"{error}: {ERRORS[error]}" if error in ERRORS else str(error)
    if key == "json" and isinstance(expected, dict):
        yield "; ".join(differences(expected, observed, finder())[:MOST_PLACES])
    if key == "ready" and observed is False and not seen.get("running"):
        yield last_words(seen)
    if key == "forced" and observed is True:
        yield f"it was still running after {seen.get('seconds', 0):.3g} s, and was sent SIGKILL"
    if expected != observed and look_alike(str(expected), str(observed)):
        yield escaped(expected, observed)


def look_alike(one: str, other: str) -> bool:
    """Whether two texts look the same to a reader."""
    return _visible(one) == _visible(other)


def _visible(text: str) -> str:
    """A text as it looks: whitespace is collapsed, and invisible characters are dropped."""
    seen = []
    for char in unicodedata.normalize("NFC", text):
        kind = unicodedata.category(char)
        if char in "\t\r\n" or kind in ("Zs", "Zl", "Zp"):
            seen.append(" ")
        elif kind not in ("Cc", "Cf"):
            seen.append(char)
    return " ".join("".join(seen).split())


def escaped(expected: Any, observed: Any) -> str:
    """Two similar-looking values with escapes; for long ones, only the place of the first difference."""
    if isinstance(expected, str) and isinstance(observed, str):
        pairs = enumerate(zip(expected, observed, strict=False))
        differs = next((place for place, (one, other) in pairs if one != other), min(len(expected), len(observed)))
        start = max(0, differs - AROUND)
        expected, observed = (text[start : differs + 2 * AROUND] for text in (expected, observed))
    return f"with escapes: expected {expected!a}, observed {observed!a}"

"""What ``send`` can consist of: bytes, repeated text, pauses, waits for an answer, the end. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MOST_BYTES = 8 * 1024 * 1024  # of one step
MOST_SECONDS = 60.0  # of one pause
AWAITED = ("interim", "response")

_PAUSE = re.compile(r"(\d+(?:\.\d+)?)(ms|s)")
#: The keys of each kind of piece that is a table.
SHAPES = (frozenset({"pause"}), frozenset({"await"}), frozenset({"end"}), frozenset({"text", "times"}))


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing that is done on a connection.

    ``what`` is "send" (``data``), "pause" (for ``seconds``), "await" (``answer``: "interim" or "response"; also the end of
    the connection), or "end" (nothing more will be sent, and reading goes on).
    """

    what: str
    data: bytes = b""
    seconds: float = 0.0
    answer: str = ""


def pieces(send: Any) -> list[Piece]:
    """The pieces of a ``send``: a string, or a list of strings and tables; raises ValueError for anything else."""
    return list(_joined(map(_piece, send if isinstance(send, list) else [send])))


def _joined(found: Iterator[Piece]) -> Iterator[Piece]:
    """Neighbouring bytes are sent at once."""
    data = b""
    for piece in found:
        if piece.what == "send":
            data += piece.data
            if len(data) > MOST_BYTES:
                raise ValueError(f"more than {MOST_BYTES} bytes")
            continue
        if data:
            yield Piece("send", data)
            data = b""
        yield piece
    if data:
        yield Piece("send", data)


def _piece(item: Any) -> Piece:
    if isinstance(item, str):
        return Piece("send", _bytes(item))
    if not isinstance(item, dict) or frozenset(item) not in SHAPES:
        raise ValueError(
            'a piece is a string, { text = "a", times = 3 }, { pause = "50ms" }, { await = "interim" } or { end = true }'
        )
    if "text" in item:
        text, times = item["text"], item["times"]
        if not isinstance(text, str) or type(times) is not int or not 1 <= times * max(len(text), 1) <= MOST_BYTES:
            raise ValueError(f"text must be a string, and times a whole number; together at most {MOST_BYTES} bytes")
        return Piece("send", _bytes(text) * times)
    if "pause" in item:
        found = _PAUSE.fullmatch(str(item["pause"]))
        seconds = float(found[1]) * (0.001 if found[2] == "ms" else 1.0) if found else 0.0
        if not 0.0 < seconds <= MOST_SECONDS:
            raise ValueError(f'pause must be a duration of at most {MOST_SECONDS:g} s, such as "50ms"')
        return Piece("pause", seconds=seconds)
    if "await" in item:
        if item["await"] not in AWAITED:
            raise ValueError(f"await must be one of {', '.join(AWAITED)}")
        return Piece("await", answer=item["await"])
    if item["end"] is not True:
        raise ValueError("end can only be true")
    return Piece("end")


def _bytes(text: str) -> bytes:
    wrong = next((char for char in text if ord(char) > 255), "")
    if wrong:
        raise ValueError(f"each character must be a byte (up to U+00FF), not {wrong!r}")
    return text.encode("latin-1")

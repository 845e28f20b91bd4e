"""What is seen of an answer, with the codings of its body undone. Standard library only."""

from __future__ import annotations

import zlib
from typing import Any

from ..language.text_matching import MAX_KEPT, kept
from .http_answers import Answer
from .http_framing import listed

#: The request that shows whether a connection can still be used, and the body by which its answer is known.
PROBE = b"GET /probe HTTP/1.1\r\nHost: {host}\r\n\r\n"
PROBED = b"probe"


def is_probe(answer: Answer) -> bool:
    """Whether this answers PROBE."""
    return answer.status == 200 and answer.body == PROBED


def as_seen(answer: Answer) -> dict[str, Any]:
    """An answer as an observation; with an invalid content coding, ``body`` is left as sent, and ``error`` is set."""
    content, longer, error = decoded(answer.body, listed(answer.headers, "content-encoding"), answer.length > len(answer.body))
    return {
        "status": answer.status,
        "reason": answer.reason,
        "headers": answer.joined(),
        "closed": answer.closes,
        "body": kept(content, "utf-8", longer),
        "error": error,
    }


def decoded(data: bytes, codings: list[str], longer: bool = False) -> tuple[bytes, bool, str]:
    """Undo the content codings; ``longer``: data is only the beginning. Return the content, whether it is cut, and an error."""
    content, cut = data, longer
    for coding in reversed(codings if data else []):
        if coding == "identity":
            continue
        if coding not in _CODINGS:
            return data, longer, "UnknownContentEncoding"
        try:
            content, cut = _inflated(content, _CODINGS[coding], cut)
        except zlib.error:
            return data, longer, "BadContentEncoding"
    return content, cut, ""


#: zlib's window bits: a gzip header, a zlib header.
_CODINGS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


def _inflated(data: bytes, bits: int, cut: bool) -> tuple[bytes, bool]:
    """The content of one or more streams; raises zlib.error for invalid or truncated data."""
    content = b""
    while data:
        stream = zlib.decompressobj(bits)
        content += stream.decompress(data, MAX_KEPT + 1 - len(content))
        if len(content) > MAX_KEPT:
            return content, True
        if not stream.eof:
            if cut:
                return content, True
            raise zlib.error("truncated stream")
        data = stream.unused_data
    return content, cut

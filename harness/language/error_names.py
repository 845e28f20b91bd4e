"""The names that an ``error`` can have: what a client of the harness says of an answer that it did not get, or not whole.

``cell/http_client.py`` and what it uses make these names; a test compares them with this table.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ..model.suggestions import shown, unknown
from .matching import is_pattern
from .pattern_checks import fits_all

#: What came is no HTTP, or not all of an answer.
OF_THE_ANSWER = (
    "BadChunk",
    "BadHeader",
    "BadLength",
    "BadStatusLine",
    "BadTransferEncoding",
    "HeadTooLong",
    "IncompleteRead",
    "TooManyInterimAnswers",
)
#: The answer came whole, and its body cannot be read: status, headers and body are there beside the error.
OF_THE_CONTENT = ("BadContentEncoding", "UnknownContentEncoding")
#: The connection that was there is of no use.
OF_THE_CONNECTION = ("ConnectionClosed", "RemoteDisconnected", "UnaskedAnswer")
#: There was no connection: nothing can have come over it.
OF_CONNECTING = ("ConnectionRefusedError", "FileNotFoundError", "PermissionError")
#: What the system or its TLS says, when connecting or later.
OF_THE_SYSTEM = (
    "BrokenPipeError",
    "ConnectionAbortedError",
    "ConnectionResetError",
    "OSError",
    "SSLCertVerificationError",
    "SSLEOFError",
    "SSLError",
    "SSLSyscallError",
    "SSLZeroReturnError",
    "TimeoutError",
)
NAMES = (*OF_THE_ANSWER, *OF_THE_CONTENT, *OF_THE_CONNECTION, *OF_CONNECTING, *OF_THE_SYSTEM)
#: Raw bytes are sent on any connection, and whatever comes over it is theirs.
NAMES_OF_RAW = (*OF_THE_ANSWER, *OF_THE_CONTENT, *OF_CONNECTING, *OF_THE_SYSTEM)


def named(expected: str, names: Iterable[str]) -> bool:
    """Whether an expected ``error`` holds for one of some names; "" is that of an answer without an error."""
    if "{" in expected:  # an earlier step says which
        return True
    return any(fits_all(expected, [name]) for name in names) if is_pattern(expected) else expected in names


def problem_of_name(expected: str, names: Collection[str]) -> str:
    """What is wrong with an expected ``error``; "" if it can be one of some names."""
    if named(expected, ("", *names)):
        return ""
    if is_pattern(expected):
        return f"{shown(expected)} matches no error of a client. Available: {', '.join(sorted(names))}."
    return unknown("error", expected, names)

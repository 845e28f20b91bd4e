"""What a reason adds to "expected" and "observed": the name of a broken answer, how a server ended, what cannot be seen."""

import re
from pathlib import Path

import pytest

from harness.cell import http_answers, http_client, http_content, http_framing
from harness.verdict import causes

NAMED = re.compile(r'(?:Wrong|error)\b[^"\n]*"([A-Z]\w+)"|"(Bad\w+)"')


@pytest.mark.parametrize(("key", "expected", "observed", "seen", "said"), [
    ("status", 200, None, {"error": "IncompleteRead"}, "IncompleteRead: the answer is incomplete"),
    ("body", "hello", None, {"error": "BadHeader"}, "BadHeader: a header line is malformed"),
    ("received", "hello", "", {"error": "ConnectionResetError"}, "ConnectionResetError: the connection was reset"),
    ("status", 200, None, {"error": "SomethingNew"}, "SomethingNew"),
    ("status", 200, None, {"error": ""}, ""), ("status", 200, 500, {"error": ""}, ""), ("status", 200, None, {}, ""),
    ("error", "BadHeader", "", {"error": ""}, ""), ("error", "BadHeader", "IncompleteRead", {"error": "IncompleteRead"}, ""),
    ("ready", True, False, {"exit": 70, "log": "one\n two \n\n"}, "the server ended with exit code 70; last log line: two"),
    ("ready", True, False, {"exit": -9, "log": ""}, "the server ended with SIGKILL; no output"),
    ("ready", True, False, {"exit": -64, "log": "x" * 500}, f"the server ended with SIGRTMAX; last log line: {'x' * 200}…"),
    ("ready", True, False, {"exit": -99, "log": "x"}, "the server ended with signal 99; last log line: x"),
    ("ready", False, True, {"exit": None, "log": "x", "running": True}, ""),
    ("forced", False, True, {"seconds": 10.004}, "it was still running after 10 s, and was sent SIGKILL"),
    ("forced", True, False, {"seconds": 0.2}, ""),
    ("body", "hello", "hello\n", {}, r"with escapes: expected 'hello', observed 'hello\n'"),
    ("body", "hello", "\ufeffhello", {}, r"with escapes: expected 'hello', observed '\ufeffhello'"),
    ("body", "a b", "a\xa0b", {}, r"with escapes: expected 'a b', observed 'a\xa0b'"),
    ("body", "\u00e9", "e\u0301", {}, r"with escapes: expected '\xe9', observed 'e\u0301'"),
    ("body", "a\nb", "a\r\nb\x00", {}, r"with escapes: expected 'a\nb', observed 'a\r\nb\x00'"),
    ("body", "x" * 500 + "y", "x" * 500 + "y ", {}, f"with escapes: expected {'x' * 29 + 'y'!r}, observed {'x' * 29 + 'y '!r}"),
    ("body", "5", 5, {}, "with escapes: expected '5', observed 5"),
    ("body", "hello", "hallo", {}, ""), ("body", "a b", "ab", {}, ""),
])
def test_what_an_observation_says_more(key, expected, observed, seen, said):
    assert causes.cause(key, expected, observed, seen) == said


def test_every_name_of_a_broken_answer_has_a_meaning():
    """Read from the sources that make the names: a new one is seen here."""
    texts = "".join(Path(module.__file__).read_text("utf-8") for module in (http_answers, http_framing, http_client, http_content))
    names = {name for pair in NAMED.findall(texts) for name in pair if name} | {http_client.CLOSED}
    assert {"BadHeader", "IncompleteRead", "BadChunk", "BadContentEncoding"} <= names
    assert names <= causes.ERRORS.keys()

"""One table of inputs, both judges: what holds in the harness holds in a reproducer, and nothing else does."""

import pytest

from harness.language.matching import Unmatchable, matches
from harness.language.text_matching import CUT, MAX_KEPT
from harness.reproducer.parts.judge import judged

from ..language.test_matching import HOLDS, HOLDS_NOT

#: kind -> a key of that kind, as the reproducer tells them by their keys.
KEYS = {"int": "status", "bool": "closed", "matcher": "reason", "document": "body", "matchers": "headers", "log": "log", "absent": "log_absent",
        "ints": "interim", "strings": "listeners", "seconds": "seconds", "bound": "rss_kib"}
LONG = "x" * (64 * 1024) + "\n"
#: Cases in which the two once said different things.
DRIFTED = [
    ("absent", "/y$/", LONG), ("absent", "/x$/", LONG), ("log", "/^$/", ""), ("absent", "/^$/", ""), ("log", "/^$/", "\n"), ("log", "/x/", LONG + "x"),
    ("document", "/x*/", "x" * 70_000), ("document", {"some_line": ["/a/", "/b/"]}, "a\nb"), ("document", {"some_line": ["/b/", "/a/"]}, "a\nb"),
    ("log", ["/a/", "/a/"], "a\n"), ("log", ["/a/", "/a/"], "a\na\n"), ("seconds", "<500ms", 0.4), ("seconds", "<500ms", 0.6), ("seconds", ">=1s", None),
    ("bound", "<=0", 0), ("bound", "<0.2", 0.2), ("strings", ["b", "a"], ["a", "b"]), ("strings", ["a"], ["a", "a"]), ("int", 200, True), ("bool", True, 1),
    ("matcher", "", ""), ("matcher", "/^$/", ""), ("matcher", "x", None), ("ints", [100], [100]), ("ints", [], None), ("document", "", ""), ("document", "", None),
    ("matchers", {"X-A": "b"}, {"x-a": "b"}), ("matchers", {"X-A": "/c/"}, {"x-a": "b"}), ("matchers", {"x-b": "b"}, {"x-a": "b"}), ("matchers", {"x-a": "b"}, None),
    ("absent", "/x/", "y" + CUT), ("absent", "/x/", "x" + CUT), ("document", "y", "y" * 10 + CUT),
]
ROWS = [(kind, expected, observed) for table in (HOLDS, HOLDS_NOT) for kind, expected, observed in table if kind in KEYS] + DRIFTED


def both(kind, expected, observed):
    said = []
    for judge in (lambda: matches(kind, expected, observed), lambda: judged(KEYS[kind], expected, observed)):
        try:
            said.append(bool(judge()))
        except Unmatchable:
            said.append("cannot be told")
    return said


@pytest.mark.parametrize(("kind", "expected", "observed"), ROWS, ids=range(len(ROWS)))
def test_both_judges_say_the_same(kind, expected, observed):
    harness, reproducer = both(kind, expected, observed)
    assert harness == reproducer


def test_every_kind_is_in_the_table():
    assert {kind for kind, _, _ in ROWS} == set(KEYS)
    assert len(LONG) < MAX_KEPT

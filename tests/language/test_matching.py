import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.language.matching import REGEX_SECONDS, Unmatchable, compile_pattern, finder, match_text, matches
from harness.language.text_matching import CUT, MAX_KEPT, first_line, lines_of
from harness.language.verbs import VERBS
from harness.reproducer.parts.judge import judged
from harness.reproducer.parts.servers import search

PAGE = "<h1>404</h1>\nnothing here\n"
LONG = "x\n" * (MAX_KEPT // 2) + CUT

#: key, expected, observed -> whether it holds; None: it cannot be told. The harness and the reproducer judge alike.
JUDGED = [
    # A string alone is the whole text.
    ("body", "hello", "hello", True), ("body", "hello", "hello there", False), ("body", "hello", "hello\n", False),
    ("body", "", "", True), ("body", "", "x", False), ("body", "hello", None, False), ("body", "", None, False),
    ("body", "/h.*o/", "hello", True), ("body", "/h/", "hello", False), ("body", "/h.*o/", "hello\n", False),
    ("body", "/hello/", "garbage\nhello", False), ("body", "/hello/", "hello\ngarbage", False),
    ("body", "/hello/", None, False),
    ("body", r"/hello\r?\n(x+\n)+/", "hello\r\nxx\nx\n", True), ("body", "/^hello$/", "hello\n", False),
    ("body", "/^$/", "", True), ("body", "/^$/", "\n", False), ("body", "/x{70000}/", "x" * 70000, True),
    ("body", "/x+/", "x" * 70000 + "y", False), ("received", "/x+/", "x", True), ("received", "/x+/", "x\r\n", False),
    ("body", {"whole": "/a|ab/"}, "ab", True), ("body", {"whole": "ab"}, "abc", False),
    # Lines.
    ("body", {"some_line": "/404/"}, PAGE, True), ("body", {"some_line": "/^404/"}, PAGE, False),
    ("body", {"some_line": "nothing here"}, PAGE, True), ("body", {"some_line": "nothing"}, PAGE, False),
    ("body", {"some_line": ["/404/", "/here$/"]}, PAGE, True), ("body", {"some_line": ["/here$/", "/404/"]}, PAGE, False),
    ("body", {"some_line": ["/404/", "/404/"]}, PAGE, False), ("body", {"some_line": "/^$/"}, "", True),
    ("body", {"some_line": "/x/"}, None, False), ("body", {"every_line": "/e/"}, "one\ntwe\n", True),
    ("body", {"every_line": "/e/"}, "one\ntwo", False), ("body", {"every_line": "/e/"}, "", False),
    ("body", {"every_line": "x"}, "x\r\nx\n", True), ("body", {"every_line": "/e/"}, None, False),
    ("body", {"absent": "/50\\d/"}, PAGE, True), ("body", {"absent": "/404/"}, PAGE, False),
    ("body", {"absent": "404"}, PAGE, False), ("body", {"absent": "405"}, PAGE, True), ("body", {"absent": "/^$/"}, "", False),
    ("body", {"absent": "/x/"}, "", True), ("body", {"absent": "/x/"}, None, False), ("body", {"absent": "x"}, None, False),
    ("body", {"some_line": "/404/", "absent": "/Traceback/"}, PAGE, True), ("body", {}, PAGE, False),
    ("body", {"some_line": "/404/", "absent": "/Traceback/"}, PAGE + "Traceback", False),
    # Only \n and \r\n end a line.
    *(("body", {"some_line": "/^b/"}, f"a{end}b", holds) for end, holds in
      [("\n", True), ("\r\n", True), *((end, False) for end in ("\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028"))]),
    ("log", "/^b/", "a\u2028b", False), ("log", "/a$/", "a\r\n", True), ("log", "/^$/", "a\n", False),
    # Beyond what was kept nothing is called good.
    ("body", "/(x\n)+/", LONG, None), ("body", "x", LONG, False), ("body", LONG, LONG, False),
    ("body", {"every_line": "x"}, LONG, None),
    ("body", {"every_line": "y"}, LONG, False), ("body", {"absent": "/y/"}, LONG, None),
    ("body", {"absent": "y"}, LONG, None),
    ("body", {"absent": "/x/"}, LONG, False), ("body", {"some_line": "x"}, LONG, True),
    ("body", {"some_line": "/y/"}, LONG, None),
    ("body", {"absent": "/y/", "some_line": "/x/"}, LONG, None),
    ("body", {"absent": "/y/", "every_line": "y"}, LONG, False),
    ("body", {"some_line": "/^hal$/"}, "half"[:3] + CUT, None), ("log", "/x/", LONG, True), ("log", "/y/", LONG, None),
    ("log_absent", "/x/", LONG, False), ("log_absent", "/y/", LONG, None),
    ("log_absent", "/y/", "x\n" * 40_000 + "y\n", False), ("log", "/y/", "x\n" * 40_000 + "y\n", True),
    # Logs.
    ("log", ["/one/", "/two/"], "x one\ny\nz two", True), ("log", "/one/", "one", True),
    ("log", ["/two/", "/one/"], "one\ntwo", False),
    ("log", ["/one/", "/one/"], "only one line", False), ("log", "/one/", None, False), ("log", "/^$/", "", True),
    ("log_absent", "/three/", "one\ntwo", True), ("log_absent", "/one/", "one", False), ("log_absent", "/one/", None, False),
    ("log_absent", "/^$/", "", False),
    # Values of one line.
    ("reason", "OK", "OK", True), ("reason", "/^Not/", "Not Found", True), ("reason", "/^Not/", "x\nNot", False),
    ("reason", "/^OK$/", "OK\n", False), ("error", "", "", True), ("error", "", None, False),
    ("error", "/Reset|Read/", "IncompleteRead", True),
    ("headers", {"Content-Length": "5", "x-absent": "absent"}, {"content-length": "5"}, True),
    ("headers", {"A": "1"}, {}, False), ("headers", {"A": "absent"}, {"a": ""}, False), ("headers", {"A": "1"}, None, False),
    ("headers", {"A": "absent"}, None, False), ("headers", {"A": "absent"}, {}, True),
    ("headers", {"A": "/^b/"}, {"A": "a\r\nb"}, False),
    # Numbers.
    ("status", 404, 404, True), ("status", 404, 200, False), ("status", 1, True, False), ("status", 404, None, False),
    ("closed", True, True, True), ("closed", True, 1, False), ("closed", False, None, False), ("responses", 0, 0, True),
    ("interim", [100], [100], True), ("interim", [103, 100], [100, 103], False), ("interim", [], None, False),
    ("seconds", "<5s", 4.9, True), ("seconds", ">=500ms", 0.5, True), ("seconds", "<5s", 5.0, False),
    ("seconds", "<5s", None, False), ("seconds", "<=5s", 5.0, True), ("seconds", "<=5s", 5.1, False), ("seconds", ">5s", 5.0, False),
    ("seconds", ">5s", 5.1, True), ("seconds", ">=5s", 4.9, False), ("seconds", ">=1m", 60, True), ("seconds", ">=1m", 59.9, False),
    ("seconds", "< 200ms", 0.19, True), ("seconds", "<200ms", 0.2, False), ("seconds", "<5s", "1", False),
    # Case counts, everywhere but in the names of headers.
    *((key, expected, observed, False) for key in ("body", "received", "reason", "error")
      for expected, observed in (("hello", "Hello"), ("Hello", "hello"), ("/^hello$/", "HELLO"), ("/^H/", "hello"))),
    ("body", {"whole": "hello"}, "Hello", False), ("body", {"some_line": "hello"}, "x\nHello", False),
    ("body", {"some_line": ["/a/", "/B/"]}, "a\nb", False), ("body", {"every_line": "/x/"}, "x\nX", False),
    ("body", {"every_line": "x"}, "x\nX", False), ("body", {"absent": "hello"}, "Hello", True), ("body", {"absent": "/hello/"}, "Hello", True),
    ("log", "/started/", "Bus STARTED", False), ("log_absent", "/started/", "Bus STARTED", True), ("headers", {"A": "b"}, {"a": "B"}, False),
    ("headers", {"A": "/b/"}, {"a": "B"}, False), ("headers", {"a": "b", "C": "/d/"}, {"A": "b", "c": "d"}, True),
    ("headers", {"A": "b", "C": "absent"}, {"A": "b", "c": "d"}, False), ("headers", {"A": "b", "C": "d"}, {"A": "b"}, False),
    # Space counts, at the beginning, at the end and alone.
    ("body", "hello", " hello", False), ("body", "hello", "hello ", False), ("body", "", " ", False), ("body", {"some_line": "x"}, " x", False),
    ("body", {"some_line": "x"}, "x ", False), ("body", {"every_line": "x"}, "x\nx ", False), ("reason", "OK", "OK ", False),
    ("headers", {"A": "b"}, {"A": "b "}, False), ("log", "/^x$/", " x", False), ("error", "", " ", False),
    # The first, the last and the only line; each pattern has a line of its own, after the one before.
    *(("body", {"some_line": f"/^{line}$/"}, "a\nb\nc", True) for line in "abc"), *(("log", f"/^{line}$/", "a\nb\nc\n", True) for line in "abc"),
    *(("body", {"absent": f"/^{line}$/"}, "a\nb\nc", False) for line in "abc"), *(("log_absent", f"/^{line}$/", "a\nb\nc\n", False) for line in "abc"),
    *(("body", {"every_line": "/x/"}, text, False) for text in ("y\nx\nx", "x\ny\nx", "x\nx\ny")),
    ("log", ["/a/", "/b/", "/c/"], "a\nb\nc", True), ("log", ["/a/", "/c/", "/b/"], "a\nb\nc", False), ("log", ["/b/", "/a/"], "a\nb\na", True),
    ("log", ["/a/", "/a/"], "a\nb\na", True), ("log", ["/a/", "/b/", "/d/"], "a\nb\nc", False), ("log", ["/a/", "/b/"], "ab", False),
    ("responses", 2, 1, False), ("responses", 1, 2, False), ("status", 200, 201, False), ("status", 200, "200", False), ("status", 200, 200.0, False),
    ("interim", [100], [100, 100], False), ("interim", [100, 103], [100], False), ("interim", [], [], True), ("closed", False, 0, False),
    ("headers", {"A": ""}, {"a": ""}, True), ("headers", {"A": ""}, {}, False), ("headers", {"A": "/.*/"}, {}, False), ("headers", {"A": "/.*/"}, {"a": ""}, True),
]
KINDS = {**VERBS["request"].expects, **VERBS["raw"].expects}


def told(judge):
    try:
        return judge()
    except Unmatchable as problem:
        assert "only the first" in str(problem)
        return None


@pytest.mark.parametrize(("key", "expected", "observed", "holds"), JUDGED, ids=[str(n) for n in range(len(JUDGED))])
def test_the_harness_and_the_reproducer_judge_alike(key, expected, observed, holds):
    assert told(lambda: matches(KINDS[key], expected, observed)) is holds
    assert told(lambda: judged(key, expected, observed)) is holds


TEXT = st.text(st.sampled_from("ab\n\r\x0b\u2028"), max_size=8)
WORD = st.sampled_from(["/a/", "/^a$/", "/b+/", "/^$/", "/a\nb/", "a", "b", "ab", "/[ab]*/"])
DOCUMENT = st.one_of(WORD, st.dictionaries(st.sampled_from(["whole", "some_line", "every_line", "absent"]), WORD, min_size=1))


@given(DOCUMENT, TEXT, st.sampled_from(["", CUT]))
def test_whatever_is_expected_both_judge_alike(expected, text, end):
    assert told(lambda: matches("document", expected, text + end)) is told(lambda: judged("body", expected, text + end))


@given(DOCUMENT, TEXT, TEXT)
def test_what_holds_of_a_cut_text_holds_whatever_was_cut(expected, text, rest):
    if told(lambda: matches("document", expected, text + CUT)):
        assert matches("document", expected, text + rest)


@pytest.mark.parametrize(("text", "found"), [
    ("a\n  x 1 \nx 2", "x 1"), ("a", None), (None, None), ("x\u2028y", "x\u2028y"),
    ("a\nx" + CUT, f"not in the first {MAX_KEPT} bytes, which were kept")])
def test_the_first_line_of_a_log(text, found):
    assert first_line("/x/", text, finder()) == first_line("/x/", text, search) == found


@given(TEXT)
def test_lines_are_the_text(text):
    lines = lines_of(text)
    assert lines
    assert not any("\n" in line for line in lines)
    assert "\n".join(lines).replace("\r", "") in (text.replace("\r", ""), text.replace("\r", "")[:-1])


HOLDS = [
    ("strings", ["a", "b"], ["b", "a"]), ("exit", 70, 70), ("exit", "nonzero", 1), ("exit", "nonzero", -15),
    ("exit", "SIGKILL", -9), ("exit", [0, 70], 70), ("exit", [0, 70], 0), ("exit", [-15], -15), ("exit", "nonzero", 70), ("exit", 0, 0),
    ("exit", "SIGTERM", -15), ("strings", [], []), ("strings", ["a", "a"], ["a", "a"]), ("bool", True, True), ("int", 3, 3), ("ints", [1, 2], [1, 2]),
]
HOLDS_NOT = [
    ("exit", 0, None), ("exit", 0, False), ("exit", "nonzero", 0), ("exit", "nonzero", None), ("exit", "SIGKILL", 9),
    ("strings", ["a"], ["a", "a"]), ("strings", [], None), ("exit", [0, 70], 1), ("exit", [0, 70], None), ("exit", [0], False), ("exit", 1, True),
    ("exit", "SIGTERM", -9), ("exit", "SIGKILL", 137), ("exit", 15, -15), ("exit", -15, 15), ("exit", 0, 1), ("exit", "SIGKILL", None), ("exit", 0, "0"),
    ("strings", ["a"], ["A"]), ("strings", ["a"], []), ("strings", ["a", "b"], ["a"]), ("strings", ["a"], ["a", "b"]), ("strings", ["a", "a"], ["a"]),
    ("strings", ["a", "a", "b"], ["a", "b", "b"]), ("bool", True, 1), ("int", 1, True), ("int", 3, None), ("ints", [1, 2], [2, 1]), ("ints", [1], (1,)),
    ("bound", "<1", float("nan")),
]


@pytest.mark.parametrize(("kind", "expected", "observed"), HOLDS)
def test_holds(kind, expected, observed):
    assert matches(kind, expected, observed)


@pytest.mark.parametrize(("kind", "expected", "observed"), HOLDS_NOT)
def test_does_not_hold(kind, expected, observed):
    assert not matches(kind, expected, observed)


@pytest.mark.parametrize(("expected", "observed", "holds"), [
    ("500", "500", True), ("500", "5000", False), ("50", "500", False), ("/^50/", "500", True), ("/^00/", "500", False), ("/x/", "a\nx\nb", True),
    ("/a.x/", "a\nx", False), ("x", "a\nx", False), ("", "", True), ("/^$/", "", True), ("nothing", None, False), ("/./", None, False), ("/5/", 500, False),
    ("500", 500, False), ("/X/", "x", False), ("X", "x", False),
])
def test_what_a_known_entry_says_of_a_failure(expected, observed, holds):
    assert match_text(expected, observed) is holds


@pytest.mark.parametrize(("kind", "expected"), [
    ("matcher", "/^(a|aa|aaa)+$/"), ("document", "/(a|aa|aaa)+/"), ("document", {"every_line": "/^(a|aa|aaa)+$/"}),
    ("absent", "/^(a|aa|aaa)+$/")])
def test_a_pattern_that_takes_too_long_is_no_verdict(kind, expected):
    begin = time.thread_time()
    with pytest.raises(Unmatchable, match="took more than"):
        matches(kind, expected, "a" * 200 + "b")
    assert time.thread_time() - begin < 2 * REGEX_SECONDS


@pytest.mark.parametrize("pattern", ["/(/", r"/\p{Lu}/"])
def test_a_pattern_that_does_not_compile(pattern):
    with pytest.raises(ValueError, match="is not a regular expression"):
        compile_pattern(pattern)


@given(st.text())
def test_any_text_equals_itself_unless_it_is_a_pattern(text):
    if not (len(text) >= 2 and text.startswith("/") and text.endswith("/")):
        assert matches("matcher", text, text)
        assert matches("document", text, text)


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=6), st.data())
def test_a_subsequence_of_a_log_matches_it(lines, data):
    keep = [line for line in lines if data.draw(st.booleans())] or lines[:1]
    assert matches("log", [f"/^{line}$/" for line in keep], "\n".join(lines))


@pytest.mark.parametrize(("bound", "value", "holds"), [
    ("<0.2", 0.19, True), ("<0.2", 0.2, False), ("<=0", 0, True), ("<=0", 1, False), ("> -1", 0, True), (">=3", 3, True),
    ("<1", None, False), ("<1", True, False), ("<1", "0", False), (">0", 0, False), (">0", 1, True), (">0", 0.001, True), (">=3", 2.999, False),
    ("<=0", 0.001, False), ("<= 1.5", 1.5, True), ("<-1", -1, False), ("<-1", -2, True), (">-1", -1, False), (">=-1", -1, True), ("<2", 1.999, True),
])
def test_bounds_on_numbers(bound, value, holds):
    assert matches("bound", bound, value) is holds


def test_what_is_no_bound_is_said_and_not_passed():
    with pytest.raises(Unmatchable):
        matches("bound", "<{open}", 1)


def test_a_name_that_is_no_signal_s_is_said_and_no_traceback():
    with pytest.raises(Unmatchable, match="'SIGKIL' is not a signal name"):
        matches("exit", "SIGKIL", -9)

"""Parameter lists: against the table of FACTS.md, and any request against any signature by what Python itself says."""

import inspect
from urllib.parse import quote, urlencode

import pytest
from enginebus import HTTPError
from enginebus.params import check, parse_query, path_segments
from hypothesis import given
from hypothesis import strategies as st


def two(a, b):
    pass


def optional(a, b=1):
    pass


def anything(*args, **kw):
    pass


def keyword_only(*, a):
    pass


def positional_only(a, /):
    pass


TABLE = [
    (two, [], {"a": "1"}, {}, 404, "Missing parameters: b"),
    (two, [], {}, {"a": "1"}, 404, "Missing parameters: b"),
    (two, [], {"a": "1", "c": "1"}, {}, 404, "Missing parameters: b"),
    (two, [], {"a": "1", "b": "2", "c": "3"}, {}, 404, "Unexpected query string parameters: c"),
    (two, [], {"a": "1", "b": "2", "d": "3", "c": "3"}, {}, 404, "Unexpected query string parameters: c, d"),
    (two, [], {"a": "1"}, {"b": "2", "c": "3"}, 400, "Unexpected body parameters: c"),
    (two, ["1"], {"a": "1", "b": "2"}, {}, 404, "Multiple values for parameters: a"),
    (two, ["1"], {"b": "2"}, {"a": "1"}, 400, "Multiple values for parameters: a"),
    (two, ["1", "2", "3"], {}, {}, 404, "Nothing matches the given URI"),
    (optional, [], {"b": "1"}, {}, 404, "Missing parameters: a"),
    (keyword_only, [], {"a": "1", "z": "1"}, {}, 404, "Unexpected query string parameters: z"),
]
FITS = [
    (two, [], {"a": ["1", "2"]}, {"b": "3"}), (two, ["1"], {"b": "2"}, {}), (optional, ["1"], {}, {}),
    (anything, ["1", "2"], {"x": "1"}, {"y": "2"}), (keyword_only, [], {"a": "1"}, {}),
    # what is not the client's fault is left to the call, which raises TypeError: 500
    (keyword_only, [], {}, {}), (positional_only, [], {"a": "1"}, {}), (positional_only, [], {}, {}),
]


@pytest.mark.parametrize(("handler", "segments", "query", "body", "status", "message"), TABLE)
def test_what_is_refused(handler, segments, query, body, status, message):
    with pytest.raises(HTTPError) as caught:
        check(handler, segments, query, body)
    assert (caught.value.code, caught.value.message) == (status, message)


@pytest.mark.parametrize(("handler", "segments", "query", "body"), FITS)
def test_what_fits(handler, segments, query, body):
    check(handler, segments, query, body)


NAMES = st.sampled_from("abcd")


@st.composite
def functions(draw):
    """Any function of positional-or-keyword parameters, with defaults, *args and **kw."""
    names = draw(st.lists(NAMES, unique=True, max_size=3))
    defaults = draw(st.integers(0, len(names)))
    words = [name if i < len(names) - defaults else f"{name}=None" for i, name in enumerate(names)]
    words += draw(st.sampled_from([[], ["*args"]])) + draw(st.sampled_from([[], ["**kw"]]))
    space = {}
    exec(f"def f({', '.join(words)}): pass", space)
    return space["f"]


@given(functions(), st.lists(st.just("x"), max_size=4), st.sets(NAMES), st.sets(NAMES))
def test_it_refuses_exactly_what_python_would(function, segments, query, body):
    body -= query
    try:
        inspect.signature(function).bind(*segments, **dict.fromkeys([*query, *body], "v"))
        fits = True
    except TypeError:
        fits = False
    try:
        check(function, segments, dict.fromkeys(query, "v"), dict.fromkeys(body, "v"))
        accepted = True
    except HTTPError:
        accepted = False
    assert accepted == fits


@given(st.dictionaries(st.text(), st.text() | st.lists(st.text(), min_size=2, max_size=3), max_size=4), st.sampled_from(["utf-8", "utf-16-le"]))
def test_queries_round_trip(fields, encoding):
    assert parse_query(urlencode(fields, doseq=True, encoding=encoding), encoding) == fields


@pytest.mark.parametrize(("query", "fields"), [
    ("", {}), ("223,114", {"x": 223, "y": 114}), ("223,114,1", {"223,114,1": ""}), ("1,2=3", {"1,2": "3"}), ("%ff", None), ("\xc3\xa9=\xc3\xa9", {"é": "é"}),
    ("1" * 9 + "," + "2" * 9, {"x": 111111111, "y": 222222222}),
])
def test_queries(query, fields):
    if fields is None:
        with pytest.raises(HTTPError) as caught:
            parse_query(query, "utf8")
        assert (caught.value.code, "must be encoded with 'utf8'" in caught.value.message) == (404, True)
    else:
        assert parse_query(query, "utf8") == fields


def test_a_click_of_5000_digits_is_no_error_of_the_server():
    """int() refuses more than 4,300 digits since 3.11: that was a 500."""
    parse_query("1" * 5000 + ",1", "utf8")


@pytest.mark.parametrize(("path", "segments"), [
    ("/", []), ("", []), ("/a/b", ["a", "b"]), ("//a//b/", ["a", "b"]), ("/a%2Fb", ["a/b"]), ("/%C3%A9", ["é"]), ("/a+b", ["a+b"]), ("/\xc3\xa9", ["é"]),
    ("/a%", ["a%"]), ("/%2E%2E/a", ["..", "a"]), ("/a%00", ["a\0"]),
    # what is not UTF-8 is read as ISO-8859-1, the whole path of it, as CherryPy does
    ("/%FF", ["ÿ"]), ("/a/%C3", ["a", "Ã"]), ("/%C3%A9/%FF", ["Ã©", "ÿ"]), ("/\xe9", ["é"]),
])
def test_segments(path, segments):
    assert path_segments(path) == segments


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), max_size=5))
def test_segments_round_trip(segments):
    assert path_segments("/" + "/".join(quote(segment, safe="") for segment in segments)) == segments

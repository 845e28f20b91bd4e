"""Expectations of places in a JSON text."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.language.json_matching import differences, value_at
from harness.language.matching import finder, matches

TEXT = json.dumps({"a": {"b/c": [1, 2.0, True, None, "x y"]}, "": 0, "~": "tilde", "s": "200"})


@pytest.mark.parametrize(("place", "wanted"), [
    ("/a/b~1c/0", 1), ("/a/b~1c/1", 2.0), ("/a/b~1c/2", True), ("/a/b~1c/4", "x y"), ("/a/b~1c/4", "/^x/"), ("/", 0), ("/~0", "tilde"),
    ("/a/b~1c", [1, 2.0, True, None, "x y"]), ("/nothing", "absent"), ("/a/b~1c/9", "absent"), ("/s/x", "absent"), ("/s", "200"),
])
def test_what_is_there_is_found(place, wanted):
    assert differences({place: wanted}, TEXT, finder()) == []
    assert matches("json", {place: wanted}, TEXT)


@pytest.mark.parametrize(("place", "wanted", "told"), [
    ("/a/b~1c/0", True, "/a/b~1c/0: 1"), ("/a/b~1c/0", 1.0, "/a/b~1c/0: 1"), ("/a/b~1c/2", 1, "/a/b~1c/2: true"), ("/s", 200, '/s: "200"'),
    ("/nothing", "x", "/nothing: nothing"), ("/a/b~1c/4", "/^y/", '/a/b~1c/4: "x y"'), ("/a", "absent", '/a: {"b/c": [1, 2.0, true, null, "x y"]}'),
    ("/a/b~1c", [1, 2, True, None, "x y"], '/a/b~1c: [1, 2.0, true, null, "x y"]'), ("/a/b~1c/0", "/1/", "/a/b~1c/0: 1"),
])
def test_what_is_not_there_is_told(place, wanted, told):
    assert differences({place: wanted}, TEXT, finder()) == [told]
    assert not matches("json", {place: wanted}, TEXT)


@pytest.mark.parametrize("text", [None, "", "hello", "{", b"{}"])
def test_what_is_no_json_holds_nothing(text):
    assert differences({"/a": "absent"}, text, finder()) == ["the body is not JSON"]


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda some: st.lists(some) | st.dictionaries(st.text(), some)))
def test_every_value_is_where_its_pointer_says(data):
    def places(value, pointer=""):
        yield pointer, value
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, one in items:
            yield from places(one, f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}")

    for pointer, value in places(data):
        assert value_at(data, pointer) == value

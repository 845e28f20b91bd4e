"""Names and patterns filled into expected values: alike in the harness and in the reproducer."""

import re
import string
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.language.filling import JudgeError, fill
from harness.language.matching import compile_pattern
from harness.reproducer.parts.cell import Cell

PATTERNS = {"named": "/^at {host}:{port}$/", "plain": "not a pattern {port}"}
VALUES = {"host": "127.0.0.1", "port": "8080", "path": "/a/", "at": "@named"}


def theirs(value, values, literal=False):
    """What the reproducer makes of a value."""
    cell = SimpleNamespace(values=values, recipe={"patterns": PATTERNS})
    cell.fill = lambda value, literal=False: Cell.fill(cell, value, literal)
    return cell.fill(value, literal)


def filled(value, literal=False):
    """What both make of a value; they escape other characters, and no others are different."""
    ours = fill(value, VALUES, PATTERNS, literal)
    assert str(ours).replace("\\", "") == str(theirs(value, VALUES, literal)).replace("\\", "")
    return ours


@pytest.mark.parametrize(("value", "found"), [
    ("{host}:{port}", "127.0.0.1:8080"), ("/^{host}$/", r"/^127\.0\.0\.1$/"), ("{path}", "/a/"), ("/x{path}y/", r"/x\/a\/y/"),
    ("@named", r"/^at 127\.0\.0\.1:8080$/"), ("@plain", "not a pattern 8080"), ("{at}", "@named"), ("{unknown} {", "{unknown} {"), ("{PORT}", "{PORT}"),
    (["{port}", ["@named"], 7, None], ["8080", [r"/^at 127\.0\.0\.1:8080$/"], 7, None]),
    ({"@named": "{port}", "x": {"y": ["/{host}/"]}}, {"@named": "8080", "x": {"y": [r"/127\.0\.0\.1/"]}}), (200, 200), (True, True),
])
def test_what_is_filled_in(value, found):
    assert filled(value) == found


@pytest.mark.parametrize(("value", "found"), [
    ("@named", "@named"), ("/{host}/", "/127.0.0.1/"), (["@named", "/{host}/"], ["@named", "/127.0.0.1/"]),
    ({"a": ["/{host}/", {"b": "@none"}]}, {"a": ["/127.0.0.1/", {"b": "@none"}]}),
])
def test_what_is_literal_is_neither_a_pattern_nor_escaped(value, found):
    assert filled(value, literal=True) == found


def test_a_pattern_that_nobody_spells_is_an_error():
    for value in ("@none", ["x", "@none"], {"a": "@none"}):
        with pytest.raises(JudgeError, match="does not define the pattern @none"):
            fill(value, VALUES, PATTERNS)


@pytest.mark.parametrize("character", [c for c in string.printable if c not in "\r\n"])
def test_each_character_stands_for_itself_in_a_pattern(character):
    for pattern in (fill("/^a{x}b$/", {"x": character}, {}), theirs("/^a{x}b$/", {"x": character})):
        for text in ("ab", "aab", "acb", f"a{character}b", f"a{character}{character}b"):
            assert bool(compile_pattern(pattern).search(text)) is bool(re.search(pattern[1:-1], text)) is (text == f"a{character}b")


@given(st.text(st.characters(exclude_characters="\r\n"), max_size=12))
def test_whatever_is_filled_in_is_matched_by_itself(text):
    for pattern in (fill("/^x{name}y$/", {"name": text}, {}), theirs("/^x{name}y$/", {"name": text})):
        assert compile_pattern(pattern).fullmatch(f"x{text}y")

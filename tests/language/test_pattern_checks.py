"""Patterns that say nothing of a text are told from those that do."""

import pytest

from harness.language.pattern_checks import fits_anything, fits_nothing, needs_a_line_end, problem_of


@pytest.mark.parametrize("pattern", [
    "/.*/", "//", "/^/", "/$/", "/x?/", "/./", "/.+/", r"/\S/", "/^.+$/", "/.{5,}/", r"/[\s\S]/", r"/\w|\W/", r"/\w/", "/(?s).+/", "/x*|y/", r"/[^\n]/"])
def test_what_is_found_in_any_line(pattern):
    assert fits_anything(pattern)
    assert "matches anything" in problem_of(pattern)


@pytest.mark.parametrize("pattern", [r"/\d/", "/[a-z]/", "/^$/", "/Error/", "/^K/", "/x/", "/[<>]/", r"/^\W*$/", "/.{200}/"])
def test_what_says_something_of_a_line(pattern):
    assert not fits_anything(pattern)
    assert problem_of(pattern) == ""


@pytest.mark.parametrize("pattern", ["/./", "/.+/", r"/\S/"])
def test_of_a_text_that_may_be_empty_one_character_says_something(pattern):
    assert not fits_anything(pattern, may_be_empty=True)
    assert not fits_anything(pattern, whole=True)


@pytest.mark.parametrize("pattern", ["/(?s:.*)/", r"/[\s\S]*/", "/.*/", "/x?|.*/"])
def test_a_pattern_for_all_of_a_text(pattern):
    assert fits_anything(pattern, whole=True)


@pytest.mark.parametrize(("pattern", "nothing"), [
    ("/$x/", True), ("/a^b/", True), ("/^$a/", True), ("/^a$/", False), ("/(?!)/", True), ("/a(?!)b/", True), ("/^(?!)$/", True), ("/(?!x)/", False), ("/a|(?!)/", False), ("/((?!))?/", False), ("/[|](?!)/", True)])
def test_what_nothing_can_match(pattern, nothing):
    assert fits_nothing(pattern) is nothing
    assert ("can never match" in problem_of(pattern)) is nothing


@pytest.mark.parametrize(("pattern", "needs"), [
    (r"/a\nb/", True), ("/a\nb/", True), (r"/a\r\nb/", True), (r"/a\\\nb/", True), (r"/a\\nb/", False), (r"/[^\n]b/", False), (r"/a\n?b/", False),
    (r"/a\n*b/", False), (r"/a(\n|b)/", False), (r"/a(\n)?b/", False), (r"/a[\r\n]b/", False), (r"/a(?!\n)b/", False)])
def test_what_asks_a_line_for_a_line_end(pattern, needs):
    assert needs_a_line_end(pattern) is needs
    assert ("needs a line end" in problem_of(pattern)) is needs
    assert problem_of(pattern, whole=True) == problem_of(pattern, lines=False) == ""


def test_what_nothing_can_match_depends_on_what_it_is_matched_against():
    assert "can never match" in problem_of("/a$\\s/")
    assert "can never match" not in problem_of("/a$\\s/", whole=True)
    assert "can never match" in problem_of("/a^/", whole=True)
    assert "can never match" in problem_of("/a^/", lines=False)

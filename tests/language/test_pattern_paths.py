"""A pattern that can match nowhere is told from one that can: nothing that matches some text is ever refused."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.language.pattern_paths import can_match

NEVER = ["/$x/", "/a^b/", "/^$a/", "/a^/", "/(a|b)^c/", "/a+^/", "/(?:^a){2}/", "/$.?x/", r"/\Zx/", r"/a\A/", "/x$y|z^/", "/(?!)/", "/a(?!)b/",
         "/^{port}^x/", "/a{2}^b/", "/[|](?!)/", "/(?m:a)^b/", "/($)x/", "/(?=a^)b/", "/(?>a)^/", "/$[^a]b/", r"/$\sx/"]
SOME = ["/^a$/", "/^$/", "/(a|^)b/", "/a*^b/", "/a?^/", "/x|$y/", "/(?m)a\n^b/", "/(?m:a\n^b)/", r"/(a)?\1^/", "/(?!x)/", "/a|(?!)/", "/((?!))?/", "/(^|,)a($|,)/",
        "/(?<=a)$/", "/^(?=a)/", "/(?:a$)?/", "/(?:$|x)+/", "/^^a$$/", "/{saved}^b/", "/(?!$)x/", r"/\ba\b/", "/(a)?(?(1)b|^c)/", r"/a\$b/", "/[$]x/", "/a[^b]/"]


@pytest.mark.parametrize("pattern", NEVER)
@pytest.mark.parametrize("whole", [True, False])
def test_what_can_match_nowhere(pattern, whole):
    assert not can_match(pattern, whole, lines=not whole)


@pytest.mark.parametrize("pattern", SOME)
def test_what_can_match_somewhere(pattern):
    assert can_match(pattern, whole=False, lines=False)


@pytest.mark.parametrize("pattern", ["/a$\n/", r"/a$\n/", r"/a$[\s]/", "/(?s)a$./", r"/a$\W/", "/a$[^b]/", r"/a$[\t-\r]/"])
def test_a_text_may_end_in_a_line_end_and_a_line_has_none(pattern):
    assert can_match(pattern, whole=True, lines=False)
    assert not can_match(pattern, whole=False, lines=True)


PIECES = st.sampled_from(["a", "b", "^", "$", r"\A", r"\Z", ".", "\n", "[ab]", "[^a]", r"\s", "a?", "b*", "(a|^)", "($|b)", "(?:^a)?", "(?=b)", "(?!a)", "(?m:^)",
                          "(?m:$)", "(?s:.)", r"\b", "(?:a|\n$){1,2}", "(?<=a)", "(?>a?)"])


@given(st.lists(PIECES, min_size=1, max_size=5).map("".join), st.text("ab\n", max_size=5), st.booleans())
def test_what_matches_a_text_can_match(pattern, text, whole):
    if (re.fullmatch if whole else re.search)(pattern, text):
        assert can_match(f"/{pattern}/", whole, lines="\n" not in text)

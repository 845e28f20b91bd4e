"""Counts as people say them."""

import pytest

from harness.model.counting import counted


@pytest.mark.parametrize(("number", "words", "told"), [
    (0, ("cell",), "0 cells"), (1, ("cell",), "1 cell"), (2000, ("cell",), "2,000 cells"), (1, ("process", "processes"), "1 process"),
    (2, ("process", "processes"), "2 processes"), (2, ("cell is", "cells are"), "2 cells are")])
def test_one_is_no_plural(number, words, told):
    assert counted(number, *words) == told

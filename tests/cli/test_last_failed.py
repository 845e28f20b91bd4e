"""What --last-failed runs again."""

import pytest

from harness.cli.last_failed import after_which, red_cells
from harness.model.values import History

from ..stored import write


def history(cell, **shared):
    return History(cell, "1", "127.0.0.1", 8080, (), {}, {}, "off", "", 0.1, shared=shared)


@pytest.mark.parametrize(("shared", "cells"), [
    ({}, []), ({"after": ["a.x", "a.y"]}, []), ({"after": ["a.x", "a.y"], "alone": "fail"}, []),
    ({"after": ["a.x", "a.y"], "alone": "pass"}, ["a.x", "a.y"]), ({"after": [], "alone": "pass"}, []),
])
def test_a_cell_that_is_red_only_after_others_needs_them(shared, cells):
    assert after_which(history("a.z", **shared)) == cells


def test_nothing_is_known_of_a_cell_without_a_history():
    assert after_which(None) == []


def test_what_is_run_again_has_the_cells_before_it_once_and_first(tmp_path):
    run = write(tmp_path, "1", {"a.x": ("pass", "pass"), "a.y": ("fail", "pass"), "a.z": ("fail", "missing")})
    before = ["a.x@one@3.13"]
    run.write_history(history("a.y@one@3.13", after=before, alone="pass"))
    run.write_history(history("a.z@one@3.13", after=[*before, "a.y@one@3.13"], alone="pass"))
    assert red_cells(run, False) == ["a.x@one@3.13", "a.y@one@3.13", "a.z@one@3.13"]

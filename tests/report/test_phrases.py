"""Servers, Pythons and counts as people say them."""

from dataclasses import replace

import pytest

from harness.report.phrases import own_command, pythons_in_words, pythons_of

from .checked import target

PYTHONS = ["2.7", "3.6", "3.7", "3.8", "3.13"]


@pytest.mark.parametrize(("some", "words"), [
    (PYTHONS, "2.7 to 3.13"), (["2.7"], "2.7"), (["2.7", "3.6"], "2.7, 3.6"), (["3.6", "3.7", "3.8"], "3.6 to 3.8"),
    (["2.7", "3.7", "3.8", "3.13"], "2.7, 3.7 to 3.13"), (["3.13", "2.7"], "2.7, 3.13"), ([], ""),
])
def test_pythons_are_ranges_of_neighbours(some, words):
    assert pythons_in_words(some, PYTHONS) == words


def test_only_pythons_that_cells_could_run_on_are_counted_as_a_server_s():
    absent = replace(target("one", "3.9"), reason="no interpreter 3.9")
    assert pythons_of([target("one", "3.7"), target("one", "3.8"), absent, target("two", "2.7")]) == {"one": ["3.7", "3.8"], "two": ["2.7"]}
    assert pythons_of([absent]) == {"one": []}


@pytest.mark.parametrize(("command", "nox", "installed"), [
    ([], "nox -s matrix", "server-matrix"),
    (["matrix", "-k", "a or b"], "nox -s matrix -- -k 'a or b'", "server-matrix -k 'a or b'"),
    (["--cell", "a.x@one@3.13"], "nox -s matrix -- --cell a.x@one@3.13", "server-matrix --cell a.x@one@3.13"),
    (["bugs", "a's"], "nox -s bugs -- 'a'\"'\"'s'", "server-matrix bugs 'a'\"'\"'s'"),
    (["results", "--diff", "$(x)"], ".nox/matrix/bin/server-matrix results --diff '$(x)'", "server-matrix results --diff '$(x)'"),
])
def test_a_command_is_shown_as_it_works_where_the_run_was_made(command, nox, installed):
    assert [own_command(command, told) for told in ({}, {"commands": "nox"}, {"commands": "server-matrix"})] == [nox, nox, installed]

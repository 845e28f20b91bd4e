"""Mutants by hand change what there is, compile everywhere, and leave no module out; what is argued is about a mutant."""

import json
import subprocess

import pytest

from harness.model.refusal import Refusal

from ..conftest import GUEST
from . import by_hand
from .equivalent import EQUIVALENT
from .generate import generate, module_name, read
from .source import Source
from .test_generate import COMPILE

LEAST = 110


@pytest.fixture(scope="module")
def sources():
    return read(GUEST / "enginebus")


@pytest.mark.parametrize("row", by_hand.rows(), ids=lambda row: f"{row.file}: {row.breaks}".replace(" ", "-"))
def test_a_mutant_changes_what_there_is(row, sources):
    """One whose text has gone from the source would be tried in vain."""
    (mutant,) = by_hand.mutants(sources, [row])
    assert mutant.apply(sources[row.file].text) == sources[row.file].text.replace(row.old, row.new)
    assert row.breaks.strip()


def test_no_module_is_left_out(sources):
    found = by_hand.mutants(sources)
    assert len(found) >= LEAST
    assert {mutant.module for mutant in found} == {module_name(file) for file, source in sources.items() if len(source.lines) > 20}


def test_they_compile_on_every_python(sources, every_python, tmp_path):
    texts = tmp_path / "texts.json"
    made = [(mutant.id, mutant.apply(sources[mutant.file].text)) for mutant in by_hand.mutants(sources)]
    texts.write_text(json.dumps(made), "ascii")
    for python in every_python:
        done = subprocess.run([python.path, "-W", "ignore", "-c", COMPILE, str(texts)], capture_output=True, text=True, check=True)
        assert not done.stdout, f"{python.id}: {done.stdout}"


TINY = {"m.py": Source("def f(a):\n    x = 1\n    return a < 1\n")}


def test_the_lines_of_a_mutant_by_hand_are_those_that_differ():
    (one,) = by_hand.mutants(TINY, [by_hand.Row("m.py", "    x = 1\n    return a < 1", "    x = 1\n    return a < 2", "b")])
    assert one.lines == (3,)
    (two,) = by_hand.mutants(TINY, [by_hand.Row("m.py", "    return a", "    g()\n    return a", "b")])
    assert two.lines == (3,)


@pytest.mark.parametrize(("row", "why"), [
    (("m.py", "a", "b", "w"), "has its old text 2 times"), (("m.py", "zz", "b", "w"), "0 times"),
    (("none.py", "a", "b", "w"), "is no module"), (("m.py", "x = 1", "x = 1", "w"), "is not changed"),
])
def test_a_row_that_does_not_fit_is_refused(row, why):
    with pytest.raises(Refusal, match=why):
        by_hand.mutants(TINY, [by_hand.Row(*row)])


def test_what_is_argued_is_about_a_mutant_that_there_is(sources):
    every = [*by_hand.mutants(sources), *generate(sources)]
    for row in EQUIVALENT:
        assert len(row.why) > 20, row
        assert any(row.holds(mutant, sources[mutant.file]) for mutant in every), row

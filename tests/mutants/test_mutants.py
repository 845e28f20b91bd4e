"""Each mutant of the bundled server turns the cells red that it must, on the oldest and the newest Python here."""

import pytest

from harness.interpreters import sort_key

from .driver import DRIVER_MUTANTS
from .run import ROOT, copy_of_repository
from .server import MUTANTS, red_cells


@pytest.mark.parametrize("mutant", [*MUTANTS, *DRIVER_MUTANTS], ids=lambda mutant: mutant.name.replace(" ", "-"))
def test_a_mutant_changes_what_there_is(mutant):
    """One whose text has gone from the source would be tried in vain."""
    assert mutant.old != mutant.new
    assert (ROOT / mutant.path).read_text("utf-8").count(mutant.old) == 1
    for test in getattr(mutant, "tests", ()):
        assert (ROOT / test.partition("::")[0]).exists(), test


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name.replace(" ", "-"))
def test_a_broken_server_is_noticed(mutant, tmp_path, every_python):
    ids = sorted((i.id for i in every_python), key=sort_key)
    pythons = list(dict.fromkeys([ids[0], ids[-1]]))
    select = " or ".join(name.split(".")[1] for name in mutant.must_redden)
    code, red, output = red_cells(copy_of_repository(tmp_path, mutant), pythons, select)
    assert code == 1, output
    expected = {f"{name}@enginebus@{python}" for name in mutant.must_redden for python in pythons}
    if "inherited" in mutant.name:
        # The application's own socket is inherited on 2.7 anyway; there, only the server's own one tells.
        expected = {cell for cell in expected if "child-popen" in cell}
    assert expected <= set(red), output

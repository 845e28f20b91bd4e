"""Scenarios that share a launch have the same verdicts there and on launches of their own: all that are bundled, on one Python."""

from harness.machine.interpreters import current
from harness.run.prepare import Options, ask
from harness.run.run_folder import newest

from ..conftest import run_harness

HERE = current()


def shared():
    """The cells of the bundled server whose scenarios share a launch."""
    asked = ask(Options(subjects=("enginebus",), pythons=(HERE,)))
    names = {scenario.id for scenario in asked.scenarios if scenario.launch == "shared"}
    return [cell for cell in asked.cells if cell.partition("@")[0] in names]


def test_a_shared_launch_changes_no_verdict(tmp_path):
    cells = shared()
    assert len(cells) > 100
    found = []
    for name, words in (("shared", []), ("isolated", ["--isolated"])):
        reports = tmp_path / name
        run_harness("matrix", "--no-coverage", "--reports", str(reports), *words, *(word for cell in cells for word in ("--cell", cell)))
        run = newest(reports)
        launches = list((run.folder / "launches").glob("*"))
        assert bool(launches) is not bool(words), "this is what was to be compared"
        found.append({cell: (result.word, result.reason) for cell, result in run.results().items()})
    assert found[0] == found[1]
    assert set(found[0]) == set(cells)
    assert {"pass"} <= {word for word, _ in found[0].values()}

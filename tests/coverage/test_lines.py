"""Which Pythons and which scenarios reach a line, from data as a run leaves it."""

import pytest
from coverage import CoverageData

from harness.coverage.lines import reached, spans
from harness.model.values import Interpreter, Plan, Target
from harness.run.run_folder import Run

SOURCE = """import os
PAIR = (
    1,
    2)


@staticmethod
@str
def call(a,
         b):
    return a


class Kept(object):
    def later(self):
        if (self and
                os):
            return 1
"""


@pytest.mark.parametrize(("statements", "line", "lines"), [
    ([1, 2], 1, range(1, 2)),
    ([1, 2], 2, range(2, 5)),  # Pythons before 3.8 report the last line of a tuple
    ([7, 9, 11], 7, range(7, 11)), ([7, 9, 11], 9, range(7, 11)), ([7, 9, 11], 11, range(11, 12)),  # decorators
    ([14, 15, 16, 18], 14, range(14, 15)), ([14, 15, 16, 18], 16, range(16, 18)), ([14, 15, 16, 18], 18, range(18, 19)),
])
def test_the_lines_of_a_statement(statements, line, lines):
    assert spans(SOURCE, statements)[line] == lines


def ready(name):
    return Target(f"s@{name}", "s", name, "1.0", Interpreter(name, "cpython", name, "gil", "/p"), python="/p", coverage="7")


@pytest.fixture
def run(tmp_path):
    """Two Pythons and two scenarios; the older Python reports the last line of the tuple."""
    run = Run(tmp_path / "run")
    folder = run.coverage_folder / "combined"
    folder.mkdir(parents=True)
    (folder / "coveragerc").write_text("[run]\nbranch = False\n")
    source = tmp_path / "package" / "part.py"
    source.parent.mkdir()
    source.write_text(SOURCE)
    data = CoverageData(basename=str(folder / "data"))
    for context, lines in {"a.b@s@2.7": [1, 4, 7, 14], "a.b@s@3.13": [1, 2, 7, 9, 14, 15], "a.c@s@3.13": [11]}.items():
        data.set_context(context)
        data.add_lines({str(source): lines})
    data.write()
    return run


def test_lines_have_their_scenarios_and_their_pythons(run):
    plan = Plan("1", (ready("2.7"), ready("3.13"), Target("s@3.99", "s", "3.99", reason="none")), (), (), (), {})
    found = reached(run, plan, ["a.b", "a.c"])
    assert found["targets"] == ["s@2.7", "s@3.13"], "a target that is missing is no Python that does not reach a line"
    (file,) = found["files"]
    assert file["name"] == "package/part.py"
    assert file["source"][0] == "import os"
    told = {int(line): tuple(found["sets"][number] for number in numbers) for line, numbers in file["lines"].items()}
    assert told[1] == ([0], [0, 1])
    assert told[2] == ([0], [0, 1]), "what one line of a statement saw, all saw"
    assert told[7] == ([0], [0, 1])
    assert told[11] == ([1], [1]), "one scenario only, and one Python only"
    assert told[15] == ([0], [1])
    assert told[18] == ([], []), "nothing reaches it"


def test_a_file_that_no_longer_exists_is_reported(run):
    data = CoverageData(basename=str(run.coverage_folder / "combined" / "data"))
    data.read()
    data.set_context("a.b@s@3.13")
    data.add_lines({str(run.folder / "package" / "gone.py"): [1]})
    data.write()
    files = reached(run, Plan("1", (ready("3.13"),), (), (), (), {}), ["a.b"])["files"]
    notes = {file["name"]: file.get("note") for file in files}
    assert notes["package/part.py"] is None
    assert "gone.py" in notes["package/gone.py"]


def test_without_data_there_are_no_lines(tmp_path):
    assert reached(Run(tmp_path), Plan("1", (), (), (), (), {}), []) is None

"""The data of a run's cells are combined; unreadable files are named, and hide nothing else."""

import sqlite3

import pytest
from coverage import CoverageData

from harness.coverage.combine import COMBINED, combine, lost_cells
from harness.machine.places import GUEST
from harness.model.values import Cell, CellResult, Interpreter, Plan, Target
from harness.run.run_folder import Run
from harness.targets.load_subjects import BUNDLED

CELLS = ["a.one@enginebus@3.6", "a.two@enginebus@3.6", "a.one@enginebus@3.13", "a.two@enginebus@3.13"]
LINES = [2, 3, 4, 5, *range(2, 9)]
PORTS = GUEST / "enginebus" / "ports.py"


def ready(python):
    return Target(f"enginebus@{python}", "enginebus", python, "1.0", Interpreter(python, "cpython", python, "gil", "/p"),
                  python="/p", coverage="7")


@pytest.fixture
def run(tmp_path):
    """A run of four cells on two targets; each reached one line of its own."""
    run = Run(tmp_path / "run")
    for number, cell in enumerate(CELLS):
        write(run, cell, number)
    return run


def write(run, cell, number, name="data.host.1.000001"):
    folder = run.cell_folder(cell) / "coverage-1" / "image-1"
    folder.mkdir(parents=True, exist_ok=True)
    data = CoverageData(basename=str(folder / name))
    data.set_context(cell)
    data.add_arcs({str(PORTS): [(-1, LINES[number]), (LINES[number], -1)]})
    data.write()
    data.close()
    return folder / name


def combined(run, **states):
    return {line.name: line for line in measure(run, results_of(states))}


def results_of(states):
    return {cell: CellResult(cell, "ran", coverage="data") for cell in CELLS} | states


def measure(run, results):
    cells = tuple(Cell(cell, *cell.split("@", 1), "planned") for cell in CELLS)
    plan = Plan("r", (ready("3.6"), ready("3.13")), cells, (), (), {})
    return combine(run, plan, results, {"enginebus": BUNDLED.load("enginebus")})


def contexts(run):
    data = CoverageData(basename=str(run.coverage_folder / COMBINED / "data"))
    data.read()
    return data.measured_contexts()


def test_all_cells_are_combined(run):
    lines = combined(run)
    assert list(lines) == ["enginebus@3.6", "enginebus@3.13", COMBINED]
    assert [line.states for line in lines.values()] == [{"data": 2}, {"data": 2}, {"data": 4}]
    assert all(line.percent and not line.note and not line.lost for line in lines.values())
    assert contexts(run) == set(CELLS)
    assert (run.folder / lines[COMBINED].page).is_file()


def cut(file):
    content = file.read_bytes()
    file.write_bytes(content[:len(content) // 2])


def torn(file):
    content = bytearray(file.read_bytes())
    for page in range(2 * 4096, len(content), 4096):
        content[page:page + 64] = b"\xff" * 64
    file.write_bytes(content)


def changed(statement):
    def change(file):
        with sqlite3.connect(file) as base:
            base.execute(statement)
        base.close()
    return change


DAMAGES = {
    "cut": cut, "torn": torn, "empty": lambda file: file.write_bytes(b""), "other": lambda file: file.write_bytes(b"x" * 9999),
    "a database of another kind": changed("DROP TABLE coverage_schema"),
    "of a coverage that is to come": changed("UPDATE coverage_schema SET version = 99"),
    "without its arcs": changed("DROP TABLE arc"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_file_that_cannot_be_read_hides_no_other(run, damage):
    broken = run.cell_folder(CELLS[0]) / "coverage-1" / "image-1" / "data.host.1.000001"
    DAMAGES[damage](broken)
    before = broken.read_bytes()
    lines = combined(run)
    assert contexts(run) == set(CELLS[1:])
    assert [line.percent is not None for line in lines.values()] == [True, True, True]
    for name in ("enginebus@3.6", COMBINED):
        assert f"{CELLS[0]}: coverage-1/image-1/data.host.1.000001" in lines[name].note
        assert lines[name].lost == (CELLS[0],)
        assert lines[name].states["lost"] == 1
    assert (lines["enginebus@3.13"].note, lines["enginebus@3.13"].lost) == ("", ())
    assert broken.read_bytes() == before, "what a cell left stays as it was"


def test_an_image_s_data_count_even_if_another_s_cannot_be_read(run):
    cut(write(run, CELLS[0], 9, "data.host.1.000002"))
    lines = combined(run)
    assert contexts(run) == set(CELLS)
    assert lines[COMBINED].lost == (CELLS[0],)


def test_a_leftover_journal_is_not_a_data_file(run):
    (run.cell_folder(CELLS[0]) / "coverage-1" / "image-1" / "data.host.9.000009-journal").write_bytes(b"x")
    assert combined(run)[COMBINED].note == ""


def test_if_nothing_can_be_read_there_is_no_percentage_not_even_an_old_one(run):
    combined(run)
    for cell in CELLS[:2]:
        cut(run.cell_folder(cell) / "coverage-1" / "image-1" / "data.host.1.000001")
    lines = combined(run)
    assert lines["enginebus@3.6"].percent is None
    assert "no coverage data; 2 files cannot be read" in lines["enginebus@3.6"].note
    assert contexts(run) == set(CELLS[2:])
    for cell in CELLS[2:]:
        cut(run.cell_folder(cell) / "coverage-1" / "image-1" / "data.host.1.000001")
    lines = combined(run)
    assert [line.percent for line in lines.values()] == [None, None, None]
    assert not (run.coverage_folder / COMBINED / "data").exists(), "the lines of an earlier time are not those of this one"


def test_many_unreadable_files_are_counted_and_a_few_are_named(run):
    for number in range(9):
        write(run, CELLS[0], number, f"data.host.2.00000{number}").write_bytes(b"x")
    note = combined(run)["enginebus@3.6"].note
    assert note.count("data.host.2.") == 5
    assert note.startswith("9 files cannot be read")
    assert note.endswith("and 4 more")


@pytest.mark.parametrize("left", [True, False])
def test_a_cell_whose_worker_was_killed_lost_its_data(run, left):
    if not left:
        (run.cell_folder(CELLS[0]) / "coverage-1" / "image-1" / "data.host.1.000001").unlink()
    killed = CellResult(CELLS[0], "not-run")
    lines = combined(run, **{CELLS[0]: killed, CELLS[1]: CellResult(CELLS[1], "ran", coverage="lost")})
    assert lines["enginebus@3.6"].states == {"lost": 2}
    assert lines["enginebus@3.6"].lost == (CELLS[0],), "its line does not say so; the other's does"


def test_the_list_of_cells_whose_data_were_lost_is_correct(run):
    cut(run.cell_folder(CELLS[3]) / "coverage-1" / "image-1" / "data.host.1.000001")
    results = results_of({CELLS[0]: CellResult(CELLS[0], "not-run"), CELLS[1]: CellResult(CELLS[1], "ran", coverage="lost")})
    assert lost_cells(results, []) == [CELLS[1]]
    assert lost_cells(results, measure(run, results)) == [CELLS[0], CELLS[1], CELLS[3]]


def test_data_that_cannot_be_combined_are_reported_and_leave_nothing_half_combined(run):
    file = write(run, CELLS[0], 0, "data.host.3.000001")
    file.unlink()
    data = CoverageData(basename=str(file))
    data.add_lines({str(PORTS): [1]})
    data.write()
    data.close()
    lines = combined(run)
    assert "could not be combined" in lines["enginebus@3.6"].note
    assert lines["enginebus@3.6"].percent is None
    assert lines[COMBINED].percent is not None, "the other target's can"
    assert "enginebus@3.6" in lines[COMBINED].note
    assert contexts(run) == set(CELLS[2:])


def test_data_of_an_older_harness_are_found(run):
    for cell in CELLS:
        folder = run.cell_folder(cell) / "coverage-1"
        (folder / "image-1" / "data.host.1.000001").rename(folder / "data.host.1.000001")
        (folder / "image-1").rmdir()
    assert combined(run)[COMBINED].states == {"data": 4}
    assert contexts(run) == set(CELLS)

from harness.model import CellResult, Verdict
from harness.report.past import MOST, past
from harness.store import Run

from ..test_store import make

CELL = "a.b@s@1"


def test_the_older_runs_beside_it_the_oldest_first(tmp_path):
    for name in ("2", "1", "3", "5"):
        make(tmp_path / "data" / name, ["1"])
    Run(tmp_path / "data" / "1").write_result(CellResult(CELL, "ran", "", Verdict("fail", "x"), Verdict("pass"), 1.5), "gw0")
    Run(tmp_path / "data" / "2").write_result(CellResult(CELL, "ran", "", Verdict("pass"), Verdict("pass"), 0.5), "gw0")
    Run(tmp_path / "data" / "5").write_result(CellResult(CELL, "ran", "", Verdict("pass"), Verdict("pass"), 9.9), "gw0")
    of = past(Run(tmp_path / "data" / "3"))
    assert of(CELL) == [{"run": "1", "word": "fail", "seconds": 1.5}, {"run": "2", "word": "pass", "seconds": 0.5}]
    assert of("a.none@s@1") == []


def test_no_more_than_a_dozen(tmp_path):
    for number in range(20):
        make(tmp_path / "data" / f"{number:02}", ["1"], ["1"])
    assert [item["run"] for item in past(Run(tmp_path / "data" / "19"))(CELL)] == [f"{n:02}" for n in range(19 - MOST, 19)]


def test_a_run_of_another_version_is_left_out(tmp_path):
    for name in ("1", "2", "3"):
        make(tmp_path / "data" / name, ["1"], ["1"])
    (tmp_path / "data" / "1" / "lines.gw1.jsonl").write_text('{"cell": "x", "status": "ran", "unheard_of": 1}\n', "ascii")
    assert [item["run"] for item in past(Run(tmp_path / "data" / "3"))(CELL)] == ["2"]

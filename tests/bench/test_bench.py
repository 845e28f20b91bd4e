"""What the benchmark says of what it measured: ratios, where the time went, and the page."""

import json
from collections.abc import Sequence

import pytest

from harness.run.checked_scenarios import checked
from harness.targets.load_subjects import BUNDLED

from . import __main__ as bench
from . import lower_bound, page, scenario_folders, table
from .measured_run import Failed, Measured, measure
from .processes import reported


def a_run(wall=10.0, cpu=12.0, driver=2.0, cells: Sequence[tuple[float, float]] = ((4.0, 3.0), (9.0, 5.0)), idle=((0.0, 0.0), (10.0, 8.0))):
    """A measured run of two cores: each cell is (when it was seen, how long it took)."""
    lines = tuple({"cell": f"a.{number}@s@1", "status": "ran", "seconds": took, "seen": seen, "passed": True}
                  for number, (seen, took) in enumerate(cells))
    return Measured(wall, cpu, driver, cpu, 0, lines, idle, "")


def by_key(figures):
    return {figure.key: figure for figure in figures}


def test_a_ratio_is_of_the_same_round_and_a_round_without_a_divisor_is_left_out():
    figure = table.ratio("k", "a / b", ("a s", [1, 6, 5]), ("b s", [2, 3, 0]), more_s=[1, 2, 3])
    assert figure.ratio == (0.5, 2.0)
    assert set(figure.parts) == {"a s", "b s", "more s"}
    assert table.spread(figure.ratio) == {"median": 1.25, "min": 0.5, "max": 2.0, "rounds": [0.5, 2.0]}


@pytest.mark.parametrize(("value", "text"), [(0, "0.00"), (0.0044, "0.0044"), (0.0512, "0.051"), (0.5, "0.50"), (12.34, "12.3"), (349.2, "349")])
def test_numbers_have_three_digits(value, text):
    assert table.number(value) == text


def test_the_lower_bound_is_the_processor_time_on_all_cores_or_the_longest_cell():
    assert lower_bound.spent(a_run(), cores=2).bound == 6.0
    assert lower_bound.spent(a_run(), cores=4).bound == 5.0
    figures = by_key(lower_bound.figures([a_run(), a_run(wall=12.0)], 2))
    assert figures["a"].ratio == (10 / 6, 2.0)


def test_all_wall_time_is_accounted_for():
    """Before the first cell, while cells ran, after the last; idle, used by the run, and used by others."""
    where = lower_bound.spent(a_run(), cores=2)
    assert (where.before, where.cells, where.after) == (1.0, 8.0, 1.0)
    assert where.before + where.cells + where.after == 10.0
    assert where.idle_before + where.idle_cells + where.idle_after == pytest.approx(4.0)
    assert where.others == pytest.approx(10 - 12 / 2 - 4.0)


def test_the_driver_is_told_from_the_servers():
    figures = by_key(lower_bound.driver_figures([a_run()]))
    assert figures["b"].parts == {"driver ms": (1000.0,), "servers ms": (5000.0,)}
    assert figures["b.check"].ratio == (1.0,)


def test_a_sample_is_evenly_spread_and_always_the_same():
    ids = [f"{number:02}" for number in range(10)]
    assert scenario_folders.sample(reversed(ids), 5) == ["00", "02", "04", "06", "08"]
    assert scenario_folders.sample(ids, 0) == scenario_folders.sample(ids, 99) == ids


def test_scenarios_are_the_same_if_only_their_prose_differs():
    one = {"id": "a", "title": "t", "step": [{"act": "start", "note": "n"}, {"act": "repeat", "step": [{"act": "stop", "note": "n"}]}]}
    other = {"id": "a", "title": "u", "launch": "shared", "step": [{"act": "start"}, {"act": "repeat", "step": [{"act": "stop"}]}]}
    assert scenario_folders.acts(one) == scenario_folders.acts(other)
    other["step"][1]["step"][0]["within"] = "1s"
    assert scenario_folders.acts(one) != scenario_folders.acts(other)


def test_synthetic_scenarios_are_as_many_as_were_asked_for_and_right(tmp_path):
    found = checked((scenario_folders.synthetic(60, tmp_path / "s"),), BUNDLED.load_all(), tmp_path / "cache")
    assert len({scenario.id for scenario in found}) == 60
    assert {scenario.launch for scenario in found} == {"shared"}


def test_a_command_is_measured_with_all_that_it_leaves_behind(tmp_path):
    """A grandchild that outlives the command counts; it works for a fifth of a second."""
    work = "import time; end = time.process_time() + 0.2\nwhile time.process_time() < end: pass"
    outer = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {work!r}])"
    run = measure([bench.sys.executable, "-c", outer], reports=tmp_path)
    assert 0.2 <= run.cpu < 20
    assert run.ran == []
    with pytest.raises(Failed, match="exit code 3"):
        measure([bench.sys.executable, "-c", "raise SystemExit(3)"])


def test_what_processes_say_of_themselves(tmp_path):
    (tmp_path / "cpu.txt").write_text("12 0.5\n13 1.25\n")
    assert reported(tmp_path / "cpu.txt") == {12: 0.5, 13: 1.25}
    assert reported(tmp_path / "none") == {}


def document(**options):
    figures = [table.ratio("a", "wall <b> / bound", ("wall s", [3, 4]), ("bound s", [2, 2]), "noted"), table.Figure("c", "none", ())]
    where = {"date": "today", "commit": "0123456789", "modified": True, "cores": 2, "processor": "P", "python": "C 3", "load": 0.5}
    return table.document(where, {"rounds": 2, "subjects": ["s"], "pythons": ["3.13"], **options}, figures, {"d": "no such <thing>"})


def test_the_page_has_every_figure_and_escapes_what_it_is_told(tmp_path):
    text = page.write(tmp_path / "bench.html", document()).read_text("utf-8")
    assert "<td>1.75</td><td>1.50</td><td>2.00</td>" in text
    assert "wall &lt;b&gt; / bound; noted" in text
    assert '<td colspan="3">not measured</td>' in text
    assert "not measured: no such &lt;thing&gt;" in text
    assert "0123456</code>, with changes" not in text
    assert "<code>012345678</code>, with changes" in text


def test_a_benchmark_is_printed_and_written_as_json_and_as_a_page(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(bench, "whole_runs", lambda *_: [table.ratio("a", "wall / bound", ("wall s", [3]), ("bound s", [2]))])
    monkeypatch.setattr(bench.sizes, "grow", lambda *_: (_ for _ in ()).throw(Failed("it broke")))
    out = tmp_path / "bench.json"
    assert bench.main(["--only", "a,d", "--rounds", "1", "--python", "3.13", "--out", str(out)]) == 1, "a part was not measured"
    said = json.loads(out.read_text("utf-8"))
    assert [figure["median"] for figure in said["figures"]] == [1.5]
    assert out.with_suffix(".html").exists()
    shown = capsys.readouterr()
    assert "1.50" in shown.out
    assert "d: not measured: it broke" in shown.err


@pytest.mark.parametrize(("words", "problem"), [(["--only", "a,x"], "the parts are a, b, c, d, e, f")])
def test_what_is_not_measured_is_refused(words, problem):
    with pytest.raises(SystemExit, match=problem):
        bench.main(words)

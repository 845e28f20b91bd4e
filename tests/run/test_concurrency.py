"""How many cells run at once, by what the processors did meanwhile."""

import pytest

from harness.run import concurrency
from harness.run.concurrency import CELL_BYTES, Concurrency, Load, free_memory, read_load

STAT = """cpu  100 5 50 800 40 1 2 2 7 7
cpu0 50 5 25 400 20 1 1 1 0 0
intr 1
procs_running 5
procs_blocked 0
"""


@pytest.fixture
def four(monkeypatch):
    monkeypatch.setattr(concurrency, "free_memory", lambda: 100 * CELL_BYTES)
    monkeypatch.setattr(concurrency, "read_load", lambda: Load(0, 0, 1))
    return Concurrency(processors=4)


def after(subject, *loads):
    for load in loads:
        subject.sample(load)
    return subject.limit


def test_processors_that_idle_get_more_cells_and_crowded_ones_fewer(four):
    assert four.limit == 8
    assert after(four, Load(100, 50, 2)) == 10, "two of four idle"
    assert after(four, Load(200, 55, 2)) == 10, "busy enough"
    assert after(four, Load(300, 55, 10)) == 9
    assert after(four, *(Load(400 + 100 * n, 55, 30) for n in range(9))) == 8, "but never less than it began with"
    assert after(four, *(Load(2000 + 100 * n, 55 + 100 * n, 1) for n in range(99))) == 40


def test_memory_bounds_it(monkeypatch):
    monkeypatch.setattr(concurrency, "free_memory", lambda: 11 * CELL_BYTES)
    assert Concurrency(processors=4).most == 11
    monkeypatch.setattr(concurrency, "free_memory", lambda: CELL_BYTES)
    assert Concurrency(processors=4).most == 8, "two for each processor run in any case"
    monkeypatch.setattr(concurrency, "free_memory", lambda: None)
    assert Concurrency(processors=4).most == 40


def test_a_number_that_was_asked_for_stays(monkeypatch):
    monkeypatch.setattr(concurrency, "read_load", lambda: Load(0, 0, 1))
    assert after(Concurrency(3, processors=4), Load(100, 100, 1), Load(200, 100, 99)) == 3


@pytest.mark.parametrize("loads", [(None,), (None, Load(100, 100, 0)), (Load(0, 0, 1),)])
def test_what_cannot_be_told_changes_nothing(four, loads):
    assert after(four, *loads) == 8


def test_the_kernel_s_own_figures(tmp_path):
    (tmp_path / "stat").write_text(STAT)
    assert read_load(tmp_path / "stat") == Load(1000, 840, 5)
    assert read_load(tmp_path / "none") is None
    (tmp_path / "meminfo").write_text("MemTotal:  9 kB\nMemAvailable:   2048 kB\n")
    assert free_memory(tmp_path / "meminfo") == 2048 * 1024
    assert free_memory(tmp_path / "none") is None
    (tmp_path / "meminfo").write_text("MemTotal:  9 kB\n")
    assert free_memory(tmp_path / "meminfo") is None


def test_a_machine_of_this_kind_tells_its_load():
    now = read_load()
    assert now is None or (now.total > now.idle > 0 and now.wanting >= 1)

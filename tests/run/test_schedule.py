"""Which cells share a launch, and the order in which cells are run."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.language.parse_scenario import parse
from harness.model.values import Cell, Target
from harness.run.schedule import MOST_ON_A_LAUNCH, Queue, Task, launch_key, tasks
from harness.targets.load_subjects import BUNDLED

STEPS = [{"act": "start"}, {"act": "request", "path": "/", "expect": {"status": 200}}]


def scenario(name, **more):
    return parse({"format": 1, "id": name, "title": "t", "paper": "unexposed", "app": "life", "step": STEPS, **more}, "f.toml")


def cell(scenario_id, target="s@3.13"):
    return Cell(f"{scenario_id}@{target}", scenario_id, target)


def made(cells, scenarios=(), key=lambda cell: "", seconds=lambda cell: 1.0):
    by_id = {one.scenario: scenario(one.scenario) for one in cells} | {one.id: one for one in scenarios}
    return tasks(cells, by_id, key, seconds)


def test_the_longest_cell_comes_first():
    cells = [cell("a.a"), cell("a.b"), cell("a.c")]
    seconds = {"a.a": 1.0, "a.b": 9.0, "a.c": 3.0}
    assert [task.cells for task in made(cells, seconds=lambda one: seconds[one.scenario])] == [
        ("a.b@s@3.13",), ("a.c@s@3.13",), ("a.a@s@3.13",)]


def test_cells_that_take_turns_come_before_longer_ones_if_all_of_them_take_longer():
    default = [scenario(f"d.{letter}", channel="default") for letter in "abc"]
    cells = [cell("a.a"), *(cell(one.id) for one in default)]
    seconds = {"a.a": 2.5}
    found = made(cells, default, seconds=lambda one: seconds.get(one.scenario, 1.0))
    assert [task.cells[0].partition("@")[0] for task in found] == ["d.a", "d.b", "d.c", "a.a"]
    queue = Queue(found)
    first, second = queue.take(9), queue.take(9)
    assert (first.cells[0], second.cells[0]) == ("d.a@s@3.13", "a.a@s@3.13")
    assert queue.take(9) is None, "two cells have the default channel at once"
    queue.done(first)
    assert queue.take(9).cells[0] == "d.b@s@3.13"


def test_not_many_cells_of_one_scenario_run_at_once_while_there_are_others():
    cells = [*(cell("a.a", f"s@3.{minor}") for minor in range(6, 10)), cell("a.b")]
    queue = Queue(made(cells, seconds=lambda one: 9.0 if one.scenario == "a.a" else 1.0))
    assert [queue.take(2).cells[0].partition("@")[0] for _ in range(5)] == ["a.a", "a.a", "a.b", "a.a", "a.a"]


@given(count=st.integers(0, 120))
def test_the_cells_of_a_launch_are_parted_evenly_and_each_is_in_one_task(count):
    cells = [cell(f"a.n{number:03}") for number in range(count)]
    found = made(cells, key=lambda one: "s@3.13+life")
    assert sorted(name for task in found for name in task.cells) == [one.id for one in cells]
    sizes = [len(task.cells) for task in found]
    assert not sizes or (max(sizes) <= MOST_ON_A_LAUNCH and max(sizes) - min(sizes) <= 1)
    assert len({task.name for task in found if len(task.cells) > 1}) == sum(len(task.cells) > 1 for task in found)
    assert all(task.name == "" for task in found if len(task.cells) == 1)


def test_a_launch_is_the_same_whatever_the_order_of_the_plan():
    cells = [cell(f"a.n{number:03}") for number in range(40)]
    assert set(made(cells, key=lambda one: "x")) == set(made(cells[::-1], key=lambda one: "x"))


def test_checks_of_one_table_are_spread_over_the_launches():
    """wsgi.input on a server that hangs in each of its checks, as bottle's: 13 times 5 s, one after the other."""
    cells = [cell(f"{table}.n{number:02}") for table in ("a.a", "a.slow", "z.z") for number in range(20)]
    found = made(cells, key=lambda one: "x", seconds=lambda one: 5.0 if one.scenario.startswith("a.slow") else 0.1)
    assert [sum(name.startswith("a.slow") for name in task.cells) for task in found] == [7, 7, 6]
    assert [round(task.seconds) for task in found] == [37, 37, 32], "as long as its cells are expected to take"


TARGET = Target("enginebus@3.13", "enginebus", "3.13", coverage="7.6")
ENGINEBUS = BUNDLED.load("enginebus")


@pytest.mark.parametrize(("given", "more", "measure", "key"), [
    ({"launch": "shared"}, {}, True, "enginebus@3.13+life"),
    ({}, {}, True, ""),
    ({"launch": "shared", "tls": True}, {}, True, "enginebus@3.13+life+tls"),
    ({"launch": "shared"}, {}, False, "enginebus@3.13+life+unmeasured"),
    ({"launch": "shared", "coverage": False}, {}, True, "enginebus@3.13+life+unmeasured"),
    ({"launch": "shared"}, {"capabilities": ("fork-workers",)}, True, ""),
    ({"launch": "shared"}, {"capabilities": ("fork-workers",)}, False, "enginebus@3.13+life+unmeasured"),
    ({"launch": "shared"}, {"coverage": (), "capabilities": ("fork-workers",)}, True, "enginebus@3.13+life+unmeasured"),
])
def test_what_cells_have_in_common_that_share_a_launch(given, more, measure, key):
    assert launch_key(scenario("a.a", **given), TARGET, replace(ENGINEBUS, **more), measure) == key


def test_a_task_that_is_done_makes_room_for_others_of_its_kind():
    one, two = (Task((name,), 1.0, kind="scenario a.a") for name in "xy")
    queue = Queue([one, two])
    queue.take(1)
    queue.done(one)
    assert queue.running["scenario a.a"] == 0
    assert queue.take(1) == two

"""--quick: which cells are chosen, in which order, and what is said of the others."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.outcomes import WORDS
from harness.model.values import Cell
from harness.run.quick import NEAR, SAME, UNKNOWN, quick

PYTHONS = ("2.7", "3.6", "3.7", "3.8", "3.9", "3.10", "3.13")


def cells(pythons=PYTHONS, scenarios=("a.b",), columns=("s",), unsupported=()):
    return [Cell(f"{scenario}@{column}@{python}", scenario, f"{column}@{python}", "unsupported" if python in unsupported else "planned")
            for scenario in scenarios for column in columns for python in pythons]


def words(text, pythons=PYTHONS, cell="a.b@s"):
    """A run of one scenario on one server, from a letter a Python: (p)ass, (k)nown, (f)ail, (u)nsupported, (n)ot-run, - none."""
    names = {"p": "pass", "k": "known", "f": "fail", "t": "timeout", "u": "unsupported", "n": "not-run"}
    return {f"{cell}@{python}": names[letter] for python, letter in zip(pythons, text, strict=True) if letter != "-"}


def pythons(chosen, planned=True):
    return [cell.target.partition("@")[2] for cell in chosen.cells if (cell.status == "planned") is planned]


@pytest.mark.parametrize(("names", "wanted"), [
    (PYTHONS, ["2.7", "3.13"]), (("3.9",), ["3.9"]), (("3.13", "3.9", "3.10"), ["3.13", "3.9"]),  # 3.10 is newer than 3.9
    (("3.9", "3.13t", "3.13"), ["3.9", "3.13"]), (("3.13t", "3.13", "3.14"), ["3.13", "3.14"]), (("pypy3.11", "3.11", "3.12"), ["3.11", "3.12"]),
    (("3.9", "3.13", "3.13t", "pypy3.13"), ["3.9", "3.13"]), (("pypy3.9", "pypy3.11"), ["pypy3.9", "pypy3.11"]), (("3.9", "3.14t"), ["3.9", "3.14t"]),
    (("3.9-linux", "3.13-linux", "3.13t-linux"), ["3.9-linux", "3.13-linux"]), (("other", "3.9", "3.13"), ["other", "3.13"]),
])
def test_the_oldest_and_the_newest_python(names, wanted):
    assert pythons(quick(cells(names), [])) == wanted


def test_each_column_and_scenario_has_its_own():
    some = [*cells(("2.7", "3.6", "3.9"), columns=("s", "s+lt2")), *cells(("3.6", "3.8", "3.9"), columns=("t",)), *cells(("3.7",), scenarios=("a.c",))]
    assert [cell.id for cell in quick(some, []).cells] == [
        "a.b@s@2.7", "a.b@s@3.9", "a.b@s+lt2@2.7", "a.b@s+lt2@3.9", "a.b@t@3.6", "a.b@t@3.9", "a.c@s@3.7"]


def test_what_is_not_planned_is_neither_oldest_nor_left_out():
    found = quick(cells(unsupported=("2.7", "3.6", "3.13")), [])
    assert pythons(found) == ["3.7", "3.10"]
    assert pythons(found, planned=False) == ["2.7", "3.6", "3.13"]
    assert [cell.status for cell in found.cells] == ["planned"] * 2 + ["unsupported"] * 3
    assert found.planned == 4
    assert sum(found.left_out.values()) == 2


@pytest.mark.parametrize(("past", "wanted"), [
    #  2.7, 3.6, 3.7, 3.8, 3.9, 3.10, 3.13
    (["ppppppp"], ["2.7", "3.13"]), (["kkkkkkk"], ["2.7", "3.13"]), (["fffffff"], ["2.7", "3.13"]),
    (["kkppppp"], ["2.7", "3.6", "3.7", "3.13"]), (["ppppfpp"], ["2.7", "3.8", "3.9", "3.10", "3.13"]), (["fffpppp"], ["2.7", "3.6", "3.7", "3.8", "3.13"]),
    (["fffppp-"], ["2.7", "3.6", "3.7", "3.8", "3.13"]), (["kkkkkpp"], ["2.7", "3.9", "3.10", "3.13"]), (["pp-f---"], ["2.7", "3.6", "3.8", "3.13"]), (["ppfktpp"], ["2.7", "3.6", "3.7", "3.8", "3.9", "3.10", "3.13"]),
    (["ppnuppp"], ["2.7", "3.13"]), (["ppuu-nf"], ["2.7", "3.6", "3.13"]),  # what did not run is not another outcome
    (["ppppppp", "ppppppp", "ppfpppp"], ["2.7", "3.6", "3.7", "3.8", "3.13"]),  # ever
    (["ppp--pp", "---ff--"], ["2.7", "3.7", "3.8", "3.9", "3.10", "3.13"]),  # the newest words of different runs
    (["pppppp-", "------f", "ppppppp"], ["2.7", "3.10", "3.13"]), (["fffffff", "ppppppp"], ["2.7", "3.13"]),  # the same at any time
])
def test_where_pythons_were_seen_to_differ(past, wanted):
    assert sorted(pythons(quick(cells(), [words(one) for one in past])), key=PYTHONS.index) == wanted


@pytest.mark.parametrize(("names", "text", "wanted"), [
    (("3.11", "3.12", "3.13", "pypy3.11"), "pppf", ["3.11", "3.13", "pypy3.11"]),  # 3.11 and 3.12 are no neighbours of PyPy 3.11
    (("3.11", "3.12", "3.13", "3.13t", "3.14"), "pppfp", ["3.11", "3.13t", "3.14"]),
    (("3.10", "3.11", "3.12", "3.13", "pypy3.9", "pypy3.10", "pypy3.11"), "ppppffp", ["3.13", "3.10", "pypy3.9", "pypy3.10", "pypy3.11"]),
    (("3.12", "pypy3.9", "pypy3.10", "pypy3.11", "3.11", "3.13"), "pffff-", ["3.12", "pypy3.9", "3.11", "3.13"]),
])
def test_other_kinds_of_python_have_changes_of_their_own(names, text, wanted):
    assert sorted(pythons(quick(cells(names), [words(text, names)]))) == sorted(wanted)


def test_only_pythons_that_are_planned_now_are_compared():
    """3.7 failed and 3.8 passed; with 3.7 gone, the change is between 3.6 and 3.8."""
    now = [cell for cell in cells() if cell.target != "s@3.7"]
    assert sorted(pythons(quick(now, [words("fffpppp")])), key=PYTHONS.index) == ["2.7", "3.6", "3.8", "3.13"]


def test_another_server_and_another_scenario_say_nothing():
    assert pythons(quick(cells(), [words("ppfpppp", cell="a.b@t"), words("ppfpppp", cell="a.c@s")])) == ["2.7", "3.13"]


def test_the_likeliest_to_fail_is_first():
    names = ["a.new", "a.pass", "a.changed", "a.old-red", "a.second", "a.third", "a.known", "a.red"]
    history = {  # newest first
        "a.pass": "nppu", "a.changed": "ppkp", "a.old-red": "pppf", "a.second": "pfpp", "a.third": "pptp", "a.known": "kkkk", "a.red": "fppp"}
    past = [{cell: word for name, text in history.items() for cell, word in words(text[place], ["3.9"], f"{name}@s").items()} for place in range(4)]
    found = quick(cells(["3.9"], names), past)
    assert [cell.scenario for cell in found.cells] == [
        "a.red", "a.second", "a.third", "a.changed", "a.old-red", "a.new", "a.pass", "a.known"]


def test_a_run_without_the_cell_is_not_its_newest():
    past = [words("-p", ("3.8", "3.9")), words("fp", ("3.8", "3.9")), words("-f", ("3.8", "3.9"))]
    assert pythons(quick(cells(("3.9", "3.8")), past)) == ["3.8", "3.9"], "red in its newest run, and red two runs before"


def test_what_was_left_out_and_why():
    some = cells(scenarios=("a.b", "a.c", "a.d"), unsupported=("2.7",))
    found = quick(some, [{**words("ukppppp"), **words("upppppp", cell="a.c@s")}])
    assert dict(found.left_out) == {SAME: 4, NEAR: 3, UNKNOWN: 4}
    assert found.planned == 18
    assert found.sentence == (
        "--quick left out 11 of 18 cells: 4 that never differed from other Pythons of their server, "
        "3 that had the same outcome as a Python that is kept, "
        "4 between the oldest and the newest Python, of which no stored run has an outcome")
    assert quick(cells(["3.9"]), []).sentence == "--quick left out none of 1 cell"
    assert quick([], []).sentence == "--quick left out none of 0 cells"
    many = quick(cells([f"3.{minor}" for minor in range(1, 1001)], ("a.b", "a.c")), [])
    assert many.sentence == "--quick left out 1,996 of 2,000 cells: 1,996 " + UNKNOWN


RUNS = st.lists(st.dictionaries(st.sampled_from([cell.id for cell in cells(columns=("s", "t"), scenarios=("a.b", "a.c"))]), st.sampled_from(WORDS)), max_size=4)


@given(RUNS, st.sets(st.sampled_from(PYTHONS)))
def test_nothing_is_lost_or_twice_and_every_outcome_of_a_run_is_kept(past, unsupported):
    some = cells(columns=("s", "t"), scenarios=("a.b", "a.c"), unsupported=unsupported)
    found = quick(some, iter(past))
    chosen = {cell.id for cell in found.cells}
    assert len(chosen) == len(found.cells)
    assert chosen <= {cell.id for cell in some}
    kept = [cell for cell in found.cells if cell.status == "planned"]
    assert found.planned == len(kept) + sum(found.left_out.values()) == sum(cell.status == "planned" for cell in some)
    assert len(found.cells) - len(kept) == len(some) - found.planned
    for run in past:
        for scenario in ("a.b", "a.c"):
            for column in ("s", "t"):
                told = {cell.id: run[cell.id] for cell in some if cell.status == "planned" and cell.scenario == scenario and cell.id in run
                        and cell.target.startswith(column) and run[cell.id] not in ("missing", "unsupported", "not-run")}
                if len(set(told.values())) > 1:
                    assert set(told.values()) == {word for cell, word in told.items() if cell in chosen}


def test_a_hundred_thousand_cells_and_a_dozen_runs_are_looked_at_fast():
    some = cells([f"3.{minor}" for minor in range(20)], [f"a.s{number}" for number in range(500)], [f"s{number}" for number in range(10)])
    run = {cell.id: "pass" for cell in some}
    began = time.process_time()
    assert len(quick(some, [run] * 12).cells) == 10_000
    assert time.process_time() - began < 6, "1.5 s on an idle machine"

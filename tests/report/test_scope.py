"""Which cells of an earlier run were not selected this time: those have not vanished, the others have."""

from dataclasses import replace

import pytest

from harness.model.values import Cell, Plan, Target
from harness.report.scope import unasked

TARGETS = tuple(Target(f"{subject}@{python}", subject, python) for subject in ("one", "two") for python in ("2.7", "3.13"))
ASKED = {"subjects": [], "pythons": [], "cells": [], "scenarios": "", "keyword": ""}


def plan(scenarios=("a.x", "a.y"), targets=TARGETS, cells=None, shard="", command=(), asked=None):
    made = tuple(Cell(f"{scenario}@{target.id}", scenario, target.id) for scenario in scenarios for target in targets)
    kept = made if cells is None else tuple(cell for cell in made if cell.id in cells)
    return Plan("r", targets, kept, tuple(f"{scenario} 1" for scenario in scenarios), command, {}, shard=shard,
                asked={**ASKED, **(asked or {})})


def only(column="", python=""):
    return tuple(t for t in TARGETS if column in ("", t.subject) and python in ("", t.interpreter_id))


ALL = {f"{scenario}@{target.id}" for scenario in ("a.x", "a.y") for target in TARGETS}
X = {cell for cell in ALL if cell.startswith("a.x")}


@pytest.mark.parametrize(("now", "selected", "excused"), [
    # The same options as before, and something is gone: nobody chose that.
    (plan(scenarios=("a.x",)), None, set()),
    (plan(targets=only("one")), None, set()),
    (plan(targets=only(python="3.13")), None, set()),
    # Options that name other things.
    (plan(targets=only("one"), asked={"subjects": ["one"]}), None, {cell for cell in ALL if "@two@" in cell}),
    (plan(targets=only(python="3.13"), asked={"pythons": ["3.13"]}), None, {cell for cell in ALL if cell.endswith("2.7")}),
    (plan(targets=only("one"), asked={"pythons": ["3.13"]}), None, set()),
    (plan(cells={"a.x@one@2.7"}, asked={"quick": "left out 3"}), None, ALL - {"a.x@one@2.7"}),
    (plan(cells={"a.x@one@2.7"}, asked={"cells": ["a.x@one@2.7"]}), None, ALL - {"a.x@one@2.7"}),
    # -k and similar options leave planned cells out.
    (plan(), X, ALL - X),
    (plan(scenarios=("a.x",)), {"a.x@one@2.7"}, X - {"a.x@one@2.7"}),
    (plan(scenarios=("a.x",), asked={"keyword": "x"}), {"a.x@one@2.7"}, ALL - {"a.x@one@2.7"}),
    (plan(scenarios=("a.x",), asked={"verbose": 1}), X, set()),
    (plan(scenarios=("a.x",), asked={"scenarios": "mine"}), None, ALL - X),
    (plan(cells=X, shard="1/2"), None, ALL - X),
    (plan(cells=X, asked={"keyword": "a.x"}), None, ALL - X),
])
def test_a_missing_cell(now, selected, excused):
    there = {cell.id for cell in now.cells} if selected is None else selected
    asks = unasked(plan(), now, selected)
    assert {cell for cell in ALL - there if asks(cell)} == excused


def test_the_same_narrow_run_twice_excuses_nothing():
    before = plan(targets=only("one"), asked={"subjects": ["one"], "keyword": "x or y"})
    now = plan(scenarios=("a.x",), targets=only("one"), asked={"subjects": ["one"], "keyword": "x or y"})
    assert not unasked(before, now, {"a.x@one@2.7", "a.x@one@3.13"})("a.y@one@3.13")


def test_the_commands_are_compared_for_runs_that_did_not_record_their_options():
    old, now = (replace(plan(targets=targets, command=command), asked={}) for targets, command in (
        (TARGETS, ("matrix",)), (only("one"), ("matrix",))))
    assert not unasked(old, now, None)("a.x@two@2.7")
    assert unasked(old, replace(now, command=("matrix", "--subject", "one")), None)("a.x@two@2.7")
    assert unasked(old, plan(targets=only("one")), None)("a.x@two@2.7"), "unknown then, known now: nobody can tell"

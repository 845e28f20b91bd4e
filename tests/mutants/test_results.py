"""What is written down of mutants: rates, what holds still, exit codes, the page."""

import json

import pytest

from . import page, results
from .attempts import Attempt
from .by_hand import Row, mutants
from .equivalent import Equivalent
from .generate import of_module
from .source import Source

TEXT = "def f(a):\n    return a < 1\n"
SOURCES = {"m.py": Source(TEXT)}
GENERATED = {mutant.operator: mutant for mutant in of_module("m.py", SOURCES["m.py"])}
(HAND,) = mutants(SOURCES, [Row("m.py", "a < 1", "a < 1 or <b>", "all are small")])
ABOUT = {"source": "s1", "scenarios": {"x.y": "h1", "x.z": "h2"}, "pythons": ["3.13", "2.7"], "sample": None, "seed": 1,
         "finished": True}
KILLED = Attempt("killed", by="x.y", step=2, key="status", reason="step 2: status: expected 200, observed 404 <script>")


def said(table=()):
    found = {
        GENERATED["compare"].id: {"3.13": KILLED, "2.7": KILLED},
        GENERATED["number"].id: {"3.13": Attempt("survived", tried=3), "2.7": KILLED},
        GENERATED["return"].id: {"3.13": KILLED, "2.7": Attempt("elsewhere")},
        HAND.id: {"3.13": Attempt("not reached"), "2.7": Attempt("not reached")},
    }
    return results.document([*GENERATED.values(), HAND], found, SOURCES, ABOUT, table)


def test_rates_are_of_what_a_python_runs():
    rates = said()["rates"]
    assert rates["3.13"]["generated"][""] == {"mutants": 3, "killed": 2, "argued": 0, "broke": 0, "rate": 66.7}
    assert rates["2.7"]["generated"][""] == {"mutants": 2, "killed": 2, "argued": 0, "broke": 0, "rate": 100.0}
    assert rates["2.7"]["by hand"]["m"]["rate"] == 0.0


def test_what_is_argued_is_left_out_on_that_python_and_is_no_kill():
    row = Equivalent("m", "return a < 1", "1", "", "nobody sees it", "3.13")
    rates = said((row,))["rates"]
    assert rates["3.13"]["generated"][""] == {"mutants": 2, "killed": 2, "argued": 1, "broke": 0, "rate": 100.0}
    assert rates["2.7"]["generated"][""] == {"mutants": 2, "killed": 2, "argued": 0, "broke": 0, "rate": 100.0}
    assert rates["3.13"]["by hand"][""]["argued"] == 0


def test_what_is_argued_and_noticed_all_the_same_is_killed():
    row = Equivalent("m", "return a < 1", "", "", "nobody sees it")
    rates = said((row,))["rates"]
    assert rates["2.7"]["generated"][""] == {"mutants": 2, "killed": 2, "argued": 0, "broke": 0, "rate": 100.0}
    assert rates["2.7"]["by hand"][""] == {"mutants": 0, "killed": 0, "argued": 1, "broke": 0, "rate": None}


def test_what_could_not_be_judged_is_not_left_out():
    row = Equivalent("m", "return a < 1", "", "", "nobody sees it")
    broke = results.document([HAND], {HAND.id: {"3.13": Attempt("error"), "2.7": Attempt("survived")}}, SOURCES, ABOUT, (row,))
    assert broke["rates"]["3.13"]["by hand"][""] == {"mutants": 1, "killed": 0, "argued": 0, "broke": 1, "rate": 0.0}


@pytest.mark.parametrize(("about", "python", "holds"), [
    ("", "2.7", True), ("3", "3.13", True), ("3", "2.7", False), ("3.1", "3.13", False), ("3.13", "3.13", True), ("2.7", "", True)])
def test_an_argument_is_about_a_python_or_about_all_of_a_major_one(about, python, holds):
    row = Equivalent("m", "return a < 1", "1", "", "nobody sees it", about)
    assert row.holds(GENERATED["number"], SOURCES["m.py"], python) is holds


@pytest.mark.parametrize(("function", "holds"), [("", True), ("f", True), ("g", False)])
def test_an_argument_can_be_about_a_function(function, holds):
    row = Equivalent("m", "", "", "", "nobody sees it", within=function)
    assert row.holds(GENERATED["number"], SOURCES["m.py"]) is holds


def test_the_text_says_how_many_are_left_out():
    row = Equivalent("m", "return a < 1", "", "", "nobody sees it")
    assert results.table(said((row,))).splitlines()[-1] == (
        "Left out, as no scenario can notice them there: 2 on 3.13, 1 on 2.7.")
    assert results.left_out(said()) == ""


def test_a_run_whose_mutants_are_all_argued_has_tried_some():
    row = Equivalent("m", "return a < 1", "", "", "nobody sees it")
    found = {HAND.id: {"3.13": Attempt("survived"), "2.7": Attempt("survived")}}
    assert results.verdict(results.document([HAND], found, SOURCES, ABOUT, (row,)), {"by hand": 95, "generated": 90}) == (0, "")


def test_the_page_says_what_is_left_out_and_why():
    row = Equivalent("m", "return a < 1", "1", "", "nobody sees it", "3.13")
    html = page.render(json.loads(json.dumps(said((row,)))), [])
    assert "1 on 3.13." in html
    assert "100.0 % (2 of 2; 1 left out)" in html
    assert "nobody sees it" in html
    assert "Left out" not in page.render(json.loads(json.dumps(said())), [])


@pytest.mark.parametrize(("hand", "generated", "code"), [(0, 60, 0), (1, 60, 1), (0, 70, 1)])
def test_a_rate_that_is_too_low_is_an_error(hand, generated, code):
    assert results.verdict(said(), {"by hand": hand, "generated": generated})[0] == code


def test_nothing_that_was_tried_is_an_error():
    assert results.verdict(results.document([], {}, SOURCES, ABOUT), {"by hand": 0, "generated": 0}) == (1, "no mutant was tried")


def test_what_could_not_be_judged_is_an_error():
    broke = results.document([HAND], {HAND.id: {"3.13": Attempt("error"), "2.7": KILLED}}, SOURCES, ABOUT)
    assert results.verdict(broke, {"by hand": 0, "generated": 0})[0] == 1


def test_what_is_known_is_used_again_while_it_holds(tmp_path):
    file = tmp_path / "mutants.json"
    results.write(file, said())
    earlier = results.read(file)
    same = results.again(earlier, "s1", ABOUT["scenarios"])
    assert same[GENERATED["number"].id]["3.13"].outcome == "survived"
    assert same[GENERATED["compare"].id]["2.7"] == KILLED
    more = results.again(earlier, "s1", {**ABOUT["scenarios"], "x.new": "h3"})
    assert "3.13" not in more[GENERATED["number"].id]
    assert more[GENERATED["number"].id]["2.7"] == KILLED
    other = results.again(earlier, "s1", {**ABOUT["scenarios"], "x.y": "other"})
    assert not other.get(GENERATED["compare"].id)
    assert results.again(earlier, "s2", ABOUT["scenarios"]) == {}


def test_a_file_that_was_cut_off_is_as_none(tmp_path):
    (tmp_path / "mutants.json").write_text('{"format": 1, "mut')
    assert results.read(tmp_path / "mutants.json") == {}
    assert results.read(tmp_path / "none.json") == {}


def test_the_page_shows_survivors_first_and_escapes_what_it_shows():
    html = page.render(json.loads(json.dumps(said())), [])
    assert "<script>" not in html.replace("<script>\"use strict\"", "")
    assert "&lt;b&gt;" in html
    places = [html.index(f"<code>{one}</code>") for one in (HAND.id, GENERATED["number"].id, GENERATED["compare"].id)]
    assert max(places[:2]) < places[2]
    assert "66.7 % (2 of 3)" in html

import xml.etree.ElementTree as ET

import pytest

from harness.coverage.combine import Measured
from harness.model.outcomes import WORDS
from harness.model.values import CellResult, Verdict
from harness.report.badges import badges
from harness.report.forms import badge, junit, markdown
from harness.report.overview import grid

from .checked import check, checks_of, targets_of
from .checked import results as results_of


def results(text="why\x1b[31m | <b> `x`"):
    found = {}
    for word in WORDS:
        ran = word in ("pass", "recorded", "known", "fixed", "fail", "timeout")
        cell = f"a.{word}@s@3.13"
        found[cell] = CellResult(cell, "ran" if ran else word, text, Verdict(word) if ran else None,
                                 Verdict("pass") if ran else None, 1.25)
    return found


def test_junit_counts_each_word_as_the_design_says():
    suite = ET.fromstring(junit(results()))[0]
    assert {k: suite.get(k) for k in ("tests", "failures", "errors", "skipped")} == \
        {"tests": "11", "failures": "3", "errors": "3", "skipped": "3"}
    children = {case.get("name"): [child.tag for child in case] for case in suite}
    assert children["a.pass"] == children["a.recorded"] == []
    assert children["a.known"] == children["a.missing"] == children["a.unsupported"] == ["skipped"]
    assert children["a.fail"] == children["a.timeout"] == children["a.fixed"] == ["failure"]
    assert children["a.error"] == children["a.broken"] == children["a.not-run"] == ["error"]


def test_markdown_escapes_what_servers_said():
    text = markdown(results(), [])
    assert "<b>" not in text.replace("\\<b\\>", "")
    assert "| a.fail@s@3.13 | fail |" in text
    assert "a.pass@" not in text


@pytest.mark.parametrize("count", [60])
def test_markdown_is_bounded(count):
    many = {f"a.b{n}@s@p": CellResult(f"a.b{n}@s@p", "error", "x") for n in range(count)}
    assert "… and 10 more." in markdown(many, [])


def test_junit_has_a_suite_per_target_with_the_seconds_of_all_its_cells():
    cells = [CellResult("a.x@s@1", "ran", "", Verdict("pass"), Verdict("pass"), 1.25), CellResult("a.y@s@1", "error", "broke", seconds=0.5),
             CellResult("a.x@t@2", "missing", "no such Python")]
    one, two = ET.fromstring(junit({cell.cell: cell for cell in cells}))
    assert [(suite.get("name"), suite.get("tests"), suite.get("time")) for suite in (one, two)] == [
        ("s@1", "2", "1.750"), ("t@2", "1", "0.000")]
    assert [(case.get("classname"), case.get("name"), case.get("time")) for case in one] == [
        ("s@1", "a.x", "1.250"), ("s@1", "a.y", "0.500")]
    assert one[1][0].attrib == {"message": "error: broke"}


def test_markdown_counts_each_target_and_names_its_coverage():
    cells = [CellResult("a.x@s@1", "ran", "", Verdict("pass"), Verdict("pass")), CellResult("a.y@s@1", "not-run", "interrupted"),
             CellResult("a.x@t@2", "ran", "", Verdict("pass"), Verdict("pass")), CellResult("a.x@u@3", "missing", "absent")]
    measured = [Measured("s@1", 0.0, 9, 9, 0, 0, "", {}), Measured("t@2", None, 0, 0, 0, 0, "", {}, "no coverage data")]
    lines = markdown({cell.cell: cell for cell in cells}, measured).splitlines()
    assert lines[2:7] == ["| target | pass | missing | not-run | coverage |", "| --- | ---: | ---: | ---: | ---: |",
                          "| s@1 | 1 |  | 1 | 0.0 % |", "| t@2 | 1 |  |  | no data |", "| u@3 |  | 1 |  |  |"]


def test_markdown_says_what_was_left_out():
    assert "\n\n--quick left out 2 of 9 cells.\n\n| target |" in markdown(results(), [], left_out="--quick left out 2 of 9 cells")
    assert "quick" not in markdown(results(), [])


def test_markdown_lists_every_cell_that_is_not_quiet():
    listed = [line.split(" | ")[1] for line in markdown(results(), []).splitlines() if line.startswith("| a.")]
    assert listed == [word for word in WORDS if word not in ("pass", "recorded", "missing", "unsupported")]


def of_level(word, level):
    cell = f"a.{word}-{level}@s@1"
    return CellResult(cell, "ran", f"why {level}", Verdict(word), Verdict("pass"), grade=level)


LEVELLED = {one.cell: one for one in (of_level(word, level) for level in ("record", "may", "should", "must") for word in ("timeout", "fail"))}


def test_junit_skips_a_failure_that_is_not_red_and_says_why():
    for strict, failing in ((False, ["must"]), (True, ["should", "must"])):
        suite = ET.fromstring(junit(LEVELLED, strict))[0]
        assert [case.get("name") for case in suite if case.find("failure") is not None] == [
            f"a.{word}-{level}" for level in failing for word in ("timeout", "fail")]
        skipped = {case.get("name"): case.find("skipped").get("message") for case in suite if case.find("skipped") is not None}
        assert skipped["a.fail-may"] == "fail (may): why may"
        assert (suite.get("failures"), suite.get("skipped")) == (str(2 * len(failing)), str(8 - 2 * len(failing)))


def test_junit_skips_nothing_else_for_its_level():
    broken = {"a.x@s@1": CellResult("a.x@s@1", "broken", "b", grade="may"),
              "a.y@s@1": CellResult("a.y@s@1", "ran", "f", Verdict("fixed"), Verdict("pass"), grade="may")}
    assert [case[0].tag for case in ET.fromstring(junit(broken))[0]] == ["error", "failure"]


def test_markdown_lists_what_is_demanded_first_and_what_is_allowed_never():
    listed = [line.split(" | ")[:2] for line in markdown(LEVELLED, []).splitlines() if line.startswith("| a.")]
    assert listed == [["| a.timeout-must@s@1", "timeout"], ["| a.fail-must@s@1", "fail"],
                      ["| a.timeout-should@s@1", "timeout (should)"], ["| a.fail-should@s@1", "fail (should)"]]


def test_markdown_counts_checks_by_level_for_each_server():
    checks = checks_of([check("a"), check("b", "should")], {"w.t.a": {"s": ("known",), "t": ("pass",)}, "w.t.b": {"s": ("pass",)}})
    lines = markdown({}, [], checks=checks).splitlines()
    at = lines.index("| checks passed | must | should |")
    assert lines[at + 1:at + 4] == ["| --- | ---: | ---: |", "| s | 0/1 (1 known) | 1/1 |", "| t | 1/1 |  |"]
    assert "checks passed" not in markdown({}, [], checks=checks_of([], {}))


@pytest.mark.parametrize(("words", "message", "told"), [
    ({"a": ("pass", "fail", "missing", "unsupported", "recorded")}, "1 of 2 cells red", "1 of 2 cells is red"),
    ({"a": ("pass", "error", "not-run", "missing")}, "2 of 3 cells red", "2 of 3 cells are red"),
    ({"a": ("pass", "known", "unsupported")}, "nothing red in 2 cells", "nothing is red in 2 cells"),
    ({"a": ("pass",)}, "nothing red in 1 cell", "nothing is red in 1 cell"),
    ({"a": ("missing", "unsupported")}, "no cell ran", "no cell ran"),
])
def test_the_badge_counts_the_cells_that_a_site_s_badges_count(words, message, told):
    checks = [check("a")]
    cells = results_of(checks, {"w.t.a": {"s": words["a"]}})
    assert badge(cells)["message"] == message
    assert told in badges({"grid": grid(targets_of(cells), cells)})[0].told

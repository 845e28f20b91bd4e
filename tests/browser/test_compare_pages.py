"""The pages that compare a run with an earlier one and with all stored ones, and a server with its oracle."""

import json
import shutil

import pytest

from ..conftest import run_harness
from .test_page import HERE, cell, rows_of, shown


def rewrite(file, change):
    """Change a JSON document, or each document of a file of lines."""
    text = file.read_text("utf-8")
    if file.suffix == ".jsonl":
        file.write_text("".join(json.dumps(change(json.loads(line))) + "\n" for line in text.splitlines()), "utf-8")
    else:
        file.write_text(json.dumps(change(json.loads(text))), "utf-8")


def reported(folder, run, *words):
    done = run_harness("report", str(folder / "data" / run), *words, "--reports", str(folder))
    assert "report:" in done.stdout, done.stderr
    return folder / "index.html"


@pytest.fixture(scope="module")
def compared(report, tmp_path_factory):
    """The same run with a baseline in which the good cell failed, the wrong one passed, one had another expectation, and
    there was one more; between the two is a damaged run."""
    folder = tmp_path_factory.mktemp("compared")
    (run,) = (report.parent / "data").iterdir()
    shutil.copytree(run, folder / "data" / run.name)
    before = shutil.copytree(run, folder / "data" / "0")
    damaged = shutil.copytree(run, folder / "data" / "1")
    (damaged / "plan.json").write_text("{", "ascii")
    outcomes = {f"a.good@enginebus@{HERE}": "fail", f"a.wrong@enginebus@{HERE}": "pass", f"a.late@enginebus@{HERE}": "pass"}

    def other_outcome(line):
        line["behaviour"]["outcome"] = outcomes.get(line["cell"], line["behaviour"]["outcome"])
        return line

    for lines in before.glob("lines.*.jsonl"):
        rewrite(lines, other_outcome)
    rewrite(before / "scenarios.json", lambda scenarios: [
        {**scenario, "hash": "other" if scenario["id"] == "a.late" else scenario["hash"]} for scenario in scenarios])
    gone = {"id": f"a.gone@enginebus@{HERE}", "scenario": "a.gone", "target": f"enginebus@{HERE}", "status": "planned",
            "reason": ""}
    rewrite(before / "plan.json", lambda plan: {**plan, "cells": [*plan["cells"], gone], "scenarios": [
        "a.gone 1", *("a.late other" if line.startswith("a.late ") else line for line in plan["scenarios"])]})
    return reported(folder, run.name, "--baseline", "0")


def test_what_quick_left_out_is_said_where_it_could_be_missed(page, report, tmp_path):
    (run,) = (report.parent / "data").iterdir()
    shutil.copytree(run, tmp_path / "data" / run.name)
    said = "--quick left out 7 of 9 cells: 7 that no stored run has"
    rewrite(tmp_path / "data" / run.name / "plan.json", lambda plan: {**plan, "asked": {**plan["asked"], "quick": said}})
    for file, told in ((report, False), (reported(tmp_path, run.name), True)):
        for place in ("#overview", "#matrix", "#environment"):
            page.goto(file.as_uri() + place)
            shown(page)
            assert (f"{said}." in page.inner_text("main")) is told
        assert (f"{said}." in (file.parent / "summary.md").read_text("utf-8")) is told


def test_what_changed_since_the_baseline(page, compared):
    page.goto(compared.as_uri() + "#compare")
    shown(page)
    tables = {region.get_attribute("aria-label"): region.inner_text()
              for region in page.query_selector_all("main [role=region]")}
    assert set(tables) == {"new failure", "expectation changed", "vanished", "fixed", "Flaky cells"}
    assert f"a.wrong@enginebus@{HERE}" in tables["new failure"]
    assert f"a.late@enginebus@{HERE}" in tables["expectation changed"]
    assert f"a.good@enginebus@{HERE}" in tables["fixed"]
    assert f"a.gone@enginebus@{HERE}" in tables["vanished"]
    assert "13 cells of that run are compared." in page.inner_text("main")
    page.click(f"text=a.wrong@enginebus@{HERE}")
    shown(page)
    assert "✗ fail" in page.inner_text("main")
    page.goto(compared.as_uri() + "#matrix?differs=baseline")
    shown(page)
    assert rows_of(page) == ["a.good", "a.late", "a.wrong"]


def test_what_changed_between_runs_of_the_same_code_is_flaky(page, compared):
    page.goto(compared.as_uri() + "#compare")
    shown(page)
    rows = {row.query_selector("th").inner_text(): [td.inner_text() for td in row.query_selector_all("td")]
            for row in page.query_selector_all("[aria-label='Flaky cells'] tbody tr")}
    assert rows == {f"a.good@enginebus@{HERE}": ["1", "1", "✗ fail ✓ pass"],
                    f"a.wrong@enginebus@{HERE}": ["1", "1", "✓ pass ✗ fail"]}
    text = page.inner_text("main")
    assert "2 runs were compared" in text
    assert "not compared run 1: " in text
    assert "is not valid JSON" in text
    page.goto(compared.as_uri() + cell("good"))
    shown(page)
    assert "Flaky: changed 1 time in 1 comparison of runs of the same code." in page.inner_text("main")
    page.goto(compared.as_uri() + cell("killed"))
    shown(page)
    assert "Did not change in 1 comparison of runs of the same code." in page.inner_text("main")
    page.goto(compared.as_uri() + "#matrix")
    page.click("text=More filters")
    page.select_option("[aria-label='Rows that differ']", "flaky")
    shown(page)
    assert rows_of(page) == ["a.good", "a.wrong"]


def test_a_run_compared_with_itself_has_no_changes(page, report, tmp_path):
    (run,) = (report.parent / "data").iterdir()
    shutil.copytree(run, tmp_path / "data" / run.name)
    page.goto(reported(tmp_path, run.name, "--baseline", run.name).as_uri() + "#compare")
    shown(page)
    text = page.inner_text("main")
    assert "No changes. 12 cells of that run are compared." in text.replace("\n\n", " ")
    assert "There is no older run." in text


def test_without_a_baseline_the_page_says_how_to_make_one(page, report):
    page.goto(report.as_uri() + "#compare")
    shown(page)
    assert "--baseline RUN" in page.inner_text("main")


@pytest.fixture(scope="module")
def paired(report, tmp_path_factory):
    """The run with a second server, whose answers differ by the end of a long header, and by a missing step."""
    folder = tmp_path_factory.mktemp("paired")
    (run,) = (report.parent / "data").iterdir()
    copied = shutil.copytree(run, folder / "data" / run.name)
    old, new = f"@enginebus@{HERE}", f"@cherrypy@{HERE}"

    def renamed(value):
        return json.loads(json.dumps(value).replace(old, new))

    def planned(plan):
        target = next(target for target in plan["targets"] if target["id"] == old[1:])
        oracle = {**target, "id": new[1:], "subject": "cherrypy", "oracle": ""}
        cells = [{**renamed(one), "target": new[1:]} for one in plan["cells"] if one["target"] == old[1:]]
        return {**plan, "targets": [*plan["targets"], oracle], "cells": [*plan["cells"], *cells], "coverage": False}

    rewrite(copied / "plan.json", planned)
    rewrite(copied / "scenarios.json", lambda scenarios: [{**scenario, "family": "http"} for scenario in scenarios])
    for lines in copied.glob("lines.*.jsonl"):
        text = lines.read_text("ascii")
        lines.write_text(text + text.replace(old, new), "ascii")
    for history in list((copied / "cells").glob(f"*{old}/history.json")):
        other = copied / "cells" / history.parent.name.replace(old, new) / "history.json"
        other.parent.mkdir()
        other.write_text(history.read_text("utf-8").replace(old, new), "utf-8")


    for name, far in (("enginebus", "one"), ("cherrypy", "two")):
        rewrite(copied / "cells" / f"a.wrong@{name}@{HERE}" / "history.json", lambda history, far=far: {
            **history, "observations": [history["observations"][0], {**history["observations"][1], "seen": {
                **history["observations"][1]["seen"],
                "headers": {**history["observations"][1]["seen"]["headers"], "X-Far": "x" * 500 + f"<b>{far}</b>"}}}]})
    rewrite(copied / "cells" / f"a.good@cherrypy@{HERE}" / "history.json", lambda history: {
        **history, "observations": history["observations"][:1]})
    return reported(folder, run.name)


def test_agreement_shows_the_part_that_differs_around_its_first_difference(page, paired):
    page.goto(paired.as_uri() + "#agreement")
    shown(page)
    rows = {row.query_selector("th div").inner_text(): row.query_selector_all("td")
            for row in page.query_selector_all("[aria-label=Agreement] tbody tr")}
    wrong = rows["a.wrong, step 2"][1]
    assert wrong.query_selector("strong").inner_text() == "header x-far"
    assert [mark.inner_text() for mark in wrong.query_selector_all("mark")] == ["one", "two"]
    assert wrong.query_selector("b") is None, "what a server says stays text"
    assert rows["a.wrong, step 2"][0].inner_text() == "✗ no reason given"
    assert "– not compared" in rows["a.good, step 2"][1].inner_text()
    assert "cherrypy: did not reach this step" in rows["a.good, step 2"][1].inner_text()
    assert "✓" in rows["a.attack, step 2"][1].inner_text()
    text = page.inner_text("main")
    assert "1 could not be compared" in text
    page.click("text=What may differ, and why")
    assert "each server names itself" in page.inner_text("main details")

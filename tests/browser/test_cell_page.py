"""What a cell's page has besides its steps: the reproducer, links into logs, marked differences, its past, its environment."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cli.reproduce import run_file, texts
from harness.machine.interpreters import current
from harness.report import build
from harness.report.view import RunView
from harness.run.run_folder import Run, newest

from ..conftest import ROOT, run_harness
from .test_page import cell, shown

HERE = current()


def test_the_reproducer_is_downloaded_and_sees_the_same(page, report):
    page.goto(report.as_uri() + cell("wrong"))
    shown(page)
    with page.expect_download() as download:
        page.click("text=Download the reproducer")
    assert download.value.suggested_filename == f"reproduce-a.wrong@enginebus@{HERE}.py"
    text = Path(download.value.path()).read_text("utf-8")
    run = newest(report.parent)
    result = run.results()[f"a.wrong@enginebus@{HERE}"]
    assert text == texts(run, [result])[result.cell], "the page assembles what the command line does"
    python = next(target.python for target in run.read_plan().targets if target.ready)
    code, output = run_file(text, python)
    assert (code, output.splitlines()[-1]) == (0, "THE SAME as in the run"), output


def test_a_cell_that_did_not_run_has_no_reproducer(page, report):
    page.goto(report.as_uri() + cell("good", "3.99"))
    shown(page)
    assert page.query_selector("text=Download the reproducer") is None


def test_each_line_of_a_log_has_a_link_that_opens_there(page, report):
    page.goto(report.as_uri() + cell("good"))
    shown(page)
    lines = page.query_selector_all(".log li")
    texts_ = [line.inner_text() for line in lines]
    number, text = next((n, text) for n, text in enumerate(texts_, 1) if text.endswith("Bus STARTED"))
    page.click(f"[aria-label='line {number} of the log of main']")
    shown(page)
    assert page.url.endswith(f"~main-{number}")
    assert [line.inner_text() for line in page.query_selector_all(".log .target")] == [text]
    assert page.evaluate("document.querySelector('.log .target').getBoundingClientRect().top < innerHeight")


def test_the_difference_is_marked(page, report):
    page.goto(report.as_uri() + cell("wrong"))
    shown(page)
    assert [mark.inner_text() for mark in page.query_selector_all("tr.differs mark")] == ["200", "404"]


@pytest.mark.parametrize(("expected", "observed", "marks"), [
    ('"hello world"', '"hello there world"', ["", "there "]),
    ('["main"]', '["main", "child"]', ["", "child"]),
    ('"same"', '"same"', ["", ""]),
    ("404", "200", ["404", "200"]),
    ('"/a pattern/"', '"text"', ["", ""]),
])
def test_what_is_marked(page, expected, observed, marks):
    of = "nodes.flat().filter((node) => node instanceof Element).map((node) => node.textContent).join('|')"
    found = page.evaluate(f"marked({expected}, {observed}).map((nodes) => {of})")
    assert found == marks


def test_a_cell_shows_its_environment(page, report):
    page.goto(report.as_uri() + cell("good"))
    shown(page)
    pairs = page.inner_text("dl.pairs")
    assert f"cpython {HERE}" in pairs
    assert "Linux" in pairs


@pytest.fixture(scope="module")
def with_past(report, tmp_path_factory):
    """The same run and two older ones; in the second of these the wrong cell passed."""
    folder = tmp_path_factory.mktemp("past")
    run = newest(report.parent).folder
    for name, outcome in (("0", "fail"), ("1", "pass"), (run.name, None)):
        copy = shutil.copytree(run, folder / "data" / name)
        for lines in copy.glob("lines.*.jsonl") if outcome else ():
            cells = [json.loads(line) for line in lines.read_text("ascii").splitlines()]
            for one in cells:
                one["behaviour"]["outcome"] = outcome
            lines.write_text("".join(json.dumps(one) + "\n" for one in cells), "ascii")
    done = run_harness("report", "--reports", str(folder))
    assert "report:" in done.stdout, done.stderr
    return folder / "index.html"


def test_a_cell_has_its_past_as_a_drawing_and_as_a_table(page, with_past):
    page.goto(with_past.as_uri() + cell("wrong"))
    shown(page)
    bars = page.query_selector_all("svg[aria-label='Outcomes over the runs'] rect")
    assert [bar.get_attribute("class") for bar in bars] == ["spark fail", "spark pass", "spark fail"]
    page.click("text=The runs as a table")
    rows = [row.inner_text().split("\t") for row in page.query_selector_all("[aria-label=Runs] tbody tr")]
    assert [(row[0], row[1]) for row in rows][:2] == [("0", "✗ fail"), ("1", "✓ pass")]


def test_a_cell_without_a_past_has_none(page, report):
    page.goto(report.as_uri() + cell("wrong"))
    shown(page)
    assert page.query_selector("svg[aria-label='Outcomes over the runs']") is None


def test_a_played_citation_is_run_again_with_the_command_that_played_it(page, report, tmp_path):
    """The release in its column has pins, which a matrix would not have."""
    run = Run(tmp_path / "data" / "run")
    shutil.copytree(newest(report.parent).folder, run.folder)
    run.write_plan(replace(run.read_plan(), command=("bugs",)))
    page.goto(build.build(RunView.load(run, tmp_path, [], ROOT)).as_uri() + cell("wrong"))
    shown(page)
    text = page.inner_text("main")
    assert f"nox -s bugs -- --scenario a.wrong --subject enginebus --python {HERE}" in text
    assert "nox -s matrix" not in text


@pytest.mark.parametrize(("coverage", "told"), [("data", "Its log and coverage are in launches/7 "), ("off", "Its log is in launches/7 "),
                                                ("lost", "Its log is in launches/7 ")])
def test_of_a_shared_launch_only_what_there_is_is_promised(page, coverage, told):
    said = page.evaluate("""(coverage) => sharedLine({coverage, shared: {launch: "7", after: [], alone: "", there: "pass"}}).textContent""", coverage)
    assert told in said


@pytest.mark.parametrize(("number", "told"), [(0, "0 checks"), (1, "1 check"), (2000, "2,000 checks")])
def test_one_is_no_plural_as_phrases_counted_has_it(page, number, told):
    assert page.evaluate("(number) => counted(number, 'check')", number) == told

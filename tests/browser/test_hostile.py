"""A server answers with scripts, terminal escapes, 50 MB and invalid UTF-8: nothing executes, and the page opens."""

import json
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cell.job import CellJob
from harness.cell.play_cell import play
from harness.language.parse_scenario import parse
from harness.language.scenario import for_target
from harness.language.text_matching import CUT, MAX_KEPT
from harness.machine.server_process import become_subreaper
from harness.model.values import Cell, Interpreter, Plan, Target
from harness.report import build
from harness.report.view import RunView
from harness.reproducer.recipe import recipes
from harness.run.host import environment
from harness.run.run_folder import Run
from harness.targets.load_subjects import BUNDLED
from harness.verdict.judge import judge

from ..conftest import HEAD, ROOT
from .hostile_server import ATTACK, LARGE
from .test_page import shown

SERVER = Path(__file__).with_name("hostile_server.py")
CELL = "a.b@enginebus@x"
STEPS = '[[step]]\nact = "start"\n' + "".join(
    f'[[step]]\nact = "request"\npath = "{path}"\nexpect = {{ status = 200 }}\nobserve = {{ "what {path} is" = "body" }}\n'
    for path in ("/script", "/escape", "/invalid", "/large")) + """
[[step]]
act = "raw"
send = "GET /large HTTP/1.0\\r\\n\\r\\n"
until = "close"
expect = { status = 200 }
[[step]]
act = "raw"
send = "GET /invalid HTTP/1.0\\r\\n\\r\\n"
expect = { received = "not this" }
[[step]]
act = "request"
path = "/script"
expect = { body = "nothing like it", reason = "OK" }
"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """The report of one cell that was really played."""
    folder = tmp_path_factory.mktemp("hostile")
    bare = Target("enginebus@x", "enginebus", "x", "1.0", Interpreter("x", "cpython", "3.99.1", "gil", ""), sys.executable)
    scenario = for_target(parse(tomllib.loads(HEAD + STEPS), "scenarios/a/b.toml"), bare)
    subject = replace(BUNDLED.load("enginebus"), entry=(str(SERVER),), args=("{host}", "{port}"), ready=("/^ready$/",),
                      exits={"stop": (-15,)}, coverage=())
    run = Run(folder / "data" / "1")
    run.write_scenarios([scenario])
    run.write_plan(Plan("1", (bare,), (Cell(CELL, "a.b", "enginebus@x"),), (), (), environment(), False))
    run.write_recipes(recipes([bare], {"enginebus": subject}))
    become_subreaper()
    try:
        history = play(CellJob(CELL, scenario, bare, subject, "1", run.cell_folder(CELL), folder, False))
    finally:
        become_subreaper(False)
    run.write_history(history)
    result = judge(scenario, history, subject.dialect)
    assert result.word == "fail", result.reason
    run.write_result(result, "main")
    return build.build(RunView.load(run, folder, [], ROOT))


def test_it_was_really_hostile(hostile):
    history = json.loads(next(hostile.parent.glob("data/1/cells/*/history.json")).read_text("utf-8"))
    bodies = [observation["seen"].get("body") or "" for observation in history["observations"]]
    assert ATTACK.decode() in bodies[1]
    assert "\x1b[31m" in bodies[2]
    assert "\ufffd" in bodies[3]
    assert bodies[4] == "x" * MAX_KEPT + CUT, f"of {LARGE} bytes a megabyte is kept"
    assert history["logs"]["main"].endswith(CUT)


def test_nothing_executes_and_every_page_opens(page, hostile):
    page.goto(hostile.as_uri())
    pages = ("overview", "matrix", f"cell/{CELL}", "peers", "claims", "agreement", "compare", "plots", "coverage", "environment")
    for place in map("#{}".format, pages):
        page.evaluate("hash => { location.hash = hash }", place)
        shown(page)
        assert " – Compatibility matrix, 20" in page.title()
        assert page.query_selector("main img, main script, main iframe, main [onload], main [onerror]") is None, place


def test_its_output_is_shown_as_text_with_its_cuts(page, hostile):
    page.goto(hostile.as_uri() + f"#cell/{CELL}")
    shown(page)
    page.evaluate("document.querySelectorAll('details').forEach((node) => { node.open = true })")
    text = page.inner_text("main")
    assert ATTACK.decode() in text
    assert "\x1b" not in page.content()
    assert "characters cut …]" in text
    assert "not shown" in text, "of a transcript, too"
    assert "\ufffd" in text
    assert "red" in text
    assert hostile.stat().st_size < 3_000_000


def test_the_other_formats_contain_it_as_data(hostile):
    for name in ("junit.xml", "summary.md", "results.csv", "results.json"):
        text = (hostile.parent / name).read_text("utf-8")
        assert "\x1b" not in text, name
        assert "<script>" not in text or name.startswith("results."), name


def test_the_reproducer_has_its_output_encoded(page, hostile):
    page.goto(hostile.as_uri() + f"#cell/{CELL}")
    shown(page)
    with page.expect_download() as download:
        page.click("text=Download the reproducer")
    text = Path(download.value.path()).read_text("utf-8")
    assert "owned" not in text
    compile(text, "reproducer.py", "exec")

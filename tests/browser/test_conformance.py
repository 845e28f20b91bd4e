"""The pages about checks in a real browser: without scripts, on a narrow screen, in the dark, by keyboard; and what is not red."""

import pytest

from harness.machine.deadlines import Deadline
from harness.report import build
from harness.report.view import RunView

from ..conftest import ROOT
from ..report.checked import check, stored
from .test_accessibility import AXE, violations
from .test_page import shown

LONG = "x" * 400
ATTACK = "</style><script>document.title='owned'</script><img src=x onerror=document.title='owned'>" + LONG
LEVELS = ("must", "should", "may", "record")
CHECKS = [*(check(f"is-{level}", level, send=f"GET /{LONG} HTTP/1.1\r\nX: {ATTACK}\r\n\r\n",
                  issues=["owner/repo#1"], why="Pylons/waitress#2: so it is") for level in LEVELS), check("other", table="asgi.scope")]
WORDS = {
    **{f"w.t.is-{level}": {"a": (("fail", ATTACK), ("pass", "400, closed")), "b": (("pass", "400, closed"),) * 3,
                           "a-server-with-a-long-name+1.2": (("known", LONG),)} for level in LEVELS[:3]},
    "w.t.is-record": {"a": (("recorded", ATTACK),), "b": (("recorded", "200"),), "a-server-with-a-long-name+1.2": (("recorded", "200"),)},
    "asgi.scope.other": {"b": ("pass", "fail")}}
PAGES = ("conformance.html", "servers/a.html", "servers/a-server-with-a-long-name+1.2.html", "servers/b.html", "checks/w.t.html",
         "checks/asgi.scope.html")


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """The report of a run with checks, its folder."""
    folder = tmp_path_factory.mktemp("checked")
    build.build(RunView.load(stored(folder, "1", CHECKS, WORDS), folder, [], ROOT))
    return folder


@pytest.fixture
def opened(opening, checked):
    """Opens a page of that report."""
    def open_(name, **options):
        file, hash_, place = name.partition("#")
        return opening((checked / file).as_uri() + hash_ + place, **options)
    return open_


@pytest.mark.parametrize("name", PAGES)
def test_only_tables_scroll_sideways_on_a_narrow_screen(opened, name):
    page = opened(name, viewport={"width": 390, "height": 844})
    for details in page.query_selector_all("details"):
        details.evaluate("node => node.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.title() != "owned"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_grave_violation(opened, scheme):
    for name in PAGES:
        page = opened(name, color_scheme=scheme, bypass_csp=True)
        page.add_script_tag(path=str(AXE))
        assert violations(page) == [], name


def test_without_scripts_one_gets_from_the_counts_to_a_cell(opened):
    page = opened("conformance.html", java_script_enabled=False)
    page.click("th >> text='a'")
    page.click("#must + section >> text=About is-must")
    assert page.url.endswith("checks/w.t.html#is-must")
    group = page.locator("#is-must .group", has_text="right")
    group.locator("summary").click()
    assert group.locator("details a").all_inner_texts() == ["2.7", "3.6", "3.7"]
    group.locator("details a", has_text="3.6").click()
    assert page.url.endswith("index.html#cell/w.t.is-must@b@3.6")


def test_the_keyboard_opens_the_pythons(opened):
    page = opened("checks/w.t.html#is-must")
    summary = page.locator("#is-must summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert summary.locator("xpath=..").get_attribute("open") is not None
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')").startswith("../index.html#cell/w.t.is-must@b@")


def colour(page, selector):
    return page.eval_on_selector(selector, "node => getComputedStyle(node).color")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_red_is_for_what_a_source_demands(opened, scheme):
    page = opened("servers/a.html", color_scheme=scheme)
    must, should, may = (colour(page, f".differing.{level} .word.fail") for level in LEVELS[:3])
    assert len({must, should, may}) == 3
    assert [page.locator(f".differing.{level} .word.fail").inner_text() for level in LEVELS[:3]] == ["✗ fail"] * 3
    page = opened("index.html#matrix?open=*", color_scheme=scheme)
    shown(page)
    for level, wanted in zip(LEVELS, (must, should, may), strict=False):
        assert colour(page, f"a[href='#cell/w.t.is-{level}@a@2.7']") == wanted
    texts = [page.inner_text(f"a[href='#cell/w.t.is-{level}@a@2.7']") for level in LEVELS]
    assert texts == ["✗ fail", "✗ fail, should", "✗ fail, may", "◦ recorded"]


def test_the_matrix_finds_rows_by_level_and_the_next_red_cell_is_a_must(opened):
    page = opened("index.html#matrix")
    shown(page)
    page.click("text=More filters")
    for level in LEVELS:
        page.select_option("select:has(option[value=record])", level)
        shown(page)
        rows = [row.get_attribute("data-scenario") for row in page.query_selector_all("tr[data-scenario]")]
        assert f"w.t.is-{level}" in rows
        assert all(row in (f"w.t.is-{level}", "asgi.scope.other") for row in rows)
    page.select_option("select:has(option[value=record])", "")
    shown(page)
    seen = []
    for _ in range(3):
        page.locator("body").press("n")
        assert Deadline(10).wait(lambda: "#cell/" in page.url and page.url not in seen[-1:], 0.02)
        shown(page)
        seen.append(page.url)
    assert {url.partition("#cell/")[2] for url in seen} == {"w.t.is-must@a@2.7", "asgi.scope.other@b@3.6"}


def test_a_cell_leads_to_all_answers_and_to_its_server(opened):
    page = opened("index.html#cell/w.t.is-should@a-server-with-a-long-name+1.2@2.7")
    shown(page)
    assert "A check of level should" in page.inner_text("main")
    page.click("text=what a-server-with-a-long-name+1.2 does otherwise")
    assert page.inner_text("h2 >> nth=0") == "a-server-with-a-long-name+1.2"
    page.go_back()
    shown(page)
    page.click("text=all servers' answers")
    assert page.url.endswith("checks/w.t.html#is-should")


def test_without_checks_the_navigation_does_not_show_them(page):
    assert page.locator("nav a", has_text="Conformance").count() == 0

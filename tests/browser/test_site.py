"""A site made of a small real run, in a real browser: no link on any page leads nowhere, and its own pages can be used by anybody."""

import os
from urllib.parse import unquote, urljoin

import pytest

from harness.report import build, site
from harness.report.site_links import data_of, regular
from harness.report.site_runs import earlier
from harness.report.view import RunView

from ..conftest import ROOT
from ..report.checked import stored
from ..report.test_conformance_pages import Page
from .test_accessibility import AXE, violations
from .test_conformance import CHECKS, WORDS
from .test_page import shown

OWN = ("badges.html", "runs/index.html")


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """The site of a run with checks, whose pages need no script; its folder."""
    folder = tmp_path_factory.mktemp("checked")
    build.build(RunView.load(stored(folder / "reports", "1", CHECKS, WORDS), folder / "reports", [], ROOT))
    site.write(folder / "reports", folder / "public", [], 20, "", print)
    return folder / "public"


@pytest.fixture(scope="module")
def public(report, checked, tmp_path_factory):
    """The site of the small run, which keeps that with checks; its folder."""
    folder = tmp_path_factory.mktemp("site") / "public"
    said = []
    site.write(report.parent, folder, earlier(checked, said.append), 20, "https://owner.github.io/repo", said.append)
    assert said == []
    return folder


@pytest.fixture
def opened(opening):
    """Opens a file."""
    return lambda path, **options: opening(path.as_uri(), **options)


def links_of(page):
    """Every link of what is shown, with what is folded away: the whole address."""
    return set(page.eval_on_selector_all("a[href]", "nodes => nodes.map((node) => node.href)"))


def drawn_links(page, name):
    """The links of all that a report's page can draw: of each address within it that these lead to, but of one matrix only."""
    found, waiting, seen = set(), {"overview", "matrix"}, set()
    while waiting:
        place = waiting.pop()
        seen.add(place)
        page.evaluate("place => { location.hash = place; }", f"#{place}")
        shown(page)
        assert page.inner_text("main").strip(), (name, place)
        if place.startswith("matrix?"):
            continue
        links = links_of(page)
        found |= links
        here = page.evaluate("location.href.split('#')[0]")
        waiting |= {link.partition("#")[2] for link in links if link.startswith(f"{here}#")} - seen
    return found


def leads_to(link, folder):
    """The file in a site and the anchor that a link names; None of a link to elsewhere on the web."""
    if not link.startswith("file://"):
        assert link.startswith(("https://", "http://")), link
        return None
    path, _, anchor = link.partition("#")
    return os.path.relpath(unquote(path.removeprefix("file://")), folder).replace(os.sep, "/"), unquote(anchor)


def check_site(folder, opened):
    """Follow every link of every page; return how many were followed, by the pages that have them."""
    pages = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.html"))
    texts = {name: (folder / name).read_text("utf-8") for name in pages}
    parsed = {name: Page(text) for name, text in texts.items()}
    data = {name: data_of(text) for name, text in texts.items()}
    counted = {}
    for name in pages:
        if name.startswith("data/"):  # coverage.py's, whose scripts draw no links
            links = {urljoin((folder / name).as_uri(), link) for link in parsed[name].links}
        else:
            page = opened(folder / name)
            links = drawn_links(page, name) if data[name] is not None else links_of(page)
            page.close()
        counted[name] = 0
        for link in sorted(links):
            told = leads_to(link, folder)
            if told is None:
                continue
            file, anchor = told
            assert regular(folder, file), f"{name} leads to {file}, which is not there"
            counted[name] += 1
            if anchor and file in texts:
                check_anchor(anchor, data[file], parsed[file].ids, f"{name} leads to {link}, where that is not")
    return counted


def check_anchor(anchor, data, ids, why):
    """An address within a page names what it has: an element, or of a report's own page what its script draws."""
    if data is None:
        assert anchor in ids, why
    else:
        check_place(anchor, data, why)


def check_place(anchor, data, why):
    """An address within a report's page names what that page has."""
    kind, _, rest = anchor.partition("/")
    cells = {scenario["id"] for scenario in data["scenarios"]}, {target["id"] for target in data["targets"]}
    if kind == "cell":
        scenario, _, target = rest.split("~")[0].partition("@")
        assert scenario in cells[0], why
        assert target in cells[1], why
    elif kind == "finding":
        assert rest in {finding["key"] for finding in data["overview"]["findings"]}, why
    else:
        assert anchor.split("?")[0] in ("overview", "matrix", "peers", "claims", "agreement", "compare", "plots", "coverage", "environment", "words"), why


def test_every_link_of_every_page_of_a_site_leads_to_what_is_there(public, opened):
    counted = check_site(public, opened)
    run = data_of((public / "index.html").read_text("utf-8"))["run"]
    assert {"index.html", f"runs/{run}/index.html", *OWN} <= set(counted)
    assert any(name.startswith(f"data/{run}/coverage/") for name in counted), "the pages about coverage"
    assert [name for name, count in counted.items() if count == 0] == []
    assert counted["index.html"] > 40


def test_so_do_those_of_a_run_with_checks(checked, opened):
    counted = check_site(checked, opened)
    assert {"conformance.html", "servers/a.html", "runs/1/checks/w.t.html"} <= set(counted)


def test_a_finding_is_opened_where_it_was_and_in_the_newest_run(public, opened):
    run = data_of((public / "index.html").read_text("utf-8"))["run"]
    page = opened(public / "runs" / run / "index.html")
    page.locator(".finding", has_text="The wrong one").locator("a.lasting").click()
    shown(page)
    place = page.evaluate("location.hash")
    assert page.locator(".finding.target").count() == 1
    page.click("nav >> text=First page")
    assert page.url == (public / "index.html").as_uri()
    page.evaluate("place => { location.hash = place; }", place)
    shown(page)
    assert page.locator(".finding.target").count() == 1
    page.click("nav >> text=All runs")
    page.click(f"a[href='{run}/index.html']")
    shown(page)
    assert page.url == (public / "runs" / run / "index.html").as_uri()


def test_a_text_is_copied_or_selected(public, opened):
    page = opened(public / "badges.html")
    page.evaluate("() => { navigator.clipboard.writeText = async (text) => { window.copied = text; }; }")
    row = page.locator(".copied").first
    row.locator("button").click()
    row.locator("button", has_text="Copied").wait_for()
    text = row.locator("pre").inner_text()
    assert text.startswith("[![server matrix](https://owner.github.io/repo/badges/all.svg)]")
    assert page.evaluate("copied") == text
    page.evaluate("() => { navigator.clipboard.writeText = async () => { throw new Error('not allowed'); }; }")
    row = page.locator(".copied").nth(1)
    row.locator("button").click()
    row.locator("button", has_text="Ctrl+C").wait_for()
    assert page.evaluate("getSelection().toString()") == row.locator("pre").inner_text()


def test_without_scripts_the_texts_are_there_and_no_button(public, opened):
    page = opened(public / "badges.html", java_script_enabled=False)
    assert page.locator(".copied button").count() == 0
    assert page.locator(".copied pre").first.is_visible()
    assert page.locator("section.badge svg").count() == 2


def test_a_badge_is_a_picture_of_its_own(public, opened):
    page = opened(public / "badges" / "enginebus.svg")
    assert page.evaluate("document.documentElement.getAttribute('aria-label')") == "enginebus: 3 red"
    halves = page.eval_on_selector_all("text", "nodes => nodes.map((node) => [node.getBBox().x, node.getBBox().x + node.getBBox().width])")
    ground = page.evaluate("document.querySelector('path').getBBox().width")
    assert halves[0][1] < ground < halves[1][0], "each text stays in its half"
    assert halves[1][1] < page.evaluate("document.documentElement.viewBox.baseVal.width")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", OWN)
def test_a_sites_own_pages_have_no_grave_violation(public, opened, name, scheme):
    page = opened(public / name, color_scheme=scheme, bypass_csp=True)
    page.add_script_tag(path=str(AXE))
    assert violations(page) == []


@pytest.mark.parametrize("name", OWN)
def test_only_tables_and_texts_scroll_sideways_on_a_narrow_screen(public, opened, name):
    page = opened(public / name, viewport={"width": 390, "height": 844})
    for details in page.query_selector_all("details"):
        details.evaluate("node => node.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") == 390

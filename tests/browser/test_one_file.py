"""The report as one file: it can be mailed, and none of its links is dead; and what is printed."""

import pytest

from harness.report import build
from harness.report.view import RunView

from ..conftest import ROOT
from ..report.checked import check, stored
from .test_page import shown

WORDS = {"w.t.good": {"one": (("pass", "200"),)},
         **{f"w.t.wrong-{number}": {"one": (("fail", str(number)),)} for number in range(9)},
         **{f"w.t.known-{number}": {"one": (("known", str(number)),)} for number in range(9)}}
CHECKS = [check(name.rpartition(".")[2]) for name in WORDS]


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    (folder / "bench.html").write_text("x")
    return build.build(RunView.load(stored(folder, "1", CHECKS, WORDS), folder, [], ROOT))


def links(page):
    return page.evaluate("[...document.querySelectorAll('a')].map((link) => link.getAttribute('href'))")


def test_the_saved_file_works_alone_and_links_to_nothing_beside_it(page, index, tmp_path):
    page.goto(index.as_uri())
    shown(page)
    assert "conformance.html" in links(page)
    assert "bench.html" in links(page)
    with page.expect_download() as told:
        page.click("text=Save as one file")
    alone = tmp_path / "mailed.html"
    told.value.save_as(alone)
    assert told.value.suggested_filename == "matrix-1.html"
    for place in ("", "#matrix", "#cell/w.t.wrong-1@one@2.7", "#cell/w.t.good@one@2.7", "#environment", "#words"):
        page.goto("about:blank")
        page.goto(alone.as_uri() + place)
        shown(page)
        assert [link for link in links(page) if not link.startswith("#")] == [], place
    page.goto(alone.as_uri() + "#cell/w.t.wrong-1@one@2.7")
    shown(page)
    assert "a check of level must: all servers' answers" in page.inner_text("main").lower()
    page.goto(alone.as_uri() + "#overview")
    shown(page)
    assert "This report was saved as one file" in page.inner_text("main")
    assert page.locator("text=Save as one file").count() == 0


def test_print_has_the_overview_with_all_findings(page, index):
    page.goto(index.as_uri())
    shown(page)
    page.emulate_media(media="print")
    before = page.locator(".finding:visible").count()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert (before, page.locator(".finding:visible").count()) == (6, 18)
    assert page.is_visible(".verdict")
    assert page.is_visible(".glance")
    for hidden in ("nav", ".keep"):
        assert not page.is_visible(hidden), hidden
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator(".finding:visible").count() == before

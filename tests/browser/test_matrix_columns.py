"""The matrix says a thing once: Pythons that agree are one word, and what was not tried is behind a count."""

import pytest

from harness.report import build
from harness.report.view import RunView

from ..conftest import ROOT
from ..report.checked import check, stored
from .test_page import rows_of, shown

PASS, FAIL, KNOWN, NONE, ABSENT = ("pass", "200"), ("fail", "500"), ("known", "500"), ("unsupported", ""), ("missing", "")
WORDS = {
    "w.t.agree": {"one": (PASS,) * 4 + (ABSENT,), "two": (KNOWN,) * 4 + (ABSENT,)},
    "w.t.differ": {"one": (PASS, FAIL, FAIL, FAIL, ABSENT), "two": (KNOWN, PASS, KNOWN, PASS, ABSENT)},
    "w.t.weak": {"one": (FAIL, PASS, PASS, NONE, ABSENT), "two": (PASS,) * 4 + (ABSENT,)},
    "w.t.nobody": {"one": (NONE,) * 4 + (ABSENT,), "two": (NONE,) * 4 + (ABSENT,)},
}
CHECKS = [check(name.rpartition(".")[2], "should" if name == "w.t.weak" else "must") for name in WORDS]


@pytest.fixture(scope="module")
def folded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("folded")
    return build.build(RunView.load(stored(folder, "1", CHECKS, WORDS), folder, [], ROOT))


@pytest.fixture
def at(page, folded):
    def opened(place):
        page.goto(folded.as_uri() + place)
        shown(page)
        return page
    return opened


def row(page, name):
    page.wait_for_selector(f"tr[data-scenario='{name}'] td:not(.later)")
    return [cell.inner_text().split("\n") for cell in page.query_selector_all(f"tr[data-scenario='{name}'] td")]


def test_pythons_that_agree_are_one_word_and_others_say_where(at):
    page = at("#matrix")
    assert row(page, "w.t.agree") == [["✓ pass"], ["≈ known"]]
    assert row(page, "w.t.differ") == [["✗ 3.6 to 3.8", "✓ else"], ["≈ 2.7, 3.7", "✓ else"]]
    assert row(page, "w.t.weak") == [["△ 2.7", "✓ else"], ["✓ pass"]]
    labels = [link.get_attribute("aria-label") for link in page.query_selector_all("tr[data-scenario='w.t.differ'] td a")]
    assert labels == ["fail on 3.6 to 3.8", "pass on 2.7", "known on 2.7, 3.7", "pass on 3.6, 3.8"]


def test_a_word_opens_the_cell_of_its_newest_python(at):
    page = at("#matrix")
    page.click("tr[data-scenario='w.t.differ'] td a")
    shown(page)
    assert page.url.endswith("#cell/w.t.differ@one@3.8")


def test_what_was_not_tried_is_behind_a_count_that_opens_it(at):
    page = at("#matrix")
    assert "w.t.nobody" not in rows_of(page)
    assert "Folded: 2 columns in which nothing was tried (3.9), 1 row that applies to none of these servers." in page.inner_text("main")
    page.click("text=Show them")
    shown(page)
    assert row(page, "w.t.nobody") == [["– 3.9", "∅ else"]] * 2


def test_a_server_opens_into_a_column_for_each_python_and_the_link_says_so(at):
    page = at("#matrix")
    page.click(".matrix thead button:has-text('one')")
    shown(page)
    assert "open=one" in page.url
    assert row(page, "w.t.differ") == [["✓ pass"], ["✗ fail"], ["✗ fail"], ["✗ fail"], ["≈ 2.7, 3.7", "✓ else"]]
    page.click(".matrix thead button:has-text('one')")
    shown(page)
    assert "open=" not in page.url
    assert len(row(at("#matrix?open=*"), "w.t.differ")) == 8
    page.click(".matrix thead button:has-text('two')")
    shown(page)
    assert len(row(page, "w.t.differ")) == 5


def test_a_server_alone_is_open(at):
    assert row(at("#matrix?subject=one"), "w.t.agree") == [["✓ pass"]] * 4


def test_by_python_servers_that_agree_are_folded(at):
    page = at("#matrix?order=python")
    assert row(page, "w.t.differ")[0] == ["≈ two", "✓ else"]
    assert row(page, "w.t.weak") == [["△ one", "✓ else"], ["✓ pass"], ["✓ pass"], ["✓ pass"]]


def test_ranges_are_of_neighbours(at):
    page = at("#matrix")
    for names, told in {"a": "a", "ab": "a, b", "abc": "a to c", "acd": "a, c, d", "abcef": "a to c, e, f", "": ""}.items():
        assert page.evaluate("([names, all]) => ranges(names, all)", [list(names), list("abcdef")]) == told


def test_a_time_is_written_as_people_write_it(at):
    page = at("#matrix")
    for stamp, told in {"2026-11-29T09:05:07+0000": "29 November 2026, 09:05 UTC", "2026-01-02T23:59:59+0530": "2 January 2026, 23:59 (UTC+0530)",
                        "2026-01-02T23:59:59": "2 January 2026, 23:59", "soon": "soon", "": ""}.items():
        assert page.evaluate("stamp => whenText(stamp)", stamp) == told


def test_a_cell_leads_to_the_same_scenario_elsewhere(at):
    page = at("#cell/w.t.differ@one@3.7")
    found = page.locator("[aria-label='The same scenario elsewhere'] a")
    assert found.all_inner_texts() == ["✓ 2.7", "✗ 3.6", "✗ 3.7", "✗ 3.8", "≈ two"]
    assert found.locator("nth=2").get_attribute("aria-current") == "page"
    found.locator("nth=0").click()
    shown(page)
    assert page.url.endswith("#cell/w.t.differ@one@2.7")

"""The first page answers three questions, each in at most two clicks, on a laptop and on a telephone."""

import pytest

from .test_compare_pages import compared  # noqa: F401  (a fixture)
from .test_page import HERE, cell, shown

SIZES = {"laptop": (1280, 800), "telephone": (390, 844)}


@pytest.fixture(params=SIZES)
def first(request, page):
    """A page of that size; call it with a report to open it without an address in it."""
    page.set_viewport_size(dict(zip(("width", "height"), SIZES[request.param], strict=True)))

    def opened(report):
        page.goto(report.as_uri())
        shown(page)
        return page

    return opened


def visible(page, selector, whole=True):
    """Whether an element is on the first screen, without scrolling; or at least where it begins."""
    box = page.locator(selector).first.bounding_box()
    return box is not None and box["y"] + box["height"] * whole <= page.viewport_size["height"]


def test_is_anything_red_is_answered_by_the_first_sentence(first, report):
    page = first(report)
    assert page.inner_text(".verdict") == "✗ 1 server on 1 Python: 3 cells are red, with 3 findings; 1 Python is not here."
    assert visible(page, ".verdict")
    assert visible(page, ".glance")
    assert visible(page, ".finding", False), "the first finding begins on the first screen"


def test_on_which_python_a_server_fails_what_and_why(first, report):
    page = first(report)
    told = page.inner_text(".finding:has-text('The wrong one')")
    assert f"enginebus on {HERE}" in told
    assert "step 2, request /hidden: status: expected 200, observed 404" in told
    page.click(".finding a:has-text('The wrong one')")  # the first click shows the cell
    shown(page)
    assert page.url.endswith(cell("wrong"))
    assert "GET /hidden HTTP/1.1" in page.inner_text("main")


def test_the_grid_leads_to_the_red_cells_of_a_server(first, report):
    page = first(report)
    page.click(".glance td a")
    shown(page)
    rows = page.locator(".matrix tr[data-scenario]").all()
    assert {row.get_attribute("data-scenario") for row in rows} == {"a.wrong", "a.late", "a.attack"}


def test_what_changed_since_the_last_run(first, compared):  # noqa: F811
    page = first(compared)
    assert page.inner_text(".since") == "Since run 0 – new failure: 1; expectation changed: 1; vanished: 1; fixed: 1."
    assert visible(page, ".since")
    assert page.inner_text("h2:has-text('What changed') ~ ul").startswith(f"new failure: a.wrong@enginebus@{HERE} (pass → fail)")
    page.click("text=All that changed since run 0")
    shown(page)
    assert page.url.endswith("#compare")


def test_what_was_not_tried_is_said(first, report):
    assert "Not on this machine: 3.99." in first(report).inner_text("main")


def test_it_does_not_scroll_sideways(first, report):
    page = first(report)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_link_to_a_finding_opens_it_marks_it_and_brings_it_into_view(first, report):
    page = first(report)
    item = page.locator(".finding", has_text="The wrong one")
    key = item.get_attribute("id").removeprefix("finding-")
    link = item.locator("a.lasting")
    assert link.get_attribute("href") == f"#finding/{key}"
    link.click()
    shown(page)
    assert page.url.endswith(f"#finding/{key}")
    assert page.locator(".finding.target").all_inner_texts() == [item.inner_text()]
    assert page.locator(".notice").count() == 0
    assert page.locator("nav a[aria-current=page]").all_inner_texts() == ["Overview"]
    box = item.bounding_box()
    assert 0 <= box["y"] < page.viewport_size["height"]


def test_a_finding_that_is_folded_away_is_opened(page, report):
    page.goto(report.as_uri())
    shown(page)
    data = page.evaluate("(() => { const one = data.overview.findings[0]; data.overview.findings = ["
                         "...Array.from({length: 9}, (_, at) => ({...one, key: `k${at}`, kind: 'known', word: 'known'}))]; })()")
    assert data is None
    page.evaluate("location.hash = '#finding/k8'")
    shown(page)
    assert page.locator("#finding-k8").is_visible()
    assert page.locator("#finding-k8").evaluate("node => document.activeElement === node")
    assert page.locator("main details[open]").count() == 2, "the kind, and what is below its first findings"


@pytest.mark.parametrize(("hidden", "said"), [
    (0, "This run does not have the finding 0123456789. It may be fixed"), (7, "is not among the 3 that this page shows; the run has 7 more")])
def test_a_finding_that_the_page_does_not_have_is_said(page, report, hidden, said):
    page.goto(report.as_uri())
    shown(page)
    page.evaluate(f"data.overview.allFindings += {hidden}; location.hash = '#finding/0123456789'")
    shown(page)
    assert said in page.inner_text(".notice")
    assert page.locator(".glance").is_visible(), "the overview follows"


def test_what_a_link_to_a_finding_says_is_text(page, report):
    page.goto(report.as_uri() + "#finding/<img src=x onerror=document.title='owned'>")
    shown(page)
    assert "onerror=document.title" in page.inner_text(".notice")
    assert page.title() != "owned"

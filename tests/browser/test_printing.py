"""The matrix on paper: all of it, whenever it is printed."""

import re

import pytest

from harness.report import build
from harness.report.view import RunView

from ..conftest import ROOT
from ..report.checked import check, stored

ROWS = 600
PAGE = re.compile(rb"/Type\s*/Page\b")


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A report with more rows than the page adds at once."""
    folder = tmp_path_factory.mktemp("large")
    checks = [check(f"c{number:03}") for number in range(ROWS)]
    run = stored(folder, "1", checks, {one["id"]: {"s": ("pass",), "t": ("pass",)} for one in checks})
    build.build(RunView.load(run, folder, [], ROOT))
    return folder / "index.html"


def test_all_rows_are_printed_before_the_page_has_added_them(opening, large):
    page = opening(large.as_uri() + "#words")
    counts = page.evaluate("""() => {
        main.replaceChildren(...matrixPage("").flat(3).filter((node) => node));
        const rows = () => [document.querySelectorAll(".matrix tr[data-scenario]").length, document.querySelectorAll(".matrix td.later").length];
        const before = rows();
        dispatchEvent(new Event("beforeprint"));
        return [before[0], ...rows()];
    }""")
    assert counts[0] < ROWS
    assert counts[1:] == [ROWS, 0]


def test_the_paper_is_the_same_at_once_later_and_where_print_was_asked_for_first(opening, large):
    pages = set()
    for media, wait in (("print", 0), (None, 0), (None, 3000)):
        page = opening("about:blank")
        page.emulate_media(media=media)
        page.goto(large.as_uri() + "#matrix")
        page.wait_for_timeout(wait)
        pages.add(len(PAGE.findall(page.pdf())))
        page.wait_for_timeout(500)
        assert page.evaluate("document.querySelectorAll('.matrix tr[data-scenario]').length") == ROWS, "none is added twice"
    assert len(pages) == 1

"""Coverage line by line, and the plots, on the report of a real run."""

from harness.machine.deadlines import Deadline
from harness.machine.interpreters import current

from .test_page import cell, shown

HERE = current()


def test_from_a_file_to_its_lines_and_from_a_line_to_its_scenarios(page, report):
    page.goto(report.as_uri() + "#coverage")
    shown(page)
    page.click("[aria-label='Coverage by file'] >> text=enginebus/bus.py")
    shown(page)
    assert page.url.endswith("#coverage?file=enginebus/bus.py")
    rows = {row.query_selector("th").inner_text(): row for row in page.query_selector_all(".source tbody tr")}
    imports = next(row for row in rows.values() if row.inner_text().endswith("✓ import os"))
    imports.query_selector("summary").click()
    told = f"on {HERE}: "  # "toggle" fires a little after the click
    assert Deadline(5).wait(lambda: told in imports.inner_text(), 0.02), imports.inner_text()
    assert "a.good" in imports.inner_text()
    assert page.query_selector(".source .unreached"), "so few scenarios do not reach every line"
    imports.query_selector("a >> text=a.good").click()
    shown(page)
    assert page.url.endswith("#coverage?scenario=a.good")
    assert "Lines that a.good reaches" in page.inner_text("main")


def test_lines_that_only_some_reach(page, report):
    page.goto(report.as_uri() + "#coverage")
    shown(page)
    page.click("[aria-label='Coverage by file'] tr:has-text('enginebus/errors.py') a[href*='only=none']")
    shown(page)
    marks = [row.query_selector("td.mono").inner_text()[0] for row in page.query_selector_all(".source tbody tr")]
    assert marks
    assert set(marks) == {"✗"}
    page.click("text=All lines")
    shown(page)
    assert len(page.query_selector_all(".source tbody tr")) > len(marks)


def test_cells_whose_data_were_lost_are_named(page, report):
    page.goto(report.as_uri() + "#coverage")
    shown(page)
    page.click("summary:has-text('2 cells whose data were lost')")
    links = [link.get_attribute("href") for link in page.query_selector_all("details[open] li a")]
    assert links == [cell("drawn"), cell("killed")]


def test_scenarios_are_sorted_by_the_lines_that_only_they_reach(page, report):
    page.goto(report.as_uri() + "#coverage")
    shown(page)
    rows = [row.inner_text().split("\t") for row in page.query_selector_all("[aria-label='Coverage by scenario'] tbody tr")]
    alone = [int(row[2]) for row in rows]
    assert alone == sorted(alone, reverse=True)
    assert "a.killed" not in [row[0] for row in rows], "its data were lost"


def test_a_cell_leads_to_its_lines(page, report):
    page.goto(report.as_uri() + cell("good"))
    shown(page)
    page.click("text=Lines that this scenario reaches")
    shown(page)
    page.click("summary:has-text('enginebus/httpserver.py')")
    assert "✓ " in page.inner_text("details[open] .source")


def test_plots_have_their_numbers(page, report):
    page.goto(report.as_uri() + "#plots")
    shown(page)
    drawings = [svg.get_attribute("aria-label") for svg in page.query_selector_all("main svg[role=img]")]
    assert drawings == ["A whole cell", "From the launch until the server is ready", "Sweep: a.drawn"]
    assert f"Measured once, and not drawn: enginebus@{HERE}" in page.inner_text("main"), "one stop is no distribution"
    page.click("summary:has-text('The numbers') >> nth=0")
    row = page.inner_text("[aria-label='A whole cell: the numbers'] tbody tr").split("\t")
    assert row[0] == f"enginebus@{HERE}"
    assert row[1] == "6", "the missing Python is in no plot"
    numbers = [float(text.removesuffix(" s")) for text in row[2:]]
    assert numbers == sorted(numbers)
    assert len(page.query_selector_all("svg[aria-label='Sweep: a.drawn'] circle")) == 6
    text = page.inner_text("main")
    grown = page.query_selector("[aria-label='Growth in soaks']")  # whether anything grew in nine turns is up to the machine
    assert f"a.drawn@enginebus@{HERE}" in grown.inner_text() if grown else "1 of 1 cell has no growth at all, and no row." in text

"""Where the keys go on from: the focus is where the reader is."""

import pytest

from .test_page import cell, shown

FOCUS = "(document.activeElement.getAttribute('href') || document.activeElement.id)"


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)
        shown(page)


@pytest.mark.parametrize("view", ["#matrix", "#matrix?order=python&quiet=shown&open=*", "#matrix?outcome=fail"])
def test_the_way_back_from_a_cell_leads_to_that_cell(page, report, view):
    page.goto(report.as_uri() + view)
    shown(page)
    press(page, "ArrowDown", "ArrowDown")
    at = page.evaluate(FOCUS)
    assert at.startswith("#cell/")
    press(page, "Enter")
    assert page.evaluate(FOCUS) == "main"
    press(page, "Escape")
    assert page.evaluate(FOCUS) == at
    press(page, "ArrowUp")
    above = page.evaluate(FOCUS)
    assert above.startswith("#cell/")
    assert above != at
    press(page, "Enter")
    page.go_back()
    shown(page)
    assert page.evaluate(FOCUS) == above


def test_n_takes_the_focus_along(page, report):
    page.click("nav >> text=Matrix")
    shown(page)
    press(page, "n")
    first = page.url
    assert page.evaluate(FOCUS) == "main"
    press(page, "Enter")
    assert page.url == first, "Enter follows no link that the reader has left"
    press(page, "n")
    second = page.url
    press(page, "Escape")
    assert page.evaluate(FOCUS) == f"#{second.partition('#')[2]}", "the cell that was open last"


def test_who_leaves_a_cell_by_a_link_keeps_the_focus_there(page, report):
    page.goto(report.as_uri() + cell("good"))
    shown(page)
    page.focus("nav >> text=Matrix")
    press(page, "Enter")
    assert page.evaluate(FOCUS) == "#matrix"


def test_arrows_go_on_where_no_cell_had_the_focus(page, report):
    page.goto(report.as_uri() + "#words")
    shown(page)
    press(page, "Escape", "ArrowDown")
    assert page.evaluate(FOCUS).startswith("#cell/a.")

"""The page of mutants in a real browser: survivors are shown first, the table can be narrowed, and axe finds nothing serious."""

import json

import pytest

from ..mutants import page as mutants_page
from ..mutants.test_results import said
from .test_accessibility import AXE, violations


@pytest.fixture(params=["light", "dark"])
def opened(request, browser, tmp_path):
    """The page of a small document; errors of its script fail the test."""
    file = mutants_page.write(tmp_path / "index.html", json.loads(json.dumps(said())))
    asks_axe = request.function is test_nothing_is_grave  # which the page's own policy would block
    context = browser.new_context(bypass_csp=asks_axe, color_scheme=request.param)
    shown, wrong = context.new_page(), []
    shown.on("pageerror", lambda error: wrong.append(str(error)))
    shown.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    shown.goto(file.as_uri())
    yield shown
    assert wrong == []
    context.close()


def rows(shown):
    return [row.get_attribute("data-outcome") for row in shown.query_selector_all("tr[data-module]") if row.is_visible()]


def test_the_table_is_narrowed_and_the_address_says_how(opened):
    assert rows(opened) == ["survives", "survives"]
    assert opened.inner_text("#count") == "2 of 4 mutants"
    opened.select_option("[name=outcome]", "killed")
    assert rows(opened) == ["killed", "killed"]
    opened.select_option("[name=outcome]", "all")
    opened.fill("[name=text]", "BY-HAND")
    assert rows(opened) == ["survives"]
    assert "text=BY-HAND" in opened.url
    opened.reload()
    assert rows(opened) == ["survives"]


def test_nothing_is_grave(opened):
    opened.add_script_tag(path=str(AXE))
    assert violations(opened) == []

"""axe finds no serious or critical violation on any page, in light and in dark (WCAG 2 A and AA, and best practices)."""

from pathlib import Path

import axe_playwright_python
import pytest

from harness.machine.interpreters import current

from .test_page import shown

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
PAGES = (
    "#overview", "#words", "#matrix", "#matrix?open=*&quiet=shown", "#matrix?outcome=fail&order=python", "#peers", "#claims", "#agreement", "#compare", "#plots", "#coverage",
    "#coverage?file=enginebus/bus.py", "#coverage?scenario=a.good", "#environment",
    f"#cell/a.drawn@enginebus@{current()}", f"#cell/a.wrong@enginebus@{current()}", "#cell/a.good@enginebus@3.99")
GRAVE = ("serious", "critical")


@pytest.fixture(params=["light", "dark"])
def plain_page(request, browser, report):
    """The report without its Content-Security-Policy, which would block axe."""
    context = browser.new_context(bypass_csp=True, color_scheme=request.param)
    page = context.new_page()
    page.goto(report.as_uri())
    page.add_script_tag(path=str(AXE))
    yield page
    context.close()


def violations(page):
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert found["passes"], "axe looked at nothing"
    return [f"{v['id']} ({v['impact']}): {v['nodes'][0]['html'][:200]}" for v in found["violations"] if v["impact"] in GRAVE]


def test_no_page_has_a_grave_violation(plain_page):
    for place in PAGES:
        plain_page.evaluate(f"location.hash = {place!r}")
        shown(plain_page)
        assert violations(plain_page) == [], place


def test_axe_sees_what_is_wrong(plain_page):
    plain_page.evaluate("document.getElementById('main').innerHTML = '<img src=\"data:,\"><input>'")
    assert [v.split()[0] for v in violations(plain_page)] == ["image-alt", "label"]

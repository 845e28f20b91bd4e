"""The bundled server's own coverage pages in a browser: they show what a request has run, with scripts and without."""

import pytest

from ..conftest import GUEST
from ..guest.covered import serving
from .test_accessibility import AXE, violations

APP = GUEST / "apps" / "covered.py"


@pytest.fixture
def served(target, tmp_path):
    """The application that shows which of its lines have run."""
    with serving(target.python, APP, tmp_path) as running:
        yield running


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def opened(request, browser, served):
    """The list of files, in a browser with scripts and in one without; a request to anywhere else fails the test."""
    context = browser.new_context(java_script_enabled=request.param, viewport={"width": 360, "height": 640})
    page = context.new_page()
    wrong = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" and "favicon" not in message.location["url"] else None)
    page.on("request", lambda asked: wrong.append(asked.url) if not asked.url.startswith(served.address) else None)
    page.goto(served.address + "/coverage/")
    yield page
    assert wrong == []
    context.close()


def states(page):
    """{line number: what the page says about it}."""
    return dict(row.inner_text().split("\t")[:2] for row in page.query_selector_all("tbody tr"))


def test_a_request_changes_what_is_seen(opened, served):
    assert opened.title() == "Coverage: the application's files"
    before = opened.inner_text("tbody td:nth-child(3)")
    opened.click("text=covered_pages.py")
    assert opened.inner_text("h1") == "covered_pages.py"
    assert [states(opened)[line] for line in ("9", "10", "11", "12", "13", "45")] == ["run", "not run", "not run", "not run", "", "left out"]
    served.get("/greet?hour=9")
    opened.reload()
    assert [states(opened)[line] for line in ("9", "10", "11", "12")] == ["run", "run", "run", "not run"]
    opened.click("text=All files")
    assert int(opened.inner_text("tbody td:nth-child(3)")) == int(before) + 3, "two lines of the function, and the handler's"


def test_lines_differ_in_words_and_in_colour_and_stay_source(opened):
    opened.click("text=covered_pages.py")
    assert '# <script>document.title = "owned"</script> & "quoted": a line of source' in opened.inner_text("#L6")
    assert opened.title() == "Coverage: covered_pages.py"
    assert opened.inner_text("#L19 pre") == '            found["odd"] = found.get("odd", 0) + number', "with its indentation"
    assert opened.query_selector("script") is None


def test_it_can_be_read_on_a_narrow_screen_and_by_axe(browser, served):
    context = browser.new_context(viewport={"width": 360, "height": 640})
    page = context.new_page()
    for path in ("/coverage/", "/coverage/file?name=covered_pages.py"):
        page.goto(served.address + path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is wider than the screen"
        colours = page.evaluate("[...new Set([...document.querySelectorAll('tbody tr')].map((row) => getComputedStyle(row).backgroundColor))]")
        assert len(colours) == (1 if path == "/coverage/" else 3)
        page.add_script_tag(path=str(AXE))
        assert violations(page) == []
    context.close()

"""What an address opens: its page, with a title of its own, or a notice; and whatever word it is, no error."""

import pytest

from .test_page import HERE, cell, shown


@pytest.mark.parametrize("address", ["toString", "constructor", "__proto__", "hasOwnProperty", "nonsense", "changes", "finding/", "cell/",
                                     "cell", "matrix/x", "coverage/x", "<img src=x>"])
def test_an_address_that_names_nothing_says_so_and_leads_on(page, report, address):
    page.goto(f"{report.as_uri()}#{address}")
    shown(page)
    assert page.inner_text("main").splitlines()[:1] == ["No such page"]
    assert f"This report has no page #{address}." in page.inner_text("main")
    assert page.title().startswith("No such page – Compatibility matrix, ")
    assert page.query_selector("main img, nav [aria-current]") is None
    page.click("main a[href='#matrix']")
    shown(page)
    assert page.query_selector(".matrix")


@pytest.mark.parametrize("address", ["coverage?only=constructor", "coverage?scenario=__proto__",
                                     "matrix?order=constructor&differs=toString&grade=__proto__&density=constructor&open=toString",
                                     "cell/toString@constructor@__proto__", "finding/constructor"])
def test_a_word_that_every_object_has_is_no_value(page, report, address):
    page.goto(f"{report.as_uri()}#{address}")
    shown(page)
    assert page.query_selector("main h2, main .matrix")
    assert "native code" not in page.inner_text("main")


def test_a_file_of_which_only_such_lines_are_wanted_is_shown_whole(page, report):
    page.goto(report.as_uri() + "#coverage")
    shown(page)
    name = page.evaluate("unpack('*lines').then((lines) => lines.files[0].name)")
    page.goto(f"{report.as_uri()}#coverage?file={name}&only=constructor")
    shown(page)
    assert "Each statement with the scenarios" in page.inner_text("main")
    assert page.query_selector(".source tbody tr")


@pytest.mark.parametrize(("address", "title"), [
    ("", "Overview"), ("#overview", "Overview"), ("#matrix?q=x", "Matrix"), ("#compare", "Changes"), ("#peers", "Side by side"),
    ("#claims", "The paper's claims"), ("#agreement", "Agreement"), ("#environment", "Environment"), ("#plots", "Plots"),
    ("#words", "Words and keys"), ("#coverage?only=none", "Coverage"), ("#finding/x", "Finding x"),
    (cell("wrong"), f"Cell a.wrong@enginebus@{HERE}"), (cell("good") + "~main-1", f"Cell a.good@enginebus@{HERE}"),
])
def test_each_page_has_a_title_of_its_own(page, report, address, title):
    page.goto(report.as_uri() + address)
    shown(page)
    own, _, rest = page.title().partition(" – ")
    assert own == title
    assert rest.startswith("Compatibility matrix, 20")
    page.goto(report.as_uri() + "#words")
    shown(page)
    assert page.title() == f"Words and keys – {rest}"

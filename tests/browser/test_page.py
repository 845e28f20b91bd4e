"""What a person clicks and reads, on the report of a real run."""

import pytest

from harness.interpreters import current

HERE = current()


def cell(name, python=HERE):
    return f"#cell/a.{name}@enginebus@{python}"


def test_the_matrix_has_a_word_and_a_shape_for_each_cell(page):
    texts = {row.query_selector("th").inner_text().split("\n")[-1]: [td.inner_text() for td in row.query_selector_all("td")]
             for row in page.query_selector_all(".matrix tbody tr:not(.family)")}
    assert texts["a.good"] == ["✓ pass", "– missing"]
    assert texts["a.wrong"] == ["✗ fail", "– missing"]
    assert page.inner_text(".legend").replace("\n", " ").count("missing") == 1


def test_a_failing_cell_shows_expected_and_observed(page):
    page.click(f"a[href='{cell('wrong')}']")
    text = page.inner_text("main")
    assert "✗ fail" in text
    assert "step 2: status: expected 200, observed 404" in text
    row = page.query_selector("tr.differs")
    assert [td.inner_text() for td in row.query_selector_all("td")] == ["status", "200", "404", "✗ differs"]
    assert "GET /hidden HTTP/1.1" in page.inner_text("pre.sent"), "the transcript of a failed step is open"
    assert "HTTP/1.1 404 Not Found" in page.inner_text("pre.received")
    assert "ENGINE Bus STARTED" in text
    assert f"nox -s matrix -- --cell 'a.wrong@enginebus@{HERE}'" in text


def test_a_cell_has_a_link_of_its_own_and_the_way_back(page, report):
    page.goto(report.as_uri() + cell("good"))
    assert "✓ pass" in page.inner_text("main")
    page.click("text=← matrix")
    assert page.query_selector(".matrix")


def test_what_was_not_judged_is_not_called_as_expected(page, report):
    page.goto(report.as_uri() + cell("late"))
    rows = [[td.inner_text() for td in row.query_selector_all("td")] for row in page.query_selector_all(".step.bad tbody tr")]
    assert rows == [["exit", "0", "not judged: the step did not come to its end", "–"],
                    ["log", "/ENGINE Bus EXITED/", "not judged: the step did not come to its end", "–"]]
    assert "◔ timeout" in page.inner_text("main")


def test_a_killed_cell_has_no_coverage_data(page, report):
    page.goto(report.as_uri() + cell("killed"))
    assert "No coverage data: launch 1 (main) ended by a signal" in page.inner_text("main")


def test_a_missing_cell_says_why(page, report):
    page.goto(report.as_uri() + cell("good", "3.99"))
    assert "no interpreter 3.99 on this machine" in page.inner_text("main")


def test_a_cell_that_is_not_there(page, report):
    page.goto(report.as_uri() + "#cell/<img src=x>@a@b")
    assert "No such cell" in page.inner_text("main")
    assert page.query_selector("main img") is None


def test_what_a_server_says_stays_text(page, report):
    assert page.title() != "owned"
    page.goto(report.as_uri() + cell("attack"))
    assert page.title() != "owned"
    assert page.query_selector("main img, main script") is None
    text = page.inner_text("main")
    assert "</script><script>document.title='owned'</script>" in text
    assert "\x1b" not in page.content()


@pytest.mark.parametrize(("link", "words"), [
    ("The paper's claims", ["Each method must be exposed", "cannot be tried here", "PEP 446"]),
    ("Coverage", ["combined", "%", "lost 2", "lines and contexts"]),
    ("Environment", ["loopback_range", f"enginebus@{HERE}", "missing: no interpreter 3.99"]),
])
def test_the_other_pages(page, link, words):
    page.click(f"nav >> text={link}")
    text = page.inner_text("main")
    for word in words:
        assert word in text
    assert page.get_attribute(f"nav >> text={link}", "aria-current") == "page"


def test_the_coverage_pages_are_there(page, report):
    page.goto(report.as_uri() + "#coverage")
    page.click("tr:has-text('combined') >> text=lines and contexts")
    assert "Coverage: combined" in page.inner_text("body")


def test_it_works_with_the_keyboard_alone(page):
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('href') || ''").startswith("#cell/"):
            break
    page.keyboard.press("Enter")
    assert "Run just this cell" in page.inner_text("main")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_the_window(page, scheme, width):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    for target in ("#matrix", cell("wrong"), "#claims", "#coverage", "#environment"):
        page.evaluate("hash => { location.hash = hash }", target)
        page.wait_for_function("document.querySelector('main').children.length > 1")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), target


def test_servers_side_by_side_show_what_was_observed(page, report):
    page.goto(report.as_uri() + "#peers")
    assert "0 of 1 questions have answers that differ" in page.inner_text("main")
    row = page.query_selector(".peers tbody tr")
    assert row.query_selector("th").inner_text().split("\n") == ["a question in words", "a.good"]
    assert row.query_selector("td").inner_text() == f"hello on {HERE}", "of two interpreters one has no answer: it is missing"
    page.goto(report.as_uri() + cell("good"))
    assert "observed, a question in words: hello" in page.inner_text("main")


def test_a_cell_draws_its_time_line_and_has_the_same_as_a_table(page, report):
    page.goto(report.as_uri() + cell("drawn"))
    lanes = [text.text_content() for text in page.query_selector_all("svg[aria-label='Time line'] text.label")]
    for lane in ("steps", "bytes: sent over received", "signals, exits", "log lines", "bus states"):
        assert lane in lanes
    assert any(text.startswith("descriptors ≤ ") for text in lanes)
    bars = page.query_selector_all("svg[aria-label='Time line'] rect.bar")
    assert len(bars) == 1 + 9 * 2 + 3, "start, nine turns of two steps, growth, stop, sweep"
    page.click("summary:has-text('Time line as a table')")
    rows = [[td.inner_text() for td in row.query_selector_all("td")]
            for row in page.query_selector_all("details[open] tbody tr")]
    assert [float(row[0]) for row in rows] == sorted(float(row[0]) for row in rows)
    kinds = {row[1] for row in rows}
    assert {"step", "sent", "received", "signal", "exit", "log", "state", "ledger"} <= kinds
    assert [row[2] for row in rows if row[1] == "state"][:2] == ["STARTING (server main)", "STARTED (server main)"]


def test_a_sweep_is_a_curve_with_a_table(page, report):
    page.goto(report.as_uri() + cell("drawn"))
    points = page.query_selector_all("svg[aria-label='SIGTERM over the moment'] circle.point")
    rows = page.query_selector_all("table:has(caption:has-text('SIGTERM, 6 moments')) tbody tr")
    assert len(points) == len(rows) == 6, "three in time, three at the bus's transitions"
    assert [name for name in ("bus-starting", "serving", "bus-started")
            if not any(name in row.inner_text() for row in rows)] == []


def test_a_soak_draws_each_count(page, report):
    page.goto(report.as_uri() + cell("drawn"))
    assert len(page.query_selector_all("svg[aria-label='Growth'] path.line")) == 5
    assert "warm-up: not judged" in page.query_selector("svg[aria-label='Growth']").text_content()

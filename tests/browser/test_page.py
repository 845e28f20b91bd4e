"""What a person clicks and reads, on the report of a real run."""

import re

import pytest

from harness.machine.deadlines import Deadline
from harness.machine.interpreters import current

HERE = current()


def cell(name, python=HERE):
    return f"#cell/a.{name}@enginebus@{python}"


def shown(page):
    """Wait until the addressed page is drawn: a cell is unpacked first."""
    asked = "decodeURIComponent(location.hash.slice(1)) || 'overview'"
    drawn = f"document.getElementById('main').dataset.page === ({asked})"
    assert Deadline(10).wait(lambda: page.evaluate(drawn), 0.02), page.url


def test_the_matrix_has_a_word_and_a_shape_for_each_cell(page):
    texts = {row.query_selector("th").inner_text().split("\n")[-1]: [td.inner_text() for td in row.query_selector_all("td")]
             for row in page.query_selector_all(".matrix tbody tr:not(.family)")}
    assert texts["a.good"] == ["✓ pass"]
    assert texts["a.wrong"] == ["✗ fail"]
    assert "Folded: 1 column in which nothing was tried (3.99)." in page.inner_text("main")
    page.click("text=Show them")
    shown(page)
    assert [td.inner_text() for td in page.query_selector_all("tr[data-scenario='a.wrong'] td")] == ["✗ fail", "– missing"]
    page.click("text=Fold the rows and columns")
    shown(page)
    assert "quiet" not in page.url
    assert page.inner_text(".legend").replace("\n", " ").count("missing") == 1


def test_a_failing_cell_shows_expected_and_observed(page):
    page.click(f"a[href='{cell('wrong')}']")
    shown(page)
    text = page.inner_text("main")
    assert "✗ fail" in text
    assert "step 2: status: expected 200, observed 404" in text
    row = page.query_selector("tr.differs")
    assert [td.inner_text() for td in row.query_selector_all("td")] == ["status", "200", "404", "✗ differs"]
    assert "GET /hidden HTTP/1.1" in page.inner_text("pre.sent"), "the transcript of a failed step is open"
    assert "HTTP/1.1 404 Not Found" in page.inner_text("pre.received")
    assert "ENGINE Bus STARTED" in text
    command = page.inner_text("h3:has-text('Run just this cell') + pre")
    assert re.fullmatch(rf"nox -s matrix -- --scenarios '<tmp>/\S+/scenarios' --no-bundled-scenarios --cell a\.wrong@enginebus@{re.escape(HERE)}", command)


def test_a_cell_has_a_link_of_its_own_and_the_way_back(page, report):
    page.goto(report.as_uri() + cell("good"))
    shown(page)
    assert "✓ pass" in page.inner_text("main")
    page.click("text=← matrix")
    shown(page)
    assert page.query_selector(".matrix")


def test_what_was_not_judged_is_not_shown_as_expected(page, report):
    page.goto(report.as_uri() + cell("late"))
    shown(page)
    rows = [[td.inner_text() for td in row.query_selector_all("td")] for row in page.query_selector_all(".step.bad tbody tr")]
    assert rows == [["exit", "0", "not judged: the step did not finish", "–"],
                    ["log", "/ENGINE Bus EXITED/", "not judged: the step did not finish", "–"]]
    assert "◔ timeout" in page.inner_text("main")


def test_a_killed_cell_has_no_coverage_data(page, report):
    page.goto(report.as_uri() + cell("killed"))
    shown(page)
    why = "launch 1 (main): a signal ended image 1 of 1 before its data were saved."
    assert f"Coverage data were lost: {why}" in page.inner_text("main")


def test_a_missing_cell_says_why(page, report):
    page.goto(report.as_uri() + cell("good", "3.99"))
    shown(page)
    assert "no interpreter 3.99 on this machine" in page.inner_text("main")


def test_a_missing_cell(page, report):
    page.goto(report.as_uri() + "#cell/<img src=x>@a@b")
    shown(page)
    assert "No such cell" in page.inner_text("main")
    assert page.query_selector("main img") is None


def test_an_address_with_an_invalid_escape_opens_a_page(page, report):
    page.goto(report.as_uri() + "#cell/%zz")
    page.wait_for_selector("text=No such cell")


def test_server_output_stays_text(page, report):
    assert page.title() != "owned"
    page.goto(report.as_uri() + cell("attack"))
    shown(page)
    assert page.title() != "owned"
    assert page.query_selector("main img, main script") is None
    text = page.inner_text("main")
    assert "</script><script>document.title='owned'</script>" in text
    assert "\x1b" not in page.content()


@pytest.mark.parametrize(("link", "words"), [
    ("The paper's claims", ["A method that is not exposed is private", "cannot be tried here", "PEP 446", "What was found is what the cells of this run saw"]),
    ("Coverage", ["combined", "%", "lost 2", "lines and contexts"]),
    ("Environment", ["loopback_range", f"enginebus@{HERE}", "missing: no interpreter 3.99"]),
])
def test_the_other_pages(page, link, words):
    page.click(f"nav >> text={link}")
    shown(page)
    text = page.inner_text("main")
    for word in words:
        assert word in text
    assert page.get_attribute(f"nav >> text={link}", "aria-current") == "page"


def test_the_coverage_pages_open(page, report):
    page.goto(report.as_uri() + "#coverage")
    shown(page)
    page.click("tr:has-text('combined') >> text=lines and contexts")
    assert "Coverage: enginebus@" in page.inner_text("body"), "of one target, its own pages"


def test_it_works_with_the_keyboard_alone(page):
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('href') || ''").startswith("#cell/"):
            break
    page.keyboard.press("Enter")
    shown(page)
    assert "Run just this cell" in page.inner_text("main")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_the_window(page, scheme, width):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    for target in ("#matrix", cell("wrong"), "#claims", "#agreement", "#compare", "#coverage", "#environment"):
        page.evaluate("hash => { location.hash = hash }", target)
        page.wait_for_function("document.querySelector('main').children.length > 1")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), target


def test_servers_side_by_side_show_what_was_observed(page, report):
    page.goto(report.as_uri() + "#peers")
    shown(page)
    assert "0 of 1 question has answers that differ" in page.inner_text("main")
    row = page.query_selector(".peers tbody tr")
    assert row.query_selector("th").inner_text().split("\n") == ["a question in words", "a.good"]
    assert row.query_selector("td").inner_text() == "hello", "all Pythons that are here agree; that one is missing is said elsewhere"
    page.goto(report.as_uri() + cell("good"))
    shown(page)
    assert "observed, a question in words: hello" in page.inner_text("main")


def test_a_cell_draws_its_timeline_and_has_the_same_as_a_table(page, report):
    page.goto(report.as_uri() + cell("drawn"))
    shown(page)
    lanes = [text.text_content() for text in page.query_selector_all("svg[aria-label='Timeline'] text.label")]
    for lane in ("steps", "bytes: sent over received", "signals, exits", "log lines", "bus states"):
        assert lane in lanes
    assert any(text.startswith("descriptors ≤ ") for text in lanes)
    bars = page.query_selector_all("svg[aria-label='Timeline'] rect.bar")
    assert len(bars) == 1 + 9 * 2 + 3, "start, nine turns of two steps, growth, stop, sweep"
    page.click("summary:has-text('Timeline as a table')")
    rows = [[td.inner_text() for td in row.query_selector_all("td")]
            for row in page.query_selector_all("details[open] tbody tr")]
    assert [float(row[0]) for row in rows] == sorted(float(row[0]) for row in rows)
    kinds = {row[1] for row in rows}
    assert {"step", "sent", "received", "signal", "exit", "log", "state", "ledger"} <= kinds
    assert [row[2] for row in rows if row[1] == "state"][:2] == ["STARTING (server main)", "STARTED (server main)"]


def test_a_sweep_is_a_curve_with_a_table(page, report):
    page.goto(report.as_uri() + cell("drawn"))
    shown(page)
    points = page.query_selector_all("svg[aria-label='SIGTERM by moment'] circle.point")
    rows = page.query_selector_all("table:has(caption:has-text('SIGTERM, 6 moments')) tbody tr")
    assert len(points) == len(rows) == 6, "three in time, three at the bus's transitions"
    assert [name for name in ("bus-starting", "serving", "bus-started")
            if not any(name in row.inner_text() for row in rows)] == []


def test_a_soak_draws_each_count(page, report):
    page.goto(report.as_uri() + cell("drawn"))
    shown(page)
    still = re.findall(r"The same in all samples: (.*)\.", page.inner_text("main"))
    curves = len(page.query_selector_all("svg[aria-label='Growth'] path.line"))
    assert curves + sum(text.count(", ") + 1 for text in still) == 5, "each count is a curve, or is said in words if it never changes"
    assert curves
    assert "warm-up: not judged" in page.query_selector("svg[aria-label='Growth']").text_content()


def rows_of(page):
    return [row.get_attribute("data-scenario") for row in page.query_selector_all(".matrix tbody tr[data-scenario]")]


def test_an_outcome_button_narrows_the_rows_and_the_link_opens_the_same_view(page, report, browser):
    everything = rows_of(page)
    page.click("button.fail")
    shown(page)
    assert rows_of(page) == ["a.attack", "a.wrong"]
    assert page.get_attribute("button.fail", "aria-pressed") == "true"
    assert "2 of 6 scenarios, 1 of 2 columns" in page.inner_text("main"), "a column without a failure is left out, too"
    other = browser.new_page()
    other.goto(page.url)
    assert rows_of(other) == ["a.attack", "a.wrong"]
    other.close()
    page.click("text=show all")
    shown(page)
    assert rows_of(page) == everything


def test_scenarios_are_found_while_words_are_typed(page):
    page.fill("#search", "killed one")
    assert Deadline(5).wait(lambda: rows_of(page) == ["a.killed"], 0.05)  # the page's own policy forbids wait_for_function
    assert page.evaluate("document.activeElement.id") == "search", "the focus stays"
    assert page.url.endswith("#matrix?q=killed+one")
    page.fill("#search", "nothing like it")
    page.wait_for_selector("text=No matching cells")


def test_columns_are_chosen_and_ordered(page):
    page.click("text=More filters")
    page.click(f"label:has-text('{HERE}')")
    shown(page)
    assert "1 of 2 columns" in page.inner_text("main")
    page.select_option("[aria-label='Order of the columns']", "python")
    shown(page)
    assert page.inner_text(".matrix th.group") == HERE
    assert "order=python" in page.url


def test_shapes_alone_are_narrower_and_keep_their_words(page):
    page.click("text=More filters")
    wide = page.evaluate("document.querySelector('.matrix').offsetWidth")
    page.select_option("[aria-label='What a cell shows']", "shapes")
    shown(page)
    assert "density=shapes" in page.url
    page.wait_for_selector(".shapes tr[data-scenario='a.wrong'] td a")
    cells = page.query_selector_all("tr[data-scenario='a.wrong'] td a")
    assert [(one.inner_text(), one.get_attribute("aria-label")) for one in cells] == [("✗", "fail")]
    assert page.evaluate("document.querySelector('.matrix').offsetWidth") < wide


def test_in_print_every_row_has_its_cells(page):
    emptied = page.evaluate("""() => {
        document.querySelectorAll('tr[data-scenario] td').forEach((cell, index) => {
            if (index % 2) cell.remove();
            else { cell.className = 'later'; cell.replaceChildren(); }
        });
        return document.querySelectorAll('td.later').length;
    }""")
    assert emptied, "counted at once: a row that comes into sight is filled, printed or not"
    page.pdf(print_background=True)
    assert page.query_selector("td.later") is None
    page.emulate_media(media="print")
    assert not page.is_visible("nav")
    assert page.evaluate("getComputedStyle(document.querySelector('[aria-label=Matrix]')).maxHeight") == "none"


def test_rows_that_differ(page, report):
    page.click("text=More filters")
    page.select_option("[aria-label='Rows that differ']", "pythons")
    page.wait_for_selector("text=No matching cells")  # a missing Python is no difference


def test_a_family_closes_and_opens(page):
    page.click(".family button")
    shown(page)
    assert rows_of(page) == []
    assert page.get_attribute(".family button", "aria-expanded") == "false"
    page.click(".family button")
    shown(page)
    assert len(rows_of(page)) == 6


def test_arrows_move_enter_opens_escape_returns(page):
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    focused = page.evaluate("document.activeElement.getAttribute('href')")
    assert focused == f"#cell/{rows_of(page)[1]}@enginebus@{HERE}"
    page.keyboard.press("Enter")
    shown(page)
    assert "Run just this cell" in page.inner_text("main")
    page.keyboard.press("Escape")
    shown(page)
    assert page.query_selector(".matrix")


def test_n_goes_from_one_red_cell_to_the_next_and_p_back(page):
    page.keyboard.press("n")
    shown(page)
    first = page.url
    page.keyboard.press("n")
    shown(page)
    assert page.url != first
    page.keyboard.press("p")
    shown(page)
    assert page.url == first
    assert page.query_selector("main .word.fail, main .word.timeout")


@pytest.mark.parametrize("how", ["key", "button"])
def test_words_and_keys_are_explained_without_leaving_the_page(page, how):
    if how == "key":
        page.keyboard.press("?")
    else:
        page.click("#ask")
    told = page.inner_text("dialog[open]")
    for word in ("cell", "subject", "channel", "oracle", "known", "grade", "cleanup", "✗ fail"):
        assert f"\n{word}\n" in told, word
    assert page.query_selector(".matrix")
    page.click("dialog button")
    page.goto(page.url.partition("#")[0] + "#words")
    shown(page)
    assert "the paper's word" in page.inner_text("main")
    page.go_back()
    shown(page)


def test_help_lists_the_keys(page):
    page.keyboard.press("?")
    assert "next and previous red cell" in page.inner_text("dialog[open]")
    page.keyboard.press("Escape")
    assert Deadline(5).wait(lambda: page.query_selector("dialog") is None, 0.02)
    page.keyboard.press("/")
    assert Deadline(5).wait(lambda: page.evaluate("document.activeElement.id") == "search", 0.05)

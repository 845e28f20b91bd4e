"""The page about the paper's claims, on the report of bundled scenarios that show some of them."""

import pytest

from harness.machine.interpreters import current
from harness.report.claims import IN_PART, KNOWN, NOT_REPRODUCED, OPEN

from ..conftest import run_harness
from .test_page import shown

HERE = current()


@pytest.fixture(scope="module")
def claims_report(tmp_path_factory):
    """A claim that is reproduced in part, a problem that is, and one that is not; one Python is missing."""
    folder = tmp_path_factory.mktemp("claims")
    done = run_harness("matrix", "--python", HERE, "--python", "3.99", "--no-coverage", "--reports", str(folder), "-k",
                       "dispatch.unexposed or channel.port-held or lifecycle.repeated-sigkill")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "index.html"


@pytest.fixture
def claims(browser, claims_report):
    opened = browser.new_page(viewport={"width": 1280, "height": 800})
    opened.goto(claims_report.as_uri() + "#claims")
    shown(opened)
    yield opened
    opened.close()


def test_what_was_found_is_what_the_cells_saw(claims):
    text = claims.inner_text("#claim-unexposed td:last-child")
    assert f"404 Not Found enginebus on {HERE}" in text
    assert f"200 OK enginebus on {HERE}" in text
    assert "does not start, exit 70" in claims.inner_text("#claim-port-not-free td:last-child")


@pytest.mark.parametrize(("claim", "words"), [
    ("unexposed", f"◐ in part enginebus on {HERE}"), ("port-not-free", f"▲ problem reproduced enginebus on {HERE}"),
    ("repeated-leak", f"▽ problem not reproduced enginebus on {HERE}"), ("reboot", "– cannot be tried here"),
    ("threads", "– not tried in this run"),
])
def test_only_success_looks_like_success(claims, claim, words):
    verdict = claims.query_selector(f"#claim-{claim} td:nth-of-type(2)")
    assert verdict.inner_text().split("\n")[0] == words
    colour = "element => getComputedStyle(element).color"
    green = claims.evaluate("""() => { main.append(make("span", {class: "word pass"}, "✓ pass"));
        const colour = getComputedStyle(main.lastChild).color; main.lastChild.remove(); return colour; }""")
    assert verdict.query_selector(".word").evaluate(colour) != green


def test_a_feature_that_works_is_green(claims):
    assert claims.evaluate("claimVerdict('reproduced', false).outerHTML") == '<span class="word pass">✓ reproduced</span>'


@pytest.mark.parametrize(("verdict", "looks"), [(KNOWN, "known"), (OPEN, "fail"), (IN_PART, "known"), (NOT_REPRODUCED, "known")])
def test_what_is_open_looks_as_its_cells_do(claims, verdict, looks):
    assert claims.evaluate(f"claimVerdict({verdict!r}, false).className") == f"word {looks}"


@pytest.mark.parametrize("width", [1280, 390])
def test_the_table_fits_its_box(claims, width):
    claims.set_viewport_size({"width": width, "height": 800})
    assert claims.eval_on_selector("[aria-label=Claims]", "box => box.scrollWidth <= box.clientWidth")


@pytest.mark.parametrize(("count", "open_ones", "folded"), [(1, 1, None), (5, 5, None), (6, 4, "2 more answers"), (20, 4, "16 more answers")])
def test_of_many_answers_the_rest_is_folded(claims, count, open_ones, folded):
    found = claims.evaluate("""count => {
        const list = make("dl", {}, claimAnswers({question: "q", answers: Array.from({length: count}, (_, n) => ({value: `a${n}`, where: ["x"]}))}));
        const fold = list.querySelector("summary");
        return [list.querySelectorAll(":scope > dd > strong").length, fold && fold.textContent, list.querySelectorAll("strong").length];
    }""", count)
    assert found == [open_ones, folded, count]


def test_the_scenarios_that_were_not_selected_are_named(claims):
    claim = claims.locator("#claim-threads th")
    assert "no scenario" not in claim.inner_text()
    assert claim.locator("summary").all_inner_texts()[-1].endswith(" scenarios not in this run")
    assert "lifecycle.threads" in claim.locator("details").last.text_content()
    assert "no scenario" in claims.inner_text("#claim-reboot th")

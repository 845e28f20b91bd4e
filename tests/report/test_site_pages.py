"""What is changed in the pages of a report when they become part of a site."""

import json

import pytest

from harness.report import templating
from harness.report.site_links import data_of
from harness.report.site_pages import OF_RUN, OF_SITE, entries, navigated, without_coverage

from .test_conformance_pages import Page


def page(*pages, words="#words", body=""):
    text = templating.environment().get_template("base.html").render(pages=pages, up="", script_hash="", style="", style_hash="")
    return text.replace("index.html#words", words).replace("</main>", f"{body}</main>")


OWN = (("Overview", "#overview", False), ("Conformance", "conformance.html", False), ("Bugs", "bugs/index.html", False))


def test_entries_come_before_the_question_mark_and_dead_ones_go():
    text = navigated(page(*OWN), "index.html", {"conformance.html"}, OF_SITE)
    assert Page(text).links == ["#overview", "conformance.html", "badges.html", "runs/index.html", "#words"]
    assert Page(text).words.count("Badges") == 1


@pytest.mark.parametrize(("name", "more", "added"), [
    ("servers/a.html", OF_SITE, ["../badges.html", "../runs/index.html"]), ("index.html", OF_RUN, ["../index.html", "../../index.html"]),
    ("servers/a.html", OF_RUN, ["../../index.html", "../../../index.html"]),
])
def test_entries_are_addressed_from_where_the_page_is(name, more, added):
    up = "../" * name.count("/")
    text = navigated(page(("Overview", f"{up}index.html#overview", False), ("Here", f"{up}here.html", True)), name, {"index.html", "here.html"}, more)
    assert Page(text).links == [f"{up}index.html#overview", f"{up}here.html", *added, "#words"]
    assert text.count('aria-current="page"') == 1


def test_only_the_navigation_is_touched():
    body = '<a href="bugs/index.html">Bugs</a><nav aria-label="Pages">\n<a href="gone.html">gone</a></nav>'
    assert f"{body}</main>" in navigated(page(*OWN, body=body), "index.html", {"conformance.html"}, OF_SITE)


@pytest.mark.parametrize("text", ["<p>coverage.py's</p>", '<nav aria-label="Pages">\n never ends', ""])
def test_a_page_without_our_navigation_stays_as_it_is(text):
    assert navigated(text, "index.html", (), OF_SITE) == text


def test_the_navigation_of_the_first_page_is_that_of_its_own_pages():
    first = navigated(page(*OWN[:2]), "index.html", {"conformance.html", "badges.html"}, OF_SITE)
    assert entries(first, "", "badges.html") == [
        ("Overview", "index.html#overview", False), ("Conformance", "conformance.html", False), ("Badges", "badges.html", True),
        ("All runs", "runs/index.html", False)]
    assert entries(first, "../", "runs/index.html")[1:] == [
        ("Conformance", "../conformance.html", False), ("Badges", "../badges.html", False), ("All runs", "../runs/index.html", True)]


def test_a_kept_run_leads_to_no_coverage_and_what_was_said_stays():
    data = {"coverage": [{"name": "a", "page": "data/1/coverage/a/html/index.html"}, {"name": "b", "page": ""}],
            "said": '"page":"data/1/coverage/a/html/index.html"', "page": "another"}
    text = f'<script type="application/json" id="data">{json.dumps(data, separators=(",", ":"))}</script>'
    left = data_of(without_coverage(text))
    assert left == {**data, "coverage": [{"name": "a", "page": ""}, {"name": "b", "page": ""}]}

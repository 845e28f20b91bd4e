"""Badges: what each says of a server, as a picture, for shields.io, and as text to copy."""

import re
from html.parser import HTMLParser
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree

import pytest

from harness.report.badges import COLOURS, LEFT, Badge, badges, copies, endpoint, shown, svg

SVG = "{http://www.w3.org/2000/svg}"
ATTACK = "</text><script>alert(1)</script>\" onload='x' & \x1b[31m\x00]]>"


def counts(passed=0, known=0, red=0, unmet=0, more=0):
    return {"passed": passed, "asked": passed + known + red + unmet + more, "known": known, "red": red, "unmet": unmet, "word": "pass"}


def overview(**servers):
    pythons = [f"3.{number}" for number in range(5, 14)][: max(map(len, servers.values()), default=0)]
    return {"grid": {"pythons": pythons, "servers": [{"name": name, "cells": cells} for name, cells in servers.items()]}}


def only(*cells):
    return badges(overview(waitress=list(cells)))[1]


@pytest.mark.parametrize(("cells", "message", "state", "told"), [
    ([counts(10)] * 9, "9 Pythons ✓", "green", "nothing is red in 90 cells on 9 Pythons"),
    ([counts(1)], "1 Python ✓", "green", "nothing is red in 1 cell on 1 Python"),
    ([counts(10), None, counts()], "1 Python ✓", "green", "nothing is red in 10 cells on 1 Python"),
    ([counts(10), counts(10, red=2)], "2 red", "red", "2 of 22 cells are red, on 2 Pythons"),
    ([counts(0, red=1, known=4)], "1 red", "red", "1 of 5 cells is red, on 1 Python"),
    ([counts(2000, red=1234)], "1,234 red", "red", "1,234 of 3,234 cells are red, on 1 Python"),
    ([counts(10, known=1), counts(10, known=2)], "2 Pythons, 3 known", "amber", "nothing is red in 23 cells on 2 Pythons; 3 cells fail as known"),
    ([counts(10, known=1, unmet=1)], "1 Python, 1 known, 1 unmet", "amber",
     "nothing is red in 12 cells on 1 Python; 1 cell fails as known; 1 cell misses a recommendation"),
    ([counts(10, more=3)], "1 Python ✓", "green", "nothing is red in 13 cells on 1 Python"),
    ([counts(), None], "not tried", "nothing", "no cell ran"), ([None], "not tried", "nothing", "no cell ran"),
])
def test_what_a_server_did_in_a_few_words(cells, message, state, told):
    badge = only(*cells)
    assert (badge.message, badge.state, badge.told) == (message, state, f"waitress: {told}")
    assert endpoint(badge) == {"schemaVersion": 1, "label": "waitress", "message": message, "color": COLOURS[state]}


def test_the_first_is_of_all_servers_and_counts_a_python_once():
    every = badges(overview(one=[counts(5), counts(5)], two=[counts(5), None]))
    assert [(badge.name, badge.label, badge.message) for badge in every] == [
        ("all", "server matrix", "2 Pythons ✓"), ("one", "one", "2 Pythons ✓"), ("two", "two", "1 Python ✓")]
    assert [badge.page for badge in every] == ["index.html", "index.html#matrix?subject=one", "index.html#matrix?subject=two"]
    assert badges(overview())[0].message == "not tried"


@pytest.mark.parametrize("colour", [*COLOURS.values(), LEFT])
def test_white_text_is_readable_on_each_colour(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    assert 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) >= 4.5


@pytest.mark.parametrize("label", ["waitress", "cherrypy+lt2", "服务器", "x" * 400, ATTACK, "", "\ud800"])
def test_a_picture_is_whole_has_its_texts_and_nothing_else(label):
    badge = badges(overview(**{label: [counts(1)]}))[1]
    root = ElementTree.fromstring(svg(badge).encode("utf-8"))
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {"svg", "title", "rect", "path", "g", "text"}
    assert [text.text or "" for text in root.iter(f"{SVG}text")] == [shown(label), "1 Python ✓"]
    assert root.get("aria-label") == f"{shown(label)}: 1 Python ✓"
    named = {name for element in root.iter() for name in element.attrib}
    assert not {name for name in named if name.startswith("on") or "href" in name or name == "style"}
    first, second = root.iter(f"{SVG}text")
    assert float(first.get("x")) + float(first.get("textLength")) < float(second.get("x"))
    assert float(second.get("x")) + float(second.get("textLength")) < float(root.get("width"))


def test_a_long_name_is_cut():
    assert shown("x" * 400) == "x" * 39 + "…"


def test_each_badge_has_files_of_its_own_that_lead_nowhere_else():
    names = ["all", "a/b", "a_b", "A_B", "../../x", ".hidden", "", "…"]
    files = [badge.file for badge in badges(overview(**{name: [counts(1)] for name in names}))]
    assert len({file.lower() for file in files}) == len(names) + 1
    assert [file for file in files if not re.fullmatch(r"badges/[A-Za-z0-9_+-][A-Za-z0-9._+-]*\.svg", file)] == []


class Image(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("label", ["waitress", "cherrypy+lt2", "a&b", ATTACK, "](x)", "`"])
def test_what_is_copied_names_the_picture_and_the_page(label):
    badge = badges(overview(**{label: [counts(1)]}))[1]
    made = copies(badge, "https://owner.github.io/repo")
    image, page = f"https://owner.github.io/repo/badges/{badge.name}.svg", f"https://owner.github.io/repo/{badge.page}"
    alt = re.fullmatch(r"\[!\[([^\[\]()`<>\n]+)\]\((\S+)\)\]\((\S+)\)", made.markdown)
    assert alt.groups()[1:] == (image, page)
    assert ")" not in page
    assert made.rst.splitlines() == [f".. image:: {image}", f"   :target: {page}", f"   :alt: {alt[1]}"]
    assert Image(made.html).found == [("a", {"href": page}), ("img", {"src": image, "alt": alt[1], "height": "20"})]
    assert parse_qs(urlsplit(made.shields).query) == {"url": [f"https://owner.github.io/repo/{badge.endpoint_file}"]}
    assert parse_qs(page.partition("?")[2]) == {"subject": [label]}, "the page's script reads it in the same way"


def test_a_badge_of_all_leads_to_the_site():
    badge = Badge("all", "server matrix", "1 red", "told", "red", "index.html")
    assert copies(badge, "https://x.org").markdown == "[![server matrix](https://x.org/badges/all.svg)](https://x.org/index.html)"
    assert unquote(copies(badge, "https://x.org").shields).endswith("url=https://x.org/badges/all.json")

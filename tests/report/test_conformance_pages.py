"""The pages about checks as files: which there are, what they say, and that servers' words stay text."""

import re
from html.parser import HTMLParser

import pytest

from harness.report import build
from harness.report.conformance_pages import MARK, file_name
from harness.report.view import RunView

from ..conftest import ROOT
from .checked import check, results, stored

A, B, SEEN = check("a"), check("b", "should", table="v.u"), check("r", "record")
ATTACK = "</style><script>alert(1)</script><img src=x onerror=alert(2)>\" ' & \x1b[31m"
WORDS = {"w.t.a": {"s": (("fail", ATTACK), ("pass", "400")), "t+1.2": (("pass", "400"),)}, "v.u.b": {"s": (("known", "200"),)},
         "w.t.r": {"s": (("recorded", "x"),), "t+1.2": (("recorded", "y"),)}}


class Page(HTMLParser):
    """The elements and links of a page, and its text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.ids, self.words, self.inside = [], [], set(), [], []
        self.feed(text)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.inside.append(tag)
        self.links += [value for name, value in attrs if name == "href"]
        self.ids |= {value for name, value in attrs if name == "id"}

    def handle_endtag(self, tag):
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data):
        if "style" not in self.inside:
            self.words.append(data)


@pytest.fixture
def pages(tmp_path):
    def built(words=WORDS, checks=(A, B, SEEN), **view):
        run = stored(tmp_path, "1", list(checks), words)
        build.build(RunView.load(run, tmp_path, [], ROOT, **view))
        return {str(path.relative_to(tmp_path)): Page(path.read_text("utf-8"))
                for path in (*tmp_path.glob("*.html"), *tmp_path.glob("servers/*"), *tmp_path.glob("checks/*"))}
    return built


def test_a_page_for_each_server_and_for_each_file_of_checks(pages):
    assert set(pages()) == {"index.html", "conformance.html", "servers/s.html", "servers/t+1.2.html", "checks/w.t.html", "checks/v.u.html"}


def test_every_link_leads_somewhere(pages):
    found = pages()
    for name, page in found.items():
        if name == "index.html":
            continue
        folder = name.rpartition("/")[0]
        for link in page.links:
            if link.startswith("https://"):
                continue
            path, _, anchor = link.replace("%2B", "+").partition("#")
            target = name if not path else path.removeprefix("../") if path.startswith("../") else f"{folder}/{path}".lstrip("/")
            assert target in found, (name, link)
            if target != "index.html" and anchor:
                assert anchor in found[target].ids, (name, link)
            if anchor.startswith("cell/"):
                assert anchor.removeprefix("cell/") in results([A, B, SEEN], WORDS)


def test_there_is_no_script_and_nothing_of_a_server_is_markup(pages):
    for name, page in pages().items():
        if name != "index.html":
            assert not {"script", "img"} & set(page.tags), name
            assert "\x1b" not in page.text
    assert "<script>alert(1)</script>" in pages()["servers/s.html"].text


def test_a_policy_allows_the_one_style_and_nothing_else(pages, tmp_path):
    pages()
    text = (tmp_path / "servers" / "s.html").read_text("utf-8")
    assert re.search(r"content=\"default-src 'none'; style-src 'sha256-[\w+/=]{44}'; base-uri 'none'; form-action 'none'\"", text)


def test_the_overview_counts_by_family_and_level(pages):
    text = pages()["conformance.html"].text
    assert "s must 0/1 ✗ 1 differs by Python 2.7 must 0/1 ✗ 1 3.6 must 1/1 ✓" in text
    assert "should 0/1 ≈ 1 known" in text
    assert "t+1.2 must 1/1 ✓ – not asked" in text
    assert "w.t 1 must, 1 record 1 of 2" in text


def test_a_servers_page_says_what_it_does_otherwise(pages):
    text = pages()["servers/s.html"].text
    assert "1 must , 1 should failed; 0 passed by it alone ; 0 recorded differently" in text
    assert "1 of 1 other server passes it" in text
    assert "≈ known 200 on 2.7 because" in text
    assert text.index("About a") < text.index("About b")


def test_a_checks_page_has_what_was_sent_and_all_answers(pages):
    text = pages()["checks/w.t.html"].text
    assert r"GET / HTTP/1.1\r\n \r\n right: 400, closed" in text
    assert "✓ right 400 2 servers s 3.6 t+1.2 2.7" in text
    assert "◦ recorded x 1 server" in text


def test_without_checks_there_are_no_pages_and_no_link(pages, tmp_path):
    assert "conformance.html" in pages()["index.html"].links
    (tmp_path / "servers" / "mine.html").write_text("not of the report")
    found = pages({"w.t.a": {"s": ("unsupported",)}})
    assert set(found) == {"index.html", "servers/mine.html"}
    assert "conformance.html" not in found["index.html"].links


def test_pages_of_an_earlier_run_are_removed(pages, tmp_path):
    pages()
    assert MARK in (tmp_path / "servers" / "t+1.2.html").read_text("utf-8")
    assert set(pages({"w.t.a": {"s": ("pass",)}})) == {"index.html", "conformance.html", "servers/s.html", "checks/w.t.html"}


def test_no_name_leads_out_of_the_folder():
    assert [file_name(name) for name in ("http.server", "a/../b", "..", "a+1.2-3")] == ["http.server.html", "a_.._b.html", "...html", "a+1.2-3.html"]

"""Which files a report consists of: what its pages lead to, and never raw data."""

import pytest

from harness.report.site_links import FORMS, data_of, files, local_links, read, regular, target

DATA = '<script type="application/json" id="data">{}</script>'


@pytest.fixture
def reports(tmp_path):
    """The folder of a report; beside it is what is none of its files."""
    return tmp_path / "reports"


@pytest.fixture
def put(reports):
    def put(name, text="x"):
        path = reports / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path
    return put


@pytest.mark.parametrize(("address", "page", "name"), [
    ("conformance.html", "index.html", "conformance.html"), ("../index.html#cell/x", "servers/a.html", "index.html"),
    ("servers/a%2Bb.html", "conformance.html", "servers/a+b.html"), ("x.html?v=1", "a/b/c.html", "a/b/x.html"),
    ("#cell/x", "index.html", ""), ("https://x.org/a.html", "index.html", ""), ("//x.org/a.html", "index.html", ""),
    ("mailto:a@b", "index.html", ""), ("javascript:alert(1)", "index.html", ""), ("http://[", "index.html", ""), ("", "index.html", ""),
    ("../../x.html", "servers/a.html", "../x.html"), ("/etc/passwd", "index.html", "/etc/passwd"),
])
def test_where_a_link_leads(address, page, name):
    assert target(address, page) == name


@pytest.mark.parametrize("name", ["../x.html", "/etc/passwd", "a/../../x.html", "a\\b.html", "", "a//b", "a\0b", "./a"])
def test_a_name_that_leads_out_of_the_folder_is_no_file_of_it(put, reports, name):
    put("a/b.html")
    (reports.parent / "x.html").write_text("outside")
    assert regular(reports, name) is None
    assert regular(reports, "a/b.html") == reports / "a" / "b.html"


def test_links_of_elements_and_of_the_data_are_followed_and_words_are_not():
    text = ('<link href="style.css"><script src="a.js"></script><img src="b.png"><a href="c.html#x">c</a><a name="no.html">'
            '<pre>&lt;a href="told.html"&gt;</pre><script>"<a href=\'said.html\'>"</script>' +
            DATA.format('{"coverage": [{"page": "data/1/coverage/x/html/index.html"}, {"page": ""}], "said": "<a href=never.html>"}'))
    assert local_links(text, "index.html") == {"style.css", "a.js", "b.png", "c.html", "data/1/coverage/x/html/index.html"}


def test_the_data_of_a_page():
    assert data_of(DATA.format('{"run": "1"}')) == {"run": "1"}
    assert data_of("<p>no data</p>") is None
    assert data_of(DATA.format("[1]")) is None


def test_what_pages_lead_to_is_found_and_nothing_else(put, reports):
    put("index.html", '<a href="servers/a.html">a</a>' + DATA.format('{"coverage": [{"page": "data/1/coverage/all/html/index.html"}]}'))
    put("servers/a.html", '<a href="../checks/b.html">b</a><a href="../gone.html">gone</a>')
    put("checks/b.html", '<a href="../index.html">back</a>')
    put("servers/old.html")
    html = "data/1/coverage/all/html"
    put(f"{html}/index.html", '<link href="s.css"><a href="z.html">z</a><a href="../data">data</a><a href="../../../cells/c/history.json">c</a>')
    for name in (f"{html}/s.css", f"{html}/z.html", "data/1/coverage/all/data", "data/1/coverage/all/report.json",
                 "data/1/cells/c/history.json", "data/1/plan.json", "junit.xml", "results.json"):
        put(name)
    found = files(reports)
    assert set(found.found) == {"index.html", "servers/a.html", "checks/b.html", "junit.xml", "results.json",
                                *(f"{html}/{name}" for name in ("index.html", "s.css", "z.html"))}
    assert found.dead == {"gone.html": "servers/a.html", "data/1/coverage/all/data": f"{html}/index.html",
                          "data/1/cells/c/history.json": f"{html}/index.html"}
    assert set(files(reports, ("data", "checks")).found) == {"index.html", "servers/a.html", "junit.xml", "results.json"}


def test_the_forms_are_those_that_a_report_writes(reports):
    """One that build stops to write would be missed by nobody else."""
    from harness.report import build
    from harness.report.view import RunView

    from ..conftest import ROOT
    from .checked import check, stored

    build.build(RunView.load(stored(reports, "1", [check("a")], {"w.t.a": {"s": ("pass",)}}), reports, [], ROOT))
    assert {path.name for path in reports.iterdir() if path.is_file()} == {"index.html", "conformance.html", *FORMS}


@pytest.mark.parametrize("link", ["page.html", "servers"])
def test_a_symbolic_link_is_not_followed(put, reports, link):
    put("index.html", '<a href="page.html">a</a><a href="servers/a.html">a</a>')
    outside = reports.parent / "outside"
    outside.mkdir()
    (outside / "a.html").write_text("secret")
    (reports / link).symlink_to(outside / "a.html" if link == "page.html" else outside)
    assert set(files(reports).found) == {"index.html"}
    if link == "page.html":
        with pytest.raises(OSError, match="symbolic links"):
            read(reports / link)

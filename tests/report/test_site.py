"""A site as files: what is in it, what it keeps of earlier runs, and which folders it may replace."""

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from harness.coverage.combine import Measured
from harness.model.refusal import Refusal
from harness.report import build, site
from harness.report.site_links import data_of, local_links, target
from harness.report.site_runs import Earlier, Facts, earlier
from harness.report.view import RunView

from ..conftest import ROOT
from .checked import check, stored
from .test_conformance_pages import Page

CHECKS = [check("a"), check("b", "should", table="v.u")]
WORDS = {"w.t.a": {"s": ("fail", "pass"), "t+1.2": ("pass",)}, "v.u.b": {"s": ("known",)}}
PAGE = "data/{run}/coverage/s@2.7/html/index.html"


def report(folder: Path, run="1", words=WORDS, **environment) -> Path:
    """The reports of a run with checks and coverage, and with what other tasks wrote beside it."""
    page = folder / PAGE.format(run=run)
    page.parent.mkdir(parents=True)
    page.write_text('<link href="style.css"><a href="z.html">z</a>')
    for name in ("style.css", "z.html", "../data", "../report.json"):
        (page.parent / name).write_text("x")
    (folder / "mutants").mkdir(exist_ok=True)
    (folder / "mutants" / "index.html").write_text("<p>mutants</p>")
    measured = [Measured("s@2.7", 90.0, 10, 1, 0, 0, "coverage/s@2.7/html/index.html", {})]
    kept = stored(folder, run, CHECKS, words)
    plan = kept.read_plan()
    kept.write_plan(replace(plan, environment={**plan.environment, **environment}))
    build.build(RunView.load(kept, folder, measured, ROOT))
    return folder


def written(reports: Path, folder: Path, kept=(), keep=20, address="", note=print):
    return site.write(reports, folder, kept, keep, address, note)


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def made(tmp_path):
    """A site, its folder."""
    written(report(tmp_path / "reports"), tmp_path / "site", address="https://x.org")
    return tmp_path / "site"


def test_it_has_the_report_the_run_and_badges_and_no_raw_data(made):
    forms = {"junit.xml", "summary.md", "results.csv", "results.json", "results.schema.json", "badge.json"}
    checks = {"index.html", "conformance.html", "servers/s.html", "servers/t+1.2.html", "checks/w.t.html", "checks/v.u.html"}
    html = PAGE.format(run="1").rpartition("/")[0]
    assert names(made) == {
        *forms, *checks, *(f"runs/1/{name}" for name in (*forms, *checks, "run.json")), "runs/index.html", "badges.html", "mutants/index.html",
        *(f"badges/{name}.{kind}" for name in ("all", "s", "t+1.2") for kind in ("svg", "json")),
        *(f"{html}/{name}" for name in ("index.html", "style.css", "z.html")), "site.json", ".nojekyll"}


def test_every_link_of_every_page_leads_to_a_file_and_each_page_is_led_to(made):
    reached = set()
    for name in names(made):
        if name.endswith(".html"):
            for linked in local_links((made / name).read_text("utf-8"), name):
                assert (made / linked).is_file(), (name, linked)
                reached.add(linked)
    assert {name for name in names(made) if name.endswith(".html")} <= reached | {"index.html"}


def test_anchors_of_pages_without_a_script_are_there(made):
    pages = {name: Page((made / name).read_text("utf-8")) for name in names(made) if name.endswith(".html")}
    looked_at = 0
    for name, page in pages.items():
        for link in page.links:
            address, _, anchor = link.partition("#")
            other = target(address, name) or name
            if anchor and "://" not in link and other in pages and not other.endswith("index.html"):
                assert anchor in pages[other].ids, (name, link)
                looked_at += 1
    assert looked_at > 5


def test_the_navigation_leads_from_each_run_to_all_and_to_the_newest(made):
    links = Page((made / "runs/1/servers/s.html").read_text("utf-8")).links
    assert {"../../index.html", "../../../index.html"} <= set(links)
    assert not any("mutants" in link for link in links), "which are not this run's"
    assert "mutants/index.html" in Page((made / "index.html").read_text("utf-8")).links
    assert data_of((made / "runs/1/index.html").read_text("utf-8"))["coverage"][0]["page"] == ""
    assert data_of((made / "index.html").read_text("utf-8"))["coverage"][0]["page"] == PAGE.format(run="1")


def test_a_finding_has_the_same_key_in_the_newest_run_and_in_the_kept_one(made, tmp_path):
    written(report(tmp_path / "reports", "2"), made, earlier(made, print))
    keys = [[one["key"] for one in data_of((made / name).read_text("utf-8"))["overview"]["findings"]]
            for name in ("index.html", "runs/1/index.html", "runs/2/index.html")]
    assert keys[0] == keys[1] == keys[2] == [one["key"] for one in json.loads((made / "results.json").read_text("utf-8"))["findings"]]
    assert len(set(keys[0])) == 2


def test_earlier_runs_stay_as_they_were_and_only_so_many(made, tmp_path):
    before = {name: (made / name).read_bytes() for name in names(made) if name.startswith("runs/1/")}
    for run in ("2", "3"):
        done = written(report(tmp_path / "reports", run), made, earlier(made, print), keep=2)
        if run == "2":
            assert {name: (made / name).read_bytes() for name in before} == before
    assert sorted(path.name for path in (made / "runs").iterdir()) == ["2", "3", "index.html"]
    assert done.runs == 2
    links = Page((made / "runs/index.html").read_text("utf-8")).links
    assert [link for link in links if link[0] in "123"] == ["3/index.html", "2/index.html"]
    assert json.loads((made / "site.json").read_text())["run"] == "3"


def test_of_an_earlier_run_only_its_own_plain_files_are_copied(made, tmp_path):
    secret = tmp_path / "secret.html"
    secret.write_text("secret")
    (made / "runs/1/linked.html").symlink_to(secret)
    (made / "runs/1/checks/folder").symlink_to(tmp_path)
    (made / "runs/1/history.gz").write_text("no part of a report")
    written(report(tmp_path / "reports", "2"), made, earlier(made, print))
    assert not {"runs/1/linked.html", "runs/1/history.gz"} & names(made)
    assert not any("secret" in name for name in names(made))
    assert not any(path.is_symlink() for path in made.rglob("*"))
    assert (made / "runs/1/index.html").is_file()


def test_what_servers_and_runs_are_called_is_text(tmp_path):
    attack = "<img src=x onerror=alert(1)>"
    folder = tmp_path / "earlier"
    folder.mkdir()
    kept = [Earlier(folder, Facts(attack, attack, attack, attack, attack, attack))]
    written(report(tmp_path / "reports"), tmp_path / "site", kept)
    page = Page((tmp_path / "site/runs/index.html").read_text("utf-8"))
    assert "img" not in page.tags
    assert page.text.count(attack) == 3


def test_the_list_says_day_verdict_commit_and_command(tmp_path):
    made = tmp_path / "site"
    written(report(tmp_path / "reports", started="2026-11-29T12:00:00+0000", commit="0123456789abcdef", commands="server-matrix"), made)
    text = Page((made / "runs/index.html").read_text("utf-8")).text
    for told in ("2026-11-29", "012345678", "server-matrix"):
        assert told in text
    assert "2 servers on 2 Pythons: 1 cell is red, with 1 finding; 1 cell fails as known, with 1 finding" in text
    assert "shown on the first page" in text


@pytest.mark.parametrize(("address", "there", "said"), [
    ("https://x.org/m", "https://x.org/m/badges/s.svg", False), ("", f"{site.PLACEHOLDER}/badges/s.svg", True)])
def test_without_an_address_the_badges_page_says_so(tmp_path, address, there, said):
    written(report(tmp_path / "reports"), tmp_path / "site", address=address)
    page = Page((tmp_path / "site/badges.html").read_text("utf-8"))
    assert there in page.text
    assert ("stands for the address of this site" in page.text) == said
    assert page.tags.count("svg") == 3


def test_the_badges_page_allows_its_own_style_and_script_and_nothing_else(made):
    text = (made / "badges.html").read_text("utf-8")
    policy = text.partition('content="default-src')[2].partition('"')[0]
    assert policy.count("sha256-") == 2
    assert "unsafe" not in policy
    assert "script-src" not in (made / "runs/index.html").read_text("utf-8")


def test_a_dead_link_of_a_report_is_told(tmp_path):
    reports, said = report(tmp_path / "reports"), []
    (reports / "checks/w.t.html").unlink()
    written(reports, tmp_path / "site", note=said.append)
    (line,) = said
    assert line.endswith(".html leads to checks/w.t.html, which is not there")


@pytest.mark.parametrize(("name", "text"), [
    ("index.html", "<p>not ours</p>"), ("index.html", None), ("index.html", '<script type="application/json" id="data">{"x</script>'),
    ("index.html", '<script type="application/json" id="data">{"overview": []}</script>'),
    ("index.html", '<script type="application/json" id="data">{"overview": {"findings": []}}</script>'),
    *(("results.json", text) for text in ("x", "{}", "[]", "", None, '{"format": 99, "run": "1", "cells": [1], "targets": [1]}',
                                          '{"format": 1, "run": "another", "cells": [1], "targets": [1]}', "[" * 100_000)),
    *((name, text) for name in ("badge.json", "results.schema.json", "junit.xml", "summary.md", "results.csv") for text in ("x", "", None)),
])
def test_a_report_that_is_damaged_in_any_form_is_refused_and_the_site_stays(made, tmp_path, name, text):
    before = {one: (made / one).read_bytes() for one in names(made)}
    (tmp_path / "reports" / name).unlink()
    if text is not None:
        (tmp_path / "reports" / name).write_text(text)
    with pytest.raises(Refusal, match=rf"{name}: .*server-matrix"):
        written(tmp_path / "reports", made)
    assert {one: (made / one).read_bytes() for one in names(made)} == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == [], "nothing half-written is left"


def test_a_site_that_cannot_take_the_place_of_the_old_one_leaves_it_there(made, tmp_path, monkeypatch):
    before, rename = names(made), Path.rename

    def fails(path, to):
        if path.name == "new":
            raise OSError(28, "No space left on device")
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", fails)
    with pytest.raises(OSError, match="No space"):
        written(tmp_path / "reports", made)
    assert names(made) == before


def test_a_site_can_be_read_by_the_server_that_publishes_it(made):
    modes = {path.stat().st_mode for path in (made, *made.rglob("*"))}
    assert all(mode & stat.S_IRGRP for mode in modes)


@pytest.mark.parametrize("marked", [True, False])
def test_what_somebody_else_put_into_a_site_stays(made, tmp_path, marked):
    (made / "CNAME").write_text("matrix.example.org")
    (made / "robots.txt").write_text("robots")
    (made / ".well-known").mkdir()
    (made / ".well-known" / "x").write_text("known")
    (made / "secret").symlink_to(tmp_path)
    (made / "badges" / "old.svg").write_text("of a server that is gone")
    if not marked:  # by a version that did not say what it wrote
        mark = json.loads((made / "site.json").read_text())
        (made / "site.json").write_text(json.dumps({key: value for key, value in mark.items() if key != "wrote"}))
    said = []
    for run in ("2", "3"):
        written(report(tmp_path / "reports", run), made, earlier(made, print), note=said.append)
    own = {"CNAME", *([] if not marked else ["robots.txt", ".well-known/x"])}
    assert own == names(made) & {"CNAME", "robots.txt", ".well-known/x", "secret", "badges/old.svg"}
    assert (made / "CNAME").read_text() == "matrix.example.org"
    assert said == (["not carried over, since it is a link: secret"] if marked else [])


def test_what_somebody_else_put_where_the_report_has_something_is_told(made, tmp_path):
    (made / "bench.html").write_text("mine")
    (tmp_path / "reports" / "bench.html").write_text("the report's")
    said = []
    (tmp_path / "reports" / "index.html").write_text((tmp_path / "reports" / "index.html").read_text().replace("</nav>", '<a href="bench.html">Speed</a>\n</nav>'))
    written(tmp_path / "reports", made, note=said.append)
    assert (made / "bench.html").read_text() == "the report's"
    assert said == ["bench.html of the site is replaced by what the report has under that name"]


@pytest.mark.parametrize(("days", "first", "told"), [(("28", "29"), "2", False), (("29", "28"), "2", True), (("29", "29"), "2", False)])
def test_a_run_in_front_that_is_not_the_newest_is_told(tmp_path, days, first, told):
    said, folder = [], tmp_path / "site"
    for run, day in zip("12", days, strict=True):
        written(report(tmp_path / f"reports{run}", run, started=f"2026-11-{day}T12:00:00+0000"), folder, earlier(folder, print), note=said.append)
    assert data_of((folder / "index.html").read_text("utf-8"))["run"] == first
    links = Page((folder / "runs/index.html").read_text("utf-8")).links
    assert [link for link in links if link[0] in "12"] == (["1/index.html", "2/index.html"] if told else ["2/index.html", "1/index.html"])
    assert [line.partition(",")[0] for line in said] == (["the first page and the badges show run 2"] if told else [])

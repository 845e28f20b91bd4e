"""The runs that a site keeps: their facts, their folders, and what is none of ours."""

import json
from dataclasses import replace

import pytest

from harness.model.refusal import Refusal
from harness.report.overview import STATES
from harness.report.site_runs import FACTS, Facts, earlier, facts_of, folder_name, read_facts, write_facts

ONE = Facts("20261129T120000-1", "2026-11-29T12:00:00+0000", "abc", "-k x", "1 server on 1 Python: nothing is red", "green")


def keep(site, name, facts=ONE, text=None):
    folder = site / "runs" / name
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("the page")
    (folder / FACTS).write_text(write_facts(facts) if text is None else text)
    return folder


@pytest.fixture
def site(tmp_path):
    """An earlier site; beside it is what is none of its files."""
    (tmp_path / "site").mkdir()
    return tmp_path / "site"


def test_facts_are_what_the_page_says():
    data = {"run": "r", "environment": {"started": "2020-11-29T12:00"}, "command": ["-k", "x"],
            "overview": {"commit": "abc", "sentence": "No cell ran", "state": "nothing"}}
    facts = facts_of(data)
    assert facts == Facts("r", "2020-11-29T12:00", "abc", "nox -s matrix -- -k x", "No cell ran", "nothing")
    assert (facts.day, facts.look) == ("2020-11-29", STATES["nothing"])


def test_facts_are_read_as_they_were_written(site):
    assert read_facts(keep(site, "a")) == ONE


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "[" * 100_000, '{"run": "a"}', json.dumps({**json.loads(write_facts(ONE)), "commit": 1})])
def test_facts_that_cannot_be_read_are_none(site, text):
    assert read_facts(keep(site, "a", text=text)) is None


def test_facts_are_bounded_and_without_escapes(site):
    facts = read_facts(keep(site, "a", Facts("\x1b[31mr", "x", "y", "z" * 100_000, "s", "no such state")))
    assert facts.run == "r"
    assert len(facts.command) < 600
    assert facts.look == STATES["nothing"]


@pytest.mark.parametrize("run", ["20261129T120000-1", "merged", "a.b_c+d"])
def test_the_folder_of_a_run_has_its_name(run):
    assert folder_name(run) == run


@pytest.mark.parametrize("run", ["index.html", "..", ".", "", "../../x", "a/b", "a\\b", ".hidden", "x" * 200, "é", "a b", "\ud800", "-x", "a\n"])
def test_a_run_with_a_strange_name_gets_one_that_leads_nowhere_else(run):
    assert folder_name(run) == folder_name(run)
    assert folder_name(run).startswith("run-")
    assert folder_name(folder_name(run)) == folder_name(run)
    assert folder_name(run) != folder_name(run + "x")


def test_earlier_runs_are_found_the_newest_first(site):
    for number, day in (("1", "28"), ("2", "30"), ("3", "29")):
        keep(site, number, Facts(number, f"2020-11-{day}T12:00:00+0000", "", "", "", "red"))
    (site / "runs" / "index.html").write_text("the list")
    said = []
    assert [one.folder.name for one in earlier(site, said.append)] == ["2", "3", "1"]
    assert said == []


def test_what_is_no_run_of_a_site_is_refused_since_a_new_site_would_not_have_it(site):
    keep(site, "good")
    keep(site, "broken", text="{")
    keep(site, "pageless").joinpath("index.html").unlink()
    keep(site, "strange name\x1b[31m")
    (site / "runs" / "linked").symlink_to(keep(site.parent / "elsewhere", "x"))
    (site / "runs" / "file").write_text("")
    with pytest.raises(Refusal) as refused:
        earlier(site, print)
    told = str(refused.value)
    assert "damaged, or not a run of a site: runs/broken, runs/file, runs/linked, runs/pageless, runs/strange name. A new site" in told
    assert "Restore it, or delete it if you no longer need it" in told


def page_of(started="2026-11-29T12:00:00+0000", **more):
    told = {"run": "r", "environment": {"started": started}, "command": ["-k", "x"],
            "overview": {"commit": "abc", "sentence": "No cell ran", "state": "nothing"}, **more}
    return f'<script type="application/json" id="data">{json.dumps(told)}</script>'


@pytest.mark.parametrize("text", ["", "{", '{"run": "a"}', write_facts(replace(ONE, started="9999")), write_facts(replace(ONE, started="")),
                                  json.dumps({**json.loads(write_facts(ONE)), "format": 99})])
def test_facts_that_are_damaged_are_taken_from_the_page(site, text):
    keep(site, "a", text=text).joinpath("index.html").write_text(page_of())
    said = []
    (one,) = earlier(site, said.append)
    assert one.facts == Facts("r", "2026-11-29T12:00:00+0000", "abc", "nox -s matrix -- -k x", "No cell ran", "nothing")
    assert said == ["runs/a/run.json is damaged; what it said was taken from the page of the run"]


@pytest.mark.parametrize("page", ["the page", page_of(overview={}), page_of(command=None), '<script type="application/json" id="data">{</script>'])
def test_damaged_facts_and_a_damaged_page_are_refused(site, page):
    keep(site, "a", text="{").joinpath("index.html").write_text(page)
    with pytest.raises(Refusal, match="damaged, or not a run of a site: runs/a"):
        earlier(site, print)


@pytest.mark.parametrize("started", ["9999", "9999-01-01T00:00:00+0000", "2026-99-01T00:00:00", "now", "", "2026-11-30", "\x00"])
def test_a_run_that_does_not_say_when_it_began_is_the_last(site, started):
    keep(site, "strange", replace(ONE, started=started))
    keep(site, "good")
    found = earlier(site, print)
    assert [one.folder.name for one in found] == ["good", "strange"]
    assert found[1].facts.day == ""


def test_runs_are_ordered_by_the_moment_and_not_by_its_spelling(site):
    for name, started in (("1", "2026-11-29T12:00:00+0200"), ("2", "2026-11-29T11:00:00+0000"), ("3", "2026-11-29T10:30:00")):
        keep(site, name, replace(ONE, started=started))
    assert [one.folder.name for one in earlier(site, print)] == ["2", "3", "1"]


@pytest.mark.parametrize("there", [False, True])
def test_a_site_without_runs_or_with_a_link_in_their_place_has_none(site, there):
    if there:
        keep(site.parent / "another", "x")
        (site / "runs").symlink_to(site.parent / "another" / "runs")
    assert earlier(site, print) == []

"""``site`` as a user has it: where it writes, what it keeps, and what it refuses."""

import shutil

import pytest

from harness.cli import main
from harness.report import site_checks as sites

from ..report.test_site import report


@pytest.fixture
def ask(tmp_path, capsys, monkeypatch):
    """Ask for a site in an empty current folder; returns the exit code and what was said."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def ask(*words):
        code = main.main(["site", *map(str, words)])
        said = capsys.readouterr()
        return code, said.out + said.err

    return ask


@pytest.fixture
def reports(tmp_path):
    return report(tmp_path / "reports")


def runs(folder):
    return sorted(path.name for path in (folder / "runs").iterdir() if path.is_dir())


def test_a_site_is_written_and_then_updated_where_it_is(ask, reports, tmp_path):
    code, said = ask("public", "--reports", reports, "--url", "https://owner.github.io/repo/")
    assert (code, "site: public/index.html, 1 run, " in said, "--url" in said) == (0, True, False)
    assert "https://owner.github.io/repo/badges/all.svg" in (tmp_path / "here/public/badges.html").read_text("utf-8")
    report(reports, "2")
    code, said = ask("public", "--reports", reports)
    assert (code, "2 runs" in said, "--url https://… says where the site will be" in said) == (0, True, True)
    assert runs(tmp_path / "here" / "public") == ["1", "2"]


def test_runs_come_from_an_earlier_site_elsewhere_and_only_so_many(ask, reports, tmp_path):
    for run in ("2", "3"):
        assert ask("old", "--reports", reports)[0] == 0
        report(reports, run)
    assert ask("new", "--reports", reports, "--previous", "old", "--keep", "2")[0] == 0
    assert runs(tmp_path / "here" / "old") == ["1", "2"], "it is only read"
    assert runs(tmp_path / "here" / "new") == ["2", "3"]
    assert ask("new", "--reports", reports, "--keep", "1")[0] == 0
    assert runs(tmp_path / "here" / "new") == ["3"]


def test_a_site_of_which_only_the_runs_and_the_mark_were_kept_goes_on(ask, reports, tmp_path):
    """As the workflow keeps it between two runs."""
    assert ask("site", "--reports", reports)[0] == 0
    public = tmp_path / "here" / "site"
    for path in public.iterdir():
        if path.name not in ("runs", "site.json"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    report(reports, "2")
    code, said = ask("site", "--reports", reports)
    assert (code, "2 runs" in said) == (0, True)
    assert (public / "runs/1/index.html").is_file()
    assert (public / "badges/s.svg").is_file()


@pytest.mark.parametrize(("file", "text", "problem"), [
    ("public/runs/1/run.json", "{", ""), ("public/runs/1/index.html", "", "damaged, or not a run of a site: runs/1."),
    ("public/site.json", '{"format": 99, "made_by": "server-matrix site"}', "has format 99, and this version of server-matrix knows 1"),
    ("reports/results.json", "{}", "results.json: is not there, damaged, or not of the run that index.html shows"),
])
def test_what_is_damaged_is_refused_or_mended_and_no_run_is_lost(ask, reports, tmp_path, file, text, problem):
    assert ask("public", "--reports", reports)[0] == 0
    report(reports, "2")
    public = tmp_path / "here" / "public"
    damaged = tmp_path / ("here" if file.startswith("public") else "") / file
    damaged.write_text(text)
    if damaged.name == "index.html":
        damaged.with_name("run.json").write_text("{")
    before = {path: path.read_bytes() for path in public.rglob("*") if path.is_file()}
    code, said = ask("public", "--reports", reports)
    assert (code, problem in said) == (2 if problem else 0, True)
    assert (public / "runs" / "1" / "index.html").is_file()
    if problem:
        assert {path: path.read_bytes() for path in public.rglob("*") if path.is_file()} == before
    else:
        assert "runs/1/run.json is damaged; what it said was taken from the page of the run" in said


@pytest.mark.parametrize(("words", "problem"), [
    (["mine"], "is neither empty nor a site that server-matrix wrote, so it is left as it is; name another"),
    (["new", "--previous", "nowhere"], "--previous nowhere: there is no such folder"),
    (["new", "--previous", "mine"], "--previous mine: is no site that server-matrix wrote"),
    (["new", "--previous", ""], "--previous: '' is empty"),
    (["new", "--keep", "0"], "--keep: 0 is too small; give at least 1"),
    (["new", "--url", "owner.github.io"], "'owner.github.io' is no address"),
    (["new", "--url", "https://x.org/a?b"], "is no address; give one such as https://owner.github.io/repository"),
    (["new", "--url", "https://x.org/\"><script>"], "is no address"),
    (["new", "--url", "javascript:alert(1)"], "is no address"),
    (["linked"], "is a link; name the folder itself"),
    (["mine/thesis.txt"], "is a file, but a site is a folder"),
    ([], "the following arguments are required: FOLDER"),
])
def test_what_is_refused_leaves_everything_as_it_is(ask, reports, tmp_path, words, problem):
    here = tmp_path / "here"
    (here / "mine").mkdir()
    (here / "mine" / "thesis.txt").write_text("mine")
    (here / "linked").symlink_to(here / "mine")
    code, said = ask(*words, "--reports", reports)
    assert code == 2
    assert problem in said
    assert said.count("\n") == 1
    assert sorted(path.relative_to(here).as_posix() for path in here.rglob("*")) == ["linked", "mine", "mine/thesis.txt"]


def test_without_a_report_there_is_no_site(ask, tmp_path):
    (tmp_path / "none").mkdir()
    code, said = ask("new", "--reports", tmp_path / "none")
    assert (code, "there is no report; server-matrix matrix runs one" in said) == (2, True)
    assert list((tmp_path / "here").iterdir()) == []


def test_a_folder_that_holds_the_reports_or_oneself_is_not_replaced(ask, reports, tmp_path, monkeypatch):
    public = tmp_path / "here" / "public"
    assert ask(public, "--reports", reports)[0] == 0
    inside = report(public / "reports")
    code, said = ask(public, "--reports", inside)
    assert (code, "is replaced as a whole, and has the reports in it" in said) == (2, True)
    code, said = ask(public, "--reports", reports, "--previous", public / "runs")
    assert (code, "is no site" in said) == (2, True)
    assert ask(public / "old", "--reports", reports)[0] == 0
    code, said = ask(public, "--reports", reports, "--previous", public / "old")
    assert (code, "which is replaced as a whole" in said) == (2, True)
    monkeypatch.chdir(public / "runs")
    code, said = ask(public, "--reports", reports)
    assert (code, "has the current folder in it" in said) == (2, True)
    assert (inside / "index.html").is_file()


def test_a_site_that_pages_would_not_take_is_told(ask, reports, monkeypatch):
    from harness.cli import site

    monkeypatch.setattr(site, "PAGES_LIMIT", 1000)
    code, said = ask("new", "--reports", reports)
    assert (code, "GitHub Pages publishes 1 GB: keep fewer runs with --keep" in said) == (0, True)


def test_its_help_says_what_may_be_replaced(capsys):
    with pytest.raises(SystemExit):
        main.main(["site", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert "FOLDER must be empty, or a site that this command wrote" in said
    assert sites.MADE_BY in said

"""Two scenarios that do the same are a mistake; what makes them different, and what does not."""

import contextlib
import os
import shutil
import socket
from pathlib import Path

import pytest

from harness.cli import check, new
from harness.language.files import load
from harness.language.parse_scenario import parse
from harness.language.scenario import Mistakes
from harness.model.refusal import Refusal
from harness.targets.load_subjects import BUNDLED

from ..conftest import ROOT
from .given import given_by

STEPS = [{"act": "start"}, {"act": "request", "path": "/", "expect": {"status": 200}, "save": {"child": "json:/pid"}}]
ONE = {"format": 1, "id": "a.one", "title": "One", "paper": "unexposed", "app": "life", "step": STEPS}


def doubles(**changes):
    mistakes = Mistakes("")
    first, second = parse(ONE, "a/one.toml"), parse({**ONE, "id": "a.two", **changes}, "a/two.toml")
    check._check_doubles([first, second], mistakes)
    return mistakes.found


@pytest.mark.parametrize("changes", [
    {}, {"title": "Another"}, {"why": "because"}, {"paper": "netstat"}, {"coverage": False},
    {"step": [{**step, "note": "said otherwise"} for step in STEPS]},
])
def test_prose_makes_no_difference(changes):
    assert doubles(**changes) == ["a/two.toml: does and expects the same as a/one.toml; keep one of them"]


@pytest.mark.parametrize("changes", [
    {"app": "failing"}, {"needs": ["threads"]}, {"python": ">=3.6"}, {"tls": True}, {"reload": True},
    {"leaves": ["child"]}, {"step": [*STEPS, {"act": "stop"}]}, {"step": [STEPS[0], {**STEPS[1], "within": "3s"}]},
    {"step": [STEPS[0], {**STEPS[1], "expect": {"status": 201}}]}, {"channel": "default", "needs": ["default-channel"]},
])
def test_what_it_does_and_expects_does(changes):
    assert doubles(**changes) == []


def test_what_there_is_nothing_of_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "empty", tmp_path / "nowhere.toml"):
        with pytest.raises(Refusal, match="there is no such file, or no"):
            check.run(given_by("check", str(path)), print)


def checked(*files, scenarios=None):
    said = []
    own = ["--scenarios", str(scenarios), "--no-bundled-scenarios"] if scenarios else []
    try:
        check.run(given_by("check", *own, *map(str, files)), said.append)
    except Refusal as problem:
        said += str(problem).splitlines()
    return said


def a_socket(path):
    os.chdir(path.parent)  # the name of a socket is short
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as sock:
        sock.bind(path.name)


@pytest.mark.parametrize(("make", "kind"), [
    (os.mkfifo, "a FIFO, a socket or a device"), (os.mkdir, "a folder"), (a_socket, "a FIFO, a socket or a device"),
    (lambda path: path.symlink_to("nowhere"), None)])
@pytest.mark.parametrize("name", ["x.toml", "subject.toml"])
def test_only_files_are_read(tmp_path, monkeypatch, make, kind, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.toml").write_text("format = 7\nid = 'a.b'\ntitle = 't'\n")
    make(tmp_path / name)
    said = [line for line in checked(tmp_path) if name in line]
    assert said == [f"{tmp_path / name}: cannot be read: " + (
        f"it is {kind}, not a file; rename it so that it does not end in .toml" if kind else "No such file or directory")]
    if kind and kind != "a folder":
        assert checked(tmp_path / name) == said


def test_a_file_is_named_as_it_was_given(tmp_path, monkeypatch):
    text = (ROOT / "scenarios/http/head.toml").read_text("utf-8").replace('act', 'atc', 1)
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "x.toml").write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    for given in (Path("scenarios/x.toml"), Path("./scenarios/../scenarios/x.toml"), tmp_path / "scenarios/x.toml"):
        assert all(line.startswith(f"{given}: ") for line in checked(given))
    assert checked(Path("scenarios/x.toml"), scenarios=tmp_path / "scenarios")[0].startswith("scenarios/x.toml: step")
    monkeypatch.chdir(ROOT)
    assert [one.file for one in load(Path("scenarios/http/head.toml"), ROOT / "scenarios")] == ["scenarios/http/head.toml"]


def test_a_subject_of_another_place_is_checked_too(tmp_path):
    """It was passed over, and said to be right."""
    text = (ROOT / "harness/subjects/waitress/subject.toml").read_text("utf-8")
    file = tmp_path / "mine" / "subject.toml"
    file.parent.mkdir()
    file.write_text(text.replace('"wsgi"', '"wsgy"'), "utf-8")
    assert checked(file) == [line for line in checked(file) if line.startswith(f"{file}: capabilities: unknown capability 'wsgy'")]
    file.write_text(text, "utf-8")
    assert checked(file, ROOT / "harness/subjects/waitress/subject.toml") == [f"0 scenarios and {len(BUNDLED.names()) + 1} subjects are right; 0 pairs of them match"]


def test_one_of_a_kind_is_said_so(tmp_path):
    """One server, and one scenario, which only the bundled server supports."""
    (tmp_path / "subjects").mkdir()
    shutil.copytree(ROOT / "harness/subjects/waitress", tmp_path / "subjects" / "mine")
    file = new.scenario("a.one", tmp_path / "scenarios")
    file.write_text(file.read_text("utf-8").replace("app ", 'needs = ["strict-settings"]\napp ', 1), "utf-8")
    given = given_by("check", "--subjects", f"{tmp_path}/subjects", "--scenarios", f"{tmp_path}/scenarios", "--no-bundled")
    said = []
    check.run(given, said.append)
    assert said[-1] == "1 scenario and 1 subject are right; 1 pair of them matches"


def test_what_new_wrote_is_right_and_reminds_of_what_is_to_be_said(tmp_path):
    file = new.scenario("a.one", tmp_path)
    said = checked(file)
    assert said[0] == f"{file}: source: still says what `new` wrote: name the document and its section, or an issue instead"
    assert said[1].startswith("1 scenario and ")
    file.write_text(file.read_text("utf-8").replace("say where this is written: an", "about"), "utf-8")
    assert [line for line in checked(file) if "source" in line] == []


@pytest.mark.parametrize(("project", "pins", "problem"), [
    ("cheroot", [], ""), ("CherryPy", [], ""), ("jaraco.functools", [], ""), ("portal", ["portal==1"], ""),
    ("cherot", [], "bug 1: project: unknown requirement of cherrypy 'cherot'. Did you mean 'cheroot'"), ("waitress", [], "unknown requirement of cherrypy 'waitress'"),
])
def test_the_project_of_a_bug_is_one_that_its_subject_stands_on(project, pins, problem):
    bug = {"report": "words", "subject": "cherrypy", "broken": "1", "fixed": "2", "python": ["3.8"], "project": project, "requires": pins}
    mistakes = Mistakes("")
    check._check_projects([parse({**ONE, "bug": [bug]}, "f.toml")], BUNDLED.load_all(), mistakes)
    assert (problem in mistakes.found[0]) if problem else mistakes.found == []

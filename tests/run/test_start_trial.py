"""The absurd questions: a server is not asked what it does not offer, and what does not start is nowhere green."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest

from harness.language.files import load_all
from harness.machine import interpreters
from harness.model.refusal import Refusal
from harness.model.values import CellResult, History, Target, Verdict
from harness.run import start_trial
from harness.run.plan import plan
from harness.run.run_folder import Run
from harness.targets.load_subjects import BUNDLED

from ..conftest import ROOT

NONSENSE = '[launch]\nmodule = "no_such_module_of_anybody"\nargs   = ["{port}"]\nready  = ""\n'


@pytest.mark.parametrize("name", BUNDLED.names())
def test_an_absurd_question_is_unsupported_on_every_subject(name):
    subject = BUNDLED.load(name)
    target = Target(id=f"{name}@3.13", subject=name, interpreter_id="3.13")
    absurd = [s for s in load_all(ROOT / "scenarios") if s.id == "harness.absurd-question"]
    (cell,) = plan(absurd, [target], {name: subject})
    assert (cell.status, cell.reason) == ("unsupported", f"{name} does not declare: tells-the-future")


@pytest.fixture
def repository(tmp_path):
    for name in ("harness", "scenarios"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def run(folder, *words):
    done = subprocess.run(
        [sys.executable, "-m", "harness", "matrix", "--python", interpreters.current(), "--no-coverage", *words], cwd=folder,
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": ""})
    return done, Run(sorted((folder / "reports" / "data").iterdir())[-1]).results()


def test_a_start_command_that_is_nonsense_is_broken_in_every_cell(repository):
    file = repository / "harness" / "subjects" / "wsgiref" / "subject.toml"
    before, _, after = file.read_text("utf-8").partition("[launch]")
    file.write_text(before + NONSENSE + after[after.index("[apps]"):], "utf-8")
    done, results = run(repository, "--subject", "wsgiref")
    assert done.returncode == 1
    assert len(results) == len(load_all(repository / "scenarios"))
    assert {result.word for result in results.values()} == {"broken"}
    reason = results[f"channel.port-held@wsgiref@{interpreters.current()}"].reason
    assert re.match(r"\S+: No module named no_such_module_of_anybody \(wsgiref@\S+ is installed, but does not start", reason)


def test_a_server_that_starts_is_asked_once(repository):
    done, results = run(repository, "--subject", "wsgiref", "-k", "channel.port-held or restart-after-stop")
    assert done.returncode == 0, done.stdout
    marker = next((repository / ".cache" / "targets").glob("wsgiref-*/starts.json"))
    written = marker.stat().st_mtime_ns
    done, results = run(repository, "--subject", "wsgiref", "-k", "channel.port-held")
    assert (done.returncode, {r.word for r in results.values()}) == (0, {"pass"})
    assert marker.stat().st_mtime_ns == written
    (repository / "harness" / "guest" / "apps" / "wsgi_life.py").write_text("raise SystemExit('broken app')\n")
    done, results = run(repository, "--subject", "wsgiref", "-k", "channel.port-held")
    assert set(results) == {f"channel.port-held@wsgiref@{interpreters.current()}"}, "what nobody asked for is not shown"
    assert {r.word for r in results.values()} == {"broken"}, "another application is another launch: it is asked again"


WAITRESS = BUNDLED.load("waitress")


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """Ask a target whether it starts, of which this is the outcome; returns what is said of it, and the times it was tried."""
    target = Target("waitress@3.13", "waitress", "3.13", "1.0", python=str(tmp_path / "target" / "bin" / "python"))
    (tmp_path / "target").mkdir()
    tried = []

    def ask(result, subject=WAITRESS, name="run", log=""):
        history = History("c", "h", "127.1.1.1", 1, (), {}, {"main": log}, "off", "", 1.0)
        monkeypatch.setattr(start_trial, "play", lambda *_: tried.append(1) or history)
        monkeypatch.setattr(start_trial, "judge", lambda *_: result)
        return start_trial.refuses(target, subject, Run(tmp_path / name), tmp_path), len(tried)

    return ask


def seen(outcome, cleanup="pass"):
    return CellResult("c", "ran", f"it was {outcome}", Verdict(outcome), Verdict(cleanup))


STARTS = ("", "")


@pytest.mark.parametrize(("result", "log", "status", "reason"), [
    (seen("pass"), "up", "", ""), (seen("pass", "fail"), "up", "", ""),
    (seen("fail"), "first\nNo module named x\n", "broken", "No module named x (waitress@3.13 is installed, but does not start"),
    (seen("timeout"), "", "broken", "no output (waitress@3.13 is installed, but does not start"),
    (seen("known"), "x", "broken", "x (waitress@3.13"), (seen("fixed"), "x", "broken", "x (waitress@3.13"),
    (CellResult("c", "error", "no free channel"), "", "error", "the trial start of waitress@3.13 could not be made: no free channel"),
])
def test_what_became_of_a_first_question(asked, result, log, status, reason):
    (found, said), _ = asked(result, log=log)
    assert found == status
    assert said.startswith(reason)
    assert bool(said) == bool(status)


def test_that_it_starts_is_kept_for_all_runs_and_that_it_does_not_for_one(asked):
    (status, reason), _ = asked(seen("fail"))
    assert asked(seen("pass")) == ((status, reason), 1), "the cells of one run are all told the same"
    assert asked(seen("pass"), name="another run") == (STARTS, 2)
    assert asked(seen("fail"), name="a third run") == (STARTS, 2)


def test_another_launch_is_asked_again(asked):
    assert asked(seen("pass")) == (STARTS, 1)
    (status, _), tried = asked(seen("fail"), replace(WAITRESS, args=("--port", "{port}")))
    assert (status, tried) == ("broken", 2)


@pytest.mark.parametrize(("apps", "app"), [(("failing", "life", "tree"), "life"), (("failing", "tree"), "failing"), (("tree",), "tree")])
def test_the_question_is_about_the_application_that_all_servers_have(apps, app):
    assert start_trial.scenario(replace(WAITRESS, apps={name: ROOT / f"{name}.py" for name in apps})).app == app


def test_a_subject_without_an_application_cannot_be_asked():
    with pytest.raises(Refusal, match="waitress has no app"):
        start_trial.scenario(replace(WAITRESS, apps={}))

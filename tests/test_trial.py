"""The absurd questions: a server is not asked what it does not offer, and what does not start is nowhere green."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from harness import interpreters, subjects
from harness.model import Target
from harness.plan import plan
from harness.scenario_files import load_all
from harness.store import Run

from .conftest import ROOT

NONSENSE = '[launch]\nmodule = "no_such_module_of_anybody"\nargs   = ["{port}"]\nready  = ""\n'


@pytest.mark.parametrize("name", subjects.names())
def test_an_absurd_question_is_unsupported_on_every_subject(name):
    subject = subjects.load(name)
    target = Target(id=f"{name}@3.13", subject=name, interpreter_id="3.13")
    absurd = [s for s in load_all(ROOT / "scenarios") if s.id == "harness.absurd-question"]
    (cell,) = plan(absurd, [target], {name: subject})
    assert (cell.status, cell.reason) == ("unsupported", f"{name} declares no tells-the-future")


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
    assert re.match(r"\S+: No module named no_such_module_of_anybody \(wsgiref@\S+ was installed and does not start", reason)


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

"""The command line as a user has it: exit codes, narrowing, bad input, and a run that is cut off."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from harness.machine.deadlines import Deadline
from harness.machine.interpreters import current
from harness.run.run_folder import Run

from ..conftest import HELLO, ROOT, START, WRONG, run_harness, scenario

HERE = current()
MATRIX = [sys.executable, "-m", "harness", "matrix", "--subject", "enginebus", "--python", HERE]


def newest(tmp_path):
    folder = max((tmp_path / "reports" / "data").iterdir())
    return Run(folder)


def test_green_is_0_and_everything_is_written(project, tmp_path):
    done = run_harness("matrix", "--python", HERE, *project(a__good=scenario("a.good", START, HELLO)))
    assert done.returncode == 0, done.stdout + done.stderr
    assert {p.name for p in (tmp_path / "reports").iterdir()} == {
        ".gitignore", "data", "index.html", "junit.xml", "summary.md", "results.csv", "results.json", "results.schema.json", "badge.json"}
    assert [r.word for r in newest(tmp_path).results().values()] == ["pass"]
    data = [f for f in newest(tmp_path).folder.rglob("*") if f.is_file()]
    assert not any(b"Traceback" in f.read_bytes() for f in data if f.suffix == ".log")


@pytest.mark.parametrize(("extra", "code"), [([], 1), (["-x", "-n", "1"], 1), (["--no-coverage"], 1)])
def test_red_is_1(project, extra, code):
    words = project(a__good=scenario("a.good", START, HELLO), a__wrong=scenario("a.wrong", START, WRONG))
    done = run_harness("matrix", "--python", HERE, *words, *extra)
    assert done.returncode == code
    assert f"FAIL     a.wrong@enginebus@{HERE}" in done.stdout
    assert "expected 404, observed 200" in done.stdout


def test_should_is_amber(project):
    words = project(a__wrong=scenario("a.wrong", START, WRONG, top='grade = "should"'))
    assert run_harness("matrix", "--python", HERE, *words).returncode == 0
    assert run_harness("matrix", "--python", HERE, *words, "--strict-should").returncode == 1


def test_narrowing(project, tmp_path):
    words = project(a__good=scenario("a.good", START, HELLO), a__wrong=scenario("a.wrong", START, WRONG))
    assert run_harness("matrix", "--python", HERE, *words, "-k", "good").returncode == 0
    assert list(newest(tmp_path).results()) == [f"a.good@enginebus@{HERE}"]
    assert newest(tmp_path).read_plan().asked == {
        "subjects": ["enginebus"], "pythons": [HERE], "cells": [], "scenarios": "scenarios", "keyword": "good", "quick": "", "weights": ""}
    assert run_harness("matrix", "--python", HERE, *words, "--cell", f"a.good@enginebus@{HERE}").returncode == 0
    assert run_harness("matrix", "--python", HERE, *words, "-n", "1").returncode == 1
    whole = newest(tmp_path).folder.name
    done = run_harness("matrix", "--python", HERE, *words, "--lf", "-n", "1")
    assert done.returncode == 1
    assert list(newest(tmp_path).results()) == [f"a.wrong@enginebus@{HERE}"], "--lf runs what failed"
    asked = run_harness("results", "--diff", whole, "--fail-on", "new-failures", *words[3:])
    assert (asked.returncode, asked.stdout.splitlines()[-2:]) == (0, [
        "still red: 1", f"not compared: 1 cell of run {whole} that run "
        f"{newest(tmp_path).folder.name} was not asked for"])
    assert run_harness("matrix", "--python", HERE, *words, "-k", "nothing_like_this").returncode == 2


def test_a_missing_interpreter_is_a_column_and_an_error_only_with_strict(project, tmp_path):
    words = project(a__good=scenario("a.good", START, HELLO))
    done = run_harness("matrix", "--python", HERE, "--python", "3.99", *words)
    assert done.returncode == 0
    assert newest(tmp_path).results()["a.good@enginebus@3.99"].word == "missing"
    assert run_harness("matrix", "--python", HERE, "--python", "3.99", "--strict", *words).returncode == 1
    assert run_harness("matrix", "--python", "3.99", *words).returncode == 1, "a run in which no cell ran is a failure"


def test_what_the_subject_lacks_is_unsupported(project, tmp_path):
    absurd = scenario("a.absurd", START, HELLO, top='needs = ["tells-the-future"]')
    words = project(a__good=scenario("a.good", START, HELLO), a__absurd=absurd)
    assert run_harness("matrix", "--python", HERE, *words).returncode == 0
    result = newest(tmp_path).results()[f"a.absurd@enginebus@{HERE}"]
    assert (result.word, result.reason) == ("unsupported", "enginebus does not declare: tells-the-future")


BAD_SCENARIOS = {
    "unknown key": ("shape = 1\n" + scenario("a.b", START), "unknown key 'shape'"),
    "unknown verb": (scenario("a.b", '[[step]]\nact = "dance"'), "unknown verb 'dance'"),
    "no step": (scenario("a.b"), "no steps: add a"),
    "no number": (scenario("a.b", START, HELLO.replace('path = "/"', 'path = "/"\nchannel = "http"')), "must be a whole number"),
    "not TOML": ("format = ", "is not valid TOML"),
}


@pytest.mark.parametrize("case", BAD_SCENARIOS)
def test_a_bad_scenario_is_2_and_nothing_is_written(project, tmp_path, case):
    text, problem = BAD_SCENARIOS[case]
    done = run_harness("matrix", "--python", HERE, *project(a__b=text))
    assert done.returncode == 2
    assert "scenarios/a/b.toml" in done.stderr
    assert problem in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "reports").exists()


@pytest.mark.parametrize(("words", "problem"), [
    (["--python", "banana"], "--python banana: no such interpreter"),
    (["--python", "/nowhere/python3"], "--python /nowhere/python3"),
    (["--subject", "nginx"], "--subject nginx: unknown subject 'nginx'"),
    (["--cell", "no.such@cell@1"], "no such cell"),
    (["--workers", "0"], "give at least 1"),
])
def test_a_bad_argument_is_2_and_nothing_is_written(project, tmp_path, words, problem):
    extra = ["--python", HERE] if "--python" not in words else []
    done = run_harness("matrix", *words, *extra, *project(a__good=scenario("a.good", START, HELLO)))
    assert done.returncode == 2
    assert problem in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "reports").exists()


def test_two_scenarios_with_one_id(project):
    done = run_harness("matrix", *project(a__b=scenario("a.b", START, HELLO), a__c=scenario("a.b", START, HELLO)))
    assert done.returncode == 2
    assert "is also the id of" in done.stderr


def test_doctor_and_help():
    done = run_harness("doctor")
    assert done.returncode == 0
    for word in ("driver", "interpreters", "uv", "127.0.0.0/8", "/proc/net/tcp", "subreaper", "not tested on this machine"):
        assert word in done.stdout
    for command in ("matrix", "report", "merge", "doctor"):
        assert run_harness(command, "--help").returncode == 0


def test_a_report_is_made_again_from_the_data(project, tmp_path):
    words = project(a__good=scenario("a.good", START, HELLO))
    assert run_harness("matrix", "--python", HERE, *words).returncode == 0
    index = tmp_path / "reports" / "index.html"
    before = index.read_text("utf-8")
    index.unlink()
    assert run_harness("report", "--reports", str(tmp_path / "reports")).returncode == 0
    assert index.read_text("utf-8") == before
    assert run_harness("report", str(tmp_path), "--reports", str(tmp_path / "reports")).returncode == 2


def test_merging_two_pythons(project, tmp_path, every_python):
    words = project(a__good=scenario("a.good", START, HELLO))
    pythons = [HERE, next((i.id for i in every_python if i.id != HERE), "3.99")]
    folders = []
    for python in pythons:
        run_harness("matrix", "--python", python, *words)
        folders.append(str(newest(tmp_path).folder))
    done = run_harness("merge", *folders, "--reports", str(tmp_path / "reports"), "-o", str(tmp_path / "merged"))
    assert done.returncode == 0, done.stderr
    assert set(Run(tmp_path / "merged").results()) == {f"a.good@enginebus@{p}" for p in pythons}
    shutil.rmtree(tmp_path / "merged")
    next(Path(folders[0]).glob("lines.*")).unlink()
    done = run_harness("merge", *folders, "--reports", str(tmp_path / "reports"), "-o", str(tmp_path / "merged"))
    assert done.returncode == 2
    assert "has no result" in done.stderr


def test_on_github_red_cells_are_annotations(project):
    words = project(a__wrong=scenario("a.wrong", START, WRONG))
    done = run_harness("matrix", "--python", HERE, *words, env={"GITHUB_ACTIONS": "true"})
    lines = [line for line in done.stdout.splitlines() if line.startswith("::")]
    assert [line.partition("::")[2].partition("::")[0] for line in lines] == ["error file=scenarios/a/wrong.toml,title=a.wrong"]
    assert f"::enginebus@{HERE} (fail): step 2: status: expected 404" in lines[0]
    assert "::error" not in run_harness("matrix", "--python", HERE, *words, env={"GITHUB_ACTIONS": ""}).stdout


def test_three_shards_are_what_one_run_is(project, tmp_path):
    """Made separately, merged: the same cells in the same order with the same words; one left out is refused."""
    words = project(a__good=scenario("a.good", START, HELLO), a__wrong=scenario("a.wrong", START, WRONG),
                    a__more=scenario("a.more", START), b__last=scenario("b.last", START, HELLO))
    pythons = ("--python", HERE, "--python", "3.99")
    assert run_harness("matrix", *pythons, *words).returncode == 1
    whole = newest(tmp_path)
    folders = []
    for number in ("1/3", "2/3", "3/3"):
        run_harness("matrix", *pythons, *words, "--shard", number)
        folders.append(str(newest(tmp_path).folder))
    out = ("--reports", str(tmp_path / "reports"), "-o", str(tmp_path / "merged"))
    left_out = run_harness("merge", folders[0], folders[2], *out)
    assert (left_out.returncode, "shard 2 of 3 is missing" in left_out.stderr) == (2, True)
    done = run_harness("merge", *folders, *out)
    assert done.returncode == 1, "a cell is red in it, as in the whole run"
    merged = Run(tmp_path / "merged")
    told = [[(cell, r.word, r.reason) for cell, r in run.results().items()] for run in (merged, whole)]
    assert told[0] == told[1]
    assert len(told[0]) == 8
    assert [target.id for target in merged.read_plan().targets] == [target.id for target in whole.read_plan().targets]
    assert merged.read_recipes() == whole.read_recipes()


SLOW = '[[step]]\nact = "request"\npath = "/slow?seconds=30"\nwithin = "40s"\nexpect = { status = 200 }'


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_nothing_and_says_what_did_not_run(project, tmp_path, number):
    words = project(a__slow=scenario("a.slow", START, SLOW))
    run = subprocess.Popen([*MATRIX, *words], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                           start_new_session=True,
                           preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
    family = psutil.Process(run.pid)

    def serving():
        logs = list((tmp_path / "reports").glob("data/*/cells/*/main.log"))  # and not the trial's
        return bool(logs) and "slow handler begins" in logs[0].read_text()

    assert Deadline(60).wait(serving, 0.05)
    below = family.children(recursive=True)
    os.kill(run.pid, number)
    output, _ = run.communicate(timeout=60)
    assert run.returncode == 1, output
    assert Deadline(5).wait(lambda: not [p for p in below if p.is_running() and p.status() != "zombie"])
    assert [r.word for r in newest(tmp_path).results().values()] == ["not-run"]
    assert "not-run" in output
    assert (tmp_path / "reports" / "index.html").exists()


def test_a_killed_worker_leaves_one_cell_not_run(project, tmp_path):
    words = project(a__slow=scenario("a.slow", START, SLOW), a__good=scenario("a.good", START, HELLO))
    run = subprocess.Popen([*MATRIX, *words], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def serving():
        logs = [log for log in (tmp_path / "reports").rglob("main.log") if "a.slow" in str(log)]
        return bool(logs) and "slow handler begins" in logs[0].read_text()

    assert Deadline(60).wait(serving, 0.05)
    server = next(p for p in psutil.Process(run.pid).children(recursive=True)
                  if p.environ().get("HARNESS_CELL", "").startswith("a.slow@"))
    server.parent().kill()
    output, _ = run.communicate(timeout=120)
    assert run.returncode == 1, output
    assert not server.is_running()
    words_seen = {cell.partition("@")[0]: r.word for cell, r in newest(tmp_path).results().items()}
    assert words_seen == {"a.slow": "not-run", "a.good": "pass"}

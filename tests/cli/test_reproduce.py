"""Reproducers of a real run's cells, run for real: the same is seen, and another server is told from it."""

import argparse
import json
import re
import subprocess
import sys

import psutil
import pytest

from harness.cli import reproduce as command
from harness.cli.reproduce import RED_OR_KNOWN, file_name, run_file, texts
from harness.machine.interpreters import current
from harness.model.refusal import Refusal
from harness.model.values import History
from harness.run.run_folder import newest

from ..conftest import run_harness
from ..stored import write

HERE = current()
HEAD = 'format = 1\nid = "a.{name}"\ntitle = "The {name} one"\npaper = "unexposed"\napp = "tree"\n'
START = '[[step]]\nact = "start"\n'
STEPS = {
    "good": START + """
[[step]]
act = "request"
path = "/"
expect = { status = 200 }
observe = { "what" = "body" }
[[step]]
act = "raw"
send = "GET / HTTP/1.0\\r\\n\\r\\n"
expect = { status = 200, responses = 1 }
[[step]]
act = "stop"
expect = { exit = "@stop" }
""",
    "wrong": START + '[[step]]\nact = "request"\npath = "/hidden"\nexpect = { status = 200 }\n',
    "late": START + '[[step]]\nact = "wait"\nexit = true\nwithin = "300ms"\n',
    "held": '[[step]]\nact = "hold"\nhow = "listen"\n[[step]]\nact = "start"\nexpect = { ready = true }\n',
    "orphan": START + """
[[step]]
act = "request"
path = "/spawn/fork"
expect = { status = 200 }
[[step]]
act = "kill"
[[step]]
act = "sockets"
expect = { listeners = [], bind = "free" }
""",
    "measured": """
[[step]]
act = "repeat"
times = 9
[[step.step]]
act = "start"
[[step.step]]
act = "sample"
id = "s"
[[step.step]]
act = "stop"
[[step]]
act = "growth"
of = "s"
expect = { children = "<=0", threads = "<0" }
""",
    "told": START + """
[[step]]
act = "wait"
log = "/Bus STARTED$/"
[[step]]
act = "signal"
signal = "TERM"
[[step]]
act = "wait"
exit = true
expect = { exit = 0, log = ["/STOPPING/", "/EXITED/"], log_absent = "/Traceback/" }
""",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reproducer")
    (folder / "scenarios" / "a").mkdir(parents=True)
    for name, steps in STEPS.items():
        (folder / "scenarios" / "a" / f"{name}.toml").write_text(HEAD.format(name=name) + steps, "utf-8")
    done = run_harness("matrix", "--python", HERE, "--python", "3.99", "--subject", "enginebus", "--no-coverage",
                       "--scenarios", str(folder / "scenarios"), "--no-bundled-scenarios", "--reports", str(folder / "reports"))
    assert done.returncode == 1, done.stdout + done.stderr
    return newest(folder / "reports")


def cell(name):
    return f"a.{name}@enginebus@{HERE}"


def test_each_sees_what_the_run_saw(run):
    words = {found.cell: found.word for found in run.results().values() if found.status == "ran"}
    assert words == {cell(name): word for name, word in {
        "good": "pass", "wrong": "fail", "late": "timeout", "held": "fail", "orphan": "fail", "measured": "fail",
        "told": "pass"}.items()}
    done = run_harness("reproduce", "--try", "--reports", str(run.folder.parents[1]), *words)
    assert done.returncode == 0, done.stdout
    assert "7 of 7 reproducers saw the same" in done.stdout


def test_another_server_is_told_from_it(run):
    """The page that was hidden is there now: what the reproducer sees is other than what the run saw."""
    (made,) = texts(run, [run.results()[cell("wrong")]]).values()
    python = next(target.python for target in run.read_plan().targets if target.ready)
    code, output = run_file(made.replace("'path': '/hidden'", "'path': '/'"), python)
    assert (code, output.splitlines()[-1]) == (1, "DIFFERENT from the run")
    assert "in the run: step 2, status: 404" in output


@pytest.mark.parametrize(("old", "new", "words", "problem"), [
    ("", "", ["--python", "/nowhere/python"], "[Errno 2] No such file or directory: '/nowhere/python'"),
    ("['-m', 'enginebus']", "['-m', 'no_such_server']", ["--python", sys.executable],
     f"the server is not installed for {sys.executable}: add --install, or choose another Python with --python"),
    ("'requires': []", "'requires': ['no-such-server==1.0']", ["--python", sys.executable, "--install"],
     f"{sys.executable} could not install no-such-server==1.0"),
    ("'tls': False", "'tls': True", ["--python", sys.executable],
     "this scenario uses TLS, and openssl could not make its certificate"),
])
def test_what_cannot_be_tried_is_said_and_is_not_another_result(run, tmp_path, old, new, words, problem):
    (made,) = texts(run, [run.results()[cell("good")]]).values()
    file = tmp_path / "reproducer.py"
    file.write_text(made.replace(old, new) if old else made, "utf-8")
    empty = {"PATH": "/nowhere", "PIP_NO_INDEX": "1"}
    done = subprocess.run(
        [sys.executable, str(file), *words], capture_output=True, text=True, env=empty, timeout=60, check=False)
    assert done.returncode == 2, done.stdout + done.stderr
    assert f"could not be tried: {problem}" in done.stderr
    assert "DIFFERENT" not in done.stdout


def test_one_that_is_stopped_leaves_no_server(run, tmp_path):
    (made,) = texts(run, [run.results()[cell("late")]]).values()
    file = tmp_path / "reproducer.py"
    file.write_text(made.replace("'within': 0.3", "'within': 60.0"), "utf-8")
    python = next(target.python for target in run.read_plan().targets if target.ready)
    with subprocess.Popen([sys.executable, str(file), "--python", python], stdout=subprocess.PIPE, text=True) as running:
        assert any("'ready': True" in line for line in running.stdout)
        servers = psutil.Process(running.pid).children(recursive=True)
        assert servers
        running.terminate()
        assert running.wait(30) == 2
    assert [server for server in servers if server.is_running()] == []


def test_it_shows_what_the_scenario_asks(run):
    (made,) = texts(run, [run.results()[cell("good")]]).values()
    python = next(target.python for target in run.read_plan().targets if target.ready)
    _, output = run_file(made, python)
    assert "     observed, what: hello" in output.splitlines()


def test_it_writes_the_cells_that_are_not_green(run, tmp_path):
    done = run_harness("reproduce", "--reports", str(run.folder.parents[1]), "-o", str(tmp_path))
    assert done.returncode == 0, done.stderr
    red = [name for name, found in run.results().items() if found.word in RED_OR_KNOWN]
    assert {path.name for path in tmp_path.iterdir()} == {file_name(name) for name in red}


@pytest.mark.parametrize(("words", "problem"), [
    (["a.none@enginebus@1"], "has no cell a.none@enginebus@1"),
    (["a.good@enginebus@3.99"], "did not run (missing), so there is nothing to reproduce"),
])
def test_bad_input_is_refused(run, words, problem):
    done = run_harness("reproduce", "--reports", str(run.folder.parents[1]), *words)
    assert done.returncode == 2
    assert problem in done.stderr


def test_nothing_of_this_machine_is_in_the_recipe(run):
    recipes = run.read_recipes()
    assert set(recipes["targets"]) == {f"enginebus@{HERE}"}
    assert not re.search(r"(?<![\w}])/(home|root|tmp|usr|work)\b", json.dumps(recipes["targets"]))


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """A stored run with every word; the reproducers are made of nothing, and come to ends that are given."""
    run = write(tmp_path, "1", {"a.w": ("pass", "known"), "a.x": ("fail", "timeout"), "a.y": ("fixed", "error"), "a.z": ("missing", "not-run")})
    monkeypatch.setattr(command, "texts", lambda run, results: {result.cell: f"# {result.word}\n" for result in results})

    def reproduce(*words, codes=None):
        parser = argparse.ArgumentParser()
        command.configure(parser)
        monkeypatch.setattr(command, "run_file", lambda text, python: ((codes or {}).get(text.split()[1], 0), "its last words"))
        said = []
        return command.reproduce(parser.parse_args([*words, "-o", str(tmp_path / "out")]), run, said.append), said

    return reproduce


def test_without_a_cell_those_that_are_not_green_are_written(stored, tmp_path):
    assert stored()[0] == 0
    assert {file.name: file.read_text("utf-8") for file in (tmp_path / "out").iterdir()} == {
        "reproduce-a.w@two@2.7.py": "# known\n", "reproduce-a.x@one@3.13.py": "# fail\n", "reproduce-a.x@two@2.7.py": "# timeout\n",
        "reproduce-a.y@one@3.13.py": "# fixed\n"}
    stored("a.w@one@3.13")
    assert (tmp_path / "out" / "reproduce-a.w@one@3.13.py").read_text("utf-8") == "# pass\n"
    with pytest.raises(Refusal, match=r"has no cell a\.v@one@3\.13"):
        stored("a.w@one@3.13", "a.v@one@3.13")


@pytest.mark.parametrize(("codes", "same"), [
    ({}, 4), ({"known": 1}, 3), ({"fail": 2}, 3), ({"fixed": -15}, 3), ({"fail": 1, "timeout": 1, "fixed": 1, "known": 1}, 0)])
def test_all_must_have_seen_the_same(stored, tmp_path, codes, same):
    code, said = stored("--try", codes=codes)
    assert code == (0 if same == 4 else 1)
    assert said[-1] == f"{same} of 4 reproducers saw the same"
    assert sum("its last words" in line for line in said) == 4 - same
    assert not (tmp_path / "out").exists(), "it writes nothing"


def test_a_cell_that_fails_only_after_others_is_written_with_a_word_and_not_tried(monkeypatch, tmp_path):
    run = write(tmp_path, "1", {"a.x": ("pass", "pass"), "a.y": ("fail", "pass")})
    cell = "a.y@one@3.13"
    run.write_history(History(cell, "1", "h", 1, (), {}, {}, "off", "", 0.1, shared={"after": ["a.x@one@3.13"], "alone": "pass"}))
    monkeypatch.setattr(command, "texts", lambda run, results: {result.cell: "print()" for result in results})
    monkeypatch.setattr(command, "run_file", lambda *_: pytest.fail("it cannot say anything about this cell"))
    said = []
    given = argparse.Namespace(cell=[], trying=False, out=tmp_path, jobs=None)
    assert command.reproduce(given, run, said.append) == 0
    assert (tmp_path / file_name(cell)).read_text() == "print()"
    assert said[0].startswith(f"{cell} failed only after other cells")
    given.trying = True
    assert command.reproduce(given, run, said.append) == 1, "nothing was tried"
    assert said[-1] == "0 of 0 reproducers saw the same"

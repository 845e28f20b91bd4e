import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.machine import interpreters
from harness.model.refusal import Refusal
from harness.model.values import Interpreter


def made(name, version, implementation="cpython", build="gil"):
    return Interpreter(name, implementation, version, build, f"/opt/{name}/{version}")


FOUND = [made("2.7", "2.7.18"), made("3.13", "3.13.1"), made("3.13", "3.13.0"), made("pypy3.11", "3.11.13", "pypy")]


def test_this_machine_has_the_python_that_runs_the_tests(every_python):
    here = next(i for i in every_python if i.id == interpreters.current())
    assert here.implementation == sys.implementation.name


def test_each_real_path_is_asked_once(tmp_path, monkeypatch):
    bin_folder = tmp_path / "versions" / "3.99.0" / "bin"
    bin_folder.mkdir(parents=True)
    for name in ("python", "python3", "python3.99"):
        (bin_folder / name).symlink_to(sys.executable)
    found = interpreters.candidates({"PYENV_ROOT": str(tmp_path), "PATH": "", "HOME": str(tmp_path)})
    assert Path(sys.executable).resolve() in found
    assert len([p for p in found if p == Path(sys.executable).resolve()]) == 1


def test_versions_behind_shims_are_found(tmp_path):
    shims, real = tmp_path / "shims", tmp_path / "versions" / "2.7.18" / "bin"
    shims.mkdir()
    real.mkdir(parents=True)
    (real / "python2.7").write_text("#!/bin/sh\n")
    (real / "python2.7").chmod(0o755)
    (shims / "python2.7").write_text("#!/bin/sh\nexit 1\n")
    (shims / "python2.7").chmod(0o755)
    found = interpreters.candidates({"PATH": str(shims), "HOME": str(tmp_path / "nobody")})
    assert (real / "python2.7").resolve() in found
    assert (shims / "python2.7").resolve() not in found


@pytest.mark.parametrize("script", ["exit 3", "echo nonsense", "exec sleep 60"])
def test_what_gives_no_answer_is_said(tmp_path, monkeypatch, script):
    monkeypatch.setattr(interpreters, "PROBE_SECONDS", 0.5)
    fake = tmp_path / "python3.9"
    fake.write_text(f"#!/bin/sh\n{script}\n")
    fake.chmod(0o755)
    answer = interpreters.probe(fake, "test")
    assert isinstance(answer, str)
    assert str(fake) in answer


def test_a_virtual_environment_is_no_interpreter_of_the_machine():
    assert sys.prefix != sys.base_prefix, "the tests run in an environment of nox"
    answer = interpreters.probe(Path(sys.executable), "test")
    assert isinstance(answer, str)
    assert "virtual environment" in answer


def test_answers_are_kept_until_the_file_changes(tmp_path, monkeypatch):
    cache = tmp_path / "cache.json"
    first, _ = interpreters.discover(cache)
    monkeypatch.setattr(interpreters, "probe", lambda path, place: pytest.fail(f"{path} was asked again"))
    assert interpreters.discover(cache)[0] == first


@pytest.fixture
def faked(tmp_path, monkeypatch):
    """Programs that answer as interpreters do, and are all that discovery finds."""
    there = {}

    def fake(name, version):
        file = tmp_path / name
        answer = {"implementation": "cpython", "version": version, "build": "gil", "virtual": False}
        file.write_text(f"#!/bin/sh\necho '{json.dumps(answer)}'\n")
        file.chmod(0o755)
        there[file] = "test"

    monkeypatch.setattr(interpreters, "candidates", lambda: dict(there))
    return fake


def test_a_python_that_was_replaced_is_asked_again(faked, tmp_path):
    faked("python3.9", "3.9.1")
    faked("python3.10", "3.10.1")
    cache = tmp_path / "cache.json"
    assert [i.version for i in interpreters.discover(cache)[0]] == ["3.10.1", "3.9.1"]
    faked("python3.9", "3.9.18")
    assert [i.version for i in interpreters.discover(cache)[0]] == ["3.10.1", "3.9.18"]


def test_of_several_patch_releases_the_newest_is_the_one_that_an_id_means(faked):
    for version in ("3.9.2", "3.9.18", "3.9.9"):
        faked(f"python-{version}", version)
    found, _ = interpreters.discover()
    assert [i.version for i in found] == ["3.9.18", "3.9.9", "3.9.2"]
    assert interpreters.choose(["3.9"], found)[0][1].version == "3.9.18"


def test_a_damaged_cache_costs_only_time(tmp_path):
    cache = tmp_path / "cache.json"
    cache.write_text("{")
    assert interpreters.discover(cache)[0]


@pytest.mark.parametrize(("wanted", "ids", "versions"), [
    (["3.13"], ["3.13"], ["3.13.1"]), (["3.13.0"], ["3.13"], ["3.13.0"]), (["pypy3.11", "2.7"], ["2.7", "pypy3.11"], None),
    (["3.14", "3.13"], ["3.13", "3.14"], None), (["3.13", "3.13"], ["3.13"], None), (["3.14t"], ["3.14t"], None),
])
def test_choose(wanted, ids, versions):
    chosen = interpreters.choose(wanted, FOUND)
    assert [name for name, _, _ in chosen] == ids
    for name, interpreter, reason in chosen:
        assert (interpreter is None) == bool(reason), name
    if versions:
        assert [i.version for _, i, _ in chosen] == versions


@pytest.mark.parametrize("wanted", ["banana", "3", "", "3.x", f".{os.sep}nowhere{os.sep}python"])
def test_an_unknown_interpreter_is_refused(wanted):
    with pytest.raises(Refusal, match="--python"):
        interpreters.choose([wanted], FOUND)


def test_columns_are_in_order():
    ids = ["pypy3.11", "3.10", "3.13t", "2.7", "3.9", "3.13"]
    assert sorted(ids, key=interpreters.sort_key) == ["2.7", "3.9", "3.10", "3.13", "3.13t", "pypy3.11"]


def test_the_place_that_has_it_first_is_named(tmp_path):
    folder = tmp_path / "versions" / "3.99.0" / "bin"
    folder.mkdir(parents=True)
    (folder / "python3.99").write_text("#!/bin/sh\n")
    (folder / "python3.99").chmod(0o755)
    found = interpreters.candidates({"PYENV_ROOT": str(tmp_path), "PATH": str(folder), "HOME": str(tmp_path)})
    assert found[(folder / "python3.99").resolve()] == "pyenv"


NONE = {
    "prints something else": ("echo hello\n", "is not a Python interpreter: run with -s -E -c PROGRAM, it printed 'hello'"),
    "prints nothing": ("exit 0\n", "is not a Python interpreter: run with -s -E -c PROGRAM, it printed nothing"),
    "fails": ("echo 'no such option: -s' >&2; exit 2\n", "is not a Python interpreter: run with -s -E -c PROGRAM, it ended with exit code 2 and printed 'no such option: -s'"),
    "is killed": ("kill -9 $$\n", "is not a Python interpreter: run with -s -E -c PROGRAM, it ended with SIGKILL and printed nothing"),
    "prints another document": ("echo '[1, 2]'\n", "is not a Python interpreter: run with -s -E -c PROGRAM, it printed '[1, 2]'"),
    "prints a part of the document": ("echo '{\"version\": 3}'\n", "is not a Python interpreter: run with -s -E -c PROGRAM, it printed "),
    "prints no text": ("printf '\\377\\376'\n", "is not a Python interpreter: run with -s -E -c PROGRAM, it printed "),
    "prints very much": ("yes | head -c 100000\n", "is not a Python interpreter: run with -s -E -c PROGRAM, it printed 'y'"),
    "hangs": ("exec sleep 60\n", "did not answer within 0.5 s"),
}


@pytest.mark.parametrize("what", NONE)
def test_a_program_that_is_no_python_is_said_to_be_none(what, tmp_path, monkeypatch):
    text, problem = NONE[what]
    file = tmp_path / "python3"
    file.write_text("#!/bin/sh\n" + text)
    file.chmod(0o755)
    if "hangs" in what:
        monkeypatch.setattr(interpreters, "PROBE_SECONDS", 0.5)
    with pytest.raises(Refusal) as caught:
        interpreters.choose([str(file)], FOUND)
    said = str(caught.value)
    assert said.startswith(f"--python {file}: {file} {problem}"), said
    assert said.endswith(". Give the path of a Python executable, such as /opt/2.7/2.7.18.")
    assert len(said) < 600


@pytest.mark.parametrize(("name", "problem"), [
    ("a folder", "a folder is a folder"), ("nowhere/python3", "nowhere/python3 does not exist"),
    ("a file", "a file is not executable"), ("no program", "no program cannot be run ("),
    ("/usr/bin/ls", "ls is not a Python interpreter: run with -s -E -c PROGRAM, it ended with exit code 2 and printed"),
])
def test_a_path_that_is_no_program(name, problem, tmp_path):
    (tmp_path / "a folder").mkdir()
    (tmp_path / "a file").write_text("text")
    (tmp_path / "no program").write_bytes(b"\x7fELF")
    (tmp_path / "no program").chmod(0o755)
    with pytest.raises(Refusal) as caught:
        interpreters.choose([str(tmp_path / name)], [])
    assert problem in str(caught.value)
    assert str(caught.value).endswith(". Give the path of a Python executable.")


def test_the_version_of_a_branch_s_tip_is_one_that_can_be_compared():
    """Built from a branch, a Python says "3.14.0+", which PEP 440 does not know: comparing it would end the run."""
    said = f"import platform; platform.python_version = lambda: '3.14.0+'\n{interpreters.PROBE}"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["version"] == "3.14.0"

"""The wheel, in an environment of its own, in a repository that is not ours: what an adopter has."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from uv import find_uv_bin

from harness.machine import interpreters

from .conftest import ROOT

HERE = interpreters.current()

#: A server of one's own: it serves MODULE:app with the standard library's WSGI server.
SERVER = '''\
"""``python -m tinyserver --bind=HOST:PORT MODULE:app``."""
import importlib
import os
import sys
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer


class Handler(WSGIRequestHandler):
    def log_message(self, format, *args):
        pass


def main():
    bind, name = sys.argv[1:]
    host, _, port = bind.split("=")[1].rpartition(":")
    sys.path.insert(0, os.getcwd())
    module, _, attribute = name.partition(":")
    server = WSGIServer((host, int(port)), Handler)
    server.set_app(getattr(importlib.import_module(module), attribute))
    print("tinyserver is ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
'''
PROJECT = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n\n[project]\nname = "tinyserver"\nversion = "1.0"\n'
SCENARIO = '''\
format = 1
id     = "own.status"
title  = "GET / is answered with {status}"
source = ["the README of tinyserver"]
app    = "hello"

[[step]]
act = "start"

[[step]]
act    = "request"
path   = "/"
expect = {{ status = {status} }}
'''


def uv(*words, cwd=None):
    done = subprocess.run([find_uv_bin(), *map(str, words)], cwd=cwd, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def command(tmp_path_factory) -> Path:
    """The console script, from the wheel alone."""
    folder = tmp_path_factory.mktemp("wheel")
    uv("build", "--quiet", "--wheel", "--out-dir", folder, ROOT)
    (wheel,) = folder.glob("server_matrix-*.whl")
    uv("venv", "--quiet", "--python", sys.executable, folder / "env")
    uv("pip", "install", "--quiet", "-p", folder / "env" / "bin" / "python", wheel)
    return folder / "env" / "bin" / "server-matrix"


@pytest.fixture(scope="module")
def repository(tmp_path_factory, command) -> Path:
    """A repository outside of the checkout, with a server of its own, set up by init."""
    folder = tmp_path_factory.mktemp("adopter")
    (folder / "src" / "tinyserver").mkdir(parents=True)
    (folder / "src" / "tinyserver" / "__init__.py").write_text("")
    (folder / "src" / "tinyserver" / "__main__.py").write_text(SERVER)
    (folder / "pyproject.toml").write_text(PROJECT)
    done = run(command, folder, "init")
    assert done.returncode == 0, done.stderr
    file = folder / "matrix" / "subjects" / "tinyserver" / "subject.toml"
    file.write_text(file.read_text().replace('ready  = "" ', "ready  = '/^tinyserver is ready$/' "))
    return folder


def run(command, folder, *words):
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return subprocess.run([str(command), *words], cwd=folder, capture_output=True, text=True, check=False, timeout=300, stdin=subprocess.DEVNULL,
                          env={**kept, "XDG_CACHE_HOME": str(folder / "cache")})


def test_the_wheel_has_all_that_it_needs(command, tmp_path):
    assert run(command, tmp_path, "--version").stdout.startswith("server-matrix ")
    done = run(command, tmp_path, "check")
    bundled = len(list((ROOT / "harness" / "subjects").glob("*/subject.toml")))
    here = run(Path(sys.executable), ROOT, "-m", "harness", "check")
    assert (done.returncode, done.stdout) == (0, here.stdout), f"{done.stderr}\nthe wheel has not what the checkout has:\n{here.stdout}"
    assert f"scenarios and {bundled} subjects are right" in done.stdout
    assert not (tmp_path / "reports").exists(), "a check writes nothing"


def matrix(command, repository, *words):
    done = run(command, repository, "--python", HERE, "-k", "own. or channel.port-held", "-n", "2", *words)
    return done.returncode, done.stdout + done.stderr


def test_bundled_and_own_scenarios_run_on_ones_own_server(command, repository):
    code, said = matrix(command, repository)
    assert code == 0, said
    lines = (repository / "reports" / "summary.md").read_text()
    assert f"tinyserver@{HERE}" in lines
    data = sorted((repository / "reports" / "data").iterdir())[-1]
    cells = {path.name for path in (data / "cells").iterdir()}
    assert {f"own.hello@tinyserver@{HERE}", f"channel.port-held@tinyserver@{HERE}"} <= cells
    assert (repository / "reports" / "badge.json").is_file()


def test_a_failure_is_red_until_it_is_listed_and_red_again_when_it_is_gone(command, repository):
    own = repository / "matrix" / "scenarios" / "own" / "status.toml"
    own.write_text(SCENARIO.format(status=201))
    project = repository / "pyproject.toml"
    before = project.read_text()
    known = repository / "matrix" / "known.toml"
    assert matrix(command, repository)[0] == 1, "not listed, and fails"
    done = run(command, repository, "known", "--write")
    assert (done.returncode, known.is_file()) == (0, True), done.stderr
    project.write_text(before.replace("# known ", "known = 'matrix/known.toml'\n# known "))
    code, said = matrix(command, repository)
    assert (code, "known" in said) == (0, True), said
    text = known.read_text()
    again = run(command, repository, "known", "--write")
    assert (again.returncode, known.read_text()) == (0, text), "what is listed is not written again"
    own.write_text(SCENARIO.format(status=200))
    code, said = matrix(command, repository)
    assert (code, "FIXED" in said) == (1, True), said
    known.write_text(text.replace("own.status", "own.statsu"))
    code, said = matrix(command, repository)
    assert (code, "unknown scenario 'own.statsu'. Did you mean 'own.status'?" in said) == (2, True), said
    known.write_text(text.replace(f"tinyserver@{HERE}", f"tinysever@{HERE}"))
    code, said = matrix(command, repository)
    assert (code, "unknown server 'tinysever'. Did you mean 'tinyserver'" in said) == (2, True), said


def test_two_things_of_one_name_are_refused_with_both_places(command, repository, tmp_path):
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "x.toml").write_text(SCENARIO.format(status=200).replace("own.status", "own.hello"))
    done = run(command, repository, "check", "--scenarios", str(tmp_path / "scenarios"), "--scenarios", "matrix/scenarios")
    assert done.returncode == 2
    assert "x.toml" in done.stderr
    assert "hello.toml" in done.stderr
    (tmp_path / "subjects").mkdir()
    (repository / "matrix" / "subjects" / "tinyserver").joinpath("subject.toml")
    text = (repository / "matrix" / "subjects" / "tinyserver" / "subject.toml").read_text()
    (tmp_path / "subjects" / "tinyserver").mkdir()
    (tmp_path / "subjects" / "tinyserver" / "subject.toml").write_text(text)
    done = run(command, repository, "check", "--subjects", "matrix/subjects", "--subjects", str(tmp_path / "subjects"))
    assert done.returncode == 2
    assert done.stderr.count("tinyserver/subject.toml") == 2, done.stderr


def test_init_replaces_nothing(command, repository):
    done = run(command, repository, "init")
    assert (done.returncode, "has [tool.server-matrix] already" in done.stderr) == (2, True)

"""The tasks: a Python that is too old is told so before anything is installed, and an environment of another one is made anew."""

import contextlib
import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from .conftest import LONGEST, ROOT, TESTS


class Session:
    """What a task asks of nox, written down."""

    def __init__(self, location):
        self.virtualenv = SimpleNamespace(location=str(location))
        self.bin = str(location)
        self.did = []

    def error(self, text):
        self.did.append(("error", text))
        raise SystemExit(text)

    def log(self, text):
        self.did.append(("log", text))

    def run_install(self, *words, external=False):
        self.did.append(("make", *words))

    def install(self, *requirements):
        self.did.append(("install", *requirements))


@pytest.fixture(scope="module")
def noxfile():
    """The tasks, loaded once: nox keeps a register of them."""
    with contextlib.chdir(ROOT):
        return load()


def load():
    spec = importlib.util.spec_from_file_location("the_noxfile", ROOT / "noxfile.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def made(tmp_path, version):
    (tmp_path / "pyvenv.cfg").write_text(f"home = /somewhere\nversion_info = {version}.0.final.0\nversion = {version}.0\n")
    return Session(tmp_path)


HERE = ".".join(map(str, sys.version_info[:2]))


def test_a_python_that_is_too_old_is_told_before_anything_is_installed(noxfile, tmp_path, monkeypatch):
    session = made(tmp_path, "3.10")
    monkeypatch.setattr(noxfile.sys, "version_info", (3, 10, 4))
    with pytest.raises(SystemExit, match=r"needs 3\.11 or newer"):
        noxfile.install(session)
    assert [what for what, *_ in session.did] == ["error"]


@pytest.mark.parametrize(("version", "acts"), [
    (HERE, ["install", "install"]), ("3.10", ["log", "make", "install", "install"]), ("2.7", ["log", "make", "install", "install"]),
])
def test_an_environment_of_another_python_is_made_anew(noxfile, tmp_path, version, acts):
    session = made(tmp_path, version)
    noxfile.install(session)
    assert [what for what, *_ in session.did] == acts
    if "make" in acts:
        assert session.did[1][1:3] == (sys.executable, "-m")
        assert str(tmp_path) in session.did[1]


def test_the_command_is_installed_from_the_checkout_once(noxfile, tmp_path):
    session = made(tmp_path, HERE)
    noxfile.install(session)
    assert session.did[1] == ("install", "--no-deps", "-e", ".")
    (tmp_path / "server-matrix").touch(0o755)
    again = made(tmp_path, HERE)
    noxfile.install(again)
    assert again.did == []


def test_what_checks_style_needs_no_driver(noxfile, tmp_path):
    session = made(tmp_path, HERE)
    noxfile.install(session, "lint", driver=False)
    ((_, *words),) = session.did
    assert any(word.startswith("ruff") for word in words)
    assert not any(word.startswith("pytest") for word in words)


def test_an_environment_that_does_not_say_is_left_alone(noxfile, tmp_path):
    assert noxfile.made_with(tmp_path) is None
    assert noxfile.made_with(Path(sys.prefix)) == sys.version_info[:2]


def test_what_is_installed_is_not_installed_again_until_something_else_is_asked_for(noxfile, tmp_path, monkeypatch):
    monkeypatch.setattr(noxfile.shutil, "which", lambda *words, **named: "there")
    acts = []
    for groups in ((), (), ("tests",), ("tests",), ()):
        session = made(tmp_path, HERE)
        noxfile.install(session, *groups)
        acts.append([what for what, *_ in session.did])
    assert acts == [["install"], [], ["install"], [], ["install"]]


def test_an_installation_that_failed_is_tried_again(noxfile, tmp_path, monkeypatch):
    monkeypatch.setattr(noxfile.shutil, "which", lambda *words, **named: "there")
    noxfile.install(made(tmp_path, HERE))
    broken = made(tmp_path, HERE)
    monkeypatch.setattr(broken, "install", lambda *requirements: broken.error("no network"))
    with pytest.raises(SystemExit):
        noxfile.install(broken, "tests")
    session = made(tmp_path, HERE)
    noxfile.install(session)  # what was there before may be half replaced
    assert [what for what, *_ in session.did] == ["install"]
    session = made(tmp_path, HERE)
    noxfile.install(session, "tests")
    assert [what for what, *_ in session.did] == ["install"]


def test_the_files_that_go_first_are_there():
    assert [name for name in LONGEST if not (TESTS / name).is_file()] == []

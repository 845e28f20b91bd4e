import errno
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from harness.machine import places
from harness.model.values import Interpreter, Target
from harness.targets import editions, installer, lock_file, provision
from harness.targets.load_subjects import BUNDLED


@pytest.fixture
def here(every_python):
    from harness.machine.interpreters import current
    return next(i for i in every_python if i.id == current())


def one(subject, interpreter, cache, **more):
    return provision.provision([(subject, interpreter.id, interpreter, "")], cache, **more)[0]


def test_a_target_is_made_once(here, tmp_path):
    subject = replace(BUNDLED.load("enginebus"), coverage=())
    first, second = one(subject, here, tmp_path), one(subject, here, tmp_path)
    assert first.ready, first.detail
    assert (first.cached, second.cached) == (False, True)
    assert first.python == second.python
    assert first.code == second.code != ""
    compiled = list(Path(first.site, "enginebus").rglob("*.pyc"))
    assert len(compiled) == len(list(Path(first.site, "enginebus").glob("*.py")))


def test_one_that_was_half_made_is_made_again(here, tmp_path):
    subject = replace(BUNDLED.load("enginebus"), coverage=())
    made = one(subject, here, tmp_path)
    (Path(made.python).parents[1] / "ready.json").unlink()
    assert one(subject, here, tmp_path).cached is False


def test_a_cache_that_was_moved_is_used_where_it_is(here, tmp_path):
    """Coverage measures nothing in a folder that is gone, and says no more than that."""
    subject = replace(BUNDLED.load("enginebus"), coverage=())
    made = one(subject, here, tmp_path / "old")
    (tmp_path / "old").rename(tmp_path / "new")
    moved = one(subject, here, tmp_path / "new")
    assert (moved.cached, Path(moved.site, "enginebus").is_dir()) == (True, True)
    assert Path(moved.site).is_relative_to(tmp_path / "new")
    assert Path(moved.site).name == Path(made.site).name
    marker = Path(moved.python).parents[1] / "ready.json"
    for site in (moved.site, "lib/elsewhere"):  # as older harnesses wrote it; one that is gone
        marker.write_text(json.dumps({**json.loads(marker.read_text("utf-8")), "site": site}), "utf-8")
        assert one(subject, here, tmp_path / "new").cached is False


def test_a_changed_guest_is_another_target(here, tmp_path, monkeypatch):
    guest = tmp_path / "guest"
    shutil.copytree(places.GUEST, guest)
    subject = BUNDLED.load("enginebus")
    before = provision.guest_hash(subject)
    subject = replace(subject, guest=(guest / "enginebus",))
    assert provision.guest_hash(subject) == before
    (guest / "enginebus" / "bus.py").write_text("changed = True\n")
    assert provision.guest_hash(subject) != before


def test_a_range_of_pythons_that_the_subject_declares(here, tmp_path):
    subject = replace(BUNDLED.load("enginebus"), coverage=(), python="<3")
    target = one(subject, here, tmp_path)
    assert (target.status, target.reason) == ("unsupported", "enginebus requires Python <3")
    assert not (tmp_path / "targets").exists()


def test_the_version_of_a_distribution(here, tmp_path):
    target = one(BUNDLED.load("wsgiref"), here, tmp_path)
    assert (target.ready, target.subject_version) == (True, "")
    subject = replace(BUNDLED.load("enginebus"), version="coverage")
    target = one(subject, here, tmp_path)
    assert target.subject_version == target.coverage != ""


def test_what_was_released_after_a_day_is_not_installed(here, tmp_path):
    waitress = BUNDLED.load("waitress")
    newest = one(replace(waitress, edition="now"), here, tmp_path)
    then = one(replace(waitress, edition="now", before="2020-01-05"), here, tmp_path)
    assert then.ready, then.detail
    assert then.subject_version == "1.4.2"
    assert newest.subject_version != then.subject_version
    assert newest.python != then.python


def test_a_day_that_the_installer_of_2_7_cannot_keep_is_an_error_and_not_passed_over(every_python, tmp_path):
    old = next((i for i in every_python if i.id == "2.7"), None)
    assert old is not None, "there is no Python 2.7 here: this cannot be tried"
    target = one(replace(BUNDLED.load("waitress"), before="2020-01-05"), old, tmp_path)
    assert "pip on Python 2.7 does not support dates" in target.reason


def test_what_does_not_install_is_broken_with_the_installer_s_words(here, tmp_path):
    subject = replace(BUNDLED.load("enginebus"), coverage=(), requirements=("no-such-package-of-anybody==1.2.3",))
    target = one(subject, here, tmp_path)
    assert (target.ready, target.status) == (False, "broken")
    assert target.reason.startswith(f"could not be installed on Python {here.id}: install failed: ")
    assert "no-such-package-of-anybody" in target.detail


def test_an_index_that_cannot_be_reached_is_broken_and_not_missing(every_python, tmp_path, monkeypatch):
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("UV_NO_CACHE", "1")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    for interpreter in (every_python[0], every_python[-1]):
        target = one(replace(BUNDLED.load("waitress"), requirements=("waitress==1.4.4",)), interpreter, tmp_path)
        assert target.status == "broken", target.reason
        assert "could not be installed" in target.reason


def test_metadata_that_exclude_a_python_make_it_unsupported_there(every_python, tmp_path):
    old = next((i for i in every_python if i.id in ("3.6", "3.7", "3.8")), None)
    assert old, "this test needs a Python 3.6, 3.7 or 3.8 beside the one that runs it"
    target = one(replace(BUNDLED.load("waitress"), requirements=("waitress==3.0.2",)), old, tmp_path)
    assert target.status == "unsupported", target.reason
    assert target.reason.startswith(f"waitress==3.0.2 does not support Python {old.id}: ")


def test_on_2_7_a_release_for_newer_pythons_is_told_from_one_that_is_not_there(every_python, tmp_path):
    two = next((i for i in every_python if i.id == "2.7"), None)
    assert two, "this test needs a Python 2.7"
    newer, nowhere = (one(replace(BUNDLED.load("waitress"), requirements=(f"waitress=={version}",)), two, tmp_path)
                      for version in ("3.0.2", "99"))
    assert (newer.status, nowhere.status) == ("unsupported", "broken"), (newer.reason, nowhere.reason)


def test_the_version_of_a_package_that_says_it_itself(here, tmp_path):
    target = one(replace(BUNDLED.load("waitress"), version="waitress.utilities.__name__"), here, tmp_path)
    assert (target.ready, target.subject_version) == (True, "waitress.utilities"), target.detail


def test_a_version_that_names_nothing_that_was_installed_is_broken(here, tmp_path):
    target = one(replace(BUNDLED.load("waitress"), version="waitres"), here, tmp_path)
    assert target.status == "broken"
    assert "has version = 'waitres'" in target.detail


def test_one_failure_stops_no_other(here, tmp_path):
    good = replace(BUNDLED.load("enginebus"), coverage=())
    broken = Interpreter("9.9", "cpython", "9.9.9", "gil", str(tmp_path / "nowhere"))
    pairs = [(good, "9.9", broken, ""), (good, here.id, here, ""), (good, "8.8", None, "absent")]
    targets = provision.provision(pairs, tmp_path)
    assert [t.ready for t in targets] == [False, True, False]
    assert targets[0].status == "broken"
    assert (targets[2].status, targets[2].reason) == ("missing", "absent")


def test_the_lock_pins_and_is_written_on_upgrade_only(here, tmp_path, monkeypatch):
    home = tmp_path / "subjects"
    home.mkdir()
    file = home / "lock.toml"
    subject = replace(BUNDLED.load("enginebus"), folder=home / "enginebus")
    one(subject, here, tmp_path)
    assert not file.exists()
    target = one(subject, here, tmp_path, upgrade=True)
    assert lock_file.read(home)["enginebus"][here.id] == [f"coverage=={target.coverage}"]
    again = one(subject, here, tmp_path)
    made = json.loads((Path(again.python).parents[1] / "ready.json").read_text())
    assert made["resolved"] == [f"coverage=={target.coverage}"]


def test_the_repository_s_lock_names_every_wanted_python_that_was_here():
    locked = lock_file.read(places.SUBJECTS)["enginebus"]
    assert {"2.7", "3.6", "3.13"} <= set(locked)
    assert locked["2.7"] == ["coverage==5.5"]


def test_a_target_does_not_see_the_user_s_environment(target, monkeypatch, tmp_path):
    (tmp_path / "enginebus.py").write_text("raise SystemExit('the wrong one')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = subprocess.run([target.python, "-s", "-E", "-c", "import enginebus; print(enginebus.__version__)"],
                          capture_output=True, text=True, check=False)
    assert done.stdout.strip() == target.subject_version


def test_download_says_why_it_failed(tmp_path, monkeypatch):
    monkeypatch.setattr(installer, "uv", lambda: ["/bin/sh", "-c", "echo 'error: no network' >&2; exit 2"])
    assert installer.download("3.14", tmp_path) == "uv could not download 3.14: error: no network"


PYTHON = Interpreter("3.13", "cpython", "3.13.1", "gil", "/opt/3.13/bin/python")
WAITRESS = BUNDLED.load("waitress")
LOCKED = {"waitress": {"requirements": provision.requirements(WAITRESS), "3.13": ["waitress==1.0"]}}


@pytest.mark.parametrize(("subject", "locked", "upgrade", "pins"), [
    (WAITRESS, LOCKED, False, ["waitress==1.0"]),
    (WAITRESS, LOCKED, True, None),
    (WAITRESS, {}, False, None),
    (WAITRESS, {"waitress": {**LOCKED["waitress"], "requirements": ["waitress<2"]}}, False, None),
    (replace(WAITRESS, requirements=("waitress", "more")), LOCKED, False, None),
    (replace(WAITRESS, edition="2.0"), LOCKED, False, None),
    (BUNDLED.load("cheroot"), LOCKED, False, None),
])
def test_locked_versions_are_for_the_locked_release_with_the_same_requirements(monkeypatch, tmp_path, subject, locked, upgrade, pins):
    seen = []
    monkeypatch.setattr(lock_file, "read", lambda home: locked)
    monkeypatch.setattr(lock_file, "write", lambda *_: None)
    monkeypatch.setattr(provision, "_make", lambda bare, *rest: seen.append(rest[-1]) or bare)
    one(subject, PYTHON, tmp_path, upgrade=upgrade)
    assert seen == [pins]


def test_versions_of_the_locked_release_alone_are_locked(monkeypatch, tmp_path):
    written = []
    monkeypatch.setattr(lock_file, "write", lambda home, locked, targets, wanted: written.extend(([t.id for t in targets], wanted)))
    monkeypatch.setattr(provision, "_make", lambda bare, *rest: bare)
    editions = (replace(WAITRESS, edition="2.0", requirements=("waitress==2.0",)), WAITRESS)
    pairs = [(subject, "3.13", PYTHON, "") for subject in editions]
    provision.provision(pairs, tmp_path)
    assert written == []
    provision.provision(pairs, tmp_path, upgrade=True)
    assert written == [["waitress@3.13"], {"waitress": provision.requirements(WAITRESS)}]


def test_what_a_target_is_made_of_decides_which_one_it_is(monkeypatch, tmp_path):
    monkeypatch.setattr(provision, "build", lambda folder, *_: folder.mkdir() or {
        "site": "", "resolved": [], "version": "1", "coverage": ""})

    def made(subject=WAITRESS, python=PYTHON, guest="1"):
        monkeypatch.setattr(provision, "guest_hash", lambda _: guest)
        target = one(replace(subject, edition="e"), python, tmp_path)
        return target.python, target.cached

    first, cached = made()
    assert not cached
    assert made() == (first, True)
    others = [made(python=replace(PYTHON, version="3.13.2")), made(python=replace(PYTHON, path="/usr/bin/python3.13")),
              made(guest="2"), made(replace(WAITRESS, requirements=("waitress<3",))), made(replace(WAITRESS, pip=("--pre",))),
              made(replace(WAITRESS, content="of a checkout")), made(replace(WAITRESS, before="2020-01-05"))]
    assert [cached for _, cached in others] == [False] * len(others)
    assert len({first, *(python for python, _ in others)}) == len(others) + 1


EXCLUDED = ("error: No solution found when resolving dependencies\n  cause: Because the current Python version (3.8.18) does not satisfy "
            "Python>=3.9.0 and waitress==3.0.2 depends on Python>=3.9.0, we can conclude that it cannot be used.")


@pytest.mark.parametrize(("what", "output", "status", "reason"), [
    ("install", EXCLUDED, "unsupported", "waitress==3.0.2 does not support Python 3.13: Because the current Python"),
    ("environment", EXCLUDED, "broken", "could not be installed on Python 3.13: environment failed: Because the current Python"),
    ("compile", EXCLUDED, "broken", "could not be installed on Python 3.13: compile failed"),
    ("install", EXCLUDED.replace("waitress==", "click=="), "broken", "could not be installed on Python 3.13: install failed"),
    ("install", "error: no network", "broken", "could not be installed on Python 3.13: install failed: no network"),
])
def test_what_became_of_a_target_that_could_not_be_made(what, output, status, reason):
    subject = replace(WAITRESS, requirements=("waitress==3.0.2",))
    target = provision._failed(Target("waitress@3.13", "waitress", "3.13"), subject, PYTHON, installer.InstallError(what, "failed", output))
    assert (target.status, target.ready) == (status, False)
    assert target.reason.startswith(reason)
    assert target.detail == "\n".join(output.splitlines())


def from_path(wanted, **more):
    """The edition that ``--subject waitress=PATH`` is."""
    (subject,) = editions.choose([f"waitress={wanted}"])
    return replace(subject, coverage=(), **more)


def test_a_checkout_or_a_wheel_that_does_not_install_is_broken_and_the_others_are_made(here, every_python, tmp_path):
    checkout, wheel = tmp_path / "checkout", tmp_path / "waitress-9.0-py2.py3-none-any.whl"
    checkout.mkdir()
    (checkout / "setup.py").write_text("raise SystemExit('no build')\n")
    wheel.write_text("no wheel")
    good = replace(BUNDLED.load("enginebus"), coverage=())
    pythons = [here, *(i for i in every_python if i.id == "2.7")]
    bad = [(from_path(path), python.id, python, "") for path in (checkout, wheel) for python in pythons]
    *broken, made = provision.provision([*bad, (good, here.id, here, "")], tmp_path / "cache")
    assert made.ready
    for target in broken:
        assert target.status == "broken"
        assert target.reason.startswith(f"could not be installed on Python {target.interpreter_id}: install failed: ")
        assert not target.reason.endswith("failed: ")
    assert "no build" in broken[0].detail


def test_a_checkout_whose_metadata_exclude_a_python_is_unsupported_there(every_python, tmp_path):
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
        '[project]\nname = "waitress"\nversion = "9"\nrequires-python = ">=3.9"\n[tool.setuptools]\npy-modules = []\n')
    (tmp_path / "sources" / "setup.py").write_text(
        "from setuptools import setup\nsetup(name='waitress', version='9', python_requires='>=3.9', py_modules=[])\n")
    old = [i for i in every_python if i.id in ("2.7", "3.8")]
    assert len(old) == 2, "this test needs a Python 2.7 and a 3.8"
    for interpreter in old:
        target = one(from_path(tmp_path / "sources"), interpreter, tmp_path / "cache")
        assert target.status == "unsupported", target.detail
        assert target.reason.startswith(f"waitress (not a git checkout) does not support Python {interpreter.id}: ")


@pytest.mark.parametrize(("problem", "status", "reason"), [
    (OSError(errno.ENOSPC, "No space left on device", "cache/x"), "broken", "could not be installed on Python 3.13: cache/x: No space left on device"),
    (OSError(errno.EIO, "Input/output error"), "broken", "could not be installed on Python 3.13: [Errno 5] Input/output error"),
    (shutil.Error([("a", "b", "is a loop")]), "broken", "could not be installed on Python 3.13: "),
    (subprocess.TimeoutExpired(["python", "-m", "compileall"], 3.0), "broken", "could not be installed on Python 3.13: Command"),
    (KeyError("resolved"), "error", "the harness failed to build waitress+e@3.13: KeyError: 'resolved'"),
])
def test_whatever_goes_wrong_with_a_target_ends_no_run(monkeypatch, tmp_path, problem, status, reason):
    def fail(*_):
        raise problem

    monkeypatch.setattr(provision, "build", fail)
    target = one(replace(WAITRESS, edition="e"), PYTHON, tmp_path)
    assert (target.status, target.ready) == (status, False)
    assert target.reason.startswith(reason)


def test_a_target_whose_record_is_damaged_is_made_again(here, tmp_path):
    subject = replace(BUNDLED.load("enginebus"), coverage=())
    made = one(subject, here, tmp_path)
    for damaged in ("", "{", "{}", "[1]"):
        (Path(made.python).parents[1] / "ready.json").write_text(damaged)
        again = one(subject, here, tmp_path)
        assert again.ready, again.reason
        assert again.cached is False

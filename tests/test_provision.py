import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from harness import provision, subjects
from harness.model import Interpreter


@pytest.fixture
def here(every_python):
    from harness.interpreters import current
    return next(i for i in every_python if i.id == current())


def one(subject, interpreter, cache, **more):
    return provision.provision([(subject, interpreter.id, interpreter, "")], cache, **more)[0]


def test_a_target_is_made_once(here, tmp_path):
    subject = replace(subjects.load("enginebus"), coverage=())
    first, second = one(subject, here, tmp_path), one(subject, here, tmp_path)
    assert first.ready, first.detail
    assert (first.cached, second.cached) == (False, True)
    assert first.python == second.python
    compiled = list(Path(first.site, "enginebus").rglob("*.pyc"))
    assert len(compiled) == len(list(Path(first.site, "enginebus").glob("*.py")))


def test_one_that_was_half_made_is_made_again(here, tmp_path):
    subject = replace(subjects.load("enginebus"), coverage=())
    made = one(subject, here, tmp_path)
    (Path(made.python).parents[1] / "ready.json").unlink()
    assert one(subject, here, tmp_path).cached is False


def test_a_changed_guest_is_another_target(here, tmp_path, monkeypatch):
    import shutil
    guest = tmp_path / "guest"
    shutil.copytree(subjects.GUEST, guest)
    subject = subjects.load("enginebus")
    before = provision.guest_hash(subject)
    monkeypatch.setattr(provision, "GUEST", guest)
    assert provision.guest_hash(subject) == before
    (guest / "enginebus" / "bus.py").write_text("changed = True\n")
    assert provision.guest_hash(subject) != before


def test_a_range_of_pythons_that_the_subject_declares(here, tmp_path):
    subject = replace(subjects.load("enginebus"), coverage=(), python="<3")
    target = one(subject, here, tmp_path)
    assert target.reason == "enginebus is for Python <3"
    assert not (tmp_path / "targets").exists()


def test_the_version_of_a_distribution(here, tmp_path):
    target = one(subjects.load("wsgiref"), here, tmp_path)
    assert (target.ready, target.subject_version) == (True, "")
    subject = replace(subjects.load("enginebus"), version="coverage")
    target = one(subject, here, tmp_path)
    assert target.subject_version == target.coverage != ""


def test_a_module_that_does_not_know_its_version_is_asked_again_as_a_distribution(here, tmp_path):
    """CherryPy says "unknown" without pkg_resources: its release would be in no range of versions."""
    subject = replace(subjects.load("enginebus"), coverage=(), requirements=("coverage",), version="sys.byteorder")
    target = one(subject, here, tmp_path)
    assert target.ready, target.reason
    assert target.subject_version[:1].isdigit()


def test_what_was_released_after_a_day_is_not_installed(here, tmp_path):
    waitress = subjects.load("waitress")
    newest = one(replace(waitress, edition="now"), here, tmp_path)
    then = one(replace(waitress, edition="now", before="2020-01-05"), here, tmp_path)
    assert then.ready, then.detail
    assert then.subject_version == "1.4.2"
    assert newest.subject_version != then.subject_version
    assert newest.python != then.python


def test_a_day_that_the_installer_of_2_7_cannot_keep_is_an_error_and_not_passed_over(every_python, tmp_path):
    old = next((i for i in every_python if i.id == "2.7"), None)
    assert old is not None, "there is no Python 2.7 here: this cannot be tried"
    target = one(replace(subjects.load("waitress"), before="2020-01-05"), old, tmp_path)
    assert "pip of Python 2.7 knows no dates" in target.reason


def test_what_does_not_install_is_missing_with_the_installer_s_words(here, tmp_path):
    subject = replace(subjects.load("enginebus"), coverage=(), requirements=("no-such-package-of-anybody==1.2.3",))
    target = one(subject, here, tmp_path)
    assert not target.ready
    assert target.reason.startswith("install failed: ")
    assert "no-such-package-of-anybody" in target.detail


def test_one_failure_stops_no_other(here, tmp_path):
    good = replace(subjects.load("enginebus"), coverage=())
    broken = Interpreter("9.9", "cpython", "9.9.9", "gil", str(tmp_path / "nowhere"))
    pairs = [(good, "9.9", broken, ""), (good, here.id, here, ""), (good, "8.8", None, "absent")]
    targets = provision.provision(pairs, tmp_path)
    assert [t.ready for t in targets] == [False, True, False]
    assert targets[0].reason
    assert targets[2].reason == "absent"


def test_the_lock_pins_and_is_written_on_upgrade_only(here, tmp_path, monkeypatch):
    lock = tmp_path / "lock.toml"
    monkeypatch.setattr(provision, "LOCK", lock)
    subject = subjects.load("enginebus")
    one(subject, here, tmp_path)
    assert not lock.exists()
    target = one(subject, here, tmp_path, upgrade=True)
    assert provision.read_lock()["enginebus"][here.id] == [f"coverage=={target.coverage}"]
    again = one(subject, here, tmp_path)
    made = json.loads((Path(again.python).parents[1] / "ready.json").read_text())
    assert made["resolved"] == [f"coverage=={target.coverage}"]


def test_the_repository_s_lock_names_every_wanted_python_that_was_here():
    locked = provision.read_lock()["enginebus"]
    assert {"2.7", "3.6", "3.13"} <= set(locked)
    assert locked["2.7"] == ["coverage==5.5"]


def test_a_target_does_not_see_the_user_s_environment(target, monkeypatch, tmp_path):
    (tmp_path / "enginebus.py").write_text("raise SystemExit('the wrong one')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = subprocess.run([target.python, "-s", "-E", "-c", "import enginebus; print(enginebus.__version__)"],
                          capture_output=True, text=True, check=False)
    assert done.stdout.strip() == target.subject_version


def test_download_says_why_it_failed(tmp_path, monkeypatch):
    monkeypatch.setattr(provision, "uv", lambda: ["/bin/sh", "-c", "echo 'error: no network' >&2; exit 2"])
    assert provision.download("3.14", tmp_path) == "uv cannot fetch 3.14: error: no network"

"""What a cell is made of, beside its scenario: hashes that change with it, and with nothing else."""

import subprocess
import sys
from dataclasses import replace

import pytest

from harness.targets import fingerprints
from harness.targets.load_subjects import BUNDLED

from ..conftest import ROOT

SUBJECT = BUNDLED.load("enginebus")


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """The harness's sources as a small tree that may be changed."""
    for name in ("drive.py", "report/page.py", "reproducer/write.py", "ports/look.py", "guest/enginebus/bus.py",
                 "guest/apps/life.py", "subjects/enginebus/subject.toml", "subjects/enginebus/serve.py",
                 "subjects/other/serve.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1", "ascii")
    point_at(tmp_path, monkeypatch)
    return tmp_path


def point_at(folder, monkeypatch):
    """Let the harness, the bundled applications and the subject of these tests be those of a folder."""
    monkeypatch.setattr(fingerprints, "PACKAGE", folder)
    monkeypatch.setattr("harness.targets.subject.APPS", folder / "guest" / "apps")
    monkeypatch.setattr(sys.modules[__name__], "SUBJECT", replace(
        SUBJECT, folder=folder / "subjects" / "enginebus", guest=(folder / "guest" / "enginebus",), apps={}))


def both(resolved=("web==1.0",), subject=None):
    subject = subject or SUBJECT
    return fingerprints.driver(), fingerprints.target(subject, list(resolved))


@pytest.mark.parametrize(("file", "driver", "target"), [
    ("drive.py", True, False), ("report/page.py", False, False), ("ports/look.py", False, False),
    ("reproducer/write.py", False, False), ("guest/enginebus/bus.py", False, True), ("guest/apps/life.py", False, True),
    ("subjects/enginebus/subject.toml", False, True), ("subjects/enginebus/serve.py", False, True),
    ("subjects/other/serve.py", False, True),
])
def test_a_hash_changes_with_what_it_is_of(copied, file, driver, target):
    before = both()
    assert both() == before
    (copied / file).write_text("2", "ascii")
    assert [one != other for one, other in zip(before, both(), strict=True)] == [driver, target]


def test_what_is_installed_and_which_edition_it_is_belong_to_a_target(copied):
    before = both()
    assert both(("web==1.1",))[1] != before[1]
    assert both(subject=replace(SUBJECT, content="of a checkout"))[1] != before[1]
    assert both(subject=replace(SUBJECT, edition="1.2", source="commit 1"))[1] == before[1], "names are no code"


def test_a_hash_has_no_folder_in_it(copied, tmp_path_factory, monkeypatch):
    before = both()
    point_at(copied.rename(tmp_path_factory.mktemp("moved") / "x"), monkeypatch)
    assert both() == before


def test_what_runs_and_judges_a_cell_is_in_the_driver_s_hash():
    """Whatever a worker imports decides about cells: no folder that is left out may be among it."""
    asked = "import sys, harness.run.workers; print(' '.join(name for name in sys.modules if name.startswith('harness.')))"
    names = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=ROOT).stdout.split()
    assert "harness.verdict.judge" in names
    assert [name for name in names if name.split(".")[1] in fingerprints.NO_PART_OF_CELLS - {"subjects"}] == []


@pytest.mark.parametrize(("old", "new", "changed"), [
    ("drive.py", "driver.py", [True, False]), ("guest/apps/life.py", "guest/apps/lives.py", [False, True]),
    ("report/page.py", "report/pages.py", [False, False])])
def test_a_hash_changes_with_the_name_of_a_file(copied, old, new, changed):
    before = both()
    (copied / old).rename(copied / new)
    assert [one != other for one, other in zip(before, both(), strict=True)] == changed

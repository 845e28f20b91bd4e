import shutil
import subprocess
import zipfile
from dataclasses import replace

import pytest

from harness.machine.interpreters import current
from harness.model.refusal import Refusal
from harness.targets import editions, lock_file, provision

GIT = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"]


def git(folder, *words):
    subprocess.run([*GIT, "-C", str(folder), *words], check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path):
    """A project named cheroot that installs without a build tool from anywhere else."""
    folder = tmp_path / "My checkout"
    (folder / "cheroot").mkdir(parents=True)
    (folder / "cheroot" / "__init__.py").write_text("")
    (folder / "cheroot" / "__main__.py").write_text("raise SystemExit('a cheroot of my own')\n")
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "cheroot"\nversion = "99.1"\n[tool.setuptools]\npackages = ["cheroot"]\n')
    (folder / ".gitignore").write_text("build/\n*.egg-info/\n")
    git(folder, "init")
    git(folder, "add", "-A")
    git(folder, "commit", "-m", "first")
    return folder


@pytest.mark.parametrize(("text", "requirement", "column"), [
    ("waitress==1.4.2", "waitress==1.4.2", "waitress+1.4.2"), ("waitress===1.4.2", "waitress==1.4.2", "waitress+1.4.2"),
    ("waitress==1.*", "waitress==1.*", "waitress+1.x"), ("waitress<2", "waitress<2", "waitress+lt2"),
    ("waitress>=1,<2", "waitress>=1,<2", "waitress+lt2-ge1"), ("waitress~=1.4", "waitress~=1.4", "waitress+about1.4"),
    ("waitress!=2.0", "waitress!=2.0", "waitress+ne2.0"), ("waitress <= 2", "waitress<= 2", "waitress+le2"),
])
def test_a_range_of_releases_has_a_column_that_names_it(text, requirement, column):
    (subject,) = editions.choose([text])
    assert (subject.requirements[0], subject.column) == (requirement, column)
    (again,) = editions.choose([editions.of_column(column)])
    assert again.column == column, "the id of a cell leads back to it"


@pytest.mark.parametrize("text", ["waitress<<2", "waitress==", "waitress==one two", "<2", "", "=x", "waitress<2,x", "wait ress"])
def test_what_is_no_release_is_refused(text):
    with pytest.raises(Refusal, match="--subject"):
        editions.choose([text])


def test_a_name_alone_is_the_locked_release():
    (subject,) = editions.choose(["cheroot"])
    assert (subject.edition, subject.column, subject.requirements) == ("", "cheroot", ("cheroot",))


@pytest.mark.parametrize("text", ["cheroot==10.0.1", "cheroot===10.0.1"])
def test_a_version(text):
    (subject,) = editions.choose([text])
    assert (subject.column, subject.requirements) == ("cheroot+10.0.1", ("cheroot==10.0.1",))


def test_versions_of_one_server_stand_side_by_side_and_a_repeated_one_counts_once():
    chosen = editions.choose(["cheroot==10.0.1", "cheroot", "cheroot==9.0.0", "cheroot==10.0.1"])
    assert [s.column for s in chosen] == ["cheroot+10.0.1", "cheroot", "cheroot+9.0.0"]


def test_what_a_version_replaces_is_the_server_s_own_package():
    (subject,) = editions.choose(["gunicorn-gthread==21.2.0"])
    assert subject.requirements[0] == "gunicorn==21.2.0"
    assert subject.requirements[1].startswith("futures")


def test_a_checkout_is_named_by_its_folder_its_commit_and_modified(checkout):
    (clean,) = editions.choose([f"cheroot={checkout}"])
    assert clean.column == "cheroot+My-checkout"
    assert clean.source.startswith("commit ")
    assert "modified" not in clean.source
    (checkout / "new.py").write_text("")
    (modified,) = editions.choose([f"cheroot={checkout}"])
    assert modified.source == clean.source + ", modified"
    assert modified.content != clean.content


def test_what_git_ignores_is_no_part_of_a_checkout(checkout):
    before = editions.choose([f"cheroot={checkout}"])[0]
    (checkout / "build").mkdir()
    (checkout / "build" / "left.py").write_text("")
    after = editions.choose([f"cheroot={checkout}"])[0]
    assert (after.content, after.source) == (before.content, before.source)


def test_a_folder_without_git(checkout):
    shutil.rmtree(checkout / ".git")
    (checkout / "build").mkdir()
    (checkout / "build" / "left.py").write_text("")
    (subject,) = editions.choose([f"cheroot={checkout}"])
    assert subject.source == "not a git checkout"
    assert {path.as_posix() for path in editions.sources(checkout)} == {
        ".gitignore", "pyproject.toml", "cheroot/__init__.py", "cheroot/__main__.py"}


def test_two_checkouts_in_folders_of_one_name(checkout, tmp_path):
    shutil.copytree(checkout, tmp_path / "other" / checkout.name)
    chosen = editions.choose([f"cheroot={checkout}", f"cheroot={tmp_path / 'other' / checkout.name}"])
    assert [s.column for s in chosen] == ["cheroot+My-checkout", "cheroot+My-checkout_2"]


def test_a_wheel(tmp_path):
    file = tmp_path / "cheroot-1.2.3-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as wheel:
        wheel.writestr("cheroot/__init__.py", "")
    (subject,) = editions.choose([f"cheroot={file}"])
    assert (subject.column, subject.source) == ("cheroot+1.2.3-wheel", file.name)
    assert subject.content


@pytest.mark.parametrize(("text", "problem"), [
    ("waitress=", "nothing after '='"),
    ("waitress= ", "nothing after '='"),
    ("nobody==1", "unknown subject 'nobody'"), ("enginebus==1.0", "not an installed package"), ("cheroot==one", "is not a version or a range"),
    ("cheroot=../nowhere", "no such file or folder"), ("cheroot=.", "has no pyproject.toml"),
])
def test_what_cannot_be(text, problem, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refusal) as caught:
        editions.choose([text])
    assert problem in str(caught.value)


@pytest.mark.parametrize(("name", "problem"), [
    ("waitress-1.0-py3-none-any.whl", "needs cheroot"), ("cheroot.whl", "not a valid wheel or sdist name"),
    ("cheroot.txt", "not a valid wheel or sdist name"),
])
def test_a_file_that_is_not_the_server(name, problem, tmp_path):
    (tmp_path / name).write_text("")
    with pytest.raises(Refusal) as caught:
        editions.choose([f"cheroot={tmp_path / name}"])
    assert problem in str(caught.value)


def test_a_checkout_is_installed_from_a_copy_and_never_locked(checkout, tmp_path, every_python, monkeypatch):
    here = next(i for i in every_python if i.id == current())
    (subject,) = editions.choose([f"cheroot={checkout}"])
    subject = replace(subject, folder=tmp_path / "subjects" / "cheroot")
    (target,) = provision.provision([(subject, here.id, here, "")], tmp_path / "cache", upgrade=True)
    assert target.ready, target.detail
    assert (target.id, target.subject, target.subject_version) == (f"cheroot+My-checkout@{here.id}", "cheroot", "99.1")
    assert target.source.startswith("commit ")
    assert sorted(p.name for p in checkout.iterdir()) == [".git", ".gitignore", "cheroot", "pyproject.toml"]
    assert lock_file.read(tmp_path / "subjects") == {}
    said = subprocess.run([target.python, "-s", "-E", "-m", "cheroot"], capture_output=True, text=True, check=False)
    assert said.stderr.strip() == "a cheroot of my own"
    (checkout / "cheroot" / "__main__.py").write_text("raise SystemExit('changed')\n")
    (again,) = provision.provision([(editions.choose([f"cheroot={checkout}"])[0], here.id, here, "")], tmp_path / "cache")
    assert (again.cached, again.source) == (False, target.source + ", modified")


def test_a_wheel_that_was_built_anew_is_another_one(tmp_path):
    file = tmp_path / "cheroot-1.2.3-py3-none-any.whl"
    contents = []
    for text in ("one", "two", "one"):
        file.write_text(text)
        contents.append(editions.choose([f"cheroot={file}"])[0].content)
    assert contents[0] == contents[2] != contents[1]

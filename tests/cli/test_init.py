"""Setting up the matrix in a repository of one's own: what is written is right, and nothing is replaced."""

import tomllib

import pytest

from harness.cli import init
from harness.language.files import load_all
from harness.model.refusal import Refusal
from harness.run import project
from harness.targets.references import check_references


def begun(folder, *words):
    lines = []
    assert init.run(given_of(folder, *words), lines.append) == 0
    return lines


def given_of(folder, *words):
    from harness.cli import main
    return main._parser("init").parse_args(["init", str(folder), *words])


@pytest.fixture
def repository(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "My_Server"\nversion = "1"\n')
    return tmp_path


@pytest.mark.parametrize("interface", ["wsgi", "asgi", "script"])
def test_what_is_written_is_right(repository, interface):
    begun(repository, "--interface", interface)
    found = project.find(repository)
    assert found.chosen == ("my-server",)
    subject = found.catalog.load("my-server")
    assert subject.checkout == repository
    scenarios = load_all(*found.scenarios)
    assert [scenario.id for scenario in scenarios] == ["own.hello"]
    check_references(scenarios, found.catalog.load_all())
    assert subject.apps["hello"] == repository / "matrix" / "subjects" / "apps" / "hello.py"
    compile(subject.apps["hello"].read_text(), "hello.py", "exec")
    assert tomllib.loads((repository / "pyproject.toml").read_text())["project"]["name"] == "My_Server"
    assert "uses: " in (repository / ".github" / "workflows" / "server-matrix.yml").read_text()


@pytest.mark.parametrize(("line", "python"), [
    ('requires-python = ">=3.8, <4"', ">=3.8, <4"), ("", ""), ('requires-python = ""', ""), ('requires-python = "three"', ""),
    ("requires-python = 3.8", ""),
])
def test_a_server_is_tried_on_the_pythons_that_its_project_requires(repository, line, python):
    (repository / "pyproject.toml").write_text(f'[project]\nname = "My_Server"\nversion = "1"\n{line}\n')
    begun(repository)
    assert project.find(repository).catalog.load("my-server").python == python


def test_the_files_name_schemas_that_are_there(repository):
    begun(repository)
    for file in (repository / "matrix").rglob("*.toml"):
        line = file.read_text().splitlines()[0]
        assert (file.parent / line.removeprefix("#:schema ")).is_file(), file


@pytest.mark.parametrize("taken", ["matrix/subjects/my-server/subject.toml", ".github/workflows/server-matrix.yml"])
def test_nothing_is_replaced(repository, taken):
    (repository / taken).parent.mkdir(parents=True)
    (repository / taken).write_text("mine")
    before = (repository / "pyproject.toml").read_text()
    with pytest.raises(Refusal, match="is there already; nothing was written"):
        begun(repository)
    assert (repository / taken).read_text() == "mine"
    assert (repository / "pyproject.toml").read_text() == before


@pytest.mark.parametrize(("text", "said"), [
    (None, "there is no such file"), ("[project\n", "is not valid TOML"), ("[project]\nname = '---'\n", "cannot be the name of a server"), ("", r"has no \[project\] name"), ("[project]\nname = 'waitress'\n", "a bundled server is called 'waitress' already"),
    ('[tool.server-matrix]\n[project]\nname = "x"\n', r"has \[tool.server-matrix\] already"),
])
def test_what_cannot_be_begun_is_refused(tmp_path, text, said):
    if text is not None:
        (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(Refusal, match=said):
        begun(tmp_path)
    assert not (tmp_path / "matrix").exists()



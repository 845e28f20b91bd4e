"""[tool.server-matrix] of pyproject.toml: what a run is of, and what is said where it says what cannot be."""

import pytest

from harness.machine.places import SCENARIOS, SUBJECTS
from harness.model.refusal import Refusal
from harness.run import project
from harness.run.project import BUNDLED_SUBJECTS


@pytest.fixture
def written(tmp_path):
    (tmp_path / "m" / "subjects" / "mine").mkdir(parents=True)
    (tmp_path / "m" / "subjects" / "mine" / "subject.toml").write_text("")
    (tmp_path / "m" / "scenarios").mkdir()

    def write(text):
        (tmp_path / "pyproject.toml").write_text(text, "utf-8")
        return project.find(tmp_path / "m")

    return write


def test_what_it_says_is_taken_with_paths_from_its_own_folder(written, tmp_path):
    found = written('[tool.server-matrix]\nsubject = ["mine", "waitress<3"]\nsubjects = ["m/subjects"]\nscenarios = ["m/scenarios"]\n'
                    'interpreters = ["2.7", "pypy3.11", "3.13t"]\nknown = "m/known.toml"\nreports = "out"\nstrict = true\nstrict-should = true\n')
    assert found.file == tmp_path / "pyproject.toml"
    assert found.chosen == ("mine", "waitress<3")
    assert found.catalog.folders == (SUBJECTS, tmp_path / "m" / "subjects")
    assert found.scenario_folders == (SCENARIOS, tmp_path / "m" / "scenarios")
    assert found.interpreters == ("2.7", "pypy3.11", "3.13t")
    assert (found.known, found.reports) == (tmp_path / "m" / "known.toml", tmp_path / "out")
    assert found.strict
    assert found.strict_should


@pytest.mark.parametrize(("line", "subjects", "scenarios"), [
    ("", True, True), ("bundled = false", False, False), ("bundled-subjects = false", False, True), ("bundled-scenarios = false", True, False),
    ("bundled = false\nbundled-scenarios = true", False, True),
])
def test_the_bundled_ones_can_be_left_out(written, line, subjects, scenarios):
    found = written(f'[tool.server-matrix]\nsubjects = ["m/subjects"]\nscenarios = ["m/scenarios"]\n{line}\n')
    assert (SUBJECTS in found.catalog.folders, SCENARIOS in found.scenario_folders) == (subjects, scenarios)


def test_without_names_a_run_is_of_the_project_s_own_servers_and_else_of_the_bundled_ones(written):
    assert written('[tool.server-matrix]\nsubjects = ["m/subjects"]\n').chosen == ("mine",)
    assert written("[tool.server-matrix]\n").chosen == BUNDLED_SUBJECTS


@pytest.mark.parametrize(("text", "said"), [
    ('subject = "mine"', "subject: must be a list of servers"), ("subject = []", "subject: must be a list of servers"),
    ("subject = [1]", "subject: must be a list of servers"), ("subjects = [1]", "subjects: must be a list of folders"),
    ('interpreters = ["3.x"]', "'3.x' is not an interpreter"),
    ("interpreters = 3", "must be a list of interpreters"), ("known = 1", "known: must be a file"), ('reports = ""', "reports: must be a folder"),
    ('strict = "yes"', "strict: must be true or false"), ("scenario = []", "Did you mean 'scenarios'"), ("bundled = 1", "bundled: must be true or false"),
])
def test_what_cannot_be_is_refused_with_the_place(written, text, said):
    with pytest.raises(Refusal, match=f"^pyproject.toml: \\[tool.server-matrix\\]: .*{said}"):
        written(f"[tool.server-matrix]\n{text}\n")


def test_all_mistakes_are_said_at_once(written):
    with pytest.raises(Refusal) as caught:
        written('[tool.server-matrix]\nstrict = 1\nsubject = 2\nnothing = 3\n')
    assert len(str(caught.value).splitlines()) == 3


def test_the_nearest_file_that_has_the_section_counts(written, tmp_path):
    (tmp_path / "m" / "pyproject.toml").write_text('[project]\nname = "inner"\n')
    assert written('[tool.server-matrix]\nreports = "outer"\n').reports == tmp_path / "outer"
    (tmp_path / "m" / "pyproject.toml").write_text('[tool.server-matrix]\nreports = "inner"\n')
    assert project.find(tmp_path / "m").reports == tmp_path / "m" / "inner"


@pytest.mark.parametrize("text", ["[tool.server-matrix\n", '[tool]\nserver-matrix = "x"\n'])
def test_a_section_that_cannot_be_read_is_refused(written, text):
    with pytest.raises(Refusal, match=r"pyproject\.toml: "):
        written(text)


@pytest.mark.parametrize("text", [b"[tool.black\n", b"# Andr\xe9\n[tool.server-matrix]\n", "[tool.server-matrix]\n".encode("utf-16"), b"tool = 3\n"])
def test_a_file_that_cannot_be_read_is_refused_and_never_passed_over(written, tmp_path, text):
    (tmp_path / "pyproject.toml").write_bytes(text)
    with pytest.raises(Refusal, match=r"pyproject\.toml: "):
        project.find(tmp_path / "m")


@pytest.mark.parametrize("name", ["server_matrix", "server-matrx", "servermatrix", "Server-Matrix", "sever-matrix"])
def test_a_misspelt_section_is_refused(written, name):
    with pytest.raises(Refusal, match=r"Did you mean \[tool\.server-matrix\]"):
        written(f"[tool.{name}]\n")


def test_other_sections_are_none_of_ours(written, monkeypatch):
    monkeypatch.setattr(project, "checkout", lambda: None)
    assert written("[tool.pytest.ini_options]\n[tool.server]\n[tool.matrix]\n").file is None


@pytest.mark.parametrize(("line", "said"), [
    ('subjects = ["mine"]', r"subjects: there is no folder 'mine', as seen from this file\. To choose servers by name: subject = \['mine'\]"),
    ('scenarios = ["nowhere"]', "scenarios: there is no folder 'nowhere'"),
])
def test_folders_that_are_not_there_are_refused_by_what_needs_them(written, line, said):
    found = written(f"[tool.server-matrix]\n{line}\n")
    with pytest.raises(Refusal, match=said):
        project.check_folders(found)


def test_a_folder_that_is_named_twice_is_one(written, tmp_path):
    found = written('[tool.server-matrix]\nscenarios = ["m/scenarios", "./m/scenarios/", "m/../m/scenarios"]\n')
    assert found.scenarios == (tmp_path / "m" / "scenarios",)


def test_a_checkout_says_what_a_run_from_elsewhere_is_of(tmp_path):
    assert project.find(tmp_path).chosen == BUNDLED_SUBJECTS
    assert "2.7" in project.find(tmp_path).interpreters

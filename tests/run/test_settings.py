"""[tool.harness] of pyproject.toml: what a run is of, and what is said where it does not say."""

import pytest

from harness.model.refusal import Refusal
from harness.run import settings


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "ROOT", tmp_path)
    return lambda text: (tmp_path / "pyproject.toml").write_text(text, "utf-8")


def test_what_it_says_is_taken(project):
    project('[tool.harness]\nsubjects = ["one", "two"]\ninterpreters = ["2.7"]\n')
    assert settings.default_subjects() == ("one", "two")
    assert settings.wanted_interpreters() == ["2.7"]


@pytest.mark.parametrize("text", [
    "", "[tool.harness]\n", "[tool.harness]\nsubjects = []\ninterpreters = []\n", '[tool.harness]\nsubjects = "one"\ninterpreters = "2.7"\n',
    '[tool.harness]\nsubjects = ["one", 2]\ninterpreters = ["2.7", 3]\n',
])
def test_what_is_no_list_of_names_is_refused_with_an_example(project, text):
    project(text)
    for ask, example in ((settings.default_subjects, "enginebus"), (settings.wanted_interpreters, "3.13")):
        with pytest.raises(Refusal, match=f"must be a list of strings, such as .*{example}"):
            ask()


@pytest.mark.parametrize("text", ["[tool", None])
def test_a_file_that_cannot_be_read_is_named(project, text):
    if text:
        project(text)
    with pytest.raises(Refusal, match=r"pyproject\.toml: cannot be read"):
        settings.default_subjects()

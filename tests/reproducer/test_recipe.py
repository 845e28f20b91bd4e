"""The recipe of each subject has everything that its launch needs, and nothing about this machine."""

import base64
import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from harness.model.values import Interpreter, Target
from harness.reproducer.recipe import files, recipe, recipes
from harness.targets.load_subjects import BUNDLED

from ..conftest import ROOT


@pytest.mark.parametrize("name", BUNDLED.names())
def test_each_file_that_a_launch_names_is_in_the_archive(name, tmp_path):
    subject = BUNDLED.load(name)
    made = recipe(Target(f"{name}@3.13", name, "3.13", "1.0", Interpreter("3.13", "cpython", "3.13.1", "gil", "/p")), subject)
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(files(subject)))) as archive:
        archive.extractall(tmp_path)
    own = tmp_path / "servers" / made["name"]
    own.mkdir(parents=True, exist_ok=True)
    words = [*made["entry"], *made["args"], *made["tls_args"], *made["reload_args"], *made["default_channel_args"]]
    named = [found for word in words for found in re.findall(r"\{folder\}/([^ ]+)", word)]
    assert [file for file in named if not (own / file).resolve().is_file()] == []
    assert [app for app in made["apps"].values() if not (tmp_path / app).is_file()] == []
    assert [package for package in subject.guest if not (tmp_path / "guest" / package / "__init__.py").is_file()] == []


@pytest.mark.parametrize("name", BUNDLED.names())
def test_nothing_of_this_machine_is_in_it(name):
    made = json.dumps(recipe(Target(f"{name}@3.13", name, "3.13", "1.0"), BUNDLED.load(name)))
    assert str(ROOT) not in made
    assert str(Path.home()) not in made


def test_the_same_files_give_the_same_archive():
    assert files(BUNDLED.load("cherrypy")) == files(BUNDLED.load("cherrypy"))


def test_requirements_are_what_was_installed_without_what_the_harness_added(tmp_path):
    (tmp_path / "ready.json").write_text(json.dumps({"resolved": ["coverage==7.1", "coverage-extra==1", "waitress==3.0"]}))
    made = Target("waitress@3.13", "waitress", "3.13", "3.0", python=str(tmp_path / "bin" / "python"))
    assert recipe(made, BUNDLED.load("waitress"))["requires"] == ["coverage-extra==1", "waitress==3.0"]


def test_recipes_are_for_targets_that_are_ready():
    targets = [Target("waitress@3.13", "waitress", "3.13"), Target("waitress+lt2@3.13", "waitress", "3.13"),
               Target("wsgiref@2.7", "wsgiref", "2.7", reason="no such interpreter")]
    found = recipes(targets, {name: BUNDLED.load(name) for name in ("waitress", "wsgiref")})
    assert (set(found["targets"]), set(found["files"])) == ({"waitress@3.13", "waitress+lt2@3.13"}, {"waitress"})


def test_a_server_from_a_checkout_is_not_asked_of_an_index(tmp_path):
    """Its name there may be a release, or somebody else's package."""
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    (tmp_path / "ready.json").write_text(json.dumps({"resolved": ["my-server==0.1", "waitress==3.0", "coverage==7"]}))
    subject = replace(BUNDLED.load("waitress"), checkout=tmp_path, project="My_Server")
    made = recipe(Target("my-server@3.13", "my-server", "3.13", "0.1", python=str(python), source="commit abc, modified"), subject)
    assert (made["requires"], made["checkout"]) == (["waitress==3.0"], "commit abc, modified")
    assert recipe(Target("waitress@3.13", "waitress", "3.13"), BUNDLED.load("waitress"))["checkout"] == ""

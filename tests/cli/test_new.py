import json
import tomllib

import pytest

from harness.cli import new
from harness.language.files import load
from harness.machine import places
from harness.model.refusal import Refusal
from harness.targets.load_subjects import Catalog


@pytest.mark.parametrize(("interface", "app"), [
    ("wsgi", "apps/wsgi_life.py"), ("asgi", "apps/asgi_life.py"), ("script", "apps/life.py")])
def test_what_is_written_loads_as_it_is(tmp_path, interface, app):
    files = new.subject("my-server", "My_Server", interface, tmp_path)
    subject = Catalog((tmp_path,)).load("my-server")
    assert subject.apps["life"] == places.GUEST / app
    assert subject.requirements == ("My_Server",)
    assert subject.entry == (("-m", "my_server") if interface != "script" else (str(files[1]),))
    lines = [line for line in files[0].read_text().splitlines() if line.strip()]
    assert len(lines) <= 15, "a new server takes fewer than fifteen lines"


def test_its_script_is_python_and_says_what_to_fill_in(tmp_path):
    script = new.subject("my-server", "", "script", tmp_path)[1].read_text()
    compile(script, "serve.py", "exec")
    assert "fill in: import my_server" in script


@pytest.mark.parametrize("name", ["My", "a b", "../up", "", "-x", "a@b", "a+b"])
def test_a_name_that_cannot_be(tmp_path, name):
    with pytest.raises(Refusal, match="small letters"):
        new.subject(name, "", "wsgi", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_one_that_is_there_is_not_overwritten(tmp_path):
    file = new.subject("mine", "", "wsgi", tmp_path)[0]
    before = file.read_text()
    with pytest.raises(Refusal, match="there already"):
        new.subject("mine", "other", "asgi", tmp_path)
    assert file.read_text() == before
    assert tomllib.loads(before)["title"] == "mine"


def test_a_scenario_that_is_written_is_right_and_names_its_schema(tmp_path):
    file = new.scenario("http.no-content", tmp_path)
    assert file == tmp_path / "http" / "no-content.toml"
    assert [one.id for one in load(file, tmp_path)] == ["http.no-content"]
    line = file.read_text().splitlines()[0]
    assert (file.parent / line.removeprefix("#:schema ")).resolve() == (tmp_path / ".schemas" / "scenario.json").resolve()
    assert json.loads((tmp_path / ".schemas" / "scenario.json").read_text())["title"]
    with pytest.raises(Refusal, match="there already"):
        new.scenario("http.no-content", tmp_path)


@pytest.mark.parametrize("name", ["nofamily", "A.b", "a..b", "a/b.c", ""])
def test_an_id_that_cannot_be(tmp_path, name):
    with pytest.raises(Refusal, match=r"family\.name"):
        new.scenario(name, tmp_path)

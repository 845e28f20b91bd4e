"""The coverage pages where a scenario cannot go: measured from outside, by threads at once, over files of every kind."""

import threading
from urllib.error import HTTPError

import coverage
import pytest
from enginebus import covering

from harness.machine import interpreters
from harness.targets import provision
from harness.targets.load_subjects import BUNDLED

from ..conftest import GUEST
from .covered import DETAIL, PAGES, serving

PYTHONS = ("2.7", "3.13", interpreters.current())
APP = GUEST / "apps" / "covered.py"


@pytest.fixture(scope="module", params=PYTHONS)
def python(request, every_python, cache):
    """A Python with the package coverage: that of a target."""
    here = next((one for one in every_python if one.id == request.param), None)
    assert here is not None, f"there is no Python {request.param}"
    made = provision.provision([(BUNDLED.load("enginebus"), here.id, here, "")], cache)[0]
    assert made.ready, made.detail
    return made.python


def lines(served):
    return served.ask(DETAIL)["lines"]


@pytest.mark.parametrize("options", [(), ("--branch",)])
def test_measured_from_outside_its_data_are_shown_and_none_is_lost(python, tmp_path, options):
    data = tmp_path / "data"
    with serving(python, APP, tmp_path, "-m", "coverage", "run", *options, COVERAGE_FILE=str(data)) as served:
        assert lines(served)["10"] == "not run"
        served.get("/greet?hour=9")
        served.get("/add/2")
        seen = lines(served)
        assert [seen[line] for line in ("10", "11", "12", "18", "19", "21")] == ["run", "run", "not run", "run", "not run", "run"]
        served.get("/greet?hour=20")
    saved = coverage.CoverageData(str(data))
    saved.read()
    ran = set(saved.lines(str(PAGES)))
    assert {10, 11, 12, 18, 21} <= ran, "what the page was shown is in the data, and what ran since"
    assert 19 not in ran


def test_measured_from_outside_by_one_that_leaves_the_application_out(python, tmp_path):
    with serving(python, APP, tmp_path, "-m", "coverage", "run", "--source=enginebus", COVERAGE_FILE=str(tmp_path / "data")) as served:
        served.get("/greet?hour=9")
        assert served.ask("/coverage/?format=json") == {"files": {}}
        assert "or what measures leaves them out" in served.get("/coverage/")


def test_measured_from_outside_files_that_have_not_run_are_not_shown(python, tmp_path):
    for name in ("app", "never"):
        (tmp_path / f"{name}.py").write_text(
            "import os\nfrom enginebus import covering\nclass Root(object):\n"
            "    coverage = covering.CoverStats(files=[os.path.dirname(os.path.abspath(__file__))])\n", "utf-8")
    with serving(python, tmp_path / "app.py", tmp_path, "-m", "coverage", "run", f"--source={tmp_path}") as served:
        assert list(served.ask("/coverage/?format=json")["files"]) == ["app.py"]


MANY = '''
import os
from enginebus import covering, expose
HERE = os.path.dirname(os.path.abspath(__file__))
covering.start([HERE])
import many
class Root(object):
    coverage = covering.CoverStats(files=[os.path.join(HERE, "many.py")])
    @expose
    def call(self, number):
        getattr(many, "f" + number)()
        return "called"
'''


def test_nothing_that_runs_while_a_page_is_made_is_lost(python, tmp_path):
    count = 200
    (tmp_path / "many.py").write_text("".join(f"def f{n}():\n    a = {n}\n    return a\n" for n in range(count)), "utf-8")
    (tmp_path / "app.py").write_text(MANY, "utf-8")
    with serving(python, tmp_path / "app.py", tmp_path) as served:
        over = threading.Event()

        def look():
            while not over.is_set():
                served.get("/coverage/")

        looking = [threading.Thread(target=look) for _ in range(2)]
        for thread in looking:
            thread.start()
        try:
            for number in range(count):
                assert served.get(f"/call/{number}") == "called"
        finally:
            over.set()
            for thread in looking:
                thread.join()
        found = served.ask("/coverage/?format=json")["files"]["many.py"]
        assert found == {"executable": 3 * count, "run": 3 * count, "percent": 100}


KINDS = '''
import os
from enginebus import covering, expose
covering.start([os.path.dirname(os.path.abspath(__file__))])
import sub.latin, gone, broken
class Root(object):
    coverage = covering.CoverStats()
    @expose
    def spoil(self):
        here = os.path.dirname(os.path.abspath(__file__))
        os.remove(os.path.join(here, "gone.py"))
        with open(os.path.join(here, "broken.py"), "w") as file:
            file.write("def (")
        return "done"
'''


def test_files_in_folders_in_other_encodings_and_files_that_are_gone(python, tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "__init__.py").write_text("", "utf-8")
    (tmp_path / "sub" / "latin.py").write_bytes("# coding: latin-1\nname = u'caf\u00e9 <b>'\n".encode("latin-1"))
    for name in ("gone", "broken"):
        (tmp_path / f"{name}.py").write_text("a = 1\n", "utf-8")
    (tmp_path / "app.py").write_text(KINDS, "utf-8")
    with serving(python, tmp_path / "app.py", tmp_path) as served:
        assert {"sub/latin.py", "gone.py", "broken.py"} <= served.ask("/coverage/?format=json")["files"].keys()
        assert '<a href="file?name=sub%2Flatin.py">sub/latin.py</a>' in served.get("/coverage/")
        page = served.get("/coverage/file?name=sub%2Flatin.py")
        assert "&lt;b&gt;" in page
        assert "caf\u00e9" in page or "2.7" in python, "Python 2.7 does not say how a source is encoded"
        (tmp_path / "sub" / "latin.py").write_bytes(b"name = u'tea and more of it'\n")
        assert "tea and more of it" in served.get("/coverage/file?name=sub%2Flatin.py"), "the source as it is now"
        served.get("/spoil")
        left = served.ask("/coverage/?format=json")["files"].keys()
        assert "sub/latin.py" in left
        assert not {"gone.py", "broken.py"} & left
        with pytest.raises(HTTPError, match="404"):
            served.get("/coverage/file?name=gone.py")


WITHIN = '''
import os, sys
HERE = os.path.dirname(os.path.abspath(__file__))
sys.prefix = os.path.join(HERE, "venv")
sys.path.insert(0, sys.prefix)
from enginebus import covering
covering.start([HERE])
import foreign, mine
class Root(object):
    coverage = covering.CoverStats()
'''


def test_an_environment_within_the_folder_is_not_the_application(python, tmp_path):
    (tmp_path / "venv").mkdir()
    for name in ("venv/foreign", "mine"):
        (tmp_path / f"{name}.py").write_text("a = 1\n", "utf-8")
    (tmp_path / "app.py").write_text(WITHIN, "utf-8")
    with serving(python, tmp_path / "app.py", tmp_path) as served:
        files = served.ask("/coverage/?format=json")["files"]
    assert "mine.py" in files
    assert "venv/foreign.py" not in files


ASKED = '''
import helper
from enginebus import covering, expose
class Root(object):
    coverage = covering.CoverStats()
    @expose
    def index(self):
        return helper.word()
'''


def test_the_option_measures_the_folder_of_the_application_from_its_first_line_on(python, tmp_path):
    (tmp_path / "app.py").write_text(ASKED, "utf-8")
    (tmp_path / "helper.py").write_text("def word():\n    return 'here'\n", "utf-8")
    with serving(python, tmp_path / "app.py", tmp_path, after=("--coverage",)) as served:
        assert served.ask("/coverage/?format=json")["files"]["helper.py"] == {"executable": 2, "run": 1, "percent": 50}
        before = served.ask("/coverage/file?name=app.py&format=json")["lines"]
        assert [line for line, state in before.items() if state == "not run"] == ["8"]
        assert served.get("/") == "here"
        assert served.ask("/coverage/?format=json")["files"]["helper.py"]["percent"] == 100
        assert served.ask("/coverage/file?name=app.py&format=json")["percent"] == 100


def test_where_nothing_was_started_the_page_says_how(python, tmp_path):
    (tmp_path / "app.py").write_text("from enginebus import covering\nclass Root(object):\n    coverage = covering.CoverStats()\n", "utf-8")
    with serving(python, tmp_path / "app.py", tmp_path) as served:
        with pytest.raises(HTTPError, match="503") as caught:
            served.get("/coverage/")
        assert "Start with --coverage" in caught.value.read().decode("utf-8")


OWN = '''
import coverage
from enginebus import covering
own = coverage.Coverage(data_file=None)
own.start()
import measured
%s
class Root(object):
    coverage = covering.CoverStats(own, [measured.__file__.rstrip("c")])
'''


@pytest.mark.parametrize("state", ["", "own.stop()"])
def test_an_instance_of_one_s_own_that_measures_or_has_measured(python, tmp_path, state):
    (tmp_path / "measured.py").write_text("a = 1\nif a > 1:\n    a = 2\n", "utf-8")
    (tmp_path / "app.py").write_text(OWN % state, "utf-8")
    with serving(python, tmp_path / "app.py", tmp_path) as served:
        assert served.ask("/coverage/?format=json")["files"] == {"measured.py": {"executable": 3, "run": 2, "percent": 66}}


def test_a_package_that_is_too_old_is_none(monkeypatch):
    assert covering._package() is coverage
    monkeypatch.delattr(coverage.Coverage, "current")
    assert covering._package() is None


@pytest.mark.parametrize(("path", "paths", "shown"), [
    ("/a/b/c.py", ["/a/b"], True), ("/a/b/c.py", ["/a/b/"], True), ("/a/bc/c.py", ["/a/b"], False), ("/a/b/c.py", ["/"], True),
    ("/a/b/c.py", ["/x", "/a/b/c.py"], True), ("/a/b/c.pyx", ["/a/b/c.py"], False), ("/a/b/c.py", [], False)])
def test_what_is_below(path, paths, shown):
    assert covering._is_below(path, paths) is shown


@pytest.mark.parametrize(("paths", "root"), [
    (["/a/b"], "/a/b"), (["/a/b/"], "/a/b"), (["/a/b", "/a/bc"], "/a"), (["/a/b", "/a/b/c"], "/a/b"), (["/a", "/x"], "/"), (["/"], "/"),
    ([], "/"), ([str(PAGES)], str(PAGES.parent)), ([str(PAGES), str(APP)], str(PAGES.parent))])
def test_from_where_files_are_named(paths, root):
    assert covering._root(paths) == root

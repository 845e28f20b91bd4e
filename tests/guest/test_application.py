"""Trees of applications: prefixes, settings of paths, names, and URLs."""

import pytest
from enginebus import Application, NotFound, Tree, expose, url
from enginebus.config import UnknownSetting
from hypothesis import given
from hypothesis import strategies as st

from .fakes import make_request, under

PREFIXES = ["", "/a", "/a/b", "/ab", "/a/b/c/d"]


def tree(*prefixes):
    made = Tree()
    for prefix in prefixes or PREFIXES:
        made.mount(object(), prefix)
    return made


@pytest.mark.parametrize(("path", "prefix", "rest"), [
    ("/", "", "/"), ("/x", "", "/x"), ("/a", "/a", ""), ("/a/", "/a", "/"), ("/a/x", "/a", "/x"), ("/ab", "/ab", ""), ("/abc", "", "/abc"), ("/a/b", "/a/b", ""),
    ("/a/b/c", "/a/b", "/c"), ("/a/b/c/d/", "/a/b/c/d", "/"), ("/a//b", "/a", "//b"), ("//a", "", "//a"), ("/a/bc", "/a", "/bc"),
])
def test_the_longest_prefix_that_fits(path, prefix, rest):
    made = tree()
    assert made.find(path) == (made.apps[prefix], prefix, rest)
    assert made.script_name(path) == prefix


@given(st.lists(st.sampled_from(PREFIXES), unique=True, min_size=1), st.text("/ab", max_size=9).map(lambda text: "/" + text))
def test_prefix_and_rest_are_the_path(prefixes, path):
    made = tree(*prefixes)
    try:
        _, prefix, rest = made.find(path)
    except NotFound as error:
        assert "" not in prefixes
        assert path in error.message
        return
    assert prefix + rest == path
    longer = [one for one in prefixes if len(one) > len(prefix) and (path.rstrip("/") + "/").startswith(one + "/")]
    assert longer == []


def test_mounting():
    made, root = Tree(), object()
    assert (made.mount(root, "/a/").script_name, made.apps["/a"].root) == ("/a", root)
    app = Application(root, "/b")
    assert made.mount(app) is made.mount(app, "/b/") is made.apps["/b"] is app
    with pytest.raises(ValueError, match="own prefix is '/b'"):
        made.mount(app, "/c")
    with pytest.raises(TypeError):
        made.mount(root, None)
    assert made.script_name("/nowhere") is None
    under(make_request(path="/x", script_name="/a"))
    assert made.script_name() == "/a"


def test_a_section_is_a_path_and_settings_that_are_known():
    app = Application(object(), "", {"global": {"nosuch": 1}, "/a/": {"response.stream": True}})
    app.merge({"/a": {"response.headers.X": "1"}})
    assert app.config == {"/a": {"response.stream": True, "response.headers.X": "1"}}
    for wrong in ({"a": {}}, {"/a": 1}, {"/a": {"nosuch": 1}}, {"/a": {"server.socket_port": 1}}):
        with pytest.raises(UnknownSetting):
            app.merge(wrong)


def test_what_was_given_is_not_changed():
    sections = {"/a": {"response.stream": True}}
    first, second = Application(object(), "", sections), Application(object(), "", sections)
    first.merge({"/a": {"response.headers.X": "1"}})
    assert (sections, second.config) == ({"/a": {"response.stream": True}},) * 2


@pytest.mark.parametrize(("path", "value"), [("/a/b/c", "ab"), ("/a/b/", "ab"), ("/a/bc", "a"), ("/a", "a"), ("/b", "root"), ("/", "root"), ("", "root")])
def test_one_setting_of_a_path(path, value):
    app = Application(object(), "", {p: {"response.headers.X": v} for p, v in (("/", "root"), ("/a", "a"), ("/a/b", "ab"))})
    assert app.find(path, "response.headers.X", "none") == value
    assert app.find(path, "response.headers.Y", "none") == "none"


def test_a_setting_of_everything(monkeypatch):
    monkeypatch.setattr(Application.settings, "per_path", {"response.stream": True})
    assert Application(object()).find("/a", "response.stream", False) is True


def test_ways_to_expose():
    class Page:
        @expose
        def plain(self):
            pass

        @expose()
        def called(self):
            pass

        @expose("x.html")
        def by_name(self):
            pass

        @expose(alias=("y", "z"))
        def by_names(self):
            pass

        @expose(["v", "w"])
        def by_list(self):
            pass

    assert all(getattr(Page, name).exposed for name in ("plain", "called", "by_name", "by_names", "by_list"))
    assert (Page.x_html, Page.y, Page.z, Page.v, Page.w) == (Page.by_name, Page.by_names, Page.by_names, Page.by_list, Page.by_list)
    assert expose(Page) is Page
    assert Page.exposed


@pytest.mark.parametrize(("arguments", "found"), [
    ({}, "/app/here/page"), ({"path": "x"}, "/app/here/x"), ({"path": "/x"}, "/app/x"), ({"path": "../x"}, "/app/x"), ({"path": "../../../x"}, "/x"), ({"path": "./x/"}, "/app/here/x/"),
    ({"path": "/"}, "/app/"), ({"path": "x", "qs": "a=1"}, "/app/here/x?a=1"), ({"path": "/x", "script_name": "/o"}, "/o/x"), ({"path": "/x", "script_name": ""}, "/x"),
    ({"path": "/a/.."}, "/app/"), ({"path": "/a/."}, "/app/a/"), ({"path": "/x?y=/../z"}, "/app/x?y=/../z"), ({"path": "//x"}, "/app//x"),
])
def test_urls(arguments, found):
    under(make_request(path="/here/page", script_name="/app", base="http://h:1"))
    assert url(**arguments) == "http://h:1" + found
    assert url(**arguments, base="https://o") == "https://o" + found
    assert url(**arguments, relative="server") == found


@pytest.mark.parametrize(("path", "is_index", "found"), [("/here", True, "/app/here/x"), ("/here", None, "/app/x"), ("/here/", False, "/app/x"), ("/here/", None, "/app/here/x"), ("/", False, "/app/x")])
def test_urls_below_an_index(path, is_index, found):
    request, _ = under(make_request(path=path, script_name="/app"))
    request.is_index = is_index
    assert url("x", relative="server") == found


@pytest.mark.parametrize(("path", "found"), [("/here/x", "x"), ("/x", "../x"), ("/here/a/b", "a/b"), ("/", "../"), ("x", "x")])
def test_relative_urls(path, found):
    under(make_request(path="/here/page", script_name="/app"))
    assert url(path, relative=True) == found

"""From a path to a handler: the tree of objects, as CherryPy walks it, and resources with a method for each method."""

import string

import pytest
from enginebus import HTTPError, NotFound, config, expose
from enginebus.application import Application
from enginebus.dispatch import Dispatcher, MethodDispatcher, PageHandler, attribute_name, is_exposed
from enginebus.serving import serving

from .fakes import make_request, under


@config(**{"tools.json_out.on": True, "request.show_tracebacks": True})
class Sub:
    @expose
    def index(self):
        pass

    @expose
    @config(**{"response.stream": True})
    def default(self, *args):
        pass

    @expose
    def my_page_html(self):
        pass


@expose
@config(**{"tools.allow.methods": "GET"})
class Callable:
    def default(self, *args):
        """It is not exposed, and takes nothing."""

    def __call__(self, *args):
        return args


class Deep:
    sub = Sub()


class Root:
    sub = Sub()
    deep = Deep()
    callable = Callable()
    plain = "text"

    @expose
    def index(self):
        pass

    @expose
    def page(self, *args):
        pass

    @expose(alias=["other", "third.html"])
    def aliased(self):
        pass

    @expose("named")
    def _of_another_name(self):
        pass

    def hidden(self):
        pass


ROOT = Root()
SECTIONS = {"/": {"response.headers.A": "root"}, "/sub": {"request.show_tracebacks": False, "tools.staticdir.dir": "x"},
            "/deep/sub/x": {"response.headers.B": "x"}, "/page/a": {"response.headers.A": "a"}}


def dispatch(path, root=ROOT, dispatcher=Dispatcher, method="GET", sections=None):
    """The request after its dispatch."""
    request, _ = under(make_request(method, path))
    request.app = Application(root, "", SECTIONS if sections is None else sections)
    dispatcher()(path)
    return request


@pytest.mark.parametrize(("path", "name", "segments", "is_index"), [
    ("/", "index", [], True), ("/page", "page", [], False), ("/page/", "page", [], False), ("/page/a/b", "page", ["a", "b"], False),
    ("/sub", "index", [], True), ("/sub/", "index", [], True), ("/sub/x/y", "default", ["x", "y"], False), ("/sub/x/", "default", ["x"], True),
    ("/other", "aliased", [], False), ("/third.html", "aliased", [], False), ("/named", "_of_another_name", [], False), ("/page/a%2Fb", "page", ["a/b"], False),
    ("/sub/my-page.html", "my_page_html", [], False), ("/sub/my.page.html", "my_page_html", [], False), ("/deep/sub/x", "default", ["x"], False),
    ("/deep/sub", "index", [], True), ("//page//a", "page", ["a"], False), ("/index", "index", [], False), ("/sub/%FF", "default", ["ÿ"], False),
    ("/sub/index/x", "index", ["x"], False), ("/sub/__class__", "default", ["__class__"], False),
])
def test_found(path, name, segments, is_index):
    request = dispatch(path)
    assert (request.handler.callable.__name__, request.handler.args, request.is_index) == (name, segments, is_index)


@pytest.mark.parametrize("path", [
    "/hidden", "/plain", "/nosuch", "/__init__", "/__class__", "/__class__/page", "/hidden/x", "/deep", "/deep/", "/deep/nosuch", "/index/x/page/y/../z/__call__",
    "/%5F%5Fclass%5F%5F/page", "/--class--/page", "/plain/upper",
])
def test_not_found(path):
    found = dispatch(path)
    if path.startswith("/index/"):
        assert found.handler.args == path.split("/")[2:], "an exposed object takes what follows it"
    else:
        assert (type(found.handler), found.is_index) == (NotFound, None)
        assert found.handler.message.endswith("was not found.")


def test_an_exposed_object_is_a_handler():
    request = dispatch("/callable/a")
    assert (request.handler.callable, request.handler.args, request.config["tools.allow.methods"]) == (ROOT.callable, ["a"], "GET")
    assert request.handler() == ("a",)


def test_a_default_on_the_root_takes_what_nothing_else_does():
    class Catching:
        @expose
        def default(self, *args):
            pass

    for path, args in (("/", []), ("/a/b", ["a", "b"])):
        request = dispatch(path, Catching())
        assert (request.handler.callable.__name__, request.handler.args) == ("default", args)


@pytest.mark.parametrize(("path", "settings"), [
    ("/", {"response.headers.A": "root"}), ("/page/a/b", {"response.headers.A": "a"}), ("/page/b", {"response.headers.A": "root"}),
    ("/sub", {"response.headers.A": "root", "tools.json_out.on": True, "request.show_tracebacks": False, "tools.staticdir.dir": "x", "tools.staticdir.section": "/sub"}),
    ("/deep/sub/x", {"response.headers.A": "root", "tools.json_out.on": True, "request.show_tracebacks": True, "response.stream": True, "response.headers.B": "x"}),
    ("/deep/sub/y", {"response.headers.A": "root", "tools.json_out.on": True, "request.show_tracebacks": True, "response.stream": True}),
    ("/nosuch", {"response.headers.A": "root"}),
])
def test_the_settings_on_the_way(path, settings):
    assert dispatch(path).config == settings


@pytest.mark.parametrize(("segment", "name"), [("a", "a"), ("my-page.html", "my_page_html"), (string.punctuation, "_" * 32), ("é", "é"), ("a_1", "a_1")])
def test_names(segment, name):
    assert attribute_name(segment) == name


def test_what_is_exposed():
    assert [is_exposed(one) for one in (ROOT.page, ROOT.hidden, ROOT.callable, ROOT.plain, Root, None)] == [True, False, True, False, False, False]


@expose
@config(**{"response.headers.A": "class"})
class Resource:
    CONSTANT = None

    @config(**{"response.headers.A": "GET"})
    def GET(self, *args):
        return "got"

    def PUT(self):
        pass

    def remove(self):
        pass


class Unexposed:
    def GET(self):
        pass


class Resources:
    photo = Resource()
    unexposed = Unexposed()

    def __init__(self):
        self.empty = Resource.__new__(type("Empty", (), {"exposed": True, "PUT": Resource.PUT}))


@pytest.mark.parametrize(("method", "path", "name", "args"), [
    ("GET", "/photo", "GET", []), ("HEAD", "/photo", "GET", []), ("PUT", "/photo", "PUT", []), ("GET", "/photo/1/2", "GET", ["1", "2"])])
def test_a_resource_is_asked_by_method(method, path, name, args):
    request = dispatch(path, Resources(), MethodDispatcher, method, {})
    assert (request.handler.callable.__name__, request.handler.args, request.is_index) == (name, args, None)
    assert serving.response.headers["Allow"] == "GET, HEAD, PUT"
    assert request.config["response.headers.A"] == ("GET" if name == "GET" else "class")


@pytest.mark.parametrize(("method", "path", "allow"), [
    ("DELETE", "/photo", "GET, HEAD, PUT"), ("CONSTANT", "/photo", "GET, HEAD, PUT"), ("remove", "/photo", "GET, HEAD, PUT"), ("__init__", "/photo", "GET, HEAD, PUT"),
    ("get", "/photo", "GET, HEAD, PUT"), ("HEAD", "/empty", "PUT"), ("GET", "/empty", "PUT")])
def test_a_method_that_it_does_not_have(method, path, allow):
    request = dispatch(path, Resources(), MethodDispatcher, method, {})
    assert (type(request.handler), request.handler.code) == (HTTPError, 405)
    assert serving.response.headers["Allow"] == allow


def test_a_method_named_default_is_no_resource_and_an_object_of_that_name_is():
    class Catching:
        default = Resource()

    class Method:
        @expose
        def default(self, *args):
            pass

    assert dispatch("/any/1", Catching(), MethodDispatcher, sections={}).handler.args == ["any", "1"]
    assert type(dispatch("/any/1", Method(), MethodDispatcher, sections={}).handler) is NotFound


@pytest.mark.parametrize("path", ["/", "/unexposed", "/nosuch"])
def test_no_resource(path):
    assert type(dispatch(path, Resources(), MethodDispatcher, "GET", {}).handler) is NotFound
    assert "Allow" not in serving.response.headers


def test_a_handler_s_parameters_are_checked_and_said_unless_that_is_off():
    request = dispatch("/sub/my-page.html")
    request.query_fields = {"x": "1"}
    assert isinstance(request.handler, PageHandler)
    for said, message in ((True, "Unexpected query string parameters: x"), (False, "Nothing matches the given URI")):
        request.show_mismatched_params = said
        with pytest.raises(HTTPError) as caught:
            request.handler()
        assert (caught.value.code, caught.value.message) == (404, message)

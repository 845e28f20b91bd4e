import pytest
from enginebus import HTTPError, HTTPRedirect, NotFound, expose
from enginebus.dispatch import check_trailing_slash, find_handler
from enginebus.errors import error_page
from enginebus.serving import Request, Response, serving


class Sub:
    @expose
    def index(self):
        pass

    @expose
    def default(self, *args):
        pass


class Root:
    sub = Sub()
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

    def hidden(self):
        pass


ROOT = Root()


@pytest.mark.parametrize(("path", "name", "segments", "is_index"), [
    ("/", "index", [], True), ("/page", "page", [], False), ("/page/a/b", "page", ["a", "b"], False),
    ("/sub/", "index", [], True), ("/sub/x/y", "default", ["x", "y"], False), ("/other", "aliased", [], False),
    ("/third.html", "aliased", [], False), ("/page/a%2Fb", "page", ["a/b"], False),
])
def test_found(path, name, segments, is_index):
    handler, found, index = find_handler(ROOT, path)
    expected = name if not path.startswith("/sub/x") else "default"
    assert (handler.__name__, found, index) == (expected, segments, is_index)


@pytest.mark.parametrize("path", ["/hidden", "/plain", "/nosuch", "/__init__", "/__class__", "/__class__/page", "/hidden/x"])
def test_not_found(path):
    with pytest.raises(NotFound):
        find_handler(ROOT, path)


def test_an_index_without_its_slash_is_redirected():
    serving.load(Request(path_info="/sub"), Response())
    with pytest.raises(HTTPRedirect) as caught:
        check_trailing_slash("/sub", True, "a=1")
    assert (caught.value.code, caught.value.url) == (301, "http://127.0.0.1/sub/?a=1")
    check_trailing_slash("/sub/", True, "")
    check_trailing_slash("/page", False, "")


@pytest.mark.parametrize("status", [200, 302, 600, "x", None, 99])
def test_a_status_that_is_no_error(status):
    with pytest.raises(ValueError, match="between 400 and 599"):
        HTTPError(status)


@pytest.mark.parametrize(("status", "line"), [
    (404, "404 Not Found"), ("406 Not today", "406 Not today"), (413, "413 Content Too Large")])
def test_status_lines(status, line):
    assert HTTPError(status).status == line


def test_a_page_escapes_what_comes_from_outside():
    page = error_page("404 <x>", "<script>", "a & b")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "a &amp; b" in page

"""The small tools, each in a request of its own."""

import json

import pytest
from enginebus import HTTPError, HTTPRedirect, builtin, expose, request
from enginebus.serving import serving
from hypothesis import given
from hypothesis import strategies as st

from .fakes import Site, make_request, under


@pytest.mark.parametrize(("path", "is_index", "options", "to"), [
    ("/a", True, {}, "/p/a/"), ("", True, {}, "/p/"), ("/a/", True, {}, None), ("/a", False, {}, None), ("/a/", False, {}, None), ("/a", None, {}, None), ("/a", True, {"missing": False}, None),
    ("/a/", False, {"extra": True}, "/p/a"), ("/", False, {"extra": True}, None), ("//h", True, {}, "/p//h/"), ("/a", True, {"status": 307}, "/p/a/"),
])
@pytest.mark.parametrize("query", ["", "a=1&b"])
def test_slashes(path, is_index, options, to, query):
    made, _ = under(make_request(path=path, script_name="/p", query=query, base="http://h"))
    made.is_index = is_index
    if to is None:
        builtin.trailing_slash(**options)
        return
    with pytest.raises(HTTPRedirect) as caught:
        builtin.trailing_slash(**options)
    assert (caught.value.url, caught.value.code) == ("http://h" + to + (query and "?" + query), options.get("status", 301))


OFFERED = ["application/xml", "application/atom+xml", "text/json"]


@pytest.mark.parametrize(("accept", "chosen"), [
    (None, OFFERED[0]), ("", OFFERED[0]), ("*/*", OFFERED[0]), ("text/json", "text/json"), ("text/*", "text/json"), ("TEXT/JSON", "text/json"), ("text/json;q=0.1, */*;q=0.5", OFFERED[0]),
    ("text/json;q=0.9, application/xml;q=0.8", "text/json"), ("application/*;q=0.5, application/atom+xml", OFFERED[1]), ("image/png", None), ("text/json;q=0", None),
    ("text/*, text/json;q=0", None), ("*/*;q=0", None), ("*/*, application/xml;q=0", OFFERED[1]), ("text/html, text/json;level=1", "text/json"), ("*", OFFERED[0]), ("image/*, text/xml", None),
    ("text/*;q=0.5, application/xml;q=0.5", OFFERED[0]), ("*/*;q=0.5, text/json;q=0.5", "text/json"),
])
def test_the_type_that_is_wanted_most(accept, chosen):
    under(make_request(headers=[] if accept is None else [("Accept", accept)]))
    if chosen:
        assert builtin.accept(OFFERED) == chosen
        return
    with pytest.raises(HTTPError) as caught:
        builtin.accept(OFFERED)
    assert caught.value.status == "406 Not Acceptable"
    assert accept in caught.value.message
    assert ", ".join(OFFERED) in caught.value.message


def test_one_offer_and_none():
    under(make_request(headers=[("Accept", "text/plain")]))
    assert builtin.accept("text/plain") == "text/plain"
    assert builtin.accept() is builtin.accept([]) is None


@pytest.mark.parametrize(("methods", "allow"), [
    (None, "GET, HEAD"), ("POST", "POST"), (["get", "put"], "GET, PUT, HEAD"), (("GET", "HEAD"), "GET, HEAD"), ([], "GET, HEAD")])
def test_methods(methods, allow):
    for method in ("GET", "HEAD", "POST", "PUT", "get"):
        _, response = under(make_request(method))
        if method in allow.split(", "):
            builtin.allow(methods)
        else:
            with pytest.raises(HTTPError) as caught:
                builtin.allow(methods)
            assert caught.value.code == 405
        assert response.headers["Allow"] == allow


class Root:
    @expose
    def index(self):
        return request.json

    @expose
    def other(self):
        return [not hasattr(request, "json"), request.body.read().decode() if request.body else None]

    @expose
    def failing(self):
        return {1, 2}

    @expose
    def number(self, n: int, text: str = "x", *, other: float = 0.5):
        return repr((n, text, other))


BOTH = {"/": {"tools.json_in.on": True, "tools.json_out.on": True}, "/other": {"tools.json_in.force": False}, "/number": {"tools.params.on": True, "tools.json_out.on": False, "tools.json_in.on": False}}


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda v: st.lists(v) | st.dictionaries(st.text(), v), max_leaves=8))
def test_json_goes_in_and_comes_out(value):
    response = Site(Root(), BOTH).respond("POST", headers=[("Content-Type", "application/json")], body=json.dumps(value).encode())
    assert (response.status, json.loads(response.body), response.headers["Content-Type"]) == ("200 OK", value, "application/json")


@pytest.mark.parametrize(("path", "kind", "body", "status"), [
    ("/", "text/javascript", b"1", 200), ("/", "Application/JSON; charset=utf-8", b"1", 200), ("/", "text/plain", b"1", 415), ("/", None, b"1", 415), ("/", "application/json", b"{", 400),
    ("/", "application/json", b"\xff", 400), ("/", "application/json", b"", 400), ("/other", "text/plain", b"1", 200), ("/failing", "application/json", b"1", 500)])
def test_what_is_json(path, kind, body, status):
    response = Site(Root(), BOTH).respond("POST", path, headers=[("Content-Type", kind)] if kind else [], body=body)
    assert response.code == status, response.body
    if path == "/other":
        assert response.body == b'[true, "1"]'


def test_json_needs_a_length_and_a_method_with_a_body():
    site = Site(Root(), BOTH)
    sent = site.talk(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n\r\n").sent
    assert sent.startswith(b"HTTP/1.1 411 Length Required\r\n")
    assert site.respond("GET", "/other").body == b"[true, null]"


def test_an_answer_that_is_there_already_is_not_made_json():
    made, response = under()
    builtin.json_out()
    assert (made.handler, response.headers["Content-Type"]) == (None, "text/html;charset=utf-8")


def test_what_is_not_found_is_not_answered_in_json():
    response = Site(Root(), BOTH).respond("GET", "/nosuch")
    assert (response.code, response.headers["Content-Type"]) == (404, "text/html;charset=utf-8")


@pytest.mark.parametrize(("query", "status", "body"), [
    ("n=3", 200, b"(3, 'x', 0.5)"), ("n=3&text=y&other=1.5", 200, b"(3, 'y', 1.5)"), ("n=x", 400, b"invalid literal"), ("n=1&other=y", 400, b"could not convert")])
def test_parameters_become_what_the_handler_says(query, status, body):
    response = Site(Root(), BOTH).respond(path="/number", query=query)
    assert response.code == status
    assert body in response.body


@pytest.mark.parametrize(("settings", "code"), [({"error": 404}, 404), ({"error": None}, 500), ({"exception": TypeError}, 500)])
def test_parameters_that_cannot_be_converted(settings, code):
    config = {"/number": {"tools.params.on": True, **{f"tools.params.{k}": v for k, v in settings.items()}}}
    assert Site(Root(), config).respond(path="/number", query="n=x").code == code


def test_fields_of_a_path():
    config = {"/": {"tools.response_headers.on": True, "tools.response_headers.headers": [("Content-Language", "fr"), ("x-a", "1")]}}
    headers = Site(Root(), config).respond(path="/number", query="n=1").headers
    assert (headers["content-language"], headers["X-A"]) == ("fr", "1")
    under()
    builtin.response_headers()
    assert "X-A" not in serving.response.headers


def test_a_failing_page_sends_its_client_elsewhere():
    config = {"/number": {"tools.err_redirect.on": True, "tools.err_redirect.url": "/sorry", "tools.params.on": True, "tools.params.error": None}}
    response = Site(Root(), config).respond(path="/number", query="n=x", base="http://h")
    assert (response.code, response.headers["Location"]) == (303, "http://h/sorry")
    with pytest.raises(ValueError, match="no internal redirects"):
        builtin.err_redirect("/x", internal=True)

"""The request and the response of a thread."""

import re
import threading
import uuid

import pytest
from enginebus import HTTPError, request, response
from enginebus.headers import HeaderMap
from enginebus.serving import Request, Response, serving
from hypothesis import given
from hypothesis import strategies as st

from .fakes import make_request, under


def test_the_proxies_are_those_of_the_thread():
    meet, seen = threading.Barrier(2, timeout=10), {}

    def serve(name):
        serving.load(Request(path_info=name), Response())
        request.mark = response.mark = name
        meet.wait()
        seen[name] = (request.path_info, request.mark, response.mark, serving.request.path_info)
        serving.clear()
        meet.wait()
        seen["after " + name] = (request.path_info, hasattr(request, "mark"))

    threads = [threading.Thread(target=serve, args=(name,)) for name in ("/a", "/b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert seen == {"/a": ("/a",) * 4, "/b": ("/b",) * 4, "after /a": ("/", False), "after /b": ("/", False)}


def test_a_proxy_sets_and_deletes():
    under()
    request.mark = 1
    assert serving.request.mark == 1
    del request.mark
    assert not hasattr(serving.request, "mark")
    with pytest.raises(AttributeError):
        request.mark  # noqa: B018


@pytest.mark.parametrize("kind", [Request, Response])
def test_no_two_share_what_can_be_changed(kind):
    first, second = kind(), kind()
    changing = [name for name, value in vars(first).items() if isinstance(value, (dict, list, HeaderMap))]
    assert "headers" in changing
    assert [name for name in changing if getattr(first, name) is getattr(second, name)] == []


def test_the_address_of_a_request():
    made = make_request(path="/b", query="c=1", script_name="/a", base="http://h:1")
    assert made.url == "http://h:1/a/b?c=1"
    assert make_request(path="/b").url == "http://127.0.0.1/b"


def test_the_identity_of_a_request():
    first, second = Request(), Request()
    assert first.unique_id == first.unique_id != second.unique_id
    assert uuid.UUID(first.unique_id).version == 4


@pytest.mark.parametrize(("sent", "found"), [("a=1; b=2", {"a": "1", "b": "2"}), ("", {}), ('a="x y"', {"a": "x y"})])
def test_cookies_that_were_sent(sent, found):
    made = make_request(headers=[("Cookie", sent)])
    assert {name: morsel.value for name, morsel in made.cookie.items()} == found
    assert made.cookie is made.cookie


def test_a_cookie_of_no_name_is_refused():
    with pytest.raises(HTTPError) as caught:
        make_request(headers=[("Cookie", "a,b=1; c[=2; \x00d=3")]).cookie  # noqa: B018
    assert (caught.value.code, caught.value.message[:20]) == (400, "Illegal cookie name:")


@given(st.dictionaries(st.text("abc", min_size=1), st.text("xyz019", min_size=1)))
def test_cookies_that_are_set(cookies):
    made = Response()
    assert made.set_cookies() == []
    for name, value in cookies.items():
        made.cookie[name] = value
        made.cookie[name]["path"] = "/p"
    assert sorted(made.set_cookies()) == sorted(f"{name}={value}; Path=/p" for name, value in cookies.items())


def test_what_a_response_begins_with():
    made = Response()
    assert (made.status, made.body, made.stream) == (None, b"", False)
    assert (made.headers["Content-Type"], made.headers["Server"]) == ("text/html;charset=utf-8", "enginebus")
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", made.headers["Date"])


def test_what_may_be_set_is_there():
    assert all(hasattr(Request, name) for name in Request.SETTINGS)
    assert all(hasattr(Response, name) for name in Response.SETTINGS)
    assert Request.show_tracebacks is False, "the code is not shown to clients unless that is asked for"

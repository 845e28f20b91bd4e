"""What a handler raises instead of answering, and the pages that it becomes."""

import http

import pytest
from enginebus import HTTPError, HTTPRedirect, NotFound
from enginebus.errors import clean_headers, get_error_page, message_of, reason_of, valid_status
from enginebus.serving import serving
from hypothesis import given
from hypothesis import strategies as st

from .fakes import make_request, under

DESCRIBING = ["Accept-Ranges", "Age", "ETag", "Location", "Retry-After", "Vary", "Content-Encoding", "Content-Length", "Expires", "Content-Location", "Content-MD5", "Last-Modified"]


@pytest.fixture(autouse=True)
def _request():
    under(make_request(path="/here/page", query="q=1", script_name="/app", base="http://h"))


@pytest.mark.parametrize(("status", "code", "reason"), [
    (200, 200, "OK"), (None, 200, "OK"), ("", 200, "OK"), ("404", 404, "Not Found"), ("406 Not today", 406, "Not today"), ("406 ", 406, "Not Acceptable"),
    ("200 ", 200, "OK"), (599, 599, "Unknown"), (b"404", 404, "Not Found"), (413, 413, "Content Too Large"), (422, 422, "Unprocessable Content"),
    (http.HTTPStatus.GONE, 410, "Gone"), ("200 a b", 200, "a b"),
])
def test_statuses(status, code, reason):
    assert valid_status(status)[:2] == (code, reason)


@pytest.mark.parametrize("status", ["abc", "200.5", "2 00", " 200", "+200", "0x1", 99, 100, 199, 600, 781, 1000, -1, "-200", "9" * 4000, "200OK", "20０x"])
def test_statuses_that_are_none(status):
    with pytest.raises(ValueError, match="Illegal response status"):
        valid_status(status)


def test_each_status_of_the_standard_library_has_a_reason():
    assert [status for status in http.HTTPStatus if reason_of(status) in ("", "Unknown")] == []
    assert message_of(404) == http.HTTPStatus.NOT_FOUND.description
    assert message_of(500).startswith("The server encountered")
    assert (reason_of(599), message_of(599)) == ("Unknown", "Unknown")


@pytest.mark.parametrize(("status", "line"), [(404, "404 Not Found"), ("406 Not today", "406 Not today"), ("418", "418 I'm a Teapot"), (500, "500 Internal Server Error")])
def test_an_error_s_status(status, line):
    assert HTTPError(status).status.lower() == line.lower()


@pytest.mark.parametrize("status", [200, 302, 399, None])
def test_a_status_that_is_no_error(status):
    with pytest.raises(ValueError, match="between 400 and 599"):
        HTTPError(status)


@pytest.mark.parametrize("status", ["x", 600, 99])
def test_an_error_of_a_status_that_is_none_is_a_500(status):
    with pytest.raises(HTTPError) as caught:
        HTTPError(status)
    assert (caught.value.code, "Illegal response status" in caught.value.message) == (500, True)


def test_what_an_error_says():
    assert HTTPError(404).message == message_of(404)
    assert (HTTPError(404, "m").message, HTTPError(404, "").message) == ("m", "")
    assert HTTPError(404, "m").args == (404, "m")


def test_what_is_not_found():
    assert NotFound().message == "The path '/app/here/page' was not found."
    assert NotFound("/x").message == "The path '/x' was not found."
    under(make_request(path="/%3Cb%3E%C3%A9%ff"))
    assert NotFound().message == "The path '/<b>é\N{REPLACEMENT CHARACTER}' was not found."


def test_an_error_is_a_handler_and_a_way_to_handle():
    with pytest.raises(HTTPError) as caught:
        HTTPError(410)()
    assert caught.value.code == 410
    with pytest.raises(HTTPError) as caught, HTTPError.handle(KeyError, 404):
        {}["k"]
    assert (caught.value.code, caught.value.message) == (404, "'k'")
    with pytest.raises(HTTPError) as caught, HTTPError.handle(KeyError, 404, "m"):
        {}["k"]
    assert caught.value.message == "m"
    with pytest.raises(ValueError, match="other"), HTTPError.handle(KeyError):
        raise ValueError("other")


@pytest.mark.parametrize("code", [404, 416])
def test_the_page_of_an_error_has_no_field_of_the_page_that_is_not_sent(code):
    response = serving.response
    response.headers.update((name, "x") for name in [*DESCRIBING, "Content-Range", "X-Own"])
    HTTPError(code, "m <b>").set_response()
    assert response.status.startswith(str(code))
    assert b"m &lt;b&gt;" in response.body
    assert set(response.headers) - {"Server", "Date"} == {"X-Own", "Content-Type"} | ({"Content-Range"} if code == 416 else set())
    assert response.headers["Content-Type"] == "text/html;charset=utf-8"


def test_cleaning_is_for_what_is_there():
    clean_headers(500)
    assert "X" not in serving.response.headers


@pytest.mark.parametrize(("shown", "code", "there"), [(True, 500, True), (False, 500, False), (True, 404, False)])
def test_a_traceback_is_shown_for_the_server_s_own_errors_where_that_is_asked_for(shown, code, there):
    serving.request.show_tracebacks = shown
    try:
        raise ValueError("<secret>")
    except ValueError:
        HTTPError(code).set_response()
    assert (b"ValueError: &lt;secret&gt;" in serving.response.body) is there
    assert b"<secret>" not in serving.response.body


@given(st.text(min_size=1), st.text(min_size=1), st.text(min_size=1))
def test_a_page_escapes_what_comes_from_outside(reason, message, trace):
    page = get_error_page("404 <" + reason, message="<" + message, traceback="<" + trace)
    assert page.count(b"<") == get_error_page(404, message="", traceback="").count(b"<")
    assert page.count(b"&lt;") >= 4, "the status in the title and above the text, the message and the traceback"


@pytest.mark.parametrize("name", [404, "default"])
def test_a_page_of_one_s_own(name, tmp_path):
    template = tmp_path / "page.html"
    template.write_text("é %(status)s|%(message)s|%(version)s|%(traceback)s", "utf-8")
    for own, page in ((str(template), "é 404 Not Found|&lt;b&gt;|enginebus|".encode()), (lambda **words: "é " + words["message"], "é &lt;b&gt;".encode()),
                      (lambda status, message, traceback, version: [status.encode()], [b"404 Not Found"])):
        serving.request.error_page = {name: own}
        assert get_error_page(404, message="<b>") == page
    serving.request.error_page = {403: str(template)}
    assert get_error_page(404).startswith(b"<!DOCTYPE html>")


@pytest.mark.parametrize("own", ["/no/such/file", lambda **words: 1 / 0])
def test_a_page_of_one_s_own_that_fails(own):
    serving.request.error_page = {404: own}
    page = get_error_page(404, message="<b>")
    assert b"&lt;b&gt;<br />In addition, the custom error page failed:\n<br />" in page
    assert b"ZeroDivisionError" in page or b"No such file" in page


@pytest.mark.parametrize(("protocol", "status", "code"), [((1, 1), None, 303), ((1, 0), None, 302), ((1, 1), "303", 303), ((1, 0), 301, 301), ((1, 1), 305, 305)])
def test_a_redirect_s_status(protocol, status, code):
    serving.request.protocol = protocol
    assert HTTPRedirect("x", status).status == code


@pytest.mark.parametrize("status", [200, 299, 400, "404", "x"])
def test_a_status_that_is_no_redirect(status):
    with pytest.raises(ValueError, match=r"is one of 300|invalid literal"):
        HTTPRedirect("x", status)


@pytest.mark.parametrize(("url", "absolute"), [
    ("x", "http://h/app/here/x"), ("/x", "http://h/x"), ("", "http://h/app/here/page"), ("?a", "http://h/app/here/page?a"), ("http://o/x", "http://o/x"),
    ("../x", "http://h/app/x"), (b"x", "http://h/app/here/x"), ("é", "http://h/app/here/é")])
def test_where_a_redirect_leads(url, absolute):
    assert HTTPRedirect(url).urls == [absolute]


@pytest.mark.parametrize("code", [300, 301, 302, 303, 307, 308])
def test_the_page_of_a_redirect_has_its_links(code):
    serving.response.headers["Content-Length"] = 3
    HTTPRedirect(['/a"b&c', "/d"] if code == 300 else '/a"b&c', code).set_response()
    response = serving.response
    assert (response.status, response.headers["Location"], "Content-Length" in response.headers) == (code, 'http://h/a"b&c', False)
    assert b'<a href="http://h/a&quot;b&amp;c">' in response.body
    assert response.body.count(b"<a ") == (2 if code == 300 else 1)


def test_not_modified_describes_nothing():
    response = serving.response
    response.headers.update((name, "x") for name in ["Allow", "Content-Encoding", "Content-Length", "Last-Modified", "ETag", "Vary"])
    HTTPRedirect("", 304).set_response()
    assert set(response.headers) == {"Server", "Date", "Etag", "Vary"}
    assert response.body == b""


def test_another_redirect_has_a_place_and_no_page():
    HTTPRedirect("/x", 305).set_response()
    assert (serving.response.status, serving.response.headers["Location"], serving.response.body) == (305, "http://h/x", b"")
    with pytest.raises(HTTPRedirect):
        HTTPRedirect("/x")()

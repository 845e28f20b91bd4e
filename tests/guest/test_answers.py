"""What a handler returns or sets, and what goes out of it: a body, a status, a length, fields, each once."""

import io

import pytest
from enginebus import HTTPRedirect, expose, response
from enginebus.pipeline import chunks, collect
from hypothesis import given
from hypothesis import strategies as st

from .fakes import Site


class Closing:
    """An iterable, or a file, that notes that it was closed."""

    def __init__(self, parts=(), fails=None):
        self.parts, self.fails, self.closed = parts, fails, 0

    def __iter__(self):
        yield from self.parts
        if self.fails:
            raise self.fails

    def close(self):
        self.closed += 1


class Root:
    @expose
    def answer(self):
        return self.value

    @expose
    def sets(self, name, value):
        setattr(response, name, value)
        return "x"

    @expose
    def field(self, name, value):
        response.headers[name] = value
        return "body"

    @expose
    def body(self):
        response.body = b"set, and nothing returned"

    @expose
    def cookies(self):
        for name in ("a", "b"):
            response.cookie[name] = name


def root(value=None):
    made = Root()
    made.value = value
    return made


@pytest.mark.parametrize(("value", "body"), [
    ("é", "é".encode()), (b"\xff", b"\xff"), (None, b""), ("", b""), ([], b""), (["a", b"b", None, "", "é"], "abé".encode()), (iter(["a"]), b"a"), (io.BytesIO(b"f" * 70000), b"f" * 70000),
])
def test_what_a_handler_returns(value, body):
    made = Site(root(value)).respond(path="/answer")
    assert (made.code, made.body, made.headers["Content-Length"]) == (200, body, len(body))


@pytest.mark.parametrize("value", [3, [3], HTTPRedirect, object(), ["a", 1.5], Closing(fails=ValueError("x"))])
def test_what_no_handler_may_return(value):
    site = Site(root(value))
    assert site.respond(path="/answer").code == 500
    assert b"Traceback" in site.errors.getvalue()


def test_a_body_that_was_set():
    assert Site(root()).respond(path="/body").body == b"set, and nothing returned"


@given(st.lists(st.binary() | st.text(st.characters(exclude_categories=["Cs"])) | st.none()))
def test_parts_are_bytes_and_the_whole_is_their_sum(parts):
    whole = b"".join(part.encode() if isinstance(part, str) else part or b"" for part in parts)
    assert collect(parts) == b"".join(chunks(parts)) == whole
    assert b"" not in list(chunks(parts)), "an empty chunk would be the last"


@pytest.mark.parametrize(("body", "parts"), [(b"x", [b"x"]), ("é", ["é".encode()]), (None, [b""]), (b"", [b""])])
def test_what_is_one_piece_is_one_part(body, parts):
    assert list(chunks(body)) == parts


@pytest.mark.parametrize("fails", [None, ValueError("x")])
def test_what_can_be_closed_is_closed_once(fails):
    value = Closing(["a"], fails)
    Site(root(value)).respond(path="/answer")
    assert value.closed == 1


@pytest.mark.parametrize("code", ["204", "205", "304"])
def test_statuses_that_have_no_body(code):
    value = Closing(["a"])
    site = Site(root(value), {"/": {"hooks.before_handler": lambda: setattr(response, "status", code)}})
    made = site.respond(path="/answer")
    assert (made.body, value.closed) == (b"", 1)
    assert made.headers.get("Content-Length") == (0 if code == "205" else None)
    assert ("Content-Type" in made.headers) is (code == "304")


@pytest.mark.parametrize("status", ["abc", "200.5", 99, 781, 1000, 100, "2 00", object(), [], 199])
def test_a_status_that_is_none_is_a_500(status):
    class Sets:
        @expose
        def index(self):
            response.status = status
            return "x"

    assert Site(Sets()).respond().code == 500


@pytest.mark.parametrize(("status", "line"), [("", "200 OK"), ("404", "404 Not Found"), ("200 Fine", "200 Fine"), ("599", "599 Unknown")])
def test_a_status_that_is_one(status, line):
    made = Site(root()).respond(path="/sets", query=f"name=status&value={status.replace(' ', '+')}")
    assert (made.status, made.code, made.body) == (line, int(line[:3]), b"x")


@pytest.mark.parametrize(("method", "value", "code"), [("GET", "4", 200), ("GET", "5", 500), ("GET", "x", 500), ("GET", "-4", 500), ("HEAD", "5", 200), ("GET", "", 500)])
def test_a_length_that_the_handler_declares_is_kept_if_it_is_true(method, value, code):
    made = Site(root()).respond(method, "/field", "name=content-length&value=" + value)
    assert made.code == code
    assert sum(name.lower() == b"content-length" for name, _ in made.header_list) == 1
    assert code == 200 or made.headers["Content-Length"] == len(made.body)


@pytest.mark.parametrize("value", ["x", "-4", "4, 4", "+4", ""])
def test_a_stream_s_length_must_be_one(value):
    made = Site(root(["a"]), {"/": {"response.stream": True, "response.headers.Content-Length": value}}).respond(path="/answer")
    assert made.code == 500


@pytest.mark.parametrize("sections", [{}, {"/": {"response.stream": True}}])
def test_fields_go_out_once_and_cookies_each_in_one(sections):
    made = Site(root(), sections).respond(path="/field", query="name=content-type&value=text/plain")
    assert [value for name, value in made.header_list if name.lower() == b"content-type"] == [b"text/plain;charset=utf-8"]
    made = Site(root(), sections).respond(path="/cookies")
    assert sorted(value for name, value in made.header_list if name == b"Set-Cookie") == [b"a=a", b"b=b"]


@pytest.mark.parametrize(("kind", "sent"), [
    ("text/plain", "text/plain;charset=utf-8"), ("TEXT/x", "TEXT/x;charset=utf-8"), ("text/html; Charset=x", "text/html; Charset=x"), ("image/png", "image/png"), ("", "")])
def test_text_names_its_charset(kind, sent):
    assert Site(root()).respond(path="/field", query="name=Content-Type&value=" + kind).headers["Content-Type"] == sent

"""The answers of a connection: they end where they say, have no field but their own, and leave no file open."""

import io

import pytest
from enginebus import config, expose

from . import fakes
from .fakes import BROKEN, FakeSocket, Site, answers
from .test_connection import Root, get, talk


@pytest.mark.parametrize(("path", "protocol", "body"), [("/stream", "1.1", b"ab"), ("/stream?length=2", "1.1", b"ab"), ("/stream", "1.0", b"ab"), ("/stream?length=1", "1.1", b"a")])
def test_streams(path, protocol, body):
    (_, _, found), = talk(get(path, "Connection: close", protocol=protocol))
    assert found == body


@pytest.mark.parametrize("path", ["/stream?fails=1", "/stream?length=5", "/stream?length=5&fails=1"])
def test_a_stream_that_fails_ends_so_that_the_client_sees_it(path):
    site = Site(Root())
    sent = site.talk(get(path) + get("/")).sent
    assert sent.count(b"HTTP/1.1") == 1
    assert not sent.endswith(b"0\r\n\r\n")
    if "fails" in path:
        assert b"the answer's body failed after 2 bytes\nTraceback" in site.errors.getvalue()


@pytest.mark.parametrize("code", [200, 204, 304, 404, 500])
def test_head_and_statuses_without_a_body_have_none(code):
    data = Site(Root()).talk(get(f"/status?code={code}", method="HEAD") + get(f"/status?code={code}") + get("/")).sent
    assert [body for _, _, body in answers(data, ["HEAD", "GET", "GET"])] == [b"", b"" if code in (204, 304) else b"x", b"hello"]


@pytest.mark.parametrize(("name", "value", "sent"), [
    ("X-A", "b%0d%0aSet-Cookie: c", b"X-A: bSet-Cookie: c\r\n"), ("x-d", "%00%7f%09e", b"X-D: \te\r\n"), ("Transfer-Encoding", "gzip", None), ("keep-alive", "1", None),
    ("Upgrade", "h2c", None), ("X%0d%0aB", "1", None), ("X C", "1", None), ("X:", "1", None), ("Connection%0d", "close", None), ("%20", "1", None), ("X%0a", "1", None), ("", "1", None),
])
def test_what_a_handler_sets_is_a_field_and_nothing_else(name, value, sent):
    wire = Site(Root()).talk(get(f"/field?name={name}&value={value}".replace(" ", "%20"))).sent
    fields = wire.split(b"\r\n\r\n")[0] + b"\r\n"
    assert (fields.count(b"\r\n"), sent is None or sent in fields) == (5 if sent is None else 6, True), fields


def test_a_large_answer_is_sent_whole_in_small_sends():
    class Big:
        @expose
        def index(self):
            return b"x" * 200000

        @expose
        def file(self):
            return io.BytesIO(b"y" * 200000)

    found = talk(get("/"), get("/file"), root=Big(), most=5000)
    assert [body for _, _, body in found] == [b"x" * 200000, b"y" * 200000]


class Breaking(FakeSocket):
    """Takes the first parts of what is sent, and is gone then."""

    def send(self, data):
        if b"\r\n\r\n" in self.sent:
            raise BROKEN
        return super().send(data)


class Noting(io.BytesIO):
    closed_by_the_server = 0

    def close(self):
        self.closed_by_the_server += 1


@pytest.mark.parametrize(("kind", "method", "most"), [(FakeSocket, "GET", None), (FakeSocket, "HEAD", None), (Breaking, "GET", None), (FakeSocket, "GET", BROKEN), (FakeSocket, "HEAD", BROKEN)])
def test_a_file_is_closed_whatever_becomes_of_its_answer(monkeypatch, kind, method, most):
    class File:
        @expose
        @config(**{"response.stream": True})
        def index(self):
            return file

    file = Noting(b"x" * 100)
    monkeypatch.setattr(fakes, "FakeSocket", kind)
    site = Site(File())
    site.talk(get("/", method=method), most=most)
    assert file.closed_by_the_server == 1
    assert site.errors.getvalue() == b""

"""The end of a connection under TLS, of the bundled server on every Python that was found (RFC 9112, section 9.8)."""

import contextlib
import socket
import ssl

import pytest

from harness.machine import certificates

from . import servers
from .model import get, head
from .reading import read

SECONDS = 10


def pytest_generate_tests(metafunc):
    metafunc.parametrize("version", servers.pythons(), scope="module")


@pytest.fixture(scope="module")
def address(version, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    made = certificates.make(folder, "127.0.0.1")
    settings = {"server.ssl_certificate": str(made.certificate), "server.ssl_private_key": str(made.key),
                "server.socket_timeout": 1, "server.header_timeout": 1}
    with servers.serving("enginebus", version, folder / "log", settings=settings) as where:
        yield where


def connect(address):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # suppress_ragged_eofs=False: an end without close_notify is an error, and not b"".
    return context.wrap_socket(socket.create_connection(address, SECONDS), suppress_ragged_eofs=False)


def answers(secure, request):
    """What is answered until the server says close_notify; raises SSLError where it ends without."""
    secure.sendall(request)
    data = b""
    while part := secure.recv(65536):
        data += part
    reading = read(data, (), ended=True)
    assert not reading.wrong
    return [answer.status for answer in reading.final]


@pytest.mark.parametrize(("request_bytes", "statuses"), [
    (get(b"Connection: close"), [200]),
    (get(target=b"/stream", version=b"HTTP/1.0"), [200]),
    (head(b"GET /saw HTTP/1.1"), [400]),
    (get(b"X A: b"), [400]),
    (get() + get(b"Connection: close"), [200, 200]),
    (b"GET /saw HT", [408]),
], ids=["close", "old", "no-host", "bad-field", "pipelined", "too-slow"])
def test_close_notify_comes_before_the_close(address, request_bytes, statuses):
    with contextlib.closing(connect(address)) as secure:
        assert answers(secure, request_bytes) == statuses


def test_an_idle_connection_ends_with_close_notify(address):
    with contextlib.closing(connect(address)) as secure:
        assert answers(secure, get()) == [200]


@pytest.mark.parametrize("sent", [b"", b"GET /sa", get(), get(target=b"/answer?body=" + b"a" * 7000) * 20], ids=["nothing", "half", "one", "many"])
def test_a_client_that_says_no_close_notify_does_no_harm(address, sent):
    with contextlib.closing(connect(address)) as secure:
        secure.sendall(sent)
    with contextlib.closing(connect(address)) as secure:
        assert answers(secure, get(b"Connection: close")) == [200]


@pytest.mark.parametrize("sent", [b"", b"\x16\x03\x01", b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", b"\x16\x03\x01\x02\x00" + b"\0" * 600], ids=["nothing", "half", "plain", "garbage"])
def test_what_is_no_tls_does_no_harm(address, sent):
    with socket.create_connection(address, SECONDS) as plain:
        plain.sendall(sent)
        with contextlib.suppress(ConnectionResetError):
            while sent and plain.recv(65536):
                continue
    with contextlib.closing(connect(address)) as secure:
        assert answers(secure, get(b"Connection: close")) == [200]

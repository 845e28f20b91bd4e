"""A server with a certificate made on the spot, and the clients that trust it."""

import contextlib
import socket
import ssl
import threading

import pytest

from harness.cell.http_client import Client
from harness.cell.transcript import Transcript
from harness.machine import certificates, port_probes

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


@contextlib.contextmanager
def tls_server(made):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(made.certificate, made.key)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        with contextlib.suppress(OSError):  # a client that does not trust us, or the end of the test
            connection, _ = listener.accept()
            with contextlib.closing(context.wrap_socket(connection, server_side=True)) as secure:
                secure.recv(65536)
                secure.sendall(ANSWER)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
        thread.join(10)


@pytest.fixture
def made(tmp_path):
    return certificates.make(tmp_path, "127.0.0.1")


def test_a_request_over_tls_is_recorded_as_it_is_inside_the_encryption(made):
    transcript = Transcript(lambda: 0.0)
    with tls_server(made) as port:
        client = Client("127.0.0.1", port, made.context(), transcript.add)
        seen = client.request("GET", "/x", {}, None, 5.0)
        client.close()
    assert (seen["status"], seen["body"]) == (200, "hello")
    assert "".join(e["text"] for e in transcript.entries if e["direction"] == "received").encode() == ANSWER
    assert transcript.entries[0]["text"].startswith("GET /x HTTP/1.1\r\n")


def test_a_kept_connection_over_tls_that_the_server_closed_is_not_opened_again(made):
    with tls_server(made) as port:
        client = Client("127.0.0.1", port, made.context())
        assert client.request("GET", "/", {}, None, 5.0)["status"] == 200
        assert client.request("GET", "/", {}, None, 5.0)["error"] == "ConnectionClosed"
        client.close()


def test_a_certificate_of_another_authority_is_refused(made, tmp_path):
    other = certificates.make(tmp_path / "other", "127.0.0.1")
    with tls_server(other) as port:
        client = Client("127.0.0.1", port, made.context())
        seen = client.request("GET", "/", {}, None, 5.0)
        client.close()
    assert (seen["status"], seen["error"]) == (None, "SSLCertVerificationError")


def test_a_certificate_is_for_one_address(tmp_path):
    elsewhere = certificates.make(tmp_path, "127.9.9.9")
    with tls_server(elsewhere) as port:
        client = Client("127.0.0.1", port, elsewhere.context())
        assert client.request("GET", "/", {}, None, 5.0)["error"] == "SSLCertVerificationError"
        client.close()


def test_whether_a_tls_server_answers(made):
    with tls_server(made) as port:
        assert port_probes.answers("127.0.0.1", port, 5.0, made.context())
    with tls_server(made) as port:
        assert not port_probes.answers("127.0.0.1", port, 1.0)

"""A client and a server of TLS, at the end of the session."""

import contextlib
import socket
import ssl
import threading

import pytest

from harness.cell.http_client import Client
from harness.machine import certificates


@pytest.mark.parametrize(("alerts", "alerted"), [(True, True), (False, False)])
def test_a_closure_alert_is_told_from_a_connection_that_just_ends(tmp_path, alerts, alerted):
    """RFC 9112, section 9.8: what ends without it may have been cut by somebody on the way."""
    made = certificates.make(tmp_path, "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def serve():
            with context.wrap_socket(listener.accept()[0], server_side=True) as connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
                if alerts:
                    with contextlib.suppress(OSError):  # the client may not answer it
                        connection.unwrap()

        server = threading.Thread(target=serve)
        server.start()
        client = Client(*listener.getsockname(), made.context())
        assert client.request("GET", "/", {}, None, 10)["status"] == 200
        seen = client.raw([], "close", 10)
        assert (seen["closed"], seen["closure_alert"], seen["error"], seen["responses"]) == (True, alerted, "", 0)
        client.close()
        server.join(10)

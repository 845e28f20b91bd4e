"""A client and a server of TLS, at the end of the session (RFC 9112, section 9.8; RFC 8446, section 6.1)."""

import contextlib
import socket
import ssl
import struct
import threading
import time

import pytest

from harness.cell.http_client import Client
from harness.machine import certificates

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


def alerts(connection):
    """End the session: the client's own alert may come, or not."""
    with contextlib.suppress(OSError):
        connection.unwrap()


def alerts_and_is_late(connection):
    alerts(connection)
    time.sleep(0.5)


def alerts_and_goes_on(connection):
    alerts(connection)
    socket.socket.send(connection, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno")


def resets(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.fixture
def ending(tmp_path):
    """What a client sees of a server that answers a request, and then ends in some way."""
    made = certificates.make(tmp_path, "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)

    def see(end, seconds=10.0):
        read = threading.Event()  # the answer: or a reset would take it away
        with socket.create_server(("127.0.0.1", 0)) as listener:
            def serve():
                with context.wrap_socket(listener.accept()[0], server_side=True) as connection:
                    connection.recv(1000)
                    connection.sendall(ANSWER)
                    read.wait(10)
                    end(connection)

            server = threading.Thread(target=serve)
            server.start()
            client = Client(*listener.getsockname(), made.context())
            assert client.request("GET", "/", {}, None, 10)["status"] == 200
            read.set()
            seen = client.raw([], "close", seconds)
            client.close()
            server.join(10)
            return seen

    return see


@pytest.mark.parametrize(("end", "alerted"), [
    (alerts, True), (alerts_and_is_late, True), (alerts_and_goes_on, True), (lambda connection: None, False)])
def test_a_closure_alert_is_told_from_a_connection_that_just_ends(ending, end, alerted):
    """What ends without it may have been cut on the way; what comes after it is ignored."""
    seen = ending(end)
    assert (seen["closed"], seen["closure_alert"], seen["error"], seen["responses"]) == (True, alerted, "", 0)
    assert seen["seconds"] > 0.3 or end is not alerts_and_is_late


def test_an_alert_alone_does_not_close_a_connection(ending):
    over = threading.Event()

    def keeps(connection):
        alerts(connection)
        over.wait(10)

    timer = threading.Timer(1.5, over.set)
    timer.start()
    seen = ending(keeps, 0.5)
    assert (seen["closed"], seen["timed_out"]) == (False, True)


def test_a_reset_is_no_alert(ending):
    seen = ending(resets)
    assert (seen["closed"], seen["closure_alert"]) == (True, False)

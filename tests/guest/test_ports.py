"""Is a port free, does something accept on it?"""

import contextlib
import socket

import pytest
from enginebus import ports
from enginebus.httpserver import listening_socket

from .live import HOST


def test_a_port_that_is_held_is_not_free_even_if_nobody_listens():
    with contextlib.closing(listening_socket(HOST, 0)) as sock:
        port = sock.getsockname()[1]
        sock.listen(1)
        assert not ports.is_free(HOST, port)
        assert ports.accepts(HOST, port)
    assert ports.is_free(HOST, port)
    assert not ports.accepts(HOST, port)
    with contextlib.closing(socket.socket()) as bound:
        bound.bind((HOST, port))
        assert not ports.is_free(HOST, port)
        assert not ports.accepts(HOST, port)


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::"])
def test_a_server_on_all_addresses_is_asked_on_its_own(host):
    with contextlib.closing(listening_socket(host, 0)) as sock:
        sock.listen(1)
        assert ports.accepts(host, sock.getsockname()[1])


def test_an_address_that_is_not_ours_is_an_error():
    with pytest.raises(OSError, match="assign"):
        ports.is_free("192.0.2.1", 80)


@pytest.mark.parametrize(("answers", "timeout", "stops", "found", "asked"), [
    ([True], 10, False, True, 1), ([False, False, True], 10, False, True, 3), ([False] * 99, 0, False, False, 1), ([False] * 99, 10, True, False, 1), ([True], 0, True, True, 1)])
def test_waiting(monkeypatch, answers, timeout, stops, found, asked):
    monkeypatch.setattr(ports, "INTERVAL", 0.001)
    seen = []
    assert ports.wait_until(lambda: seen.append(1) or answers[len(seen) - 1], timeout, lambda: stops) is found
    assert len(seen) == asked

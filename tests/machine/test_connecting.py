"""Connecting: addresses of both families, and paths."""

import contextlib
import socket

import pytest

from harness.machine import addresses, port_probes
from harness.machine.connecting import authority, connect, family, is_path


def listening(kind, where):
    made = socket.socket(kind)
    made.bind(where)
    made.listen(5)
    return contextlib.closing(made)


@pytest.mark.parametrize(("host", "port", "said", "of", "path"), [
    ("127.1.2.3", 8080, "127.1.2.3:8080", socket.AF_INET, False), ("::1", 80, "[::1]:80", socket.AF_INET6, False),
    ("/tmp/a:b/s", 0, "localhost", None, True), ("localhost", 1, "localhost:1", socket.AF_INET, False),
])
def test_what_an_address_is(host, port, said, of, path):
    assert (authority(host, port), is_path(host)) == (said, path)
    assert of is None or family(host) == of


def test_a_unix_socket_is_probed_as_a_port_is(tmp_path):
    path = str(tmp_path / "s")
    assert (port_probes.bind_state(path, 0), port_probes.connects(path, 0), port_probes.answers(path, 0)) == ("free", "refused", False)
    with listening(socket.AF_UNIX, path):
        assert (port_probes.bind_state(path, 0), port_probes.connects(path, 0)) == ("held", "accepted")
        with contextlib.closing(connect(path, 0, 1.0)) as client:
            assert client.gettimeout() == 1.0
    assert (port_probes.bind_state(path, 0), port_probes.connects(path, 0)) == ("held", "refused"), "it left its file"
    with pytest.raises(ConnectionRefusedError):
        connect(path, 0, 1.0)


@pytest.mark.skipif(bool(addresses.no_ipv6()), reason="no IPv6 here")
def test_a_port_of_ipv6_is_probed_as_one_of_ipv4_is():
    with contextlib.closing(socket.socket(socket.AF_INET6)) as probe:
        probe.bind(("::1", 0))
        port = probe.getsockname()[1]
    assert (port_probes.bind_state("::1", port), port_probes.connects("::1", port)) == ("free", "refused")
    with listening(socket.AF_INET6, ("::1", port)):
        assert (port_probes.bind_state("::1", port), port_probes.connects("::1", port)) == ("held", "accepted")
        assert port_probes.bind_state("127.0.0.1", port) == "free"


@pytest.mark.skipif(bool(addresses.no_ipv6()), reason="no IPv6 here")
def test_a_cell_on_ipv6_has_a_port_that_no_other_cell_gets():
    first, second = addresses.claim_ipv6(), addresses.claim_ipv6()
    assert (first.host, second.host) == ("::1", "::1")
    assert first.port != second.port
    first.close()
    second.close()


def test_a_machine_without_ipv6_says_why(monkeypatch):
    def refuses(*_):
        raise OSError(97, "Address family not supported by protocol")

    monkeypatch.setattr(addresses.socket, "socket", refuses)
    assert addresses.no_ipv6() == "::1 cannot be bound: Address family not supported by protocol"

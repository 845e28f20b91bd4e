"""A trial bind shows what a server would see; a connect could not."""

import contextlib
import errno

import pytest

from harness.cell.port_holders import Holder
from harness.ports.bind_trials import attempt, tries


def free(port, host, reuse):
    (found,) = [t for t in tries((host,), port) if t.reuse == reuse]
    return found.free


#: how the port is held: (127.0.0.1 with SO_REUSEADDR, without, 0.0.0.0 with) can be bound, on Linux
CASES = {
    "listen": (False, False, False), "bound": (False, False, False), "backlog-full": (False, False, False),
    "reuseport": (False, False, False), "wildcard": (False, False, False), "other-family": (True, True, True),
    "dual-stack": (False, False, False), "udp": (True, True, True), "time-wait": (True, False, True),
    "reuseaddr": (True, False, True),
}


@pytest.mark.parametrize("how", CASES)
def test_each_way_of_holding_a_port(port, how):
    with contextlib.closing(Holder("127.0.0.1", port, how)):
        assert (free(port, "127.0.0.1", True), free(port, "127.0.0.1", False), free(port, "0.0.0.0", True)) == CASES[how]


def test_a_refusal_has_the_system_s_message(port):
    with contextlib.closing(Holder("127.0.0.1", port, "listen")):
        assert attempt("127.0.0.1", port, True).error.startswith(f"[Errno {errno.EADDRINUSE}]")
    assert attempt("127.0.0.1", port, True).error == ""


def test_an_address_that_this_machine_lacks_is_not_tried():
    assert attempt("203.0.113.7", 8080, True) is None  # RFC 5737: an address for documentation
    assert tries(("203.0.113.7", "127.0.0.1"), 0) == (attempt("127.0.0.1", 0, True), attempt("127.0.0.1", 0, False))


def test_an_interface_that_this_machine_lacks_is_not_tried():
    assert attempt("fe80::1%nosuch0", 8080, True) is None

"""The verdict from recorded sockets, where the system reports less than Linux does."""

import pytest

from harness.ports.address import Asked
from harness.ports.bind_trials import Try
from harness.ports.channels import Look
from harness.ports.diagnosis import Finding
from harness.ports.sockets import Row

IN_USE = "[Errno 98] Address already in use"
EVERY_IPV6 = Row("[::]:8080", "[::]:0", "LISTEN", (7,), "tcp6")  # v6_only is not known
EVERY_IPV4 = Row("0.0.0.0:8080", "0.0.0.0:0", "LISTEN", (8,))
OTHER = Row("127.5.5.5:8080", "0.0.0.0:0", "LISTEN", (8,))
TALKS = Row("[::1]:8080", "[::1]:5000", "ESTABLISHED", (9,), "tcp6")


def find(*rows, refused=(), asked="127.0.0.1"):
    tried = [Try(host, reuse, IN_USE if host in refused else "") for host in (asked, "0.0.0.0") for reuse in (True, False)]
    return Finding(Asked(asked, 8080, (asked,)), Look(rows, {}, 0), tuple(dict.fromkeys(tried)))


@pytest.mark.parametrize(("rows", "refused", "holding"), [
    ((EVERY_IPV6,), ("127.0.0.1", "0.0.0.0"), [EVERY_IPV6.local]),  # nothing else is there: it has IPv4, too
    ((EVERY_IPV6,), (), []),  # IPv4 can be bound: it has not
    ((EVERY_IPV6, EVERY_IPV4), ("127.0.0.1", "0.0.0.0"), [EVERY_IPV4.local]),  # two cannot have IPv4
    ((EVERY_IPV6, OTHER), ("0.0.0.0",), []),
])
def test_where_the_system_does_not_say_an_ipv6_listener_has_ipv4_only_if_nothing_else_explains_it(rows, refused, holding):
    assert [row.local for row in find(*rows, refused=refused).holding] == holding


def test_an_ipv6_connection_is_like_its_listener():
    listener = Row("[::1]:8080", "[::]:0", "LISTEN", (9,), "tcp6", v6_only=True)
    assert find(TALKS, listener).in_way_of(["0.0.0.0"]) == []
    assert find(TALKS).in_way_of(["0.0.0.0"]) == [find(TALKS).rows[0]]


def test_an_address_on_which_nothing_could_be_tried_is_not_free():
    assert not Finding(Asked("127.0.0.1", 8080, ("127.0.0.1",)), Look((), {}, 0), ()).free
    assert find().free


@pytest.mark.parametrize(("rows", "denied"), [((), "[Errno 13] Permission denied"), ((EVERY_IPV4,), "")])
def test_a_port_that_this_user_may_not_bind_is_held_only_if_a_holder_is_seen(rows, denied):
    tried = tuple(Try("127.0.0.1", reuse, "[Errno 13] Permission denied", denied=True) for reuse in (True, False))
    found = Finding(Asked("127.0.0.1", 80, ("127.0.0.1",)), Look(rows, {}, 0), tried)
    assert (found.free, found.denied) == (False, denied)


def test_also_in_the_way_are_holders_or_else_open_connections_or_else_lingering_ones():
    talks = Row("127.5.5.5:8080", "127.0.0.1:5000", "ESTABLISHED", (9,))
    over = Row("127.5.5.5:8080", "127.0.0.1:5001", "TIME_WAIT", ())
    for rows, said in (((over, talks, OTHER), OTHER), ((over, talks), talks), ((over,), over)):
        assert find(*rows, refused=("0.0.0.0",)).beside("0.0.0.0") == [said]


@pytest.mark.parametrize(("refused", "free"), [((), True), (("::1",), False), (("127.0.0.1",), False), (("127.0.0.1", "::1"), False)])
def test_a_name_with_two_addresses_is_free_if_both_are(refused, free):
    hosts = ("127.0.0.1", "::1")
    tried = tuple(Try(host, reuse, IN_USE if host in refused else "") for host in hosts for reuse in (True, False))
    assert Finding(Asked("localhost", 8080, hosts), Look((), {}, 0), tried).free is free


def test_the_verdict_is_for_a_server_that_sets_so_reuseaddr():
    tried = (Try("127.0.0.1", True, ""), Try("127.0.0.1", False, IN_USE))
    assert Finding(Asked("127.0.0.1", 8080, ("127.0.0.1",)), Look((), {}, 0), tried).free

"""How addresses on the command line are parsed."""

import socket

import pytest

from harness.model.refusal import Refusal
from harness.ports.address import Asked, read


@pytest.mark.parametrize(("text", "asked"), [
    ("8080", Asked("127.0.0.1", 8080, ("127.0.0.1",))),
    ("127.5.5.5:8080", Asked("127.5.5.5", 8080, ("127.5.5.5",))),
    ("127.1:80", Asked("127.1", 80, ("127.0.0.1",))),
    ("0.0.0.0:65535", Asked("0.0.0.0", 65535, ("0.0.0.0",))),
    ("[::1]:8080", Asked("::1", 8080, ("::1",))),
    ("[0:0:0:0:0:0:0:1]:8080", Asked("0:0:0:0:0:0:0:1", 8080, ("::1",))),
    ("[::]:1", Asked("::", 1, ("::",))),
    ("[::ffff:127.0.0.1]:8080", Asked("::ffff:127.0.0.1", 8080, ("127.0.0.1",))),
])
def test_each_form_is_parsed(text, asked):
    assert read(text) == asked


def test_a_name_stands_for_all_its_addresses(monkeypatch):
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda name, *words, **more: [
        found for host in ("::1", "127.0.0.1", "127.0.0.1") for found in real(host, *words, **more)])
    assert read("localhost:8080").hosts == ("::1", "127.0.0.1")
    assert read("localhost:8080").where == "localhost (::1 and 127.0.0.1)"


def test_a_link_local_address_keeps_its_interface():
    name = socket.if_indextoname(1)
    assert read(f"[fe80::1%{name}]:8080").hosts == (f"fe80::1%{name}",)


@pytest.mark.parametrize(("text", "because"), [
    ("", "not an address with a port"),
    (":8080", "not an address with a port"),
    ("http://127.0.0.1:8080/", "not an address with a port"),
    ("[]:8080", "not an address with a port"),
    ("::1", "an IPv6 address must be in brackets"),
    ("::1:8080", "an IPv6 address must be in brackets"),
    ("0", "'0' is not a port"),
    ("65536", "'65536' is not a port"),
    ("-1", "'-1' is not a port"),
    ("8_080", "'8_080' is not a port"),
    ("٨٠٨٠", "is not a port"),
    ("9" * 5000, "is not a port"),
    ("127.0.0.1", "'127.0.0.1' is not a port"),
    ("localhost:http", "'http' is not a port"),
    ("[127.0.0.1]:8080", "the host '127.0.0.1' is not an IPv6 address"),
    ("[::1::]:8080", "the host '::1::' is not an IPv6 address"),
    ("no such host:8080", "the host 'no such host' cannot be resolved"),
    ("..:8080", "the host '..' cannot be resolved"),
    ("224.0.0.1:8080", "multicast or broadcast address"),
    ("255.255.255.255:8080", "multicast or broadcast address"),
    ("[ff02::1]:8080", "multicast or broadcast address"),
    ("[fe80::1]:8080", "[fe80::1%eth0]:8080"),
])
def test_anything_else_is_refused_in_one_sentence(text, because):
    with pytest.raises(Refusal) as refused:
        read(text)
    assert because in str(refused.value)
    assert "8080" in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(("hosts", "wider"), [
    (("127.0.0.1",), ("0.0.0.0",)), (("0.0.0.0",), ()), (("::1",), ("::",)), (("::",), ("0.0.0.0",)),
    (("::1", "127.0.0.1"), ("0.0.0.0", "::")),
])
def test_what_a_server_on_all_addresses_would_bind(hosts, wider):
    assert Asked("name", 8080, hosts).wider == wider

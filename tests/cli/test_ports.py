"""The command against real processes: the verdict about the address that was asked for, and whom --free ends."""

import json
import os
import re
import signal
import socket
import sys
from pathlib import Path

import pytest

from harness.cell.port_holders import Holder
from harness.cli import main
from harness.ports.channels import look


def session(capsys, *words):
    code = main.main(["ports", *words])
    shown = capsys.readouterr()
    return code, shown.out + shown.err


def bind(host, port):
    """The proof: a server's own bind, with SO_REUSEADDR, and listening."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((host, port))
        server.listen(1)


def alive(*processes):
    return [process.poll() is None for process in processes]


def test_the_papers_session(port, holding, capsys, monkeypatch):
    server, child = holding("fork")
    server.kill()
    server.wait()
    with socket.socket() as again, pytest.raises(OSError, match="in use"):
        again.bind(("127.0.0.1", port))
    code, said = session(capsys, str(port))
    assert (code, said.splitlines()[0]) == (1, f"port {port} is HELD on 127.0.0.1")
    assert f"held by pid {child}" in said
    assert "an orphan" in said

    monkeypatch.setattr("builtins.input", lambda question: "n")
    code, said = session(capsys, str(port), "--free")
    assert (code, said.splitlines()[-1]) == (1, "nothing was done")

    monkeypatch.setattr("builtins.input", lambda question: "y")
    code, said = session(capsys, str(port), "--free")
    assert code == 0
    assert f"pid {child}: SIGTERM" in said
    assert "it is free" in said
    code, said = session(capsys, str(port))
    assert (code, said.splitlines()[0]) == (0, f"port {port} is free on 127.0.0.1")
    assert session(capsys, str(port), "--free") == (0, f"port {port} is free on 127.0.0.1: nothing to end\n")
    bind("127.0.0.1", port)


#: where and how a process holds the port: the addresses on which a server starts, of HOSTS
HOSTS = ("", "127.0.0.1", "localhost", "127.5.5.5", "0.0.0.0", "[::1]", "[::]")
STARTS = [
    ("127.0.0.1", (), {"127.5.5.5", "[::1]", "[::]"}),
    ("127.5.5.5", (), {"", "127.0.0.1", "localhost", "[::1]", "[::]"}),
    ("0.0.0.0", (), {"[::1]", "[::]"}),
    ("::1", (), {"", "127.0.0.1", "localhost", "127.5.5.5", "0.0.0.0"}),
    ("::", (), {"", "127.0.0.1", "localhost", "127.5.5.5", "0.0.0.0"}),
    ("::", ("dual",), set()),
    ("::ffff:127.5.5.5", ("dual",), {"", "127.0.0.1", "localhost", "[::1]", "[::]"}),
    ("127.0.0.1", ("udp",), set(HOSTS)),
]


@pytest.mark.parametrize(("host", "manners", "starts"), STARTS)
def test_the_verdict_is_about_the_address_that_was_asked_for(host, manners, starts, port, holding, capsys, monkeypatch):
    real = socket.getaddrinfo  # on many machines "localhost" is ::1, too: the table is about 127.0.0.1
    monkeypatch.setattr(socket, "getaddrinfo", lambda name, *words, **more: real(
        "127.0.0.1" if name == "localhost" else name, *words, **more))
    process, _ = holding(*manners, host=host)
    for asked in HOSTS:
        code, said = session(capsys, f"{asked}:{port}" if asked else str(port))
        where = asked.strip("[]") or "127.0.0.1"
        first = said.splitlines()[0]
        assert first.startswith(f"port {port} is {'free' if asked in starts else 'HELD'} on {where}"), (asked, said)
        assert code == (0 if asked in starts else 1), asked
        assert (f"held by pid {process.pid}" in said) == (asked not in starts), (asked, said)


def test_beside_a_free_address_it_says_who_refuses_a_server_on_all_of_them(port, holding, capsys):
    process, _ = holding(host="127.5.5.5")
    code, said = session(capsys, str(port))
    lines = said.splitlines()
    assert (code, lines[:2]) == (0, [f"port {port} is free on 127.0.0.1",
                                     "  but a server on all addresses (0.0.0.0) would be refused:"])
    assert f"pid {process.pid} (" in lines[2]
    assert lines[2].endswith(f"holds 127.5.5.5:{port}")
    assert f"    127.0.0.1:{port}: a server starts" in lines
    assert any(line.startswith(f"    0.0.0.0:{port} (all IPv4 addresses): a server is refused: ") for line in lines)

    code, said = session(capsys, f"[::]:{port}")
    assert (code, said.splitlines()[1]) == (0, "  but a server on [::] that also takes IPv4 would be refused:")

    holding()
    code, said = session(capsys, str(port))
    assert code == 1
    lines = said.splitlines()
    more = lines.index("  a server on all addresses (0.0.0.0) would also be refused because of these:")
    assert f"pid {process.pid} (" in lines[more + 1]


def test_a_name_is_held_where_one_of_its_addresses_is(port, holding, capsys, monkeypatch):
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda name, *words, **more: [
        found for host in (["::1", "127.0.0.1"] if name == "localhost" else [name]) for found in real(host, *words, **more)])
    process, _ = holding(host="::1")
    code, said = session(capsys, f"localhost:{port}")
    assert (code, said.splitlines()[0]) == (1, f"port {port} is HELD on localhost (::1 and 127.0.0.1)")
    assert f"held by pid {process.pid}" in said
    assert f"    127.0.0.1:{port}: a server starts" in said


@pytest.mark.parametrize("asked", ["", "127.0.0.1:"])
def test_free_spares_who_holds_another_address(asked, port, holding, capsys):
    others = [holding(host="127.5.5.5")[0], holding(host="::1")[0], holding("udp")[0]]
    code, said = session(capsys, f"{asked}{port}", "--free", "--yes")
    assert alive(*others) == [True, True, True]
    assert (code, said.splitlines()[0]) == (0, f"port {port} is free on 127.0.0.1: nothing to end")
    assert f"pid {others[0].pid} (" in said, "a server on all addresses would still be refused"
    holder, _ = holding()
    code, said = session(capsys, f"{asked}{port}", "--free", "--yes")
    assert (code, holder.wait(5)) == (0, -15)
    assert f"port {port} was bound on 127.0.0.1 as a proof: it is free" in said
    assert alive(*others) == [True, True, True]
    bind("127.0.0.1", port)


def test_free_on_all_addresses_ends_all_that_conflict_and_nothing_else(port, holding, capsys):
    ended = [holding()[0], holding(host="127.5.5.5")[0]]
    six, _ = holding(host="::")
    code, said = session(capsys, f"0.0.0.0:{port}", "--free", "--yes")
    assert (code, [process.wait(5) for process in ended]) == (0, [-15, -15]), said
    assert alive(six) == [True]
    bind("0.0.0.0", port)
    with pytest.raises(OSError, match="in use"):
        bind("::1", port)
    code, said = session(capsys, f"[::1]:{port}", "--free", "--yes")
    assert (code, six.wait(5)) == (0, -15)
    bind("::1", port)


@pytest.mark.parametrize("asked", ["127.0.0.1", "0.0.0.0", "[::1]", "[::]"])
def test_a_dual_stack_holder_is_in_the_way_of_both_families(asked, port, holding, capsys):
    process, _ = holding("dual", host="::")
    code, _ = session(capsys, f"{asked}:{port}", "--free", "--yes")
    assert (code, process.wait(5)) == (0, -15)
    bind(asked.strip("[]"), port)


def test_without_the_kernels_table_a_holder_is_still_told_from_a_bystander(port, holding, capsys, monkeypatch):
    """As on macOS: psutil does not say whether a listener on all of IPv6 has IPv4, too."""
    real = Path.exists
    monkeypatch.setattr(Path, "exists", lambda self, **more: str(self) != "/proc/net/tcp" and real(self, **more))
    six, _ = holding(host="::")
    four, _ = holding()
    code, said = session(capsys, str(port), "--free", "--yes")
    assert (code, four.wait(5)) == (0, -15), said
    assert alive(six) == [True]
    assert session(capsys, f"[::1]:{port}", "--free", "--yes")[0] == 0
    assert six.wait(5) == -15
    both, _ = holding("dual", host="::")
    code, said = session(capsys, str(port), "--free", "--yes")
    assert (code, both.wait(5)) == (0, -15), said
    bind("127.0.0.1", port)


def test_free_ends_every_process_of_a_group_and_of_a_shared_socket(port, holding, capsys):
    group = [holding("reuseport")[0] for _ in range(2)]
    parent, child = holding("reuseport", "fork")
    code, said = session(capsys, str(port), "--free", "--yes")
    assert (code, [process.wait(5) for process in (*group, parent)]) == (0, [-15] * 3), said
    assert f"pid {child}: " in said
    bind("127.0.0.1", port)


def test_the_far_end_of_a_connection_survives(port, holding, talking, capsys):
    server, _ = holding()
    client, _ = talking("127.0.0.1", port)
    code, _ = session(capsys, str(port), "--free", "--yes")
    assert (code, server.wait(5)) == (0, -15)
    assert alive(client) == [True]


@pytest.mark.parametrize("asked", ["", "127.0.0.1:", "0.0.0.0:"])
def test_a_client_that_was_given_the_port_is_named_and_never_ended(asked, talking, capsys):
    """The system may give a client the very port: then no server can bind it, and the client holds nothing."""
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        client, port = talking("127.0.0.1", elsewhere.getsockname()[1])
        with pytest.raises(OSError, match="in use"):
            bind(asked.rstrip(":") or "127.0.0.1", port)
        code, said = session(capsys, f"{asked}{port}", "--free", "--yes")
        assert alive(client) == [True]
        assert code == 2
        assert "may be a client" in said
        assert "Nothing was done" in said
        code, said = session(capsys, f"{asked}{port}")
        assert code == 1
        assert f"pid {client.pid} has a connection in the way" in said
        assert "held by" not in said
        assert "to end the holder" not in said
        code, said = session(capsys, f"127.5.5.5:{port}")
        assert (code, said.splitlines()[0]) == (0, f"port {port} is free on 127.5.5.5")
        assert "a connection in the way" not in said


def test_a_client_beside_a_server_is_never_ended(port, holding, talking, capsys):
    """With SO_REUSEADDR a client can have the server's very address: the server alone is in the way."""
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        client, _ = talking("127.0.0.1", elsewhere.getsockname()[1], "127.0.0.1", port)
        server, _ = holding()
        code, said = session(capsys, str(port), "--free", "--yes")
        assert alive(client) == [True]
        assert (code, server.wait(5)) == (0, -15), said
        bind("127.0.0.1", port)
        code, said = session(capsys, str(port))
        assert code == 0
        assert f"pid {client.pid} has a connection there" in said


def test_what_is_bound_and_does_not_listen_is_ended_where_the_system_shows_it(port, holding, capsys):
    process, _ = holding("bound", "no-reuse")
    code, said = session(capsys, str(port))
    assert code == 1
    if not look().complete:
        assert f"pid {process.pid}: " in said
        pytest.skip("this kernel (before 6.8) does not show sockets that are bound and do not listen")
    assert f"held by pid {process.pid}" in said
    assert f"127.0.0.1:{port} BOUND" in said
    code, said = session(capsys, str(port), "--free", "--yes")
    assert (code, process.wait(5)) == (0, -15)
    bind("127.0.0.1", port)


def test_who_does_not_stand_in_the_way_of_the_bind_is_spared(port, holding, capsys):
    """Beside a socket that is only bound with SO_REUSEADDR a server starts: when the listener is gone, it is enough."""
    bound, _ = holding("bound")
    server, _ = holding()
    code, said = session(capsys, str(port), "--free", "--yes")
    assert (code, server.wait(5)) == (0, -15), said
    assert alive(bound) == [True]


def test_who_lets_go_before_the_answer_is_left_alone(port, holding, capsys, monkeypatch):
    group = {process.pid: process for process in (holding("reuseport")[0], holding("reuseport")[0])}
    asked = []

    def answer(question):
        asked.extend(int(pid) for pid in re.findall(r"pid (\d+)", question))
        os.kill(asked[0], signal.SIGUSR1)
        group[asked[0]].stderr.readline()
        return "y"

    monkeypatch.setattr("builtins.input", answer)
    code, said = session(capsys, str(port), "--free")
    gone, stays = (group[pid] for pid in asked)
    assert (code, stays.wait(5)) == (0, -15), said
    assert alive(gone) == [True]


def lingering(host, port, reuse):
    """A connection that the server's side closed first, and nothing else."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuse)
        server.bind((host, port))
        server.listen(1)
        with socket.create_connection((host, port)) as client:
            server.accept()[0].close()
            client.settimeout(5)
            assert client.recv(1) == b""


def test_what_lingers_without_reuse_keeps_every_server_waiting(port, capsys):
    lingering("127.0.0.1", port, 0)
    with pytest.raises(OSError, match="in use"):
        bind("127.0.0.1", port)
    code, said = session(capsys, str(port))
    assert code == 1
    assert "lingering connection(s) (TIME_WAIT)" in said
    assert "every server has to wait" in said
    assert "starts anyway" not in said
    code, said = session(capsys, str(port), "--free", "--yes")
    assert code == 2
    assert "pass by themselves" in said


def test_what_lingers_on_another_address_is_not_the_asked_ones(port, capsys):
    lingering("127.5.5.5", port, 0)
    code, said = session(capsys, str(port))
    assert code == 0
    assert "connection(s) (TIME_WAIT)" not in said
    assert f"127.5.5.5:{port} has lingering connections (TIME_WAIT)" in said


def test_connections_that_wait_in_the_backlog_are_not_said_to_be_anothers(port, capsys):
    with Holding(port, "backlog-full"):
        _, said = session(capsys, str(port))
    assert "in the backlog: no process has accepted it yet" in said
    assert "not visible" not in said


class Holding(Holder):
    def __init__(self, port, how):
        super().__init__("127.0.0.1", port, how)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def as_nobody(*words):
    """The command in a fork that is another user's than root; gives its exit code and what it said."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        code = 99
        try:
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            os.dup2(writer, 1)
            os.dup2(writer, 2)
            sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
            code = main.main(["ports", *words])
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)
    os.close(writer)
    with os.fdopen(reader) as said:
        text = said.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), text


def test_a_port_that_is_not_the_users_to_bind_is_not_called_held():
    with open("/proc/sys/net/ipv4/ip_unprivileged_port_start", encoding="ascii") as first:
        if int(first.read()) <= 1:
            pytest.skip("on this machine everybody may bind every port")
    code, said = as_nobody("127.91.5.5:1")
    assert (code, said.splitlines()[0]) == (1, "you may not bind port 1 on 127.91.5.5: [Errno 13] Permission denied. Nothing visible holds it")
    code, said = as_nobody("127.91.5.5:1", "--free", "--yes")
    assert code == 2
    assert "you may not bind it" in said


@pytest.mark.skipif(os.getuid() != 0, reason="needs two users, and only root can be another one")
def test_a_holder_that_cannot_be_seen_is_told_by_its_user_and_nothing_is_done(port, holding):
    process, _ = holding()
    code, said = as_nobody(str(port))
    assert code == 1
    assert "holder not visible" in said
    if look().complete:
        assert "owned by user root" in said
    code, said = as_nobody(f"0.0.0.0:{port}", "--free", "--yes")
    assert code == 2
    assert f"127.0.0.1:{port} is held by a process of" in said
    assert "Nothing was done" in said
    assert alive(process) == [True]


def test_json_tells_the_address_and_who_has_the_port_elsewhere(port, holding, capsys):
    process, _ = holding(host="127.5.5.5")
    code, said = session(capsys, str(port), "--json")
    found = json.loads(said)
    assert (code, found["format"], found["host"], found["addresses"], found["port"], found["free"]) == (
        0, 1, "127.0.0.1", ["127.0.0.1"], port, True)
    assert (found["holders"], [one["pid"] for one in found["others"]]) == ([], [process.pid])
    assert [(one["local"], one["conflicts"]) for one in found["sockets"]] == [(f"127.5.5.5:{port}", False)]
    assert [(one["host"], one["free"]) for one in found["tries"] if one["so_reuseaddr"]] == [
        ("127.0.0.1", True), ("0.0.0.0", False)]
    code, said = session(capsys, f"127.5.5.5:{port}", "--json")
    found = json.loads(said)
    assert (code, found["host"], found["free"], found["sockets"][0]["conflicts"]) == (1, "127.5.5.5", False, True)
    assert ([one["pid"] for one in found["holders"]], found["others"]) == ([process.pid], [])


def test_json_of_a_freed_port_says_what_was_ended(port, holding, capsys):
    process, _ = holding()
    code, said = session(capsys, str(port), "--free", "--yes", "--json")
    found = json.loads(said)
    assert (code, found["free"], found["ended"][0]["pid"], found["ended"][0]["how"]) == (0, True, process.pid, "SIGTERM")


def test_our_own_process_is_refused_and_nothing_is_ended(port, capsys):
    with socket.socket() as mine:
        mine.bind(("127.0.0.1", port))
        mine.listen(1)
        code, said = session(capsys, str(port), "--free", "--yes")
    assert code == 2
    assert "this very command" in said


@pytest.mark.parametrize(("words", "because"), [
    (["70000"], "from 1 to 65535"), (["127.0.0.1:http"], "from 1 to 65535"), (["--free"], "needs a port"),
    (["300.1.1.1:8080"], "the host '300.1.1.1' cannot be resolved"), (["::1:8080"], "must be in brackets"),
    (["203.0.113.7:8080"], "this machine does not have the address 203.0.113.7"),  # RFC 5737: documentation
    (["[2001:db8::7]:8080", "--free", "--yes"], "this machine does not have the address 2001:db8::7"),  # RFC 3849
])
def test_bad_input_says_what_to_do_in_one_sentence(words, because, capsys):
    code, said = session(capsys, *words)
    assert code == 2
    assert because in said
    assert len(said.splitlines()) == 1


def test_the_list_has_the_listener(port, holding, capsys):
    process, _ = holding()
    code, said = session(capsys)
    assert code == 0
    assert any(f"127.0.0.1:{port}" in line and str(process.pid) in line for line in said.splitlines())
    code, said = session(capsys, "--json")
    assert process.pid in [one["pid"] for one in json.loads(said)["holders"]]


def test_help_tells_the_addresses_and_the_exit_codes(capsys):
    with pytest.raises(SystemExit):
        main.main(["ports", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert "ports HOST:PORT" in said
    assert "1 held, or not yours to bind; 2 bad input" in said

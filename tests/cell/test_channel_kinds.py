"""Kinds of channels: what a scenario can name, what a launch gets, and where clients connect."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.cell.channel_kinds import Channels, bound_port, unix_listeners
from harness.cell.channel_listeners import listens
from harness.language.parse_scenario import CHANNELS

HANDED = ("handed-over", "handed-over-unix")


@pytest.fixture
def channels(tmp_path):
    made = []

    def make(kind, host="127.0.0.1", base=0, folder=tmp_path):
        made.append(Channels(kind, host, base or free(), folder))
        return made[-1]

    yield make
    for one in made:
        one.close()


def free():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("kind", CHANNELS)
def test_what_a_scenario_can_name(channels, tmp_path, kind):
    made = channels(kind, "::1" if kind == "ipv6" else "127.3.2.1", 8080)
    values = made.values()
    assert values["host"] == ("[::1]" if kind == "ipv6" else "127.3.2.1")
    assert (values["port"], values["port2"], values["port9"]) == ("8080", "8081", "8088")
    assert values.get("socket") == (f"{tmp_path}/server.sock" if kind.endswith("unix") else None)
    assert made.at(2) == ((f"{tmp_path}/server2.sock", 0) if kind.endswith("unix") else (made.host, 8081))


@pytest.mark.parametrize("kind", [kind for kind in CHANNELS if kind not in HANDED])
def test_what_a_launch_is_told(channels, tmp_path, kind):
    made = channels(kind, "::1" if kind == "ipv6" else "127.3.2.1", 8080)
    handed = made.launch(2)
    assert handed.values == {
        "host": made.host, "port": "0" if kind == "system-port" else "8081", "socket": f"{tmp_path}/server2.sock"}
    assert (handed.before, handed.inherits, handed.environment, made.handed) == ((), (), {}, ())


def test_a_port_that_the_system_chose_is_known_until_the_next_launch(channels):
    made = channels("system-port", base=8080)
    assert not made.is_open(1)
    assert (made.found(1, 41000), made.found(2, 42000)) == ({"port": "41000"}, {"port2": "42000"})
    assert (made.at(1), made.port(2), made.is_open(1)) == (("127.0.0.1", 41000), 42000, True)
    made.launch(1)
    assert (made.is_open(1), made.is_open(2)) == (False, True)
    assert channels("own").is_open(1)


def test_a_folder_with_a_long_name_is_reached_by_a_short_one(channels, tmp_path):
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    made = channels("unix", folder=folder)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(made.path(9))
        assert len(made.path(9)) < 100
        assert (folder / "server9.sock").is_socket()
    made.close()
    assert not Path(made.folder).exists()
    assert folder.exists()


TOLD = "import os, socket; s = socket.socket(fileno=3); print(os.environ['LISTEN_FDS'], os.environ['LISTEN_PID'] == str(os.getpid()), s.getsockname())"


@pytest.mark.parametrize("kind", HANDED)
@pytest.mark.parametrize("extra", [{}, {"LISTEN_PID": "1"}], ids=["own pid", "another pid"])
def test_what_is_handed_over(channels, kind, extra):
    made = channels(kind)
    handed = made.launch(1)
    assert (made.handed, handed.values["port"]) == ((1,), str(made.port(9)))
    assert made.launch(1).inherits == handed.inherits, "the next launch gets the same"
    done = subprocess.run(
        [sys.executable, *handed.before, sys.executable, "-c", TOLD], pass_fds=handed.inherits, capture_output=True, text=True, check=True,
        env={**os.environ, **handed.environment, **extra})
    where = made.at(1)[0] if kind.endswith("unix") else made.at(1)
    assert done.stdout == f"1 {not extra} {where}\n"


@pytest.mark.parametrize("kind", HANDED)
def test_nothing_is_handed_over_on_the_last_channel(channels, kind):
    made = channels(kind)
    handed = made.launch(9)
    assert (handed.before, made.handed, made.at(9)) == ((), (), ("127.0.0.1", made.port(9)))


@pytest.mark.parametrize(("pattern", "log", "port"), [
    (r"/at \S+:(\d+)$/", "starting\nat http://h:4100\n", 4100), (r"/at \S+:(\d+)$/", "starting\n", None), ("", "at http://h:4100\n", None),
])
def test_a_port_that_the_log_says(pattern, log, port):
    assert bound_port(pattern, log) == port


def server(pid, channel=1, log=""):
    return SimpleNamespace(pid=pid, channel=channel, text=lambda: log)


@pytest.mark.skipif(sys.platform != "linux", reason="who holds a socket is read from /proc")
def test_who_listens_at_a_path(channels):
    made, own = channels("unix"), server(os.getpid())
    path = made.path(1)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        assert (listens(made, own, ""), unix_listeners(path, [os.getpid()])) == ((False, {}), []), "it is bound, and does not listen"
        listener.listen(1)
        assert (listens(made, own, ""), unix_listeners(path, [os.getpid(), 1])) == ((True, {}), [os.getpid()])
        assert unix_listeners(path + "x", [os.getpid()]) == []
    assert listens(made, own, "") == (False, {})


@pytest.mark.skipif(sys.platform != "linux", reason="who holds a socket is read from /proc")
def test_the_port_of_the_system_is_the_one_on_which_the_server_listens(channels):
    host = "127.71.9.3"
    made, own = channels("system-port", host, 8080), server(os.getpid(), log="at http://h:9\n")
    made.launch(1)
    assert listens(made, own, "") == (False, {})
    with socket.socket() as one, socket.socket() as two:
        for listener in (one, two):
            listener.bind((host, 0))
        one.listen(1)
        port = one.getsockname()[1]
        assert listens(made, own, r"/at \S+:(\d+)$/") == (True, {"port": str(port)}), "the log may be wrong"
        assert made.at(1) == (host, port)
        made.launch(1)
        two.listen(1)
        assert listens(made, own, "") == (False, {}), "of two ports, neither is the server's"

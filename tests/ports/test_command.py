"""The paper's session, with the commands alone: a killed parent, a port that is not free, who has it, and free again."""

import json
import socket

import pytest

from harness import cli


def session(capsys, *words):
    code = cli.main(["ports", *words])
    shown = capsys.readouterr()
    return code, shown.out + shown.err


def test_the_papers_session(port, holding, capsys, monkeypatch):
    server, child = holding("fork")
    server.kill()
    server.wait()
    with socket.socket() as again, pytest.raises(OSError, match="in use"):
        again.bind(("127.0.0.1", port))
    code, said = session(capsys, str(port))
    assert code == 1
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
    assert (code, said.splitlines()[0]) == (0, f"port {port}: free")
    assert session(capsys, str(port), "--free") == (0, f"port {port} is free: nothing to end\n")
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))


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


@pytest.mark.parametrize(("words", "because"), [(["70000"], "from 1 to 65535"), (["--free"], "needs a port")])
def test_bad_input_says_what_to_do(words, because, capsys):
    code, said = session(capsys, *words)
    assert code == 2
    assert because in said


def test_the_list_has_the_listener(port, holding, capsys):
    process, _ = holding()
    code, said = session(capsys)
    assert code == 0
    assert any(f"127.0.0.1:{port}" in line and str(process.pid) in line for line in said.splitlines())
    code, said = session(capsys, "--json")
    assert process.pid in [one["pid"] for one in json.loads(said)["holders"]]

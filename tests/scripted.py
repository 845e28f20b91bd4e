"""Cells whose servers are a script, run by the Python that runs the tests: for what needs real processes, and no server.

What a server does beside listening is Python that the test gives it, in the environment.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cell.job import CellJob
from harness.cell.running_cell import CellRun, TimedOut
from harness.cell.step_verbs import perform
from harness.language.parse_scenario import parse
from harness.machine import addresses
from harness.machine.deadlines import Deadline
from harness.machine.server_process import ServerProcess
from harness.model.values import Json, Target
from harness.targets.subject import Subject

SCRIPT = '''
import os, signal, socket, sys, threading, time


def say(*words):
    print(*words, flush=True)


def child(*keep):
    """Make a child that keeps these sockets, and no other; return its pid."""
    told, tells = os.pipe()
    pid = os.fork()
    if not pid:
        if listener not in keep:
            listener.close()
        os.write(tells, b"x")
        while True:
            signal.pause()
    os.read(told, 1)  # until it has closed what it does not keep
    return pid


def serve():
    """Answer each request with its path, which is logged first; one for /never is not answered, and one for /last is the last."""
    def one(connection):
        with connection:
            head = connection.recv(65536)
            while head:
                path = head.split(b" ")[1].decode()
                say("asked", path)
                if path != "/never":
                    connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n%b" % (len(path), path.encode()))
                if path == "/last":
                    return
                head = connection.recv(65536)

    def all_of_them():
        while True:
            threading.Thread(target=one, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=all_of_them, daemon=True).start()


listener = socket.create_server((sys.argv[1], int(sys.argv[2])))
exec(os.environ.get("DOES", ""))
say("up")
while True:
    signal.pause()
'''
SCENARIO = parse({"format": 1, "id": "a.b", "title": "t", "paper": "unexposed", "step": [{"act": "start"}]}, "f.toml")
NEVER = 0.3  # seconds for what never comes
SOON = 30.0  # and for what does
TARGET = Target("script@x", "script", "x", python=sys.executable)


def subject(folder: Path, **changes: object) -> Subject:
    """The script as a server; SIGTERM ends it, as it ends any program."""
    (folder / "script.py").write_text(SCRIPT, "utf-8")
    made = Subject(name="script", title="script", entry=(str(folder / "script.py"),), args=("{host}", "{port}"), default_channel_args=(),
                   tls_args=(), reload_args=(), ready=("/^up$/",), exits={"stop": (0, -15)})
    return replace(made, **changes)


def cell(folder: Path, claim: addresses.Claim, leaves: tuple[str, ...] = (), **changes: object) -> CellRun:
    """A cell on a channel, with no server yet."""
    work = folder / "work"
    work.mkdir()
    job = CellJob("a.b@script@x", replace(SCENARIO, leaves=leaves), TARGET, subject(folder, **changes), "run", folder, work, False)
    return CellRun(job, claim, work)


def up(cell: CellRun, name: str = "main", channel: int = 1, does: str = "") -> ServerProcess:
    """Launch a server that does something, and wait until it is up."""
    server = cell.launch(name, channel, "", {"DOES": does})
    assert Deadline(30).wait(lambda: "up\n" in server.text() or not server.running)
    return server


def do(cell: CellRun, act: str, within: float = SOON, server: str = "main", step_id: str = "", **args: object) -> Json:
    """One step, as the driver does it; return what was seen."""
    return perform(cell, replace(SCENARIO.steps[0], act=act, args=args, within=within, server=server, id=step_id, expect={}))


def late(cell: CellRun, act: str, **args: object) -> Json:
    """What was seen of a step that passes its deadline."""
    with pytest.raises(TimedOut) as caught:
        do(cell, act, NEVER, **args)
    return caught.value.seen


def said(server: ServerProcess, word: str) -> list[str]:
    """The second words of the lines that begin with a word."""
    return [line.split()[1] for line in server.text().splitlines() if line.split()[:1] == [word]]

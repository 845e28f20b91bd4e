"""A reproducer's cell whose servers are the script in tests/scripted.py: real processes, and no server to install."""

from __future__ import annotations

import base64
import io
import sys
import zipfile

import psutil
import pytest

from harness.machine import server_process
from harness.machine.deadlines import Deadline
from harness.reproducer.parts import hold, measure, run, speak
from harness.reproducer.parts.cell import Cell
from harness.reproducer.parts.judge import end_all

from ..scripted import NEVER, SCRIPT, SOON


def step(act, number=1, server="main", within=SOON, **changes):
    """A step as in the recipe; keywords that are not fields of a step are arguments."""
    words = {"number": number, "act": act, "server": server, "within": within, "expect": {}, "save": {}, "observe": {}, "id": "", "note": ""}
    return {**words, **{key: value for key, value in changes.items() if key in words or key == "traceback"},
            "args": {key: value for key, value in changes.items() if key not in words and key != "traceback"}}


def late(number, act, **changes):
    """A step that waits for something that never happens."""
    return step(act, number, within=NEVER, **changes)


def does(code, number=1, server="main", channel=1, **changes):
    """A start of a server that does more than listen."""
    return step("start", number, server, channel=channel, environment={"DOES": code}, **{"expect": {"ready": True}, **changes})


@pytest.fixture
def reproducing(tmp_path, monkeypatch):
    """Make a cell with some steps; whatever it leaves is ended. All verbs are available, as in a file that needs them all."""
    for section in (hold, measure, speak):
        for name in run.OPTIONAL:
            if hasattr(section, name):
                monkeypatch.setattr(run, name, getattr(section, name), raising=False)
    assert not psutil.Process().children()
    assert server_process.become_subreaper()
    made = []

    def make(*steps, leaves=(), **recipe):
        folder = tmp_path / str(len(made))
        folder.mkdir()
        (folder / "script.py").write_text(SCRIPT, "utf-8")
        with zipfile.ZipFile(empty := io.BytesIO(), "w"):
            pass
        server = {"name": "script", "entry": [str(folder / "script.py")], "args": ["{host}", "{port}"], "patterns": {}, "ready": ["/^up$/"],
                  "exits": {"stop": [0, -15]}, "apps": {}, "workers": False, "habits": [], **recipe}
        data = {"cell": "a.b@script@x", "title": "t", "app": "", "channel": "own", "tls": False, "reload": False, "leaves": list(leaves), "asks": False,
                "steps": list(steps), "server": server}
        made.append(Cell(data, sys.executable, folder, base64.b64encode(empty.getvalue()).decode()))
        return made[-1]

    yield make
    for cell in made:
        end_all(cell)
        cell.lock.close()
    assert server_process.end_all(Deadline(10)) == []
    server_process.become_subreaper(False)

"""What people and CI read, as a whole: the summary on the terminal, `ports`, JUnit, Markdown.

A text that changed on purpose is written anew with UPDATE_SNAPSHOTS=1, and its diff is read before it is committed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.model.values import CellResult, Failure, Verdict
from harness.ports.address import Asked
from harness.ports.bind_trials import Try
from harness.ports.channels import HolderProcess, Look
from harness.ports.diagnosis import Finding
from harness.ports.output import explanation, listing
from harness.ports.sockets import Row
from harness.report.beside import Beside
from harness.report.compare import Transition
from harness.report.exports import github_annotations
from harness.report.forms import badge, junit, markdown
from harness.report.terminal_summary import summary

FOLDER = Path(__file__).parent / "snapshots"
PASS = Verdict("pass")


def cell(name, word="pass", reason="", **more):
    if word in ("missing", "unsupported", "broken", "error", "not-run"):
        return CellResult(name, word, reason, **more)
    failures = (Failure(2, "status", "200", "500 <b>"),) if word in ("fail", "known") else ()
    return CellResult(name, "ran", reason, Verdict(word, reason, failures), PASS, 1.5, **more)


RESULTS = {result.cell: result for result in (
    cell("http.head@waitress@2.7"), cell("http.head@waitress@3.13", "fail", "step 2: status: expected 200, observed 500 \x1b[31m<b>"),
    cell("http.head@gunicorn-gthread-with-a-long-name@3.13", "known", "benoitc/gunicorn#1: *ours*"), cell("bus.start@waitress@2.7", "unsupported", "does not declare: bus-log"),
    cell("bus.start@waitress@3.13", "timeout", "step 1: start: the server is ready within 30 s", grade="should"), cell("bus.start@gunicorn-gthread-with-a-long-name@3.13", "missing", "none"),
    cell("port.held@waitress@2.7", "broken", "No module named waitress"), cell("port.held@waitress@3.13", "not-run", "interrupted"),
    cell("port.held@gunicorn-gthread-with-a-long-name@3.13", "fixed", "remove the [[known]] entry"))}
BEFORE = Beside([Transition("http.head@waitress@3.13", "new failure", "pass", "fail", "why"), Transition("bus.start@waitress@3.13", "slower", "", "")], {}, [])

SERVER = HolderProcess(7, "python", "me", 0.0, "python server.py", 1)
ORPHAN = HolderProcess(8, "python", "me", 0.0, "python worker.py", 1, "its parent has ended")
LISTENS = Row("127.0.0.1:8080", "0.0.0.0:0", "LISTEN", (7, 8))
OVER = Row("127.0.0.1:8080", "127.0.0.1:5001", "TIME_WAIT", (), "tcp", 41.5)
SEEN = Look((LISTENS, OVER), {7: SERVER, 8: ORPHAN}, 3)
REFUSED = tuple(Try(host, reuse, "[Errno 98] Address already in use") for host in ("127.0.0.1", "0.0.0.0") for reuse in (True, False))


TEXTS = {
    "summary.txt": lambda: summary(RESULTS),
    "junit.xml": lambda: junit(RESULTS).decode(),
    "summary.md": lambda: markdown(RESULTS, [], BEFORE),
    "annotations.txt": lambda: "\n".join(github_annotations(RESULTS, dict.fromkeys(("http.head", "bus.start", "port.held"), "scenarios/x.toml"), str)),
    "ports.txt": lambda: listing(SEEN, True),
    "ports-one.txt": lambda: explanation(Finding(Asked("127.0.0.1", 8080, ("127.0.0.1",)), SEEN, REFUSED)),
    "badge.txt": lambda: str(badge(RESULTS)),
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_read_is_as_it_was(name):
    text = TEXTS[name]()
    file = FOLDER / name
    if os.environ.get("UPDATE_SNAPSHOTS"):
        file.write_text(text, "utf-8")
    assert text == file.read_text("utf-8")
